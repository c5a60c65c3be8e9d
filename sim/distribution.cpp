#include "sim/distribution.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "sim/check.hpp"
#include "sim/portable_math.hpp"
#include "sim/random.hpp"

namespace brokersim::sim {
namespace {

bool allowed(Duration d) { return d.ns >= 0 && d <= longest_draw; }

/// Neither negative nor infinite nor NaN.
bool allowed(double parameter) { return parameter >= 0.0 && parameter <= 1e6; }

}  // namespace

Distribution::Distribution(Kind kind, Duration first, Duration second, double shape,
                           std::vector<Duration> samples)
    : kind_(kind), first_(first), second_(second), shape_(shape), samples_(std::move(samples)) {
  check(allowed(first) && allowed(second), "a distribution's spans are between 0 and 100 years");
  check(allowed(shape), "a distribution's sigma or shape is between 0 and a million");
  if (kind_ == Kind::normal) kept_ = portable::kept_of_normal(first, second);
  find_branches();
}

void Distribution::find_branches() {
  if (is_constant()) {
    branches_[branch_count_++] = first_;
    return;
  }
  for (const double probability : {0.05, 0.5, 0.95}) {
    const Duration value = quantile(probability);
    if (branch_count_ == 0 || branches_[branch_count_ - 1U] != value) branches_[branch_count_++] = value;
  }
}

Distribution Distribution::constant(Duration value) { return {Kind::constant, value, {}, 0.0}; }

Distribution Distribution::uniform(Duration low, Duration high) {
  check(low <= high, "uniform(low, high) needs low <= high");
  return {Kind::uniform, low, high, 0.0};
}

Distribution Distribution::exponential(Duration mean) { return {Kind::exponential, mean, {}, 0.0}; }

Distribution Distribution::normal(Duration mean, Duration deviation) {
  return {Kind::normal, mean, deviation, 0.0};
}

Distribution Distribution::lognormal(Duration median, double sigma) {
  return {Kind::lognormal, median, {}, sigma};
}

Distribution Distribution::pareto(Duration minimum, double shape) {
  check(minimum.ns > 0 && shape > 0.0, "pareto(minimum, shape) needs both above 0");
  return {Kind::pareto, minimum, {}, shape};
}

Distribution Distribution::empirical(std::vector<Duration> samples) {
  check(!samples.empty(), "empirical() needs at least one sample");
  std::sort(samples.begin(), samples.end());
  check(allowed(samples.front()) && allowed(samples.back()), "samples are between 0 and 100 years");
  return {Kind::empirical, {}, {}, 0.0, std::move(samples)};
}

Duration Distribution::sample_otherwise(std::uint64_t bits) const {
  switch (kind_) {
    case Kind::constant: return first_;
    // Whole numbers where whole numbers do: every nanosecond and every sample gets its exact share.
    case Kind::uniform: {
      const auto values = static_cast<std::uint64_t>((second_ - first_).ns) + 1;
      return first_ + Duration{static_cast<std::int64_t>(below(bits, values))};
    }
    case Kind::empirical: return samples_[below(bits, samples_.size())];
    case Kind::exponential:
    case Kind::normal:
    case Kind::lognormal:
    case Kind::pareto: break;
  }
  return exceeded_with(1.0 - open_unit(bits));
}

Duration Distribution::quantile(double probability) const {
  // Written so that a NaN is a bug too.
  check(probability >= 0.0 && probability <= 1.0, "a quantile's probability is between 0 and 1");
  return exceeded_with(std::clamp(1.0 - probability, 0x1p-53, 1.0 - 0x1p-53));
}

Duration Distribution::exceeded_with(double tail) const {
  switch (kind_) {
    case Kind::constant: return first_;
    case Kind::uniform: return portable::uniform(tail, first_, second_);
    case Kind::exponential: return portable::exponential(tail, first_);
    case Kind::normal: return portable::truncated_normal(tail, first_, second_, kept_);
    case Kind::lognormal: return portable::lognormal(tail, first_, shape_);
    case Kind::pareto: return portable::pareto(tail, first_, shape_);
    case Kind::empirical: return samples_[portable::step(tail, samples_.size())];
  }
  check(false, "a distribution of no kind");
  return {};
}

Duration Distribution::mean() const {
  switch (kind_) {
    case Kind::constant:
    case Kind::exponential: return first_;
    case Kind::uniform: return first_ + (second_ - first_) / 2;
    case Kind::normal: return portable::mean_of_truncated_normal(first_, second_, kept_);
    case Kind::lognormal: return portable::mean_of_lognormal(first_, shape_);
    case Kind::pareto: return portable::mean_of_pareto(first_, shape_);
    case Kind::empirical: return portable::mean_of(samples_);
  }
  check(false, "a distribution of no kind");
  return {};
}

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t ns;
};

