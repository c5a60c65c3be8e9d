// A broker.conf or client.properties, as java.util.Properties.load reads it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace brokersim::scenarios::read {

struct Property {
  std::string name, value;
  std::size_t line = 0;  ///< where it begins, counted from 1

  bool operator==(const Property&) const = default;
};

/// In the order of the file; of a name that stands twice both. Every text is a properties file: what has no
/// separator is a name with an empty value. `\uXXXX` becomes UTF-8 (half a surrogate pair: U+FFFD).
std::vector<Property> parse_properties(std::string_view text);

}  // namespace brokersim::scenarios::read
