// PopReviveService: one thread per revive queue, which goes round and round.
//
//   wait reviveInterval -> scan: read, each 100 ms -> revive what is old enough -> rest if there was nothing
//
// A scan ends once the last deliver time that it has read (or the present, if nothing has come for 3 s) lies
// 2 s behind the revive time of its first checkpoint; or 4.1 s after it last read anything; or after 10 s.
// What is young is read again by the next scan. Rounds that find nothing new are no events: where a round is
// in its course is calculated when something comes.
#include "model/rocketmq/pop.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration poll_interval = 100_ms;
constexpr std::int64_t polls_in_vain = 40;  ///< the last read; it sleeps once more before it gives up
constexpr Duration old_enough = 2_s;        ///< ackTimeInterval and a second
constexpr Duration quiet = 3_s;             ///< then endTime moves to the present
constexpr Duration scan_most = 10_s;        ///< reviveScanTime

TopicId topic_of(const Site& site) { return revive_topic(site.all()); }
std::vector<ReviveQueue>& queues(Site& site) { return site.memory.pop.revive; }
Duration interval(const Site& site) { return std::max(site.settings().reviveInterval, 1_ms); }

std::uint8_t slowest(const Site& site) {
  return static_cast<std::uint8_t>(std::clamp(site.settings().reviveMaxSlow, 1, 255));
}

std::uint8_t slower(const Site& site, std::uint8_t slow) {
  return slow < slowest(site) ? static_cast<std::uint8_t>(slow + 1) : slow;
}

std::int64_t end_of(const Site& site, std::uint16_t queue) {
  return visible_end(site.broker, topic_of(site), queue);
}

/// The mark at an offset of a revive queue.
PopMark mark_at(const Site& site, std::uint16_t queue, std::int64_t offset) {
  const LogRecord* record = record_at(site.broker, topic_of(site), queue, offset);
  if (record != nullptr) return mark_in(*record);
  PopMark nothing;
  nothing.is_ack = true;
  return nothing;
}

// ------------------------------------------------------------------------------------- idle rounds

/// How long a scan takes that finds nothing new: acks that have no checkpoint end it at once.
Duration scan_in_vain(const ReviveQueue& queue) {
  return queue.read > queue.done + 1 ? Duration{} : poll_interval * (polls_in_vain + 1);
}

Duration round_length(const Site& site, const ReviveQueue& queue, std::uint8_t slow) {
  return interval(site) + scan_in_vain(queue) + interval(site) * slow;
}

/// Where idle rounds have come to by now.
struct Round {
  SimTime begin;
  std::uint8_t slow;
};

Round present_round(const Site& site, const ReviveQueue& queue) {
  Round round{queue.round, queue.slow};
  while (round.slow < slowest(site) && round.begin + round_length(site, queue, round.slow) <= site.now()) {
    round.begin += round_length(site, queue, round.slow);
    round.slow = slower(site, round.slow);
  }
  const Duration length = round_length(site, queue, round.slow);
  if (site.now() > round.begin) round.begin += length * ((site.now() - round.begin) / length);
  return round;
}

/// The first look at the queue from now on, of which scan.
struct Look {
  SimTime at, scan_begun;
  std::uint8_t slow;
};

Look next_look(const Site& site, const ReviveQueue& queue) {
  const Round round = present_round(site, queue);
  const SimTime scan = round.begin + interval(site);
  if (site.now() <= scan) return {scan, scan, round.slow};
  const std::int64_t polls = ((site.now() - scan) + poll_interval - 1_ns) / poll_interval;
  const bool still_scans = scan_in_vain(queue) > Duration{} && polls <= polls_in_vain;
  if (still_scans) return {scan + poll_interval * polls, scan, round.slow};
  const SimTime next = round.begin + round_length(site, queue, round.slow) + interval(site);
  return {next, next, slower(site, round.slow)};
}

// ------------------------------------------------------------------------------------- scans

/// What a scan has read: endTime, and firstRt if there is any checkpoint.
struct Seen {
  WallTime end_time, first_revive;
  bool any = false;
};

Seen look_through(const Site& site, std::uint16_t number) {
  const ReviveQueue& queue = site.memory.pop.revive[number];
  Seen seen;
  for (std::int64_t offset = queue.done + 1; offset < queue.read; ++offset) {
    const PopMark mark = mark_at(site, number, offset);
    seen.end_time = std::max(seen.end_time, mark.deliver_time());
    if (mark.is_ack || seen.any) continue;
    seen.any = true;
    seen.first_revive = mark.revive_time();
  }
  return seen;
}

