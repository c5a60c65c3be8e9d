// A member that is bound and then left out of the list.
// expect: leaves out a member
#include <cstdint>
#include <tuple>

#include "sim/canonical.hpp"

struct Partition {
  std::int64_t high_watermark = 0;
  std::int64_t epoch = 0;
};
constexpr auto fields(const Partition& p) {
  const auto& [high_watermark, epoch] = p;
#ifdef CORRECTED
  return std::tie(high_watermark, epoch);
#else
  return std::tie(high_watermark);
#endif
}

auto digest() { return brokersim::sim::canonical_digest({}, Partition{}); }
