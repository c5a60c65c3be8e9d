// ScheduleMessageService. A poll delivers everything that is due at the head of its level's queue, one after
// another; each delivery is an event of its own, for a crash may fall between two.
//
//   level's queue   0 1 2 | 3 4 5        delayOffset.json says 1: after a crash 1 and 2 are delivered again
//                         ^ next
//
// A message is due by the wall clock; one that seems further away than the level's delay (the clock was set
// back) is due at once (correctDeliverTimestamp). 5.3 and 4.9 differ in what they do when a put throws.
#include "model/rocketmq/stand_in.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration first_poll = 1_s;        ///< FIRST_DELAY_TIME
constexpr Duration poll_interval = 100_ms;  ///< DELAY_FOR_A_WHILE
constexpr Duration after_error = 10_s;      ///< DELAY_FOR_A_PERIOD
constexpr Duration first_persist = 10_s;    ///< start(): initial delay of persist
constexpr std::uint64_t delay_file = 2;

/// One of the levels; its number is index + 1.
struct At {
  Site& site;
  std::size_t index;
  DelayLevel& level() const { return site.memory.delays.levels[index]; }
  const Queue& queue() const {
    return queue_of(site.broker, scheduled_topic(site.all()), static_cast<std::uint16_t>(index));
  }
  bool has_next() const { return level().next < static_cast<std::int64_t>(queue().index.size()); }
  const LogRecord& head() const {
    return *record_at(site.broker, scheduled_topic(site.all()), static_cast<std::uint16_t>(index),
                      level().next);
  }
};

/// How long the head of the queue still waits; not positive: it is due.
Duration countdown(const At& at) {
  const Duration delay = at.site.settings().messageDelayLevel[at.index];
  const Duration left = Duration{at.head().stored.value - at.site.wall().value} + delay;
  return left > delay ? Duration{} : left;
}

void arm_poll(const At& at, SimTime due) {
  Site& site = at.site;
  ServiceTimer& timer = at.level().timer;
  BrokerEvent body;
  body.on = BrokerOn::delay_deliver;
  body.records = static_cast<std::int64_t>(at.index);
  Event event{};
  event.body = body;
  timer.armed = true;
  timer.due = due;
  timer.timer = site.context.arm(due - site.now(), host::to_process(site.world, site.broker.process, event));
}

/// correctDelayOffset, and executeOnTimeUp (resetOffset): retention has deleted the head of the queue.
void skip_deleted(const At& at) {
  const std::int64_t first =
      first_offset(at.site.broker, scheduled_topic(at.site.all()), static_cast<std::uint16_t>(at.index));
  at.level().next = std::max(at.level().next, first);
}

/// The next poll that will find the head due. It stays where it is: nothing overtakes the head.
void arm_next_poll(const At& at) {
  skip_deleted(at);
  const DelayTask task = at.level().task;
  if (at.level().timer.armed || task == DelayTask::ended || task == DelayTask::waits || !at.has_next())
    return;
  const SimTime now = at.site.now();
  if (at.site.config.has_stand_in() && countdown(at) > Duration{})
    at.level().counted = std::min(at.level().counted, now);
  const SimTime earliest = std::max(now, now + countdown(at) - 1_ns);
  arm_poll(at, next_on_grid(at.level().grid, poll_interval, earliest));
}

/// handleScheduleMessageService: a master delivers, or who acts for it.
bool delays_anything(const Site& site) {
  const std::vector<ProducerConfig>& producers = site.all().producers;
  const auto is_delayed = [](const ProducerConfig& producer) { return producer.delay_level > 0; };
  if (!runs_special_services(site)) return false;
  return !site.all().push_consumers.empty() || std::any_of(producers.begin(), producers.end(), is_delayed);
}

OffsetTable delivered(const Site& site) {
  OffsetTable table;
  const bool may_lack = site.config.has_stand_in();
  for (const DelayLevel& level : site.memory.delays.levels)
    table.push_back(may_lack && !level.stored ? -1 : level.next);
  if (!may_lack) return table;
  const DataVersion& version = site.memory.acting.delays_version;
  table.push_back(version.counter);
  table.push_back(version.timestamp);
  return table;
}

