// A pointer in a world: copies would share what it points to.
// expect: no canonical form
#include <cstdint>
#include <tuple>

#include "sim/canonical.hpp"

struct Leader {
#ifdef CORRECTED
  std::int32_t follower = 0;
#else
  Leader* follower = nullptr;
#endif
};
constexpr auto fields(const Leader& l) {
  const auto& [follower] = l;
  return std::tie(follower);
}

auto digest() { return brokersim::sim::canonical_digest({}, Leader{}); }
