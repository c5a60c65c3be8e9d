// The smallest worlds that can lose a message, for exploration: one broker, one producer with one thread and
// one or two messages. Delays are constant, so what branches is where in a sync the pages reach the disk.
#pragma once

#include "model/explorable.hpp"
#include "sim/explore.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {

using WorldState = sim::State<Model>;

inline constexpr sim::Seed phases{1};  ///< where the broker's services are in their periods when a run begins

inline WorldState begin(const Config& config) {
  sim::Choices drawn = sim::Choices::draw(phases);
  return sim::initial_state<Model>(config, drawn);
}

/// With an interval of 20 ms and no minimum of pages, each loop of FlushRealTimeService flushes what there
/// is.
inline Config smallest(FlushDiskType flush, std::int64_t messages) {
  Config config = small_cluster();
  config.hosts[0].page_writeback = Distribution::constant(30_s);
  BrokerSettings& broker = config.brokers[0].settings;
  broker.flushDiskType = flush;
  broker.flushIntervalCommitLog = 20_ms;
  broker.flushCommitLogLeastPages = 0;
  config.brokers[0].answer_time = Distribution::constant(100_us);
  config.producers[0].messages = messages;
  config.producers[0].settings.retryTimesWhenSendFailed = 2;
  return config;
}

/// The operator comes seconds later, when every try has failed.
inline Config with_fault(Config config, const FaultAction& action) {
  offer(config, action, 4_s);
  return config;
}

/// The broker is back before the client has noticed (no real one is): the only way for a retry of a
/// synchronous send to meet it, as three refused tries take milliseconds.
inline Config with_swift_restart(Config config, const FaultAction& action) {
  config.brokers[0].restart_time = Distribution::constant(500_us);
  offer(config, action, {});
  return config;
}

}  // namespace brokersim::model
