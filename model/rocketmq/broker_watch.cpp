#include "model/rocketmq/broker_watch.hpp"

namespace brokersim::model::rocketmq {

/// Processes are numbered brokers first.
void BrokerWatch::on(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::clock_set) clocks_[record.subject] += Duration{record.a};
  if (kind == RecordKind::process_died && record.subject < deaths_.size()) {
    ++deaths_[record.subject];
    if (static_cast<FaultKind>(record.a) != FaultKind::stop) ++crashes_[record.subject];
  }
  if (kind != RecordKind::host_lost_power) return;
  for (std::size_t broker = 0; broker < crashes_.size(); ++broker) {
    if (config_->brokers[broker].host.value == record.subject) ++crashes_[broker];
  }
}

}  // namespace brokersim::model::rocketmq