/// A level that is not in the file begins at 0.
std::int64_t at_file(const OffsetTable& file, std::size_t index) {
  return index < file.size() ? std::max<std::int64_t>(0, file[index]) : 0;
}

/// Each poll that finds the head not due stores its offset once more (executeOnTimeUp: updateOffset).
void count_polls(Site& site) {
  if (!site.config.has_stand_in()) return;
  for (DelayLevel& level : site.memory.delays.levels) {
    if (level.counted >= site.now()) continue;
    const std::int64_t polls = (site.now() - level.counted) / poll_interval;
    level.counted = level.counted + poll_interval * polls;
    level.stored = level.stored || polls > 0;
    count_delay_changes(site, polls, poll_interval);
  }
}

/// With a version that steps as long as a head waits, nothing is ever as it was written.
bool steps_on(const Site& site) {
  const std::vector<DelayLevel>& levels = site.memory.delays.levels;
  return std::any_of(levels.begin(), levels.end(),
                     [](const DelayLevel& level) { return level.counted != SimTime::max(); });
}

bool is_written(const Site& site) {
  if (steps_on(site)) return false;
  const std::vector<DelayLevel>& levels = site.memory.delays.levels;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].next != at_file(site.broker.cache.delay_offsets.written, i)) return false;
  }
  return true;
}

void arm_persist(Site& site) {
  DelayService& delays = site.memory.delays;
  if (is_written(site)) return disarm(site, delays.persist_timer);
  const Duration interval = site.settings().flushDelayOffsetInterval;
  arm(site, delays.persist_timer, next_on_grid(delays.persist_grid, interval, site.now()),
      BrokerOn::delay_persist);
}

/// messageTimeUp: back to where it was going; whoever puts it again later (sends it back) does not wait.
LogRecord woken(LogRecord message) {
  message.topic = message.real_topic;
  message.queue = message.real_queue;
  message.waits = false;
  return message;
}

/// DeliverDelayedMessageTimerTask.run: 5.3 catches any Throwable and begins again later, 4.9 only Exceptions:
/// an InternalError ends the task, and nothing is scheduled that would begin it again. (5.3 begins at the
/// offset at which the poll began; what this poll had put before the disk was full does not come again here.)
void task_throws(const At& at) {
  DelayLevel& level = at.level();
  level.task = at.site.is_4_9() ? DelayTask::ended : DelayTask::pauses;
  if (level.task == DelayTask::pauses) arm_poll(at, at.site.now() + after_error);
}

/// A poll that is due would put something, or find that it cannot.
bool polls_do_something(const Site& site) { return may_append(site) || put_throws(site); }

/// updateOffset behind a put.
void advance(const At& at) {
  Site& site = at.site;
  if (site.config.has_stand_in()) {
    count_polls(site);
    at.level().counted = SimTime::max();
    count_delay_changes(site, 1, poll_interval);
    at.level().stored = true;
  }
  ++at.level().next;
  at.level().refused = false;
  arm_persist(site);
}

/// What no majority had in time is put once more, though it may have stayed in the log.
void tell_over(const At& at, const LogRecord& message) {
  if (at.level().refused) return;
  const auto number = static_cast<std::int64_t>(at.index) + 1;
  at.site.record(RecordKind::delay_over, message.intent.value,
                 static_cast<std::int64_t>(at.site.number) | number << 16, message.queue_offset);
}

/// DLedgerCommitLog.asyncPutMessage: WAIT=false means nothing to it.
void await_majority(const At& at, IntentId intent) {
  at.level().task = DelayTask::waits;
  WaitingSend put;
  put.request.intent = intent;
  put.level = static_cast<std::int16_t>(at.index);
  settle_put(at.site, put, false, true);
}

