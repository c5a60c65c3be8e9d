// A state type without any field list.
// expect: no canonical form
#include <tuple>
#include <vector>

#include "sim/canonical.hpp"

struct Timer {
  int period = 0;
};
#ifdef CORRECTED
constexpr auto fields(const Timer& t) {
  const auto& [period] = t;
  return std::tie(period);
}
#endif

auto digest() { return brokersim::sim::canonical_digest({}, std::vector<Timer>{}); }
