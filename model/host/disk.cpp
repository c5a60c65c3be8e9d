#include <algorithm>
#include <optional>

#include "model/host/host.hpp"
#include "model/world.hpp"

namespace brokersim::model::host {

namespace {

/// One IEEE multiplication, the same bits everywhere; the draw itself is made of integers.
Duration scaled(Duration duration, double factor) {
  if (factor == 1.0) return duration;
  return {static_cast<std::int64_t>(static_cast<double>(duration.ns) * factor)};
}

}  // namespace

void sync(World& world, ProcessId process, LogPosition upto, Context& context) {
  const HostId id = world.processes[process.value].host;
  Host& host = world.hosts[id.value];
  const auto key = sim::DrawKey::of(Purpose::sync_time, id.value, host.syncs++);
  const Duration drawn = context.choices().duration(key, context.config().hosts[id.value].sync_time);
  const SimTime start = std::max(context.now(), host.disk_busy_until);
  const Duration length = scaled(drawn, host.disk_factor);
  host.disk_busy_until = start + length;
  // Where in the call the pages are transferred is the device's business; the rest is its barrier.
  const auto when = sim::DrawKey::of(Purpose::pages_written, id.value, host.syncs);
  const Duration written = context.choices().duration(when, Distribution::uniform({}, length));
  const auto at = [&](On on, SimTime time) {
    model::Event event{};
    event.body = Event{on, host.power_losses, upto.records, upto.bytes};
    context.at(time, to_process(world, process, event));
  };
  at(On::pages_written, start + written);
  at(On::sync_done, host.disk_busy_until);
}

namespace {

/// The broker whose sync it is, unless the host has lost power since it began.
std::optional<std::size_t> broker_of(const World& world, ProcessId process, const host::Event& event) {
  const Process& owner = world.processes[process.value];
  if (event.power_losses != world.hosts[owner.host.value].power_losses) return std::nullopt;
  if (owner.role != Role::broker) return std::nullopt;
  return owner.index;
}

}  // namespace

void pages_written(World& world, ProcessId process, const host::Event& event, Context& context) {
  if (const auto broker = broker_of(world, process, event))
    rocketmq::broker_pages_written(world, *broker, {event.records, event.bytes}, context);
}

void sync_done(World& world, ProcessId process, const host::Event& event, Context& context) {
  if (const auto broker = broker_of(world, process, event))
    rocketmq::broker_synced(world, *broker, {event.records, event.bytes}, context);
}

}  // namespace brokersim::model::host
