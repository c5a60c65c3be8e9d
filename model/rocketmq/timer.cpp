// TimerMessageStore: enqueue, dequeue, checkpoint, recovery. Each delivery is an event of its own, for a
// crash may fall between two. Three threads put what a slot holds; in which order they get the append lock
// decides nothing that is counted but `reordered`, and the model keeps the order of timerlog.
#include "model/rocketmq/append_lock.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr int put_threads = 3;  ///< timerPutMessageThreadNum
constexpr std::uint8_t tries_most =
    3;  ///< TimerDequeuePutMessageService: without timerEnableRetryUntilSuccess

/// MessageStoreConfig.setTimerPrecisionMs: the next lower of these.
Duration precision(const Site& site) {
  Duration best = 100_ms;
  for (const Duration candidate : {200_ms, 500_ms, 1000_ms}) {
    if (site.settings().timerPrecisionMs >= candidate) best = candidate;
  }
  return best;
}

WallTime floor_to(WallTime time, Duration unit) { return WallTime(time.value / unit.ns * unit.ns); }
/// formatTimeMs of the present, to which TimerEnqueuePutService moves currWriteTimeMs each 10 ms.
WallTime write_time(const Site& site) { return floor_to(site.wall(), precision(site)); }
Duration poll_interval(const Site& site) { return precision(site) / 10; }

TopicId own_topic(const Site& site) { return timer_topic(site.all()); }
bool runs(const Site& site) {
  return uses_timer(site.all()) && !site.is_slave() && !site.is_4_9() && !site.memory.stopping;
}
TimerService& service(Site& site) { return site.memory.timer; }
std::vector<TimerSlot>& wheel(Site& site) { return site.broker.cache.timer_log.wheel; }

/// TIMER_OUT_MS of a record in rmq_sys_wheel_timer.
WallTime timer_out(const LogRecord& record) {
  return WallTime((record.stored.value / millisecond + record.timer_ms) * millisecond);
}

std::vector<TimerSlot>::iterator slot_at(std::vector<TimerSlot>& slots, WallTime at) {
  return std::lower_bound(slots.begin(), slots.end(), at,
                          [](const TimerSlot& slot, WallTime time) { return slot.at < time; });
}

/// The first entry of the wheel that is yet to be delivered; null: none.
TimerEntry* first_open(std::vector<TimerSlot>& slots, WallTime& at) {
  for (TimerSlot& slot : slots) {
    for (TimerEntry& entry : slot.entries) {
      if (entry.done) continue;
      at = slot.at;
      return &entry;
    }
  }
  return nullptr;
}

std::int64_t readable_end(const Site& site) {
  return static_cast<std::int64_t>(queue_of(site.broker, own_topic(site), 0).index.size());
}

void arm_flush_of_timer(Site& site) {
  const TimerCheckpoint& disk = site.broker.disk.timer;
  const TimerService& own = service(site);
  const bool is_written =
      disk.read == own.read && disk.next == own.next && disk.log_end == site.broker.cache.timer_log.end;
  if (is_written) return;
  const SimTime due = next_on_grid(own.flush_grid, site.settings().timerFlushIntervalMs, site.now());
  arm(site, service(site).flush_timer, due, BrokerOn::timer_flush);
}

/// dequeue() delivers a slot once currWriteTimeMs is beyond it.
void arm_dequeue(Site& site) {
  WallTime at;
  const bool tries_again = service(site).tries > 0 && service(site).dequeue_timer.armed;
  if (tries_again || first_open(wheel(site), at) == nullptr) return;
  const Duration left{at.value + precision(site).ns - site.wall().value};
  const SimTime earliest = site.now() + std::max(left, Duration{}) - 1_ns;
  arm(site, service(site).dequeue_timer, next_on_grid(service(site).grid, poll_interval(site), earliest),
      BrokerOn::timer_dequeue);
}