void deliver(const At& at) {
  const LogRecord message = at.head();
  tell_over(at, message);
  put_without_waiting(at.site, woken(message));
  at.site.in_group() ? await_majority(at, message.intent) : advance(at);
}

/// The same poll, or the next.
void go_on(const At& at) {
  if (at.level().timer.armed || at.level().task == DelayTask::waits || !at.has_next()) return;
  countdown(at) <= Duration{} ? arm_poll(at, at.site.now()) : arm_next_poll(at);
}

/// EscapeBridge.asyncPutMessage. Without enableRemoteEscape: SERVICE_NOT_AVAILABLE, poll after poll.
void deliver_elsewhere(const At& at) {
  count_polls(at.site);
  at.level().counted = SimTime::max();
  if (at.site.settings().enableRemoteEscape && !is_escaping(at.site, at.index))
    escape(at.site, at.index, at.head());
}

}  // namespace

/// HookUtils.transformDelayLevelMessage (4.9: CommitLog.asyncPutMessage).
LogRecord delayed(const Site& site, LogRecord message, std::int32_t level) {
  const auto highest = static_cast<std::int32_t>(site.settings().messageDelayLevel.size());
  sim::check(level > 0 && highest > 0, "a delay level counts from 1");
  message.real_topic = message.topic;
  message.real_queue = message.queue;
  message.topic = scheduled_topic(site.all());
  message.queue = static_cast<std::uint16_t>(std::min(level, highest) - 1);
  return message;
}

bool schedule_message(Site& site, LogRecord message, std::int32_t level) {
  return put_without_waiting(site, delayed(site, message, level));
}

void arm_delay(Site& site, const LogRecord& record) {
  if (delays_anything(site)) arm_next_poll(At{site, record.queue});
}

namespace {

/// The same, where a put is somebody else's. Polls that find no escape on are no events.
void poll_as_acting(const At& at) {
  skip_deleted(at);
  if (!at.has_next() || at.site.memory.stopping) return;
  countdown(at) <= Duration{} ? deliver_elsewhere(at) : arm_next_poll(at);
}

}  // namespace

/// executeOnTimeUp, one message of it; the rest of the poll follows at this same instant.
void delay_deliver(Site& site, const BrokerEvent& event) {
  const At at{site, static_cast<std::size_t>(event.records)};
  if (at.index >= site.memory.delays.levels.size()) return;
  at.level().timer.armed = false;
  at.level().task = DelayTask::polls;
  if (site.is_slave()) return poll_as_acting(at);
  // A put that is refused is tried again in the next poll: the one after the lock is free.
  if (!polls_do_something(site)) return;
  skip_deleted(at);
  const bool is_due = at.has_next() && countdown(at) <= Duration{};
  if (is_due && put_throws(site)) return task_throws(at);
  if (is_due) deliver(at);
  go_on(at);
}

/// syncDeliver: what is not PUT_OK is tried again after DELAY_FOR_A_WHILE.
void delay_put_over(Site& site, std::size_t level, PutStatus put) {
  if (level >= site.memory.delays.levels.size()) return;
  const At at{site, level};
  at.level().task = DelayTask::polls;
  at.level().refused = put != PutStatus::PUT_OK;
  if (at.level().refused) return arm_poll(at, site.now() + poll_interval);
  advance(at);
  go_on(at);
}

void delays_clock_set(Site& site) {
  for (std::size_t i = 0; i < site.memory.delays.levels.size(); ++i) {
    if (site.memory.delays.levels[i].task != DelayTask::polls) continue;
    disarm(site, site.memory.delays.levels[i].timer);
    if (polls_do_something(site) || site.is_slave()) arm_next_poll(At{site, i});
  }
}

void resume_delays(Site& site) {
  if (!polls_do_something(site)) return;
  for (std::size_t i = 0; i < site.memory.delays.levels.size(); ++i) arm_next_poll(At{site, i});
}

void write_delays(Site& site) {
  count_polls(site);
  if (!is_written(site)) write_file(site, site.broker.cache.delay_offsets, delivered(site), delay_file);
}

