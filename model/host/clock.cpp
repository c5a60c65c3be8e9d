#include "model/host/host.hpp"
#include "model/record.hpp"
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

void set_clock(World& world, HostId host, Duration by, Context& context) {
  if (by == Duration{}) return;
  world.hosts[host.value].wall_clock_jump += by;
  context.record(make_record(RecordKind::clock_set, host.value, by.ns));
  for (std::size_t i = 0; i < world.brokers.size(); ++i) {
    if (context.config().brokers[i].host == host) rocketmq::broker_clock_set(world, i, by, context);
  }
}

}  // namespace brokersim::model::host
