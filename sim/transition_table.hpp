// A protocol's transition table as data, and the monitor that holds the protocol to it (docs/architecture.md,
// rule 6).
//
//   enum class Txn : std::uint8_t { none, half, committed };      // dense from 0
//   constexpr std::string_view name(Txn t) {                      // found by ADL; empty beyond the last one
//     switch (t) { case Txn::none: return "none"; ... }
//     return {};
//   }
//   inline constexpr std::array table{
//       Row{Txn::half, On::commit, Guard::any, Txn::committed, all_profiles, "EndTransactionProcessor"},
//   };
//   Monitor<table> monitor(profile);
//   coverage.hit(monitor.expect(before, event, guard, after));   // BugError for what the table forbids
//
// `Guard::any` holds whatever the guard is. Steps never read any of this. The table is for documents,
// checks and coverage; two rows that could both apply do not compile.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "sim/check.hpp"

namespace brokersim::sim {

/// Bit p stands for profile p, such as a broker version.
using Profiles = std::uint32_t;
inline constexpr Profiles all_profiles = ~Profiles{0};

template <class State, class Event, class Guard>
struct Row {
  using StateType = State;
  using EventType = Event;
  using GuardType = Guard;

  State from;
  Event on;
  Guard guard;
  State to;
  Profiles profiles;
  std::string_view source;
  std::string_view note = {};
};
template <class State, class Event, class Guard, class... Rest>
Row(State, Event, Guard, State, Rest...) -> Row<State, Event, Guard>;

/// How many values an enum has: they are dense from 0, and the first one without a name is beyond the end.
template <class Enum>
consteval std::size_t count_of() {
  std::size_t count = 0;
  while (!name(static_cast<Enum>(count)).empty()) ++count;
  return count;
}

/// Whether some situation could match both rows.
template <class RowType>
constexpr bool overlap(const RowType& a, const RowType& b) {
  const bool guards_meet =
      a.guard == b.guard || a.guard == RowType::GuardType::any || b.guard == RowType::GuardType::any;
  return a.from == b.from && a.on == b.on && guards_meet && (a.profiles & b.profiles) != 0;
}

/// Whether at most one row matches in every situation; also false for a row twice.
template <class RowType, std::size_t n>
constexpr bool is_unambiguous(const std::array<RowType, n>& rows) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (overlap(rows[i], rows[k])) return false;
  return true;
}

namespace detail {

/// The dimensions of a table's index, and how it is filled.
template <const auto& rows>
struct IndexShape {
  using RowType = typename std::remove_cvref_t<decltype(rows)>::value_type;
  using State = typename RowType::StateType;
  using Event = typename RowType::EventType;
  using Guard = typename RowType::GuardType;
  static constexpr std::uint16_t no_row = 0xffff;
  static constexpr std::size_t states = count_of<State>(), events = count_of<Event>(),
                               guards = count_of<Guard>();

  /// One plane for each profile up to the last that some row singles out, and one for all others.
  static constexpr std::size_t planes = [] {
    Profiles named = 0;
    for (const auto& row : rows) named |= row.profiles == all_profiles ? 0 : row.profiles;
    return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(named)) + 1, 32);
  }();

  static constexpr std::size_t cell(std::size_t plane, State from, Event on, std::size_t guard) {
    const auto situation = static_cast<std::size_t>(from) * events + static_cast<std::size_t>(on);
    return (plane * states * events + situation) * guards + guard;
  }

  static constexpr bool applies(const RowType& row, std::size_t plane, std::size_t guard) {
    const bool in_plane = (row.profiles >> plane & 1) != 0;
    return in_plane && (row.guard == Guard::any || static_cast<std::size_t>(row.guard) == guard);
  }

  static constexpr auto make_index() {
    std::array<std::uint16_t, planes * states * events * guards> index{};
    index.fill(no_row);
    for (std::size_t r = 0; r < rows.size(); ++r)
      for (std::size_t plane = 0; plane < planes; ++plane)
        for (std::size_t guard = 0; guard < guards; ++guard)
          if (applies(rows[r], plane, guard))
            index[cell(plane, rows[r].from, rows[r].on, guard)] = static_cast<std::uint16_t>(r);
    return index;
  }
};

}  // namespace detail

/// (profile, state, event, guard) -> row number, filled at compile time: a lookup is one load.
template <const auto& rows>
class TransitionIndex {
  static_assert(is_unambiguous(rows), "two rows of the transition table match in the same situation");
  using Shape = detail::IndexShape<rows>;

 public:
  static constexpr std::uint16_t no_row = Shape::no_row;
  static_assert(rows.size() < no_row);

  static constexpr std::uint16_t find(unsigned profile, typename Shape::State from, typename Shape::Event on,
                                      typename Shape::Guard guard) {
    const std::size_t plane = std::min<std::size_t>(profile, Shape::planes - 1);
    return index[Shape::cell(plane, from, on, static_cast<std::size_t>(guard))];
  }

