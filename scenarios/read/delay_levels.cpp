// As ScheduleMessageService.parseDelayLevel reads it. A broker that cannot read the text does not start.
#include "scenarios/read/delay_levels.hpp"

#include <array>
#include <optional>

#include "scenarios/read/problems.hpp"

namespace brokersim::scenarios::read {
namespace {

using sim::Duration;
using Levels = std::vector<Duration>;

/// A request carries its level in one byte (model/payload.hpp).
constexpr std::size_t levels_max = 255;
constexpr std::int64_t second = 1'000'000'000;
constexpr Duration longest_level{10LL * 365 * 24 * 3600 * second};

struct LevelUnit {
  char letter;
  std::int64_t ns;
};
constexpr std::array<LevelUnit, 4> level_units{
    {{'d', 86'400 * second}, {'h', 3'600 * second}, {'m', 60 * second}, {'s', second}}};

std::optional<Duration> level_of(std::string_view word) {
  if (word.size() < 2 || word.front() == '-') return std::nullopt;
  const auto number = parse_whole(word.substr(0, word.size() - 1));
  for (const LevelUnit& unit : level_units) {
    if (word.back() != unit.letter || !number || *number > longest_level.ns / unit.ns) continue;
    return Duration{*number * unit.ns};
  }
  return std::nullopt;
}

/// "1min" is how a scenario file says elsewhere what RocketMQ calls "1m" here.
std::string level_hint(std::string_view word) {
  const auto span = parse_duration(word);
  if (!span.value || span.value->ns % second != 0 || *span.value < Duration{} || *span.value > longest_level)
    return "like \"1s 5s 10s 30s 1m 2m 1h\", with the units s, m, h, d";
  return "did you mean " + quoted(delay_levels_text({*span.value})) + "?";
}

}  // namespace

Parsed<Levels> parse_delay_levels(std::string_view text) {
  Levels levels;
  while (true) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    const auto level = level_of(word);
    if (!level) return Parsed<Levels>::bad(quoted(word) + " is not a delay level", level_hint(word));
    levels.push_back(*level);
    if (levels.size() > levels_max)
      return Parsed<Levels>::bad("has more than " + std::to_string(levels_max) + " delay levels");
    if (space == std::string_view::npos) return Parsed<Levels>::good(std::move(levels));
    text.remove_prefix(space + 1);
  }
}

std::string delay_levels_text(const Levels& levels) {
  std::string text;
  for (const Duration level : levels) {
    for (const LevelUnit& unit : level_units) {
      if (level.ns % unit.ns != 0 || (level.ns == 0 && unit.letter != 's')) continue;
      if (!text.empty()) text += ' ';
      text += std::to_string(level.ns / unit.ns) + unit.letter;
      break;
    }
  }
  return text;
}

}  // namespace brokersim::scenarios::read