void arm_enqueue(Site& site) {
  if (service(site).enqueue_timer.armed || service(site).next >= readable_end(site)) return;
  arm(site, service(site).enqueue_timer, next_on_grid(service(site).grid, poll_interval(site), site.now()),
      BrokerOn::timer_enqueue);
}

/// convertMessage: back to where it was going, or, if it rolls, to rmq_sys_wheel_timer once more.
LogRecord timed_out(const Site& site, LogRecord message, const TimerEntry& entry) {
  message.waits = false;
  if (entry.rolls) {
    message.timer_ms = static_cast<std::int32_t>(
        (entry.out.value - site.wall().value / millisecond * millisecond) / millisecond);
    return message;
  }
  message.topic = message.real_topic;
  message.queue = message.real_queue;
  message.timer_ms = 0;
  return message;
}

enum class Attempt : std::uint8_t {
  over,      ///< delivered, or not there any more
  given_up,  ///< refused for the last time
  blocked    ///< in the append lock, or to be tried again
};

void give_up(Site& site, const TimerEntry& entry) {
  site.record(RecordKind::timer_given_up, entry.intent.value, site.subject(), entry.offset);
}

Attempt give_up_or_retry(Site& site, const TimerEntry& entry, ServiceTimer& timer, BrokerOn on) {
  TimerService& own = service(site);
  own.tries = std::min(static_cast<std::uint8_t>(own.tries + 1), tries_most);
  if (own.tries == tries_most && !site.settings().timerEnableRetryUntilSuccess) {
    own.tries = 0;
    give_up(site, entry);
    return Attempt::given_up;
  }
  arm(site, timer, site.now() + precision(site) / 2, on);
  return Attempt::blocked;
}

/// The other threads (timerPutMessageThreadNum is 3) have each had a message of this slot, refused as often.
void give_up_beside(Site& site, WallTime slot) {
  for (int thread = 1; thread < put_threads; ++thread) {
    WallTime at;
    TimerEntry* entry = first_open(wheel(site), at);
    if (entry == nullptr || at != slot) return;
    give_up(site, *entry);
    entry->done = true;
  }
}

/// TimerDequeuePutMessageService. A record that a truncation or retention took is not found and left out.
Attempt put_timed_out(Site& site, const TimerEntry& entry, ServiceTimer& timer, BrokerOn on) {
  const auto& log = site.broker.cache.log;
  const auto number = static_cast<std::size_t>(entry.record);
  if (entry.record < site.broker.cache.first.records || number >= log.size() ||
      log[number].intent != entry.intent || log[number].topic != own_topic(site))
    return Attempt::over;
  switch (gate(site)) {
    case Gate::blocked: return Attempt::blocked;
    case Gate::refused: return give_up_or_retry(site, entry, timer, on);
    case Gate::open: break;
  }
  service(site).tries = 0;
  const RecordKind what = entry.rolls ? RecordKind::timer_rolled : RecordKind::timer_over;
  site.record(what, entry.intent.value, site.subject(), entry.offset);
  put_without_waiting(site, timed_out(site, log[number], entry));
  return Attempt::over;
}

/// doEnqueue: into its slot, or, if that is too far away, into one where it rolls.
void into_wheel(Site& site, TimerEntry entry) {
  const std::int64_t window = site.settings().timerRollWindowSlot * precision(site).ns;
  const std::int64_t now = write_time(site).value, away = entry.out.value - now;
  WallTime at = entry.out;
  if (away >= window) {
    entry.rolls = true;
    const std::int64_t slots = site.settings().timerRollWindowSlot;
    const bool is_little = away - window < slots / 3 * precision(site).ns;
    at = WallTime(now + (is_little ? slots / 2 * precision(site).ns : window));
  }
  TimerLog& log = site.broker.cache.timer_log;
  entry.number = log.end++;
  log.last = entry.offset;
  const auto place = slot_at(log.wheel, at);
  if (place != log.wheel.end() && place->at == at) return place->entries.push_back(entry);
  log.wheel.insert(place, TimerSlot{at, {entry}});
}

