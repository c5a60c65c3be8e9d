// TimerMessageStore: enqueue, dequeue, checkpoint, recovery. Each delivery is an event of its own, for a
// crash may fall between two. Three threads put what a slot holds; in which order they get the append lock
// decides nothing that is counted but `reordered`, and the model keeps the order of timerlog.
#include "model/rocketmq/append_lock.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr int put_threads = 3;                   ///< timerPutMessageThreadNum
constexpr Duration after_unknown_error = 50_ms;  ///< holdMomentForUnknownError
constexpr std::uint8_t tries_most =
    3;  ///< TimerDequeuePutMessageService: without timerEnableRetryUntilSuccess

Duration precision(const Site& site) { return timer_precision(site.settings().timerPrecisionMs); }

/// A host's clock may be set to before the beginning of the run, which is its 0.
std::int64_t floor_div(std::int64_t value, std::int64_t unit) {
  return value / unit - (value % unit < 0 ? 1 : 0);
}
WallTime floor_to(WallTime time, Duration unit) { return WallTime(floor_div(time.value, unit.ns) * unit.ns); }
std::int64_t whole_ms(WallTime time) { return floor_div(time.value, millisecond); }
/// formatTimeMs of the present, to which maybeMoveWriteTime moves currWriteTimeMs each 10 ms; never back.
WallTime write_time(const Site& site) {
  return std::max(site.memory.timer.write_least, floor_to(site.wall(), precision(site)));
}
Duration poll_interval(const Site& site) { return precision(site) / 10; }

TopicId own_topic(const Site& site) { return timer_topic(site.all()); }
bool runs(const Site& site) {
  return uses_timer(site.all()) && !site.is_slave() && !site.is_4_9() && !site.memory.stopping;
}
TimerService& service(Site& site) { return site.memory.timer; }
std::vector<TimerSlot>& wheel(Site& site) { return site.broker.cache.timer_log.wheel; }

/// TIMER_OUT_MS of a record in rmq_sys_wheel_timer.
WallTime timer_out(const LogRecord& record) {
  return WallTime((whole_ms(record.stored) + record.timer_ms) * millisecond);
}

std::vector<TimerSlot>::iterator slot_at(std::vector<TimerSlot>& slots, WallTime at) {
  return std::lower_bound(slots.begin(), slots.end(), at,
                          [](const TimerSlot& slot, WallTime time) { return slot.at < time; });
}

