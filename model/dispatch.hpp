// From an event to the actor that it is for, and between the layers: hosts and network below,
// protocols above. The protocols never call each other; what one does to another travels as bytes.
#pragma once

#include "model/context.hpp"
#include "model/host/host.hpp"

namespace brokersim::model {

/// Bytes have reached a living process.
void deliver(World& world, ProcessId to, ConnectionId connection, const Payload& payload, Context& context);
void connection_opened(World& world, ProcessId client, ConnectionId connection, Context& context);
void connection_refused(World& world, ProcessId client, ConnectionId connection, Context& context);
/// A process learns that a connection is gone: closed by the peer (`orderly`), or reset.
void connection_lost(World& world, ProcessId at, ConnectionId connection, bool orderly, Context& context);

/// Lives of processes (lifecycle.cpp); each tells host, network and the protocol.
void kill(World& world, ProcessId process, bool silent, Context& context);
void stop(World& world, ProcessId process, Context& context);  ///< graceful; ends with stop_finished
void stop_finished(World& world, ProcessId process, Context& context);
void start(World& world, ProcessId process, Context& context);  ///< serves after its restart_time
void pause(World& world, ProcessId process, Context& context);
void resume(World& world, ProcessId process, Context& context);
void power_loss(World& world, HostId host, const PowerLoss& loss, Context& context);
void power_on(World& world, HostId host, Context& context);

/// True when all producers have nothing more to send and nothing in flight.
bool workload_done(const World& world, const Config& config);
/// True when nothing is broken and nothing is pending (asked after healing).
bool drained(const World& world, const Config& config);

}  // namespace brokersim::model
