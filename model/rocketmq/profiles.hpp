// The profiles as the tables' masks: bit n is Profile n.
#pragma once

#include <array>
#include <string_view>

#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

inline constexpr std::array<std::string_view, 2> profile_names{"4.9", "5.3"};
inline constexpr sim::Profiles only_4_9 = 1, only_5_3 = 2, both_profiles = only_4_9 | only_5_3;

}  // namespace brokersim::model::rocketmq