void drop_delivered(Site& site) {
  std::vector<TimerSlot>& slots = wheel(site);
  slots.erase(slots.begin(), slot_at(slots, service(site).read));
}

/// What the disk forgets: the end of timerlog that was not forced.
void cut_wheel(TimerLog& log, const TimerCheckpoint& disk) {
  for (TimerSlot& slot : log.wheel)
    std::erase_if(slot.entries, [&](const TimerEntry& entry) { return entry.number >= disk.log_end; });
  std::erase_if(log.wheel, [](const TimerSlot& slot) { return slot.entries.empty(); });
  log.end = disk.log_end;
  log.last = disk.log_last;
}

/// flush(): timerlog, the wheel and the checkpoint are forced one after another; that takes some milliseconds
/// of the second between two of them, and none here.
void force_checkpoint(Site& site) {
  const TimerLog& log = site.broker.cache.timer_log;
  site.broker.disk.timer = {service(site).read, service(site).next, log.end, log.last};
  drop_delivered(site);
}

TimerEntry entry_of(const Site& site, std::int64_t offset) {
  const Queue& queue = queue_of(site.broker, own_topic(site), 0);
  const std::int64_t number = queue.index[static_cast<std::size_t>(offset)];
  const LogRecord& record = site.broker.cache.log[static_cast<std::size_t>(number)];
  TimerEntry entry;
  entry.intent = record.intent;
  entry.record = number;
  entry.offset = offset;
  entry.out = timer_out(record);
  return entry;
}

}  // namespace

/// HookUtils.transformTimerMessage. A time that is not in the future is none: such a message is delivered at
/// once.
PutStatus check_timer(const Site& site, const Payload& request) {
  if (request.mark != Mark::timer_delay && request.mark != Mark::timer_deliver) return PutStatus::PUT_OK;
  if (!site.settings().timerWheelEnable) return PutStatus::WHEEL_TIMER_NOT_ENABLE;
  const std::int64_t away = asked_delay_ms(site, request);
  const std::int64_t most = site.settings().timerMaxDelaySec * std::int64_t{1000};
  return away > most ? PutStatus::WHEEL_TIMER_MSG_ILLEGAL : PutStatus::PUT_OK;
}

std::int64_t asked_delay_ms(const Site& site, const Payload& request) {
  const std::int64_t now = site.wall().value / millisecond;
  return request.mark == Mark::timer_deliver ? std::int64_t{request.record} - now
                                             : std::int64_t{request.record};
}

/// The slot is that before the asked time: deliverMs is cut to the precision, or lowered by it if it is
/// whole.
LogRecord timer_form(const Site& site, LogRecord message, const Payload& request) {
  const std::int64_t away = asked_delay_ms(site, request);
  if (away <= 0) return message;
  const std::int64_t now = site.wall().value / millisecond, unit = precision(site).ns / millisecond;
  const std::int64_t asked = now + away;
  const std::int64_t out = asked % unit == 0 ? asked - unit : asked / unit * unit;
  message.timer_ms = static_cast<std::int32_t>(out - now);
  message.real_topic = message.topic;
  message.real_queue = message.queue;
  message.topic = own_topic(site);
  message.queue = 0;
  return message;
}

void arm_timer(Site& site) {
  if (runs(site)) arm_enqueue(site);
}

/// What is over already is put at once, without the wheel.
void timer_enqueue(Site& site, const BrokerEvent& event) {
  TimerService& own = service(site);
  if (!fired(own.enqueue_timer, event) || !runs(site)) return;
  while (own.next < readable_end(site)) {
    const TimerEntry entry = entry_of(site, own.next);
    if (entry.out < write_time(site)) {
      if (put_timed_out(site, entry, own.enqueue_timer, BrokerOn::timer_enqueue) == Attempt::blocked) return;
      ++own.next;
      arm_flush_of_timer(site);
      if (own.next < readable_end(site)) arm(site, own.enqueue_timer, site.now(), BrokerOn::timer_enqueue);
      break;
    }
    into_wheel(site, entry);
    ++own.next;
  }
  arm_dequeue(site);
  arm_flush_of_timer(site);
}

