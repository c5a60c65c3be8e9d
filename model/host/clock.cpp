#include "model/host/host.hpp"
#include "model/world.hpp"

namespace brokersim::model::host {

// The monotonic clocks of all hosts run alike; only differences of them are ever used, so each host
// may as well count from the start of the run.
SimTime monotonic(const Context& context) { return context.now(); }

WallTime wall_clock(const World& world, ProcessId process, const Context& context) {
  const HostId host = world.processes[process.value].host;
  const Duration offset = context.config().hosts[host.value].wall_clock_offset;
  return WallTime((context.now() + offset + world.hosts[host.value].wall_clock_jump).ns);
}

}  // namespace brokersim::model::host
