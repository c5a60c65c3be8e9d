// Numbers with units, as scenario files spell them: durations, distributions, sizes, rates. All are read
// exactly (integers where integers do) and refused where the model could not hold them.
//
//   duration       500ms  3s  1.5s  10us  2min  1h
//   distribution   a duration, or uniform(0.2ms, 0.6ms)  exponential(1h)  normal(5ms, 1ms)
//                  lognormal(2ms, 0.5)  pareto(1ms, 2.5)  empirical(1ms, 2ms, 9ms)
//   size           256B  2KiB  1MB, or uniform(100B, 2KiB)
//   rate           1500/s  10/min, or poisson(1500/s)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/distribution.hpp"

namespace brokersim::scenarios::read {

/// The longest span that the model can draw (sim/distribution.hpp).
inline constexpr sim::Duration longest_span{100LL * 365 * 24 * 3'600'000'000'000};

/// A value, or why there is none.
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string message;     ///< without a value: what is wrong
  std::string suggestion;  ///< and what would be right

  static Parsed good(T found) { return {std::move(found), {}, {}}; }
  static Parsed bad(std::string why, std::string instead = {}) {
    return {std::nullopt, std::move(why), std::move(instead)};
  }
};

struct SizeRange {
  std::int32_t min = 0, max = 0;  ///< bytes
};

struct Rate {
  double per_second = 0;
  bool poisson = false;
};

/// Within 100 years, either sign.
Parsed<sim::Duration> parse_duration(std::string_view text);
/// Parameters between 0 and 100 years.
Parsed<sim::Distribution> parse_distribution(std::string_view text);
Parsed<SizeRange> parse_size(std::string_view text);
/// Of a disk: up to 1 EiB, at least one byte.
Parsed<std::int64_t> parse_bytes(std::string_view text);
Parsed<Rate> parse_rate(std::string_view text);

/// A decimal number and nothing else; neither infinite nor NaN.
std::optional<double> parse_number(std::string_view text);
/// A whole number and nothing else.
std::optional<std::int64_t> parse_whole(std::string_view text);

/// The shortest text that reads back as the same number.
std::string shortest(double number);
std::string size_text(SizeRange size);

}  // namespace brokersim::scenarios::read