bool ends_at_once(const Seen& seen) {
  return !seen.any || seen.end_time.value - seen.first_revive.value > old_enough.ns;
}

/// When the scan ends if nothing more comes.
SimTime scan_ends(const Site& site, const ReviveQueue& queue, const Seen& seen) {
  if (ends_at_once(seen)) return queue.found;
  const std::int64_t beyond =
      std::max(seen.end_time.value + quiet.ns, seen.first_revive.value + old_enough.ns) - site.wall().value;
  const Duration left = site.now() + Duration{beyond} - queue.found;
  const std::int64_t polls = left < Duration{} ? 0 : left / poll_interval + 1;
  return queue.found + poll_interval * (polls <= polls_in_vain ? polls : polls_in_vain + 1);
}

SimTime next_poll(const Site& site, const ReviveQueue& queue) {
  return next_on_grid(queue.found, poll_interval, site.now() - 1_ns);
}

void arm_queue(Site& site, std::uint16_t number);

/// endTime moves to the present only while the timer wheel is not behind: acks may still come from there. The
/// last read was at the latest 4 s after the scan had found anything.
WallTime end_time_of(const Site& site, const ReviveQueue& queue, const Seen& seen) {
  if (timer_is_behind(site)) return seen.end_time;
  const Duration since = std::max(site.now() - (queue.found + poll_interval * polls_in_vain), Duration{});
  const WallTime last_read(site.wall().value - since.ns);
  return last_read.value - seen.end_time.value > quiet.ns ? last_read : seen.end_time;
}

void begin_scan(Site& site, std::uint16_t number) {
  ReviveQueue& queue = queues(site)[number];
  const Look look = next_look(site, queue);
  queue.scanning = true;
  queue.slow = look.slow;
  queue.scan_begun = look.scan_begun;
  queue.found = site.now();
  queue.read = end_of(site, number);
}

void end_scan(Site& site, std::uint16_t number) {
  ReviveQueue& queue = queues(site)[number];
  const Seen seen = look_through(site, number);
  queue.scanning = false;
  if (!seen.any) {
    queue.round = site.now() + interval(site) * queue.slow;
    queue.slow = slower(site, queue.slow);
    return;
  }
  queue.slow = 1;
  queue.reviving = true;
  queue.end_time = end_time_of(site, queue, seen);
  queue.next = queue.done + 1;
  queue.message = 0;
}

bool gives_up(const Site& site, const ReviveQueue& queue) {
  return site.now() >= queue.found + poll_interval * (polls_in_vain + 1);
}

/// The scan would end now by the present, which the timer wheel does not let it see.
bool waits_for_timer(const Site& site, const ReviveQueue& queue, const Seen& seen) {
  return !ends_at_once(seen) && !gives_up(site, queue) && timer_is_behind(site);
}

/// One look of a scan. One that reads after 10 s forgets what it has just read.
void scan_on(Site& site, std::uint16_t number) {
  ReviveQueue& queue = queues(site)[number];
  const bool has_more = end_of(site, number) > queue.read;
  if (has_more && !gives_up(site, queue) && site.now() - queue.scan_begun <= scan_most) {
    queue.read = end_of(site, number);
    queue.found = site.now();
    return;
  }
  if (has_more || !waits_for_timer(site, queue, look_through(site, number))) end_scan(site, number);
}

// ------------------------------------------------------------------------------------- reviving

/// Of checkpoints with one key the last one counts (a crash has made the timer wheel deliver it twice), and
/// only acks behind it.
bool is_replaced(const Site& site, std::uint16_t number, const PopMark& ck, std::int64_t offset) {
  for (std::int64_t o = offset + 1; o < site.memory.pop.revive[number].read; ++o) {
    const PopMark mark = mark_at(site, number, o);
    if (!mark.is_ack && mark.key == ck.key) return true;
  }
  return false;
}

bool is_acknowledged(const Site& site, std::uint16_t number, const PopMark& ck, std::int64_t offset,
                     std::uint8_t message) {
  for (std::int64_t o = offset + 1; o < site.memory.pop.revive[number].read; ++o) {
    const PopMark mark = mark_at(site, number, o);
    if (mark.is_ack && mark.key == ck.key && mark.count == message) return true;
  }
  return false;
}

