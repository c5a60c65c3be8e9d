// The whole world: one copyable value. Copying it (with its agenda) forks the run. Its canonical form, in
// which a few things depend on others, is in model/canonical.hpp.
#pragma once

#include <tuple>
#include <vector>

#include "model/faults/progress.hpp"
#include "model/host/host.hpp"
#include "model/ledger/verdict.hpp"
#include "model/network/fabric.hpp"
#include "model/rocketmq/batch.hpp"
#include "model/rocketmq/broker.hpp"
#include "model/rocketmq/consumer.hpp"
#include "model/rocketmq/controller.hpp"
#include "model/rocketmq/dledger.hpp"
#include "model/rocketmq/log_record.hpp"
#include "model/rocketmq/name_server.hpp"
#include "model/rocketmq/pop_service.hpp"
#include "model/rocketmq/producer.hpp"
#include "model/rocketmq/push_consumer.hpp"
#include "model/rocketmq/registration.hpp"
#include "model/rocketmq/route_client.hpp"

namespace brokersim::model {

struct World {
  std::vector<host::Host> hosts;
  /// Brokers, producers, plain readers, push consumers, name servers, the controller.
  std::vector<host::Process> processes;
  network::Fabric network;
  std::vector<rocketmq::Broker> brokers;
  std::vector<rocketmq::Producer> producers;
  std::vector<rocketmq::Consumer> consumers;
  std::vector<rocketmq::PushConsumer> push_consumers;
  std::vector<rocketmq::NameServer> name_servers;
  std::vector<rocketmq::Controller> controllers;
  std::vector<rocketmq::Registrar> registrars;       ///< per broker, if there are name servers
  std::vector<rocketmq::RouteClient> route_clients;  ///< per client process, if there are name servers
  rocketmq::BatchPool batches;
  rocketmq::MemberListPool member_lists;
  rocketmq::Pool<rocketmq::LogPiece> log_pieces;
  rocketmq::Pool<rocketmq::SyncTable> sync_tables;
  rocketmq::Pool<rocketmq::RouteSlot> routes;
  rocketmq::QueueSetPool queue_sets;
  rocketmq::Pool<rocketmq::PopBatch> pop_batches;
  rocketmq::Pool<rocketmq::EntryBatch> entry_batches;
  faults::Progress faults;
  ledger::Verdict verdict;
};

constexpr auto fields(const World& world) {
  const auto& [hosts, processes, network, brokers, producers, consumers, push_consumers, name_servers,
               controllers, registrars, route_clients, batches, member_lists, log_pieces, sync_tables, routes,
               queue_sets, pop_batches, entry_batches, faults, verdict] = world;
  return std::tie(hosts, processes, network, brokers, producers, consumers, push_consumers, name_servers,
                  controllers, registrars, route_clients, batches, member_lists, log_pieces, sync_tables,
                  routes, queue_sets, pop_batches, entry_batches, faults, verdict);
}

/// Bytes that nobody will read: what they carried in a pool goes back to it.
void release_payload(World& world, const Payload& payload);

/// Declared here so that nobody digests a world by its fields alone (canonical.cpp).
void canonical(sim::CanonicalWriter& writer, const World& world);

}  // namespace brokersim::model
