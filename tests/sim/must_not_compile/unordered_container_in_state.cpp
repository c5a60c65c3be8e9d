// An unordered container: its order is an accident of the library.
// expect: no canonical form
#include <unordered_set>
#include <vector>

#include "sim/canonical.hpp"

#ifdef CORRECTED
using Members = std::vector<int>;
#else
using Members = std::unordered_set<int>;
#endif

auto digest() { return brokersim::sim::canonical_digest({}, Members{}); }