/// addRetryTopicIfNotExist.
void know_retry_topic(Site& site, GroupId group, TopicId topic) {
  if (site.broker.cache.topics[topic.value] != 0) return;
  put_topic(site, topic, 1, site.now());
  if (committed_offset(site, group, topic, 0) < 0) commit_offset(site, group, topic, 0, 0);
}

/// reviveRetry. A put that the store refuses leaves the message to rePutCK, whose put is refused as well.
void put_back(Site& site, const PopMark& ck, std::uint8_t place) {
  const LogRecord* found = record_at(site.broker, ck.key.topic, ck.key.queue, ck.key.start + place);
  if (found == nullptr) return;
  LogRecord message = *found;
  const bool is_user = is_user_topic(site.all(), ck.key.topic);
  message.topic = is_user ? pop_retry_topic(site.all(), ck.key.group, ck.key.topic) : ck.key.topic;
  message.queue = 0;
  message.group = ck.key.group.value;
  message.times = static_cast<std::uint8_t>(std::min(message.times + 1, 255));
  message.waits = false;
  know_retry_topic(site, ck.key.group, message.topic);
  const bool is_put = put_without_waiting(site, message);
  tell_pop(site, is_put ? RecordKind::pop_revived : RecordKind::pop_not_revived, message.intent, ck.key,
           place);
}

/// The next message of the checkpoint that has no ack; count: none.
std::uint8_t next_unacknowledged(const Site& site, std::uint16_t number, const PopMark& ck) {
  const ReviveQueue& queue = site.memory.pop.revive[number];
  std::uint8_t message = queue.message;
  while (message < ck.count && is_acknowledged(site, number, ck, queue.next, message)) ++message;
  return message;
}

/// The offset is committed with each checkpoint.
void checkpoint_over(Site& site, std::uint16_t number) {
  ReviveQueue& queue = queues(site)[number];
  queue.done = queue.next++;
  queue.message = 0;
  commit_offset(site, transaction_group(site.all()), topic_of(site), number, queue.done);
}

/// Whether the normal topic of a checkpoint is known; if not, it is skipped.
bool has_topic(const Site& site, const PopMark& ck) {
  const TopicId normal =
      is_user_topic(site.all(), ck.key.topic) ? ck.key.topic : popped_topic(site.all(), ck.key.topic);
  return site.broker.cache.topics[normal.value] != 0;
}

/// The next checkpoint that is old enough; false: there is none.
bool find_checkpoint(Site& site, std::uint16_t number) {
  ReviveQueue& queue = queues(site)[number];
  for (; queue.next < queue.read; ++queue.next) {
    const PopMark mark = mark_at(site, number, queue.next);
    if (mark.is_ack || is_replaced(site, number, mark, queue.next)) continue;
    return queue.end_time.value - mark.revive_time().value > old_enough.ns;
  }
  return false;
}

/// mergeAndRevive, one message at a time: a crash may fall between two.
void revive_on(Site& site, std::uint16_t number) {
  ReviveQueue& queue = queues(site)[number];
  if (!find_checkpoint(site, number)) {
    queue.reviving = false;
    queue.round = site.now();
    queue.read = queue.done + 1;
    return;
  }
  const PopMark ck = mark_at(site, number, queue.next);
  queue.message = has_topic(site, ck) ? next_unacknowledged(site, number, ck) : ck.count;
  if (queue.message == ck.count) return checkpoint_over(site, number);
  if (gate(site) == Gate::blocked) return;
  put_back(site, ck, queue.message++);
}

SimTime due(const Site& site, std::uint16_t number) {
  const ReviveQueue& queue = site.memory.pop.revive[number];
  const std::int64_t end = end_of(site, number);
  if (queue.reviving) return gate(site) == Gate::blocked ? SimTime::max() : site.now();
  if (queue.scanning) {
    const Seen seen = look_through(site, number);
    if (end > queue.read) return std::min(scan_ends(site, queue, seen), next_poll(site, queue));
    const SimTime ends = scan_ends(site, queue, seen);
    if (ends > site.now() || !waits_for_timer(site, queue, seen)) return ends;
    return next_on_grid(queue.found, poll_interval, site.now());
  }
  return end > std::max(queue.read, queue.done + 1) ? next_look(site, queue).at : SimTime::max();
}

