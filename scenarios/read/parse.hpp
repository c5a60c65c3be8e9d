// Text to values: syntax, size, depth, duplicate keys. Never throws for what the text contains.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "scenarios/read/problems.hpp"
#include "scenarios/read/value.hpp"

namespace brokersim::scenarios::read {

inline constexpr std::size_t text_bytes_max = 16u << 20;
inline constexpr std::size_t depth_max = 64;
inline constexpr std::size_t elements_max = 100'000;  ///< of one array, or members of one object
inline constexpr std::size_t values_max = 1'000'000;  ///< of the whole document

/// Nothing if the text is no JSON document within these limits; a duplicate key is reported, and reading goes
/// on with its first value so that the other problems are found too.
std::optional<Value> parse(std::string_view text, Problems& problems);

/// For values of the command line: nothing if it is no JSON.
std::optional<Value> parse_quietly(std::string_view text);

}  // namespace brokersim::scenarios::read
