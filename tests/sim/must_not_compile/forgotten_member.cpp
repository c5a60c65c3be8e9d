// A new member that the field list does not know.
// expect: names provided|decomposes into
#include <cstdint>
#include <tuple>

#include "sim/canonical.hpp"

struct Partition {
  std::int64_t high_watermark = 0;
  std::int32_t epoch = 0;
#ifndef CORRECTED
  std::int64_t log_start = 0;
#endif
};
constexpr auto fields(const Partition& p) {
  const auto& [high_watermark, epoch] = p;
  return std::tie(high_watermark, epoch);
}

auto digest() { return brokersim::sim::canonical_digest({}, Partition{}); }
