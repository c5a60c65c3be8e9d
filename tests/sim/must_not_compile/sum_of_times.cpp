// Two points of time have no sum.
// expect: no match for .operator\+|invalid operands
#include "sim/types.hpp"

using namespace brokersim::sim;

#ifdef CORRECTED
auto later(SimTime a, Duration b) { return a + b; }
#else
auto later(SimTime a, SimTime b) { return a + b; }
#endif
