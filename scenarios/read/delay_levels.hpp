// `messageDelayLevel`: the delays that a message may have, as one text. Level n is the nth of them.
//
//   "1s 5s 10s 30s 1m 2m 1h 2h"      whole numbers of s, m, h or d, one space between two
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/read/quantities.hpp"

namespace brokersim::scenarios::read {

Parsed<std::vector<sim::Duration>> parse_delay_levels(std::string_view text);
std::string delay_levels_text(const std::vector<sim::Duration>& levels);

}  // namespace brokersim::scenarios::read
