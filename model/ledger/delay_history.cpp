#include "model/ledger/delay_history.hpp"

#include <algorithm>
#include <utility>

#include "model/world.hpp"

namespace brokersim::model::ledger {

namespace {

constexpr std::size_t levels_most = 64;

}  // namespace

DelayHistory::Kind DelayHistory::kind_of(const BrokerConfig& broker) {
  if (broker.in_group()) return Kind::member;
  if (broker.is_controlled()) return Kind::controlled;
  return broker.has_stand_in() ? Kind::stands_in : Kind::alone;
}

void DelayHistory::reset(const Config& config) {
  serves_.reset(config);
  kinds_.clear();
  for (const BrokerConfig& broker : config.brokers) kinds_.push_back(kind_of(broker));
  died_.assign(config.brokers.size(), SimTime{-1});
  taken_.assign(config.brokers.size(), SimTime{-1});
  for (auto& level : delivered_) level.clear();
  again_ = no_intent.value;
}

void DelayHistory::on(SimTime at, const sim::Record& record) {
  serves_.on(at, record);
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::scheduled || kind == RecordKind::delay_over) on_level(at, record);
  if (kind == RecordKind::process_died && record.subject < died_.size()) died_[record.subject] = at;
  if (kind == RecordKind::stood_in) on_stand_in(at, record);
  const bool fetched = kind == RecordKind::replica_synchronized &&
                       static_cast<rocketmq::SyncStep>(record.a) == rocketmq::SyncStep::delay_offsets;
  if (fetched) taken_[record.subject] = at;
}

/// A master that comes back keeps what is in its own file of a level that the acting one knows nothing of.
void DelayHistory::on_stand_in(SimTime at, const sim::Record& record) {
  const bool taken = static_cast<StandIn>(record.a) == StandIn::delays_taken;
  if (taken && taken_[serves_.serving(record.subject)].ns >= 0) taken_[record.subject] = at;
}

std::size_t DelayHistory::who_delivers(std::size_t broker) const {
  return kinds_[broker] == Kind::stands_in ? serves_.serving(broker) : broker;
}

void DelayHistory::on_level(SimTime at, const sim::Record& record) {
  broker_ = static_cast<std::uint16_t>(record.a & 0xffff);
  const std::size_t level = std::min(static_cast<std::size_t>(record.a >> 16), levels_most - 1);
  const std::size_t row = serves_.set_of(broker_) * levels_most + level;
  if (row >= delivered_.size()) delivered_.resize(row + 1);
  const auto offset = static_cast<std::size_t>(record.b);
  if (offset >= delivered_[row].size()) delivered_[row].resize(offset + 1);
  const bool over = static_cast<RecordKind>(record.kind) == RecordKind::delay_over;
  const std::size_t by = who_delivers(broker_);
  if (over && by != serves_.set_of(by) && taken_[by].ns < 0) taken_[by] = at;  // its own are no master's
  const Delivery now = over ? Delivery{at, static_cast<std::uint16_t>(by)} : Delivery{};
  const Delivery before = std::exchange(delivered_[row][offset], now);
  const bool again = over && before.at.ns >= 0;
  again_ = again ? record.subject : no_intent.value;
  why_ = again ? why_again(before, by) : Cause::none;
}

/// The offsets that this broker works by have been another one's since.
bool DelayHistory::has_moved_since(const Delivery& before, std::size_t broker) const {
  if (before.by != broker) return true;
  return (kinds_[broker] == Kind::stands_in ? taken_[broker] : serves_.since(broker)) >= before.at;
}

/// A leader that has not died, and still is the one, delivers again what no majority had in time.
Cause DelayHistory::why_again(const Delivery& before, std::size_t broker) const {
  const Kind kind = kinds_[broker];
  if (kind == Kind::alone) return Cause::storage_delay_offset_forgotten;
  if (has_moved_since(before, broker)) return Cause::replication_delay_offset_not_synchronized;
  if (died_[broker] >= before.at) return Cause::storage_delay_offset_forgotten;
  return kind == Kind::member ? Cause::replication_late_commit
                              : Cause::replication_delay_offset_not_synchronized;
}

Cause DelayHistory::take_again(std::uint32_t intent) {
  return std::exchange(again_, no_intent.value) == intent ? why_ : Cause::none;
}

}  // namespace brokersim::model::ledger
