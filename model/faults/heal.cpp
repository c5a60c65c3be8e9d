// The operator repairs everything: what the drain begins with.
#include <algorithm>

#include "model/dispatch.hpp"
#include "model/world.hpp"

namespace brokersim::model::faults {

namespace {

void mend_hosts(World& world, Context& context) {
  for (std::size_t i = 0; i < world.hosts.size(); ++i) {
    world.hosts[i].disk_factor = 1;
    power_on(world, HostId(static_cast<std::uint16_t>(i)), context);
  }
}

void mend_network(World& world, Context& context) {
  world.network.delays.clear();
  world.network.cuts.clear();
  network::path_changed(world, context);
}

/// One that is stopping is started again when it has stopped.
void mend_processes(World& world, Context& context) {
  for (std::size_t i = 0; i < world.processes.size(); ++i) {
    const ProcessId process(static_cast<std::uint16_t>(i));
    start(world, process, context);
    resume(world, process, context);
  }
}

void end_stalls(World& world, Context& context) {
  for (std::size_t i = 0; i < world.brokers.size(); ++i) {
    if (world.brokers[i].memory.append_stalled) rocketmq::broker_stall(world, i, false, context);
  }
}

/// Whether an operator finds anything to do. A process that is starting is none of his business: it was
/// restarted already, or its time (start_at) is still to come.
bool is_broken(const World& world) {
  const auto ill_host = [](const host::Host& h) { return !h.powered || h.disk_factor != 1; };
  const auto ill_process = [](const host::Process& p) {
    return p.life != host::Life::running && p.life != host::Life::starting;
  };
  const auto stalled = [](const rocketmq::Broker& b) { return b.memory.append_stalled; };
  return std::any_of(world.hosts.begin(), world.hosts.end(), ill_host) ||
         std::any_of(world.processes.begin(), world.processes.end(), ill_process) ||
         std::any_of(world.brokers.begin(), world.brokers.end(), stalled) || !world.network.cuts.empty() ||
         !world.network.delays.empty();
}

}  // namespace

void heal(World& world, Context& context) {
  const bool was_broken = is_broken(world);
  world.faults.healed = true;
  world.faults.watching = false;
  mend_hosts(world, context);
  mend_network(world, context);
  mend_processes(world, context);
  end_stalls(world, context);
  context.record(make_record(RecordKind::healed, 0, was_broken ? 1 : 0));
}

}  // namespace brokersim::model::faults
