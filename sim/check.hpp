// The always-on check: a bug in the simulator or a model, never a bad input and never a protocol failure.
#pragma once

#include <stdexcept>
#include <string>

namespace brokersim::sim {

/// A broken promise of the program itself. `Simulation` adds the seed, the event number and the
/// tail of the trace, and poisons itself.
class BugError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void fail_check(const char* what, const char* file, int line) {
  throw BugError(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

/// Throws BugError unless `holds`. Costs one predicted branch; stays on in release builds.
/// (The place comes from the compilers' builtins: clang 14 does not offer std::source_location.)
inline void check(bool holds, const char* what, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  if (!holds) [[unlikely]]
    fail_check(what, file, line);
}

}  // namespace brokersim::sim
