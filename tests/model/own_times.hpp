// Tests that read times off exactly want machines and programs that take none of their own.
#pragma once

#include "model/config.hpp"

namespace brokersim::model {

inline void take_no_own_time(Config& config) {
  const Distribution nothing = Distribution::constant({});
  for (HostConfig& host : config.hosts) host.wakeup_latency = nothing;
  for (BrokerConfig& broker : config.brokers) broker.answer_time = nothing;
  for (ProducerConfig& producer : config.producers) producer.connect_time = nothing;
}

}  // namespace brokersim::model
