#include "scenarios/report/format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace brokersim::scenarios {

namespace {

std::string significant(double value, int digits) {
  const double magnitude = value == 0 ? 0 : std::floor(std::log10(std::fabs(value)));
  const int decimals = std::clamp(digits - 1 - static_cast<int>(magnitude), 0, 6);
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  std::string text = buffer.data();
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

std::string short_number(double value) { return significant(value, 4); }

std::string short_time(std::int64_t ns) {
  static constexpr std::array<std::pair<double, const char*>, 4> units{
      {{1e9, " s"}, {1e6, " ms"}, {1e3, " us"}, {1, " ns"}}};
  // 999.96 ms are 1 s in three digits: what rounds up to a unit is told in it.
  for (const auto& [size, name] : units) {
    if (std::fabs(static_cast<double>(ns)) >= 0.9995 * size)
      return significant(static_cast<double>(ns) / size, 3) + name;
  }
  return "0 s";
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::string left(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

std::string shell_word(const std::string& word) {
  constexpr const char* special = " \t\r\n\"'\\$&|;<>()*?[]{}#~`!";
  if (!word.empty() && word.find_first_of(special) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string json_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\u%04x", static_cast<unsigned>(c));
      out += hex;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace brokersim::scenarios
