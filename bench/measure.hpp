// What the benchmark programs share: the clock of this process's own time, and rounds that take every
// measure in turn (A B A B), because the clock of a busy machine drifts by half within minutes. Of each
// measure the least of its rounds counts. Printed as `name<TAB>nanoseconds per operation`.
#pragma once

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace brokersim::bench {

/// Processor time of this process in nanoseconds.
inline double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Processor time per operation of `work()`, which does `operations` of them.
template <class Work>
double time_per_operation(double operations, Work work) {
  const double start = cpu_ns();
  work();
  return (cpu_ns() - start) / operations;
}

/// Keeps the compiler from dropping what computed `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

class Measures {
 public:
  /// `round()` does the work once and answers nanoseconds per operation.
  void add(std::string name, std::function<double()> round) {
    measures_.push_back({std::move(name), std::move(round), std::numeric_limits<double>::max()});
  }

  void run(int rounds) {
    for (int i = 0; i < rounds; ++i)
      for (Measure& measure : measures_) measure.least = std::min(measure.least, measure.round());
  }

  void print() const {
    for (const Measure& measure : measures_) std::printf("%s\t%.2f\n", measure.name.c_str(), measure.least);
  }

 private:
  struct Measure {
    std::string name;
    std::function<double()> round;
    double least;
  };
  std::vector<Measure> measures_;
};

}  // namespace brokersim::bench
