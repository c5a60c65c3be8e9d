#include "model/rocketmq/queue_lock_table.hpp"

namespace brokersim::model::rocketmq {

namespace {

using Index = sim::TransitionIndex<queue_lock_rows>;

constexpr Duration lock_max_live_time{60'000'000'000};

}  // namespace

/// A step that its row does not know is a bug; the monitor says so.
void QueueLockMonitor::move(std::size_t broker, Shadow& shadow, LockOn on, LockGuard guard) {
  const std::uint16_t row = Index::find(0, shadow.state, on, guard);
  if (row == Index::no_row) monitor_.expect(shadow.state, on, guard, shadow.state);
  coverage_.hit(row, profiles_[broker]);
  shadow.state = queue_lock_rows[row].to;
}

void QueueLockMonitor::on(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::process_died) return died(record.subject);
  if (kind == RecordKind::queue_locked || kind == RecordKind::queue_unlocked) asked(at, record);
}

QueueLockMonitor::QueueLockMonitor(const Config& config) {
  for (const BrokerConfig& broker : config.brokers)
    profiles_.push_back(static_cast<unsigned>(broker.profile));
}

/// Brokers are the first processes.
void QueueLockMonitor::died(std::uint32_t process) {
  if (process >= profiles_.size()) return;
  for (auto entry = shadows_.begin(); entry != shadows_.end();) {
    if (broker_of(entry->first) != process) {
      ++entry;
      continue;
    }
    if (entry->second.state != LockState::free) move(process, entry->second, LockOn::died, LockGuard::any);
    entry = shadows_.erase(entry);
  }
}

void QueueLockMonitor::asked(SimTime at, const sim::Record& record) {
  const Key key{record.b & 0xffff, record.a};
  const std::size_t broker = broker_of(key);
  Shadow& shadow = shadows_[key];
  if (shadow.state == LockState::held && at - shadow.updated > lock_max_live_time)
    move(broker, shadow, LockOn::expired, LockGuard::any);
  const std::int64_t life = record.b >> 32;
  const auto on = static_cast<LockOn>(record.b >> 16 & 0xffff);
  const bool is_holder = shadow.client == record.subject && shadow.life == life;
  move(broker, shadow, on, is_holder ? LockGuard::holder : LockGuard::other);
  if (on == LockOn::granted || on == LockOn::renewed) shadow.updated = at;
  if (on == LockOn::refused || on == LockOn::not_held) return;
  shadow.client = record.subject;
  shadow.life = life;
}

}  // namespace brokersim::model::rocketmq
