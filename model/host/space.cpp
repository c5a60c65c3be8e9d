// How full a disk is. Nobody hears of it: a broker looks now and then.
#include <algorithm>
#include <cmath>

#include "model/host/host.hpp"
#include "model/world.hpp"

namespace brokersim::model::host {

namespace {

/// Without what disk_full put there.
std::int64_t own_bytes(const World& world, const Config& config, HostId host) {
  std::int64_t bytes = config.hosts[host.value].disk_used;
  for (std::size_t i = 0; i < world.brokers.size(); ++i) {
    if (config.brokers[i].host == host) bytes += rocketmq::broker_disk_bytes(world.brokers[i]);
  }
  return bytes;
}

}  // namespace

double disk_used(const World& world, const Config& config, HostId host) {
  const std::int64_t size = config.hosts[host.value].disk_size;
  if (size == 0) return 0;
  const std::int64_t bytes = own_bytes(world, config, host) + world.hosts[host.value].disk_filled;
  return static_cast<double>(std::min(bytes, size)) / static_cast<double>(size);
}

void fill_disk(World& world, HostId host, double used, Context& context) {
  const Config& config = context.config();
  const auto wanted =
      static_cast<std::int64_t>(std::ceil(used * static_cast<double>(config.hosts[host.value].disk_size)));
  const std::int64_t missing = wanted - own_bytes(world, config, host);
  world.hosts[host.value].disk_filled = used == 0 ? 0 : std::max<std::int64_t>(1, missing);
  for (std::size_t i = 0; i < world.brokers.size(); ++i) {
    if (config.brokers[i].host == host) rocketmq::broker_disk_changed(world, i, context);
  }
}

}  // namespace brokersim::model::host
