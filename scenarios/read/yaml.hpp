// An application.yml as far as settings need it: block mappings and sequences of scalars, comments, quotes,
// block texts and several documents. What else YAML has (flow collections, anchors, tags) stays the text of
// its value, so that nothing is misread.
#pragma once

#include <string_view>
#include <vector>

#include "scenarios/read/properties.hpp"

namespace brokersim::scenarios::read {

/// The scalars in the order of the file, each under its names joined by dots ("rocketmq.producer.group");
/// elements of a sequence are numbered ("hosts[0]"). Every text is read; a line that is no YAML is a name
/// with an empty value.
std::vector<Property> parse_yaml(std::string_view text);

}  // namespace brokersim::scenarios::read