/// The first slot of the wheel that has something yet to be delivered; null: none.
TimerSlot* first_open(std::vector<TimerSlot>& slots) {
  const auto found = std::find_if(slots.begin(), slots.end(), [](const TimerSlot& s) { return s.is_open(); });
  return found == slots.end() ? nullptr : &*found;
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
  const TimerSlot* slot = first_open(wheel(site));
  if (slot == nullptr) return;
  const bool is_over = slot->at < write_time(site);
  // It is at work on that slot, or waits until it tries again.
  if (is_over && service(site).dequeue_timer.armed) return;
  const Duration left =
      is_over ? Duration{} : Duration{slot->at.value + precision(site).ns - site.wall().value};
  const SimTime earliest = site.now() + left - 1_ns;
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
    message.timer_ms = whole_ms(entry.out) - whole_ms(site.wall());
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

/// Who puts what is over: what has just been read in the queue, or what a slot holds.
struct Hand {
  std::uint8_t& tries;
  ServiceTimer& timer;
  BrokerOn on;
};
Hand of_queue(Site& site) {
  return {service(site).enqueue_tries, service(site).enqueue_timer, BrokerOn::timer_enqueue};
}
Hand of_wheel(Site& site) {
  return {service(site).dequeue_tries, service(site).dequeue_timer, BrokerOn::timer_dequeue};
}

void give_up(Site& site, const TimerEntry& entry) {
  if (entry.intent == no_intent) return;  // a mark of POP
  site.record(RecordKind::timer_given_up, entry.intent.value, site.subject(), entry.offset);
}

Attempt give_up_or_retry(Site& site, const TimerEntry& entry, const Hand& hand) {
  hand.tries = std::min(static_cast<std::uint8_t>(hand.tries + 1), tries_most);
  if (hand.tries == tries_most && !site.settings().timerEnableRetryUntilSuccess) {
    hand.tries = 0;
    give_up(site, entry);
    return Attempt::given_up;
  }
  arm(site, hand.timer, site.now() + precision(site) / 2, hand.on);
  return Attempt::blocked;
}

/// A put that throws is no refusal: the loop around the three tries begins anew.
Attempt begin_anew(Site& site, const Hand& hand) {
  hand.tries = 0;
  arm(site, hand.timer, site.now() + after_unknown_error, hand.on);
  return Attempt::blocked;
}

/// The other threads (timerPutMessageThreadNum is 3) have each had a message of this slot, refused as often.
void give_up_beside(Site& site, TimerSlot& slot) {
  for (int thread = 1; thread < put_threads && slot.is_open(); ++thread)
    give_up(site, slot.entries[slot.done++]);
}

/// TimerDequeuePutMessageService. A record that a truncation or retention took is not found and left out.
Attempt put_timed_out(Site& site, const TimerEntry& entry, const Hand& hand) {
  const auto& log = site.broker.cache.log;
  const auto number = static_cast<std::size_t>(entry.record);
  if (entry.record < site.broker.cache.first.records || number >= log.size() ||
      log[number].intent != entry.intent || log[number].topic != own_topic(site))
    return Attempt::over;
  if (put_throws(site)) return begin_anew(site, hand);
  switch (gate(site)) {
    case Gate::blocked: return Attempt::blocked;
    case Gate::refused: return give_up_or_retry(site, entry, hand);
    case Gate::open: break;
  }
  hand.tries = 0;
  const RecordKind what = entry.rolls ? RecordKind::timer_rolled : RecordKind::timer_over;
  if (!is_pop_mark(log[number])) site.record(what, entry.intent.value, site.subject(), entry.offset);
  put_without_waiting(site, timed_out(site, log[number], entry));
  return Attempt::over;
}

/// doEnqueue: into its slot, or, if that is too far away, into one where it rolls. In a life that began with
/// a clock set back, that may be a slot which the checkpoint says has been read.
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
  if (at < service(site).read) {
    const bool is_mark = entry.intent == no_intent;
    if (!is_mark) site.record(RecordKind::timer_passed, entry.intent.value, site.subject(), entry.offset);
    return;
  }
  const auto place = slot_at(log.wheel, at);
  if (place != log.wheel.end() && place->at == at) return place->entries.push_back(entry);
  log.wheel.insert(place, TimerSlot{at, {entry}});
}

void drop_delivered(Site& site) {
  std::vector<TimerSlot>& slots = wheel(site);
  slots.erase(slots.begin(), slot_at(slots, service(site).read));
}

template <class Gone>
void erase_entries(TimerLog& log, Gone is_gone) {
  for (TimerSlot& slot : log.wheel) {
    std::erase_if(slot.entries, is_gone);
    slot.done = std::min(slot.done, slot.entries.size());
  }
  std::erase_if(log.wheel, [](const TimerSlot& slot) { return slot.entries.empty(); });
}

/// What the disk forgets: the end of timerlog that was not forced.
void cut_wheel(TimerLog& log, const TimerCheckpoint& disk) {
  erase_entries(log, [&](const TimerEntry& entry) { return entry.number >= disk.log_end; });
  log.end = disk.log_end;
  log.last = disk.log_last;
}

/// Entries of a tail that was cut off: dequeuing finds no message there. (A real one does if a new message of
/// the same size comes to lie at the same position.)
void drop_cut_off(Site& site) {
  const auto records = static_cast<std::int64_t>(site.broker.cache.log.size());
  erase_entries(site.broker.cache.timer_log,
                [&](const TimerEntry& entry) { return entry.record >= records; });
}