constexpr std::array<Unit, 6> units_from_the_largest{{{"h", 3'600'000'000'000},
                                                      {"min", 60'000'000'000},
                                                      {"s", 1'000'000'000},
                                                      {"ms", 1'000'000},
                                                      {"us", 1'000},
                                                      {"ns", 1}}};

struct Decimal {
  std::string whole;
  std::string fraction;
  bool exact = false;
  std::size_t digits() const { return whole.size() + fraction.size(); }
};

/// The number of units as a decimal; not exact if its fraction does not end (1 s is 0.01666... minutes).
Decimal in_units(std::uint64_t ns, const Unit& unit) {
  Decimal decimal{std::to_string(ns / unit.ns), "", false};
  std::uint64_t rest = ns % unit.ns;
  for (; rest != 0 && decimal.fraction.size() < 12; rest = rest * 10 % unit.ns)
    decimal.fraction.push_back(static_cast<char>('0' + rest * 10 / unit.ns));
  decimal.exact = rest == 0;
  return decimal;
}

/// The shortest spelling that reads back as the same number.
std::string shortest(double number) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

std::string listed(const std::vector<Duration>& samples) {
  std::string text;
  for (const Duration sample : samples) text += (text.empty() ? "" : ", ") + to_string(sample);
  return text;
}

}  // namespace

std::string to_string(Duration duration) {
  if (duration.ns == 0) return "0s";
  const bool negative = duration.ns < 0;
  const auto bits = static_cast<std::uint64_t>(duration.ns);
  const std::uint64_t ns = negative ? 0 - bits : bits;
  Decimal best = in_units(ns, units_from_the_largest.back());
  std::string_view unit_name = units_from_the_largest.back().name;
  const auto rank = [](const Decimal& d) { return std::pair(d.digits(), !d.fraction.empty()); };
  for (auto unit = units_from_the_largest.rbegin(); unit != units_from_the_largest.rend(); ++unit) {
    Decimal decimal = in_units(ns, *unit);
    if (!decimal.exact || rank(decimal) > rank(best)) continue;
    best = std::move(decimal);
    unit_name = unit->name;
  }
  std::string text = (negative ? "-" : "") + best.whole;
  if (!best.fraction.empty()) text += "." + best.fraction;
  return text.append(unit_name);
}

std::string to_string(const Distribution& distribution) {
  using Kind = Distribution::Kind;
  const std::string first = to_string(distribution.first());
  const std::string second = to_string(distribution.second());
  switch (distribution.kind()) {
    case Kind::constant: return first;
    case Kind::uniform: return "uniform(" + first + ", " + second + ")";
    case Kind::exponential: return "exponential(" + first + ")";
    case Kind::normal: return "normal(" + first + ", " + second + ")";
    case Kind::lognormal: return "lognormal(" + first + ", " + shortest(distribution.shape()) + ")";
    case Kind::pareto: return "pareto(" + first + ", " + shortest(distribution.shape()) + ")";
    case Kind::empirical: return "empirical(" + listed(distribution.samples()) + ")";
  }
  check(false, "a distribution of no kind");
  return {};
}

}  // namespace brokersim::sim
