// Two rows that both match while the guard holds.
// expect: match in the same situation
#include <array>
#include <cstdint>
#include <string_view>

#include "sim/transition_table.hpp"

using namespace brokersim::sim;

enum class State : std::uint8_t { half, committed };
constexpr std::string_view name(State s) {
  return s == State::half ? "half" : s == State::committed ? "committed" : "";
}
enum class Event : std::uint8_t { commit };
constexpr std::string_view name(Event e) { return e == Event::commit ? "commit" : ""; }
enum class Guard : std::uint8_t { any, first, again };
constexpr std::string_view name(Guard g) {
  return g == Guard::any ? "any" : g == Guard::first ? "first" : g == Guard::again ? "again" : "";
}

#ifdef CORRECTED
constexpr auto other = Guard::again;
#else
constexpr auto other = Guard::any;
#endif
inline constexpr std::array table{
    Row{State::half, Event::commit, Guard::first, State::committed, all_profiles, "one"},
    Row{State::half, Event::commit, other, State::half, all_profiles, "two"},
};

auto row() { return Monitor<table>().expect(State::half, Event::commit, Guard::first, State::committed); }
