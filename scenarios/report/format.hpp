// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace brokersim::scenarios {

/// `404.2`, `0.03`, `6000`: four significant digits, no exponent, no trailing zeros.
std::string short_number(double value);
/// `512 ms`, `1.3 s`, `85 us`: three significant digits, in the unit that they are in then.
std::string short_time(std::int64_t ns);
/// Right- or left-aligned in a column of `width` characters.
std::string right(const std::string& text, std::size_t width);
std::string left(const std::string& text, std::size_t width);

/// The word as one types it into a shell: in quotes if anything in it means something there.
std::string shell_word(const std::string& word);

/// The inside of a JSON string.
std::string json_escaped(const std::string& text);

}  // namespace brokersim::scenarios