void write_delay_file(Site& site, const OffsetTable& offsets) {
  if (site.broker.cache.delay_offsets.written != offsets)
    write_file(site, site.broker.cache.delay_offsets, offsets, delay_file);
}

void delay_persist(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.delays.persist_timer, event)) return;
  write_delays(site);
  if (steps_on(site)) arm_persist(site);
}

OffsetTable nothing_delivered(const Site& site) {
  const DataVersion& version = site.memory.acting.delays_version;
  OffsetTable table(site.settings().messageDelayLevel.size(), -1);
  table.insert(table.end(), {version.counter, version.timestamp});
  return table;
}

OffsetTable delay_table(Site& site) {
  count_polls(site);
  const bool may_rest = site.config.has_stand_in() || site.config.elects_master();
  if (!may_rest || !site.memory.delays.levels.empty()) return delivered(site);
  const OffsetTable& file = site.broker.cache.delay_offsets.written;
  return file.empty() && site.config.has_stand_in() ? nothing_delivered(site) : file;
}

/// It waits for the polls that are under way, and writes the file.
void stop_delays(Site& site) {
  write_delays(site);
  escapes_end(site);
  DelayService& delays = site.memory.delays;
  disarm(site, delays.persist_timer);
  for (DelayLevel& level : delays.levels) {
    if (level.timer.armed) site.context.cancel(level.timer.timer);
  }
  delays.levels.clear();
}

/// syncDeliver: what is not PUT_OK is tried again after DELAY_FOR_A_WHILE.
void escape_over(Site& site, std::size_t level, bool stored) {
  const At at{site, level};
  disarm(site, at.level().timer);
  if (!stored) return arm_poll(at, site.now() + poll_interval);
  // Retention may have moved the level on meanwhile.
  if (at.level().next == std::int64_t{site.memory.acting.bridge.escapes[level].request.record}) advance(at);
  if (at.has_next()) arm_poll(at, site.now());
}

/// load() and correctDelayOffset: an offset beyond its queue, which a truncation has shortened, is its end.
/// The levels were started together, so one phase does for all. Where nothing is delayed, neither by
/// producers nor as a retry, a broker has no levels and no phases, so that its states are as many as they
/// were.
void start_delays(Site& site, SimTime since) {
  DelayService& delays = site.memory.delays;
  if (!delays_anything(site)) return;
  const bool long_ago = since == never;
  const Duration interval = site.settings().flushDelayOffsetInterval;
  const SimTime polls =
      long_ago ? site.now() - service_phase(site, Service::delay_poll, poll_interval) : since + first_poll;
  delays.persist_grid =
      long_ago ? site.now() - service_phase(site, Service::delay_persist, interval) : since + first_persist;
  delays.levels.resize(site.settings().messageDelayLevel.size());
  for (std::size_t i = 0; i < delays.levels.size(); ++i) {
    const At at{site, i};
    at.level().grid = polls;
    const auto end = static_cast<std::int64_t>(at.queue().index.size());
    const OffsetTable& file = site.broker.cache.delay_offsets.written;
    at.level().next = std::min(at_file(file, i), end);
    at.level().stored = site.config.has_stand_in() && i < file.size() && file[i] >= 0;
    arm_next_poll(at);
  }
  if (!site.config.has_stand_in()) return;
  const OffsetTable& file = site.broker.cache.delay_offsets.written;
  if (!file.empty()) site.memory.acting.delays_version = version_of(file);
  if (steps_on(site)) arm_persist(site);
}

bool delays_idle(const Broker& broker, const Config& config) {
  for (std::size_t i = 0; i < broker.memory.delays.levels.size(); ++i) {
    const Queue& queue = queue_of(broker, scheduled_topic(config), static_cast<std::uint16_t>(i));
    if (broker.memory.delays.levels[i].next < queue.next_offset) return false;
  }
  return true;
}

}  // namespace brokersim::model::rocketmq
