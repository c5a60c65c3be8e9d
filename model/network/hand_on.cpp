// From the network to the processes: the one place where bytes meet protocols.
#include "model/dispatch.hpp"
#include "model/network/segment.hpp"
#include "model/world.hpp"

namespace brokersim::model {

using host::Process;
using host::Role;

namespace network {

void step(World& world, const model::Event& header, const Event& event, Context& context) {
  switch (take(world, event, context)) {
    case Notice::nothing: return;
    case Notice::opened: return connection_opened(world, header.target, event.connection, context);
    case Notice::refused: return connection_refused(world, header.target, event.connection, context);
    case Notice::lost: return connection_lost(world, header.target, event.connection, false, context);
    case Notice::finished: return connection_lost(world, header.target, event.connection, true, context);
    case Notice::bytes: return deliver(world, header.target, event.connection, event.payload, context);
  }
}

}  // namespace network

namespace {

/// A channel of a broker or a client to a name server, on whichever side.
bool is_to_name_server(const World& world, ConnectionId connection) {
  const ProcessId server = world.network.connections[connection.value].server;
  return world.processes[server.value].role == Role::name_server;
}

/// A broker's channel to the controller, on whichever side.
bool is_to_controller(const World& world, ConnectionId connection) {
  const ProcessId server = world.network.connections[connection.value].server;
  return world.processes[server.value].role == Role::controller;
}

void deliver_control(World& world, ProcessId to, ConnectionId connection, const Payload& payload,
                     Context& context) {
  const Process& process = world.processes[to.value];
  if (process.role == Role::controller)
    return rocketmq::controller_receive(world, connection, payload, context);
  rocketmq::replicas_receive(world, process.index, connection, payload, context);
}

/// Refused ones, too.
void control_connection_lost(World& world, ProcessId at, ConnectionId connection, Context& context) {
  const Process& process = world.processes[at.value];
  if (process.role == Role::controller)
    return rocketmq::controller_connection_lost(world, connection, context);
  rocketmq::replicas_connection_lost(world, process.index, connection, context);
}

void deliver_name(World& world, ProcessId to, ConnectionId connection, const Payload& payload,
                  Context& context) {
  const Process& process = world.processes[to.value];
  if (process.role == Role::name_server)
    return rocketmq::name_server_receive(world, process.index, connection, payload, context);
  if (process.role == Role::broker)
    return rocketmq::registrar_receive(world, process.index, connection, payload, context);
  rocketmq::route_client_receive(world, to, connection, payload, context);
}

void name_connection_opened(World& world, ProcessId client, ConnectionId connection, Context& context) {
  const Process& process = world.processes[client.value];
  if (process.role == Role::broker)
    return rocketmq::registrar_connection_opened(world, process.index, connection, context);
  rocketmq::route_client_connection_opened(world, client, connection, context);
}

/// Refused ones, too.
void name_connection_lost(World& world, ProcessId at, ConnectionId connection, bool orderly,
                          Context& context) {
  const Process& process = world.processes[at.value];
  if (process.role == Role::name_server)
    return rocketmq::name_server_connection_lost(world, process.index, connection, context);
  if (process.role == Role::broker)
    return rocketmq::registrar_connection_lost(world, process.index, connection, context);
  rocketmq::route_client_connection_lost(world, at, connection, orderly, context);
}

}  // namespace

void deliver(World& world, ProcessId to, ConnectionId connection, const Payload& payload, Context& context) {
  if (is_to_name_server(world, connection)) return deliver_name(world, to, connection, payload, context);
  if (is_to_controller(world, connection)) return deliver_control(world, to, connection, payload, context);
  const Process& process = world.processes[to.value];
  switch (process.role) {
    case Role::name_server:
    case Role::controller: return;
    case Role::broker: return rocketmq::broker_receive(world, process.index, connection, payload, context);
    case Role::producer:
      return rocketmq::producer_receive(world, process.index, connection, payload, context);
    case Role::consumer:
      return rocketmq::consumer_receive(world, process.index, connection, payload, context);
    case Role::push_consumer:
      return rocketmq::push_consumer_receive(world, process.index, connection, payload, context);
  }
}

void connection_opened(World& world, ProcessId client, ConnectionId connection, Context& context) {
  if (is_to_name_server(world, connection)) return name_connection_opened(world, client, connection, context);
  const Process& process = world.processes[client.value];
  if (is_to_controller(world, connection))
    return rocketmq::replicas_connection_opened(world, process.index, connection, context);
  switch (process.role) {
    case Role::name_server:
    case Role::controller: return;
    case Role::broker: return rocketmq::broker_connection_opened(world, process.index, connection, context);
    case Role::producer:
      return rocketmq::producer_connection_opened(world, process.index, connection, context);
    case Role::consumer:
      return rocketmq::consumer_connection_opened(world, process.index, connection, context);
    case Role::push_consumer:
      return rocketmq::push_consumer_connection_opened(world, process.index, connection, context);
  }
}

void connection_refused(World& world, ProcessId client, ConnectionId connection, Context& context) {
  if (is_to_name_server(world, connection))
    return name_connection_lost(world, client, connection, false, context);
  if (is_to_controller(world, connection)) return control_connection_lost(world, client, connection, context);
  const Process& process = world.processes[client.value];
  switch (process.role) {
    case Role::name_server:
    case Role::controller: return;
    case Role::broker: return rocketmq::broker_connection_refused(world, process.index, connection, context);
    case Role::producer:
      return rocketmq::producer_connection_refused(world, process.index, connection, context);
    case Role::consumer:
      return rocketmq::consumer_connection_refused(world, process.index, connection, context);
    case Role::push_consumer:
      return rocketmq::push_consumer_connection_refused(world, process.index, connection, context);
  }
}

void connection_lost(World& world, ProcessId at, ConnectionId connection, bool orderly, Context& context) {
  if (is_to_name_server(world, connection))
    return name_connection_lost(world, at, connection, orderly, context);
  if (is_to_controller(world, connection)) return control_connection_lost(world, at, connection, context);
  const Process& process = world.processes[at.value];
  switch (process.role) {
    case Role::name_server:
    case Role::controller: return;
    case Role::broker: return rocketmq::broker_connection_lost(world, process.index, connection, context);
    case Role::producer:
      return rocketmq::producer_connection_lost(world, process.index, connection, orderly, context);
    case Role::consumer: return rocketmq::consumer_connection_lost(world, process.index, connection, context);
    case Role::push_consumer:
      return rocketmq::push_consumer_connection_lost(world, process.index, connection, orderly, context);
  }
}

}  // namespace brokersim::model
