// What several monitors know of each broker from the records: how often it has died or crashed, and what its
// wall clock says. Delays count by that clock, which a fault may set.
#pragma once

#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"

namespace brokersim::model::rocketmq {

class BrokerWatch {
 public:
  explicit BrokerWatch(const Config& config)
      : config_(&config),
        deaths_(config.brokers.size()),
        crashes_(config.brokers.size()),
        clocks_(config.hosts.size()) {}

  void on(const sim::Record& record);
  /// Deaths of its process, of a graceful stop too.
  std::uint32_t deaths(std::size_t broker) const { return deaths_[broker]; }
  /// Deaths but those of a graceful stop; and each loss of power, which also takes what the stop of a broker
  /// has written and the kernel has not.
  std::uint32_t crashes(std::size_t broker) const { return crashes_[broker]; }
  SimTime wall(std::size_t broker, SimTime at) const {
    return at + clocks_[config_->brokers[broker].host.value];
  }
  void reset() { *this = BrokerWatch(*config_); }

 private:
  const Config* config_;
  std::vector<std::uint32_t> deaths_, crashes_;  ///< per broker
  std::vector<Duration> clocks_;                 ///< per host: by how much its clock was set
};

}  // namespace brokersim::model::rocketmq
