// The whole world: one copyable value. Copying it (with its agenda) forks the run.
#pragma once

#include <vector>

#include "model/faults/progress.hpp"
#include "model/host/host.hpp"
#include "model/ledger/verdict.hpp"
#include "model/network/fabric.hpp"
#include "model/rocketmq/batch.hpp"
#include "model/rocketmq/broker.hpp"
#include "model/rocketmq/consumer.hpp"
#include "model/rocketmq/producer.hpp"

namespace brokersim::model {

struct World {
  std::vector<host::Host> hosts;
  std::vector<host::Process> processes;  ///< brokers, then producers, then consumers
  network::Fabric network;
  std::vector<rocketmq::Broker> brokers;
  std::vector<rocketmq::Producer> producers;
  std::vector<rocketmq::Consumer> consumers;
  rocketmq::BatchPool batches;
  faults::Progress faults;
  ledger::Verdict verdict;
};

}  // namespace brokersim::model
