// Floating point in a world: its bits may differ between compilers.
// expect: no canonical form
#include "sim/canonical.hpp"

#ifdef CORRECTED
using Load = int;
#else
using Load = double;
#endif

auto digest() { return brokersim::sim::canonical_digest({}, Load{}); }