void arm_queue(Site& site, std::uint16_t number) {
  ServiceTimer& timer = queues(site)[number].timer;
  const SimTime at = due(site, number);
  if (at == SimTime::max() || site.memory.stopping) return disarm(site, timer);
  arm(site.context, timer, site.now(), at, [&](std::uint32_t ticket) {
    Event event{};
    event.body = BrokerEvent{.on = BrokerOn::pop_revive, .records = number, .slot = ticket};
    return host::to_process(site.world, site.broker.process, event);
  });
}

}  // namespace

void pop_revive(Site& site, const BrokerEvent& event) {
  const auto number = static_cast<std::uint16_t>(event.records);
  ReviveQueue& queue = queues(site)[number];
  if (!fired(queue.timer, event) || site.memory.stopping) return;
  if (queue.reviving) {
    revive_on(site, number);
  } else if (queue.scanning) {
    scan_on(site, number);
  } else {
    begin_scan(site, number);
  }
  arm_queue(site, number);
}

void revive_arrival(Site& site, std::uint16_t queue) {
  if (queue < queues(site).size()) arm_queue(site, queue);
}

void arm_revive(Site& site) {
  for (std::uint16_t q = 0; q < queues(site).size(); ++q) arm_queue(site, q);
}

void start_revive(Site& site, SimTime since) {
  queues(site).assign(static_cast<std::size_t>(site.settings().reviveQueueNum), ReviveQueue{});
  for (std::uint16_t q = 0; q < queues(site).size(); ++q) {
    ReviveQueue& queue = queues(site)[q];
    queue.done = committed_offset(site, transaction_group(site.all()), topic_of(site), q);
    queue.read = queue.done + 1;
    queue.round = since == never ? site.now() : since;
    if (since == never) {
      queue.slow = slowest(site);
      const auto service = static_cast<Service>(static_cast<int>(Service::pop_revive) + q);
      queue.round = site.now() - service_phase(site, service, round_length(site, queue, queue.slow));
    }
  }
  arm_revive(site);
}

bool pops_idle(const Broker& broker, const Config& config) {
  const PopService& pop = broker.memory.pop;
  if (!pop.blocked.empty() || !pop.buffer.empty()) return false;
  for (std::uint16_t q = 0; q < pop.revive.size(); ++q) {
    const ReviveQueue& queue = pop.revive[q];
    const std::int64_t end = visible_end(broker, revive_topic(config), q);
    for (std::int64_t offset = queue.done + 1; offset < end; ++offset) {
      const LogRecord* record = record_at(broker, revive_topic(config), q, offset);
      if (record != nullptr && !mark_in(*record).is_ack) return false;
    }
  }
  return true;
}

namespace {

bool covers(const PopMark& mark, GroupId group, const LogRecord& message) {
  const std::int64_t place = message.queue_offset - mark.key.start;
  const bool is_of_queue =
      mark.key.group == group && mark.key.topic == message.topic && mark.key.queue == message.queue;
  return is_of_queue && (mark.is_ack ? place == mark.count : place >= 0 && place < mark.count);
}

bool is_acknowledged_anywhere(const Broker& broker, const PopMark& ck, GroupId group,
                              const LogRecord& message) {
  for (const LogRecord& record : broker.cache.log) {
    if (!is_pop_mark(record)) continue;
    const PopMark mark = mark_in(record);
    if (mark.is_ack && mark.key == ck.key && covers(mark, group, message)) return true;
  }
  return false;
}

/// A checkpoint that the timer wheel holds, or the revive service has before it.
bool is_ahead(const Broker& broker, const Config& config, const LogRecord& record) {
  if (record.topic == timer_topic(config)) return timer_holds(broker, record);
  return record.queue >= broker.memory.pop.revive.size() ||
         record.queue_offset > broker.memory.pop.revive[record.queue].done;
}

}  // namespace

bool is_out(const Broker& broker, const Config& config, GroupId group, const LogRecord& message) {
  for (const BufferedCheckpoint& ck : broker.memory.pop.buffer) {
    const std::int64_t place = message.queue_offset - ck.mark.key.start;
    if (covers(ck.mark, group, message) && (ck.acked >> place & 1U) == 0) return true;
  }
  for (const LogRecord& record : broker.cache.log) {
    if (!is_pop_mark(record)) continue;
    const PopMark mark = mark_in(record);
    const bool holds = !mark.is_ack && covers(mark, group, message) && is_ahead(broker, config, record);
    if (holds && !is_acknowledged_anywhere(broker, mark, group, message)) return true;
  }
  return false;
}

}  // namespace brokersim::model::rocketmq
