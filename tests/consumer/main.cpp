// Uses the installed headers: exits with 0 if simulated time can be counted with them.
#include "sim/types.hpp"

int main() {
  using namespace brokersim::sim;
  using namespace brokersim::sim::literals;
  const SimTime flushed = SimTime{} + 500_ms;
  return flushed - SimTime{} == 500'000_us ? 0 : 1;
}
