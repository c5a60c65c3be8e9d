// ReputMessageService: each millisecond it dispatches what is behind the confirm offset: the consume
// queue gets its entry, the message becomes visible, and pulls that wait for it are answered.
#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration reput_interval = 1_ms;  ///< ReputMessageService.run

/// CommitLog.getConfirmOffset: since 5.3.0 the *flushed* position with SYNC_FLUSH, unless
/// readUnCommitted. Otherwise what is readable, which is the committed position of a pool.
/// In controller mode: everything of a master that need not wait for all of its SyncStateSet; else what the
/// set has (sync_state_set.cpp), and of a slave what its master has told it.
std::int64_t confirmed_records(const Site& site) {
  if (site.in_group()) return site.memory.dledger.committed;  // DLedgerCommitLog.getConfirmOffset
  const std::int64_t readable = site.broker.cache.committed.records;
  if (site.config.is_controlled()) {
    const Replicas& replicas = site.memory.replicas;
    const bool waits = site.settings().allAckInSyncStateSet && size_of(replicas.view.in_sync) != 1;
    if (site.settings().readUnCommitted || (!site.is_slave() && !waits)) return readable;
    return std::min(readable, records_until(site.broker.cache.log, replicas.confirmed));
  }
  if (site.is_4_9() || !site.flushes_sync() || site.settings().readUnCommitted) return readable;
  return std::min(readable, site.memory.flushed.records);
}

void dispatch(Site& site, std::int64_t number) {
  const LogRecord& record = site.broker.cache.log[static_cast<std::size_t>(number)];
  if (add_to_queue(site, record, number)) dispatched(site, record);
}

}  // namespace

/// A master's records follow each other. A slave's need not: its log may begin in the middle of a queue, and
/// after a divergence offsets come twice (then the later one is ignored) or are left out (then the queue's
/// entries no longer stand where their offsets say).
bool add_to_queue(Site& site, const LogRecord& record, std::int64_t number) {
  Queue& queue = queue_of(site.broker, record.topic, record.queue);
  const bool begins_here = queue.index.size() == 0 && site.is_slave();
  while (begins_here && static_cast<std::int64_t>(queue.index.size()) < record.queue_offset)
    queue.index.append(-1);
  const auto next = static_cast<std::int64_t>(queue.index.size());
  const bool may_have_holes = site.is_slave() || site.config.is_controlled();
  sim::check(next == record.queue_offset || may_have_holes, "a consume queue with a hole");
  if (record.queue_offset < next) return false;
  queue.index.append(number);
  queue.next_offset = std::max(queue.next_offset, record.queue_offset + 1);
  return true;
}

namespace {

/// A slave dispatches what consumers have long been able to see at its master. A leader that is about to be
/// the master may be the first who shows it.
bool shows_first(const Site& site) {
  return site.in_group() ? site.memory.dledger.role == MemberRole::leader : !site.is_slave();
}

}  // namespace

void dispatched(Site& site, const LogRecord& record) {
  const std::int64_t where = record.queue | static_cast<std::int64_t>(site.number) << 16;
  switch (kind_of(site.all(), record.topic)) {
    case TopicKind::user:
      if (shows_first(site))
        site.record(RecordKind::released, record.intent.value, where, record.queue_offset);
      return;
    case TopicKind::half:
    case TopicKind::op: return arm_check(site);
    case TopicKind::scheduled: return arm_delay(site, record);
    case TopicKind::timer: return arm_timer(site);
    case TopicKind::revive: return revive_arrival(site, record.queue);
    case TopicKind::pop_retry:
    case TopicKind::discarded:
    case TopicKind::retry:
    case TopicKind::dead_letter: return;
  }
}

void arm_reput(Site& site) {
  Broker::Memory& memory = site.memory;
  if (memory.reput_armed || confirmed_records(site) <= memory.dispatched) return;
  memory.reput_armed = true;
  schedule(site, next_on_grid(memory.reput_grid, reput_interval, site.now()) - site.now(),
           BrokerOn::reput_tick);
}

void reput_tick(Site& site) {
  Broker::Memory& memory = site.memory;
  memory.reput_armed = false;
  const std::int64_t end = confirmed_records(site);
  while (memory.dispatched < end) dispatch(site, memory.dispatched++);
  site.broker.cache.indexed = memory.dispatched;
  answer_suspended_pulls(site);
  pop_arrivals(site);
}

}  // namespace brokersim::model::rocketmq
