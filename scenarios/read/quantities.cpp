#include "scenarios/read/quantities.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "scenarios/read/problems.hpp"

namespace brokersim::scenarios::read {
namespace {

using sim::Distribution;
using sim::Duration;

constexpr double shape_max = 100;
/// A message of this size is far beyond what any client sends; sums of such stay far from overflow.
constexpr std::int64_t size_max = 128LL << 20;
constexpr double rate_min = 1e-6, rate_max = 1e7;

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array<Unit, 6> time_units{{{"ns", 1},
                                          {"us", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", 1'000'000'000},
                                          {"min", 60'000'000'000},
                                          {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 7> size_units{{{"B", 1},
                                          {"kB", 1'000},
                                          {"KB", 1'000},
                                          {"KiB", 1 << 10},
                                          {"MB", 1'000'000},
                                          {"MiB", 1 << 20},
                                          {"GiB", 1 << 30}}};
/// What people write, and what they mean.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> other_spellings{{{"sec", "s"},
                                                                                        {"secs", "s"},
                                                                                        {"m", "min"},
                                                                                        {"mins", "min"},
                                                                                        {"hr", "h"},
                                                                                        {"d", "h"},
                                                                                        {"\xc2\xb5s", "us"},
                                                                                        {"msec", "ms"},
                                                                                        {"b", "B"}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

struct Decimal {
  bool negative = false;
  std::string_view whole, fraction, unit;
};

/// "-12.5ms" in its parts; nothing if it does not begin with a number.
std::optional<Decimal> split(std::string_view text) {
  Decimal decimal;
  const auto take_digits = [&text] {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    const std::string_view digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
  };
  if (text.starts_with('-')) decimal.negative = true, text.remove_prefix(1);
  decimal.whole = take_digits();
  if (decimal.whole.empty()) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimal.fraction = take_digits();
    if (decimal.fraction.empty()) return std::nullopt;
  }
  decimal.unit = text;
  return decimal;
}

enum class Exactness : std::uint8_t { exact, too_fine, too_large };

/// whole.fraction * factor, in integers throughout.
Exactness scale(const Decimal& decimal, std::int64_t factor, std::int64_t limit, std::int64_t& result) {
  std::int64_t part = 0;
  for (std::size_t i = decimal.fraction.size(); i-- > 0;) {
    const std::int64_t sum = (decimal.fraction[i] - '0') * factor + part;
    if (sum % 10 != 0) return Exactness::too_fine;
    part = sum / 10;
  }
  std::int64_t whole = 0;
  for (const char c : decimal.whole) {
    const std::int64_t digit = c - '0';
    if (whole > (limit / factor - digit) / 10) return Exactness::too_large;
    whole = whole * 10 + digit;
  }
  result = whole * factor + part;
  return result > limit ? Exactness::too_large : Exactness::exact;
}

std::optional<Unit> unit_named(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit;
  }
  return std::nullopt;
}

std::string unit_hint(std::span<const Unit> units, std::string_view written) {
  for (const auto& [other, meant] : other_spellings) {
    if (written == other && unit_named(units, meant)) return "did you mean " + quoted(meant) + "?";
  }
  if (const std::string_view close = trimmed(written); close != written && unit_named(units, close))
    return "without the blank: " + quoted(close);
  std::string names;
  for (const Unit& unit : units) names += (names.empty() ? "units: " : ", ") + std::string(unit.name);
  return names;
}

Parsed<std::int64_t> parse_quantity(std::string_view text, std::span<const Unit> units, std::int64_t limit,
                                    const std::string& noun, const std::string& example) {
  using Result = Parsed<std::int64_t>;
  const auto decimal = split(text);
  if (!decimal) return Result::bad(quoted(text) + " is not a " + noun, "like " + example);
  if (decimal->unit.empty()) return Result::bad(quoted(text) + " has no unit", "like " + example);
  const auto unit = unit_named(units, decimal->unit);
  if (!unit)
    return Result::bad(quoted(decimal->unit) + " is not a unit of a " + noun,
                       unit_hint(units, decimal->unit));
  std::int64_t amount = 0;
  switch (scale(*decimal, unit->factor, limit, amount)) {
    case Exactness::exact: return Result::good(decimal->negative ? -amount : amount);
    case Exactness::too_fine:
      return Result::bad(quoted(text) + " is finer than one " +
                         (units[0].name == "B" ? "byte" : "nanosecond"));
    case Exactness::too_large: break;
  }
  return Result::bad(quoted(text) + " is too large",
                     units[0].name == "B" ? "at most 128 MiB" : "at most 100 years");
}

struct Call {
  std::string_view name;
  std::vector<std::string_view> arguments;
};

/// "name(a, b)"; nothing if it is not of that form.
std::optional<Call> split_call(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || open == 0 || text.back() != ')') return std::nullopt;
  Call call{text.substr(0, open), {}};
  std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  while (true) {
    const std::size_t comma = inside.find(',');
    call.arguments.push_back(trimmed(inside.substr(0, comma)));
    if (comma == std::string_view::npos) return call;
    inside.remove_prefix(comma + 1);
  }
}

// ------------------------------------------------------------------------------- distributions

struct Form {
  std::string_view name;
  std::string_view usage;
  std::size_t spans;   ///< leading parameters that are durations
  bool shape = false;  ///< followed by a plain number
};
constexpr std::array<Form, 5> forms{{{"uniform", "uniform(0.2ms, 0.6ms)", 2},
                                     {"exponential", "exponential(1h)", 1},
                                     {"normal", "normal(5ms, 1ms)", 2},
                                     {"lognormal", "lognormal(2ms, 0.5)", 1, true},
                                     {"pareto", "pareto(1ms, 2.5)", 1, true}}};

Parsed<Duration> parse_parameter(std::string_view text) {
  Parsed<Duration> parsed = parse_duration(text);
  if (parsed.value && *parsed.value < Duration{}) return Parsed<Duration>::bad(quoted(text) + " is negative");
  return parsed;
}

Parsed<Distribution> parse_empirical(const Call& call) {
  std::vector<Duration> samples;
  for (const std::string_view argument : call.arguments) {
    const auto sample = parse_parameter(argument);
    if (!sample.value) return Parsed<Distribution>::bad(sample.message, sample.suggestion);
    samples.push_back(*sample.value);
  }
  return Parsed<Distribution>::good(Distribution::empirical(std::move(samples)));
}

Parsed<Distribution> build(std::string_view name, Duration first, Duration second, double shape) {
  using Result = Parsed<Distribution>;
  if (name == "uniform" && first > second)
    return Result::bad("the lower end of uniform(low, high) is above its upper end");
  if (name == "pareto" && (first.ns == 0 || shape <= 0))
    return Result::bad("pareto(minimum, shape) needs both above 0");
  if (name == "uniform") return Result::good(Distribution::uniform(first, second));
  if (name == "exponential") return Result::good(Distribution::exponential(first));
  if (name == "normal") return Result::good(Distribution::normal(first, second));
  if (name == "lognormal") return Result::good(Distribution::lognormal(first, shape));
  return Result::good(Distribution::pareto(first, shape));
}

Parsed<Distribution> parse_form(const Form& form, const Call& call) {
  using Result = Parsed<Distribution>;
  const std::string usage = "like " + std::string(form.usage);
  const std::size_t wanted = form.spans + (form.shape ? 1 : 0);
  if (call.arguments.size() != wanted)
    return Result::bad(std::string(form.name) + " takes " + std::to_string(wanted) +
                           (wanted == 1 ? " parameter" : " parameters"),
                       usage);
  std::array<Duration, 2> spans{};
  for (std::size_t i = 0; i < form.spans; ++i) {
    const auto span = parse_parameter(call.arguments[i]);
    if (!span.value) return Result::bad(span.message, span.suggestion);
    spans[i] = *span.value;
  }
  const auto shape = form.shape ? parse_number(call.arguments.back()) : 0.0;
  if (!shape || *shape < 0 || *shape > shape_max)
    return Result::bad(quoted(call.arguments.back()) + " is not a number between 0 and 100", usage);
  return build(form.name, spans[0], spans[1], *shape);
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::general);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string shortest(double number) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

Parsed<Duration> parse_duration(std::string_view text) {
  const auto ns = parse_quantity(text, time_units, longest_span.ns, "duration", "\"500ms\" or \"3s\"");
  if (!ns.value) return Parsed<Duration>::bad(ns.message, ns.suggestion);
  return Parsed<Duration>::good({*ns.value});
}

Parsed<Distribution> parse_distribution(std::string_view text) {
  using Result = Parsed<Distribution>;
  const auto call = split_call(text);
  if (!call && text.find('(') != std::string_view::npos)
    return Result::bad(quoted(text) + " is neither a duration nor a distribution",
                       "like uniform(0.2ms, 0.6ms)");
  if (!call) {
    const auto span = parse_parameter(text);
    return span.value ? Result::good(Distribution::constant(*span.value))
                      : Result::bad(span.message, span.suggestion);
  }
  if (call->name == "empirical") return parse_empirical(*call);
  std::vector<std::string_view> names{"empirical"};
  for (const Form& form : forms) {
    if (form.name == call->name) return parse_form(form, *call);
    names.push_back(form.name);
  }
  return Result::bad(quoted(call->name) + " is not a distribution", suggest(call->name, names));
}

namespace {

Parsed<std::int32_t> parse_one_size(std::string_view text) {
  using Result = Parsed<std::int32_t>;
  const auto bytes = parse_quantity(text, size_units, size_max, "size", "\"256B\" or \"2KiB\"");
  if (!bytes.value) return Result::bad(bytes.message, bytes.suggestion);
  // RocketMQ: Validators.checkMessage refuses an empty body.
  if (*bytes.value < 1) return Result::bad(quoted(text) + " is less than one byte");
  return Result::good(static_cast<std::int32_t>(*bytes.value));
}

}  // namespace

Parsed<std::int64_t> parse_bytes(std::string_view text) {
  auto bytes = parse_quantity(text, size_units, std::int64_t{1} << 60, "size", "\"100GiB\" or \"64KiB\"");
  if (bytes.value && *bytes.value < 1)
    return Parsed<std::int64_t>::bad(quoted(text) + " is less than one byte");
  return bytes;
}

Parsed<SizeRange> parse_size(std::string_view text) {
  using Result = Parsed<SizeRange>;
  const auto call = split_call(text);
  if (call && (call->name != "uniform" || call->arguments.size() != 2))
    return Result::bad(quoted(text) + " is not a size", "like \"256B\" or \"uniform(100B, 2KiB)\"");
  const auto low = parse_one_size(call ? call->arguments[0] : text);
  if (!low.value) return Result::bad(low.message, low.suggestion);
  const auto high = call ? parse_one_size(call->arguments[1]) : low;
  if (!high.value) return Result::bad(high.message, high.suggestion);
  if (*low.value > *high.value)
    return Result::bad("the lower end of uniform(low, high) is above its upper end");
  return Result::good({*low.value, *high.value});
}

Parsed<Rate> parse_rate(std::string_view text) {
  using Result = Parsed<Rate>;
  const std::string example = "like \"1500/s\", \"10/min\" or \"poisson(1500/s)\"";
  const auto call = split_call(text);
  if (call && (call->name != "poisson" || call->arguments.size() != 1))
    return Result::bad(quoted(text) + " is not a rate", example);
  const std::string_view plain = call ? call->arguments[0] : text;
  const std::size_t slash = plain.find('/');
  if (slash == std::string_view::npos)
    return Result::bad(quoted(text) + " does not say per which time", example);
  const auto number = parse_number(plain.substr(0, slash));
  const auto unit = unit_named(time_units, plain.substr(slash + 1));
  if (!number || !unit) return Result::bad(quoted(text) + " is not a rate", example);
  const double per_second = *number * (1e9 / static_cast<double>(unit->factor));
  if (!(per_second >= rate_min && per_second <= rate_max))
    return Result::bad(quoted(text) + " is out of range", "between 0.000001/s and 10000000/s");
  return Result::good({per_second, call.has_value()});
}

std::string size_text(SizeRange size) {
  const std::string low = std::to_string(size.min) + "B";
  return size.min == size.max ? low : "uniform(" + low + ", " + std::to_string(size.max) + "B)";
}

}  // namespace brokersim::scenarios::read
