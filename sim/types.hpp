// Numbers with a meaning. A time is not a duration, an offset is not an epoch; only what makes
// sense compiles: SimTime - SimTime = Duration, SimTime + Duration = SimTime.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace brokersim::sim {

/// A number of its own kind: `using Offset = Strong<struct OffsetTag>;`. Ordered, hashable through
/// its canonical form, converted only on purpose (`.value`).
template <class Tag, class Representation = std::int64_t>
struct Strong {
  using representation = Representation;
  Representation value{};

  constexpr Strong() = default;
  constexpr explicit Strong(Representation v) : value(v) {}
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
  constexpr Strong& operator++() { return ++value, *this; }
  /// Moves by a plain count: the next three offsets are `offset + 1`, `+ 2`, `+ 3`.
  friend constexpr Strong operator+(Strong a, Representation n) {
    return Strong(static_cast<Representation>(a.value + n));
  }
  /// The distance between two positions is a plain count.
  friend constexpr Representation operator-(Strong a, Strong b) {
    return static_cast<Representation>(a.value - b.value);
  }
};

/// A span of simulated time in nanoseconds; may be negative.
struct Duration {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator-(Duration a) { return {-a.ns}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return {a.ns * n}; }
  friend constexpr Duration operator/(Duration a, std::int64_t n) { return {a.ns / n}; }
  friend constexpr std::int64_t operator/(Duration a, Duration b) { return a.ns / b.ns; }
  friend constexpr Duration operator%(Duration a, Duration b) { return {a.ns % b.ns}; }
  constexpr Duration& operator+=(Duration d) { return ns += d.ns, *this; }
  constexpr Duration& operator-=(Duration d) { return ns -= d.ns, *this; }
  static constexpr Duration max() { return {std::numeric_limits<std::int64_t>::max()}; }
};

/// A point of simulated time: nanoseconds since the start of the run (about 292 years of range).
struct SimTime {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(const SimTime&, const SimTime&) = default;
  friend constexpr SimTime operator+(SimTime t, Duration d) { return {t.ns + d.ns}; }
  friend constexpr SimTime operator-(SimTime t, Duration d) { return {t.ns - d.ns}; }
  friend constexpr Duration operator-(SimTime a, SimTime b) { return {a.ns - b.ns}; }
  constexpr SimTime& operator+=(Duration d) { return ns += d.ns, *this; }
  static constexpr SimTime max() { return {std::numeric_limits<std::int64_t>::max()}; }
};

/// Which of the infinitely many runs of one scenario.
using Seed = Strong<struct SeedTag, std::uint64_t>;

namespace literals {
constexpr Duration operator""_ns(unsigned long long n) { return {static_cast<std::int64_t>(n)}; }
constexpr Duration operator""_us(unsigned long long n) { return {static_cast<std::int64_t>(n) * 1'000}; }
constexpr Duration operator""_ms(unsigned long long n) { return {static_cast<std::int64_t>(n) * 1'000'000}; }
constexpr Duration operator""_s(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 1'000'000'000};
}
constexpr Duration operator""_min(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 60'000'000'000};
}
constexpr Duration operator""_h(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 3'600'000'000'000};
}
}  // namespace literals

}  // namespace brokersim::sim
