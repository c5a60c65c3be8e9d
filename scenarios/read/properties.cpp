#include "scenarios/read/properties.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace brokersim::scenarios::read {
namespace {

constexpr std::string_view blanks = " \t\f";

std::string_view without_leading_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

/// An odd number of backslashes at its end: the next line belongs to it.
bool is_continued(std::string_view line) {
  const std::size_t last = line.find_last_not_of('\\');
  const std::size_t backslashes = last == std::string_view::npos ? line.size() : line.size() - last - 1;
  return backslashes % 2 == 1;
}

/// Cuts the first line off; a line ends with \n, \r or both.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos) {
    text = {};
  } else {
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  return line;
}

void append_utf8(std::string& out, std::uint32_t unit) {
  if (unit >= 0xd800 && unit < 0xe000) unit = 0xfffd;
  if (unit < 0x80) {
    out += static_cast<char>(unit);
  } else if (unit < 0x800) {
    out += static_cast<char>(0xc0 | unit >> 6);
    out += static_cast<char>(0x80 | (unit & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | unit >> 12);
    out += static_cast<char>(0x80 | (unit >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (unit & 0x3f));
  }
}

/// What follows a backslash; how many characters of it are used.
std::size_t append_escape(std::string& out, std::string_view rest) {
  if (rest.empty()) return 0;
  std::uint32_t unit = 0;
  if (rest[0] == 'u' && rest.size() >= 5) {
    const auto parsed = std::from_chars(rest.data() + 1, rest.data() + 5, unit, 16);
    if (parsed.ptr == rest.data() + 5) return append_utf8(out, unit), 5;
  }
  constexpr std::string_view letters = "tnrf", meant = "\t\n\r\f";
  const std::size_t letter = letters.find(rest[0]);
  out += letter == std::string_view::npos ? rest[0] : meant[letter];
  return 1;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else {
      i += append_escape(out, text.substr(i + 1));
    }
  }
  return out;
}

/// The name ends at the first '=', ':' or blank that no backslash stands before.
std::size_t end_of_name(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '=' || line[i] == ':' || blanks.find(line[i]) != std::string_view::npos) {
      return i;
    }
  }
  return line.size();
}

Property property_of(std::string_view line, std::size_t number) {
  const std::size_t end = end_of_name(line);
  std::string_view value = without_leading_blanks(line.substr(end));
  if (value.starts_with('=') || value.starts_with(':')) value = without_leading_blanks(value.substr(1));
  return {unescaped(line.substr(0, end)), unescaped(value), number};
}

}  // namespace

std::vector<Property> parse_properties(std::string_view text) {
  std::vector<Property> properties;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string line(without_leading_blanks(take_line(text)));
    if (line.empty() || line[0] == '#' || line[0] == '!') continue;
    const std::size_t first = number;
    while (is_continued(line) && !text.empty()) {
      line.pop_back();
      line += without_leading_blanks(take_line(text));
      ++number;
    }
    properties.push_back(property_of(line, first));
  }
  return properties;
}

}  // namespace brokersim::scenarios::read