 private:
  static constexpr auto index = Shape::make_index();
};

/// "half --commit[any]--> committed"
template <class RowType>
std::string to_text(const RowType& row) {
  std::string text(name(row.from));
  return text.append(" --")
      .append(name(row.on))
      .append("[")
      .append(name(row.guard))
      .append("]--> ")
      .append(name(row.to));
}

/// Holds one protocol, in one profile, to its table.
template <const auto& rows>
class Monitor {
  using RowType = typename std::remove_cvref_t<decltype(rows)>::value_type;
  using State = typename RowType::StateType;
  using Event = typename RowType::EventType;
  using Guard = typename RowType::GuardType;
  using Index = TransitionIndex<rows>;

 public:
  constexpr explicit Monitor(unsigned profile = 0) : profile_(profile) {}
  constexpr unsigned profile() const { return profile_; }

  /// The number of the row that allows this transition, or `TransitionIndex::no_row`.
  constexpr std::uint16_t find(State from, Event on, Guard guard, State to) const {
    const std::uint16_t row = Index::find(profile_, from, on, guard);
    return row != Index::no_row && rows[row].to == to ? row : Index::no_row;
  }

  /// The number of the row that allows this transition; BugError if none does.
  std::uint16_t expect(State from, Event on, Guard guard, State to) const {
    const std::uint16_t row = find(from, on, guard, to);
    if (row == Index::no_row) [[unlikely]]
      throw BugError(illegal(from, on, guard, to));
    return row;
  }

 private:
  std::string illegal(State from, Event on, Guard guard, State to) const {
    std::string text = "illegal transition " + to_text(RowType{from, on, guard, to, all_profiles, {}, {}});
    text += "; the table allows from " + std::string(name(from)) + ":";
    bool any_row = false;
    for (const auto& row : rows) {
      if (row.from != from || (row.profiles >> profile_ & 1) == 0) continue;
      text.append(any_row ? ", " : " ").append(to_text(row));
      any_row = true;
    }
    return any_row ? text : text + " nothing";
  }

  unsigned profile_;
};

/// How often each row was taken, and in which profile. Evidence: it lives outside the world, one per thread,
/// merged at the end.
template <const auto& rows>
class RowCoverage {
 public:
  static constexpr std::size_t profiles_max = 4;

  void hit(std::size_t row, unsigned profile = 0) { ++hits_[row][profile]; }
  std::uint64_t hits(std::size_t row, unsigned profile) const { return hits_[row][profile]; }
  std::uint64_t hits(std::size_t row) const {
    std::uint64_t sum = 0;
    for (const std::uint64_t in_profile : hits_[row]) sum += in_profile;
    return sum;
  }
  void merge(const RowCoverage& other) {
    for (std::size_t row = 0; row < hits_.size(); ++row)
      for (std::size_t profile = 0; profile < profiles_max; ++profile)
        hits_[row][profile] += other.hits_[row][profile];
  }

  /// One line for each row of these profiles that was never taken; empty when all were.
  std::string uncovered(Profiles profiles = all_profiles) const {
    std::string text;
    for (std::size_t row = 0; row < hits_.size(); ++row)
      if (hits(row) == 0 && (rows[row].profiles & profiles) != 0)
        text.append("row ")
            .append(std::to_string(row))
            .append(" never taken: ")
            .append(to_text(rows[row]))
            .append("\n");
    return text;
  }

 private:
  std::array<std::array<std::uint64_t, profiles_max>, rows.size()> hits_{};
};

namespace detail {

/// "4.9, 5.3"; "all" where nothing is singled out; the bit number where a profile has no name.
inline std::string profile_text(Profiles profiles, const auto& names) {
  if (profiles == all_profiles) return "all";
  std::string text;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if ((profiles >> bit & 1) == 0) continue;
    text += text.empty() ? "" : ", ";
    text += bit < names.size() ? std::string(names[bit]) : std::to_string(bit);
  }
  return text;
}

}  // namespace detail

/// The table as a Markdown table, for the documents; `profile_names[p]` names bit p.
template <class RowType, std::size_t n, class Names = std::array<std::string_view, 0>>
std::string to_markdown(const std::array<RowType, n>& rows, const Names& profile_names = {}) {
  std::string text = "| from | on | guard | to | profiles | source | note |\n|---|---|---|---|---|---|---|\n";
  for (const auto& row : rows) {
    for (const std::string_view part : {name(row.from), name(row.on), name(row.guard), name(row.to)})
      text.append("| ").append(part).append(" ");
    text.append("| ").append(detail::profile_text(row.profiles, profile_names)).append(" | ");
    text.append(row.source).append(" | ").append(row.note).append(row.note.empty() ? "|\n" : " |\n");
  }
  return text;
}

}  // namespace brokersim::sim
