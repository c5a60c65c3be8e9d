// The real settings that the model does not honour, in groups: those of a group have the same thing in their
// place in the model, so a setting cannot be listed without saying what that is. Included by known_*.cpp.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

namespace brokersim::scenarios::read {

struct KnownGroup {
  std::string_view instead;  ///< what the model does: a clause, printed behind the name of a setting
  /// Names, separated by blanks: of both versions, of 5.3.3 only, of 4.9.8 only.
  std::string_view in_both = {}, only_5_3 = {}, only_4_9 = {};
};

template <class Groups>
constexpr bool all_told(const Groups& groups) {
  return std::all_of(groups.begin(), groups.end(), [](const KnownGroup& group) {
    return !group.instead.empty() &&
           !(group.in_both.empty() && group.only_5_3.empty() && group.only_4_9.empty());
  });
}

std::span<const KnownGroup> known_of_brokers();
std::span<const KnownGroup> known_of_controllers();
std::span<const KnownGroup> known_of_name_servers();
std::span<const KnownGroup> known_of_producers();
std::span<const KnownGroup> known_of_consumers();

}  // namespace brokersim::scenarios::read
