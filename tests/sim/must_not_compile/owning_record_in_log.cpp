// A record that owns memory cannot sit on shared pages.
// expect: must be trivially copyable
#include <string>

#include "sim/sealed_log.hpp"

#ifdef CORRECTED
using Body = int;
#else
using Body = std::string;
#endif

void append(brokersim::sim::SealedLog<Body>& log) { log.append(Body{}); }