/// flush(): timerlog, the wheel and the checkpoint are forced one after another; that takes some milliseconds
/// of the second between two of them, and none here.
void force_checkpoint(Site& site) {
  const TimerLog& log = site.broker.cache.timer_log;
  site.broker.disk.timer = {service(site).read, service(site).next, log.end, log.last};
  drop_delivered(site);
}

/// currReadTimeMs follows currWriteTimeMs through slots that hold nothing, and so do the checkpoints. Nobody
/// asks where they are until the clock is set back or the broker ends, so they are moved only then. (A flush
/// since the last slot was over is taken for granted: at most timerFlushIntervalMs too far.)
void follow_clock(Site& site) {
  WallTime read = write_time(site);
  if (!wheel(site).empty()) read = std::min(read, wheel(site).front().at);
  WallTime& forced = site.broker.disk.timer.read;
  forced = std::max(forced, read);
  service(site).read = std::max(service(site).read, forced);
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

/// As give_up_beside, of what is over in the queue. (The three threads serve both; here each has three.)
void give_up_behind(Site& site) {
  TimerService& own = service(site);
  for (int thread = 1; thread < put_threads && own.next < readable_end(site); ++thread) {
    const TimerEntry entry = entry_of(site, own.next);
    if (entry.out >= write_time(site)) return;
    give_up(site, entry);
    ++own.next;
  }
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
  const std::int64_t now = whole_ms(site.wall());
  return request.mark == Mark::timer_deliver ? std::int64_t{request.record} - now
                                             : std::int64_t{request.record};
}

/// The slot is that before the asked time: deliverMs is cut to the precision, or lowered by it if it is
/// whole.
LogRecord timer_form(const Site& site, LogRecord message, const Payload& request) {
  const std::int64_t away = asked_delay_ms(site, request);
  if (away <= 0) return message;
  const std::int64_t now = whole_ms(site.wall()), unit = precision(site).ns / millisecond;
  const std::int64_t asked = now + away;
  const std::int64_t out = asked % unit == 0 ? asked - unit : floor_div(asked, unit) * unit;
  message.timer_ms = out - now;
  message.real_topic = message.topic;
  message.real_queue = message.queue;
  message.topic = own_topic(site);
  message.queue = 0;
  return message;
}

void arm_timer(Site& site) {
  if (runs(site)) arm_enqueue(site);
}

/// What is over already is put at once, without the wheel; but not what a start finds: the enqueuing threads
/// run before BrokerController.changeScheduleServiceStatus lets dequeuing begin, and until then all goes into
/// slots.
void timer_enqueue(Site& site, const BrokerEvent& event) {
  TimerService& own = service(site);
  if (!fired(own.enqueue_timer, event) || !runs(site)) return;
  while (own.next < readable_end(site)) {
    const TimerEntry entry = entry_of(site, own.next);
    if (entry.out < write_time(site) && entry.offset >= own.backlog) {
      const Attempt attempt = put_timed_out(site, entry, of_queue(site));
      if (attempt == Attempt::blocked) return;
      ++own.next;
      if (attempt == Attempt::given_up) give_up_behind(site);
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
  TimerSlot* slot = first_open(wheel(site));
  if (slot == nullptr) return;
  if (slot->at >= write_time(site)) return arm_dequeue(site);
  const Attempt attempt = put_timed_out(site, slot->entries[slot->done], of_wheel(site));
  if (attempt == Attempt::blocked) return;
  ++slot->done;
  if (attempt == Attempt::given_up) give_up_beside(site, *slot);
  if (!slot->is_open()) own.read = WallTime(slot->at.value + precision(site).ns);
  arm_flush_of_timer(site);
  const TimerSlot* next = first_open(wheel(site));
  if (next == nullptr) return;
  if (next->at >= write_time(site)) return arm_dequeue(site);
  arm(site, own.dequeue_timer, site.now(), BrokerOn::timer_dequeue);
}

void timer_flush(Site& site, const BrokerEvent& event) {
  if (fired(service(site).flush_timer, event) && runs(site)) force_checkpoint(site);
}

/// Who was blocked in the append lock goes on, if only to be refused.
void resume_timer(Site& site) {
  if (!runs(site)) return;
  if (!service(site).enqueue_timer.armed) arm_enqueue(site);
  if (!service(site).dequeue_timer.armed) arm_dequeue(site);
}

/// shutdown(): the checkpoint is prepared first of all.
void timer_stops(Site& site) {
  if (!runs(site)) return;
  force_checkpoint(site);
  follow_clock(site);
}

void timer_dies(Site& site) {
  const bool has_started = service(site).grid != SimTime::max();
  if (has_started && runs(site)) follow_clock(site);
}

/// Set forward, more slots are over. Set back, currWriteTimeMs stands still until the clock has caught up:
/// what is stored meanwhile for a time before it is over at once.
void timer_clock_set(Site& site, Duration by) {
  if (!runs(site)) return;
  TimerService& own = service(site);
  const WallTime before(site.wall().value - by.ns);
  own.write_least = std::max(own.write_least, floor_to(before, precision(site)));
  if (by < Duration{}) follow_clock(site);
  if (own.dequeue_tries == 0) disarm(site, own.dequeue_timer);
  arm_dequeue(site);
}

void timer_loses_power(Site& site) { cut_wheel(site.broker.cache.timer_log, site.broker.disk.timer); }

/// load() and recover(): the wheel is made of timerlog, its slots from the checkpoint on are open again; the
/// queue is read from behind the last record of timerlog, or from the checkpoint if that is earlier, and at
/// most from its end. TimerFlushService begins with a checkpoint: else one that lies behind a tail that was
/// cut off would pass over what takes its place.
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
  own.backlog = readable_end(site);
  own.next = std::min(own.next, own.backlog);
  drop_cut_off(site);
  force_checkpoint(site);
  for (TimerSlot& slot : wheel(site)) slot.done = 0;
  const bool has_backlog = own.next < own.backlog;  // It comes before all that is dequeued.
  has_backlog ? arm(site, own.enqueue_timer, site.now(), BrokerOn::timer_enqueue) : arm_dequeue(site);
}

bool timer_is_behind(const Site& site) {
  const TimerService& own = site.memory.timer;
  if (own.next < readable_end(site)) return true;
  const std::vector<TimerSlot>& slots = site.broker.cache.timer_log.wheel;
  const auto first = std::find_if(slots.begin(), slots.end(), [](const TimerSlot& s) { return s.is_open(); });
  return first != slots.end() && site.wall().value - first->at.value >= 1'000 * millisecond;
}

bool timer_idle(const Broker& broker, const Config& config) {
  if (broker.memory.timer.grid == SimTime::max()) return true;  // It does not run, as on a slave.
  if (broker.memory.timer.next < queue_of(broker, timer_topic(config), 0).next_offset) return false;
  const std::vector<TimerSlot>& slots = broker.cache.timer_log.wheel;
  return std::none_of(slots.begin(), slots.end(), [](const TimerSlot& slot) { return slot.is_open(); });
}

bool timer_holds(const Broker& broker, const LogRecord& record) {
  if (broker.memory.queues.empty() || record.queue_offset >= broker.memory.timer.next) return true;
  for (const TimerSlot& slot : broker.cache.timer_log.wheel) {
    for (std::size_t i = slot.done; i < slot.entries.size(); ++i) {
      if (slot.entries[i].offset == record.queue_offset) return true;
    }
  }
  return false;
}

}  // namespace brokersim::model::rocketmq