void timer_dequeue(Site& site, const BrokerEvent& event) {
  TimerService& own = service(site);
  if (!fired(own.dequeue_timer, event) || !runs(site)) return;
  WallTime at;
  TimerEntry* entry = first_open(wheel(site), at);
  if (entry == nullptr) return;
  if (at >= write_time(site)) return arm_dequeue(site);
  const Attempt attempt = put_timed_out(site, *entry, own.dequeue_timer, BrokerOn::timer_dequeue);
  if (attempt == Attempt::blocked) return;
  entry->done = true;
  if (attempt == Attempt::given_up) give_up_beside(site, at);
  WallTime next;
  const bool more = first_open(wheel(site), next) != nullptr;
  if (!more || next != at) own.read = WallTime(at.value + precision(site).ns);
  arm_flush_of_timer(site);
  if (!more) return;
  if (next >= write_time(site)) return arm_dequeue(site);
  arm(site, own.dequeue_timer, site.now(), BrokerOn::timer_dequeue);
}

void timer_flush(Site& site, const BrokerEvent& event) {
  if (fired(service(site).flush_timer, event) && runs(site)) force_checkpoint(site);
}

/// Who was blocked in the append lock goes on.
void resume_timer(Site& site) {
  if (!runs(site) || !may_append(site)) return;
  if (!service(site).enqueue_timer.armed) arm_enqueue(site);
  if (!service(site).dequeue_timer.armed) arm_dequeue(site);
}

/// shutdown(): the checkpoint is prepared first of all.
void timer_stops(Site& site) {
  if (runs(site)) force_checkpoint(site);
}

/// currWriteTimeMs is the wall clock: set forward, more slots are over.
void timer_clock_set(Site& site) {
  if (runs(site)) arm_dequeue(site);
}

void timer_loses_power(Site& site) { cut_wheel(site.broker.cache.timer_log, site.broker.disk.timer); }

/// load() and recover(): the wheel is made of timerlog, its slots from the checkpoint on are open again; the
/// queue is read from behind the last record of timerlog, or from the checkpoint if that is earlier.
void start_timer(Site& site, SimTime since) {
  if (!runs(site)) return;
  TimerService& own = service(site);
  const TimerCheckpoint& disk = site.broker.disk.timer;
  const TimerLog& log = site.broker.cache.timer_log;
  const bool long_ago = since == never;
  own.grid = long_ago ? site.now() - service_phase(site, Service::timer, poll_interval(site)) : since;
  const Duration interval = site.settings().timerFlushIntervalMs;
  own.flush_grid = long_ago ? site.now() - service_phase(site, Service::timer_flush, interval) : since;
  own.read = disk.read;
  own.next = log.last < 0 ? disk.next : std::min(log.last + 1, disk.next);
  own.next = std::min(own.next, readable_end(site));
  drop_delivered(site);
  for (TimerSlot& slot : wheel(site)) {
    for (TimerEntry& entry : slot.entries) entry.done = false;
  }
  arm_enqueue(site);
  arm_dequeue(site);
}

bool timer_idle(const Broker& broker, const Config& config) {
  if (broker.memory.timer.grid == SimTime::max()) return true;  // It does not run, as on a slave.
  if (broker.memory.timer.next < queue_of(broker, timer_topic(config), 0).next_offset) return false;
  for (const TimerSlot& slot : broker.cache.timer_log.wheel) {
    for (const TimerEntry& entry : slot.entries) {
      if (!entry.done) return false;
    }
  }
  return true;
}

bool timer_holds(const Broker& broker, const LogRecord& record) {
  if (broker.memory.queues.empty() || record.queue_offset >= broker.memory.timer.next) return true;
  for (const TimerSlot& slot : broker.cache.timer_log.wheel) {
    for (const TimerEntry& entry : slot.entries) {
      if (!entry.done && entry.offset == record.queue_offset) return true;
    }
  }
  return false;
}

}  // namespace brokersim::model::rocketmq
