// A small scenario in which something happens: for tests of whole runs.
#pragma once

#include "model/config.hpp"

namespace brokersim::tests {

/// One broker with asynchronous flush, 200 orders in 2 s, one reader; the host loses power at some time in
/// the second second and is back 1 s later.
inline model::Config power_loss_while_read() {
  using namespace sim::literals;
  model::Config config;
  config.hosts.resize(2);
  config.hosts[0].name = "host-1";
  config.hosts[1].name = "clients";
  config.topics.push_back({.name = "orders", .queues = 2});
  config.groups.push_back("billing");
  model::BrokerConfig& broker = config.brokers.emplace_back();
  broker.name = "broker-a";
  broker.restart_time = sim::Distribution::uniform(1_s, 2_s);
  model::ProducerConfig& producer = config.producers.emplace_back();
  producer.name = "shop";
  producer.host = model::HostId(1);
  producer.threads = 2;
  producer.messages = 200;
  model::ConsumerConfig& consumer = config.consumers.emplace_back();
  consumer.name = "billing";
  consumer.host = model::HostId(1);
  model::FaultConfig& fault = config.faults.emplace_back();
  fault.trigger.time = sim::Distribution::uniform(1_s, 2_s);
  fault.action.kind = model::FaultKind::power_loss;
  fault.restores = true;
  fault.restore_after = sim::Distribution::constant(1_s);
  return config;
}

/// The same without readers and faults: `messages` orders at 1000/s.
inline model::Config quiet(std::int64_t messages) {
  model::Config config = power_loss_while_read();
  config.groups.clear();
  config.consumers.clear();
  config.faults.clear();
  config.producers[0].messages = messages;
  config.producers[0].rate = 1000;
  return config;
}

}  // namespace brokersim::tests
