// What is counted in a run, under the names that `expect` blocks and reports use.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/ledger/outcome.hpp"

namespace brokersim::scenarios {

enum class Count : std::uint8_t {
  // what the producers did and believed
  intents,
  acknowledged,
  told_failed,
  unchecked,   ///< nobody looked, and nothing confirmed it
  unanswered,  ///< the producer died with the send open
  // what the logs hold in the end
  stored,            ///< intents with at least one copy
  extra_copies,      ///< copies beyond the first of their intent
  threw_yet_stored,  ///< the application was told 'failed', and a copy exists
  // transactions, as the system topics hold them
  half_records,  ///< records of these intents in the half topics: the halves and their copies
  checks,        ///< CHECK_TRANSACTION_STATE that reached a producer
  discarded,     ///< half messages moved to TRANS_CHECK_MAX_TIME_TOPIC
  op_records,    ///< in the op topics, of all intents (a record may name several half messages)
  // consuming
  deliveries,  ///< to listeners of this group
  // outcome classes
  processed,
  ghost,
  dead_lettered,
  stuck,
  lost,
  failed,
  rolled_back,
  // flags
  duplicated,
  redelivered,
  reordered,
  late,
  vanished,
  count
};

inline constexpr std::size_t count_kinds = static_cast<std::size_t>(Count::count);
inline constexpr std::size_t cause_kinds = static_cast<std::size_t>(model::ledger::Cause::count);

inline constexpr std::array<std::string_view, count_kinds> count_names{
    "intents",      "acknowledged",     "told_failed",  "unchecked",     "unanswered", "stored",
    "extra_copies", "threw_yet_stored", "half_records", "checks",        "discarded",  "op_records",
    "deliveries",   "processed",        "ghost",        "dead_lettered", "stuck",      "lost",
    "failed",       "rolled_back",      "duplicated",   "redelivered",   "reordered",  "late",
    "vanished"};
static_assert(count_names.back() == "vanished", "the names follow the order of Count");

constexpr std::string_view to_string(Count count) { return count_names[static_cast<std::size_t>(count)]; }

constexpr std::optional<Count> count_named(std::string_view name) {
  for (std::size_t i = 0; i < count_kinds; ++i) {
    if (count_names[i] == name) return static_cast<Count>(i);
  }
  return std::nullopt;
}

/// The numbers of one seed for one consumer group (without consumers: for the log).
struct GroupCounts {
  std::array<std::int64_t, count_kinds> counts{};
  /// Of each count, how many intents carry which cause.
  std::array<std::array<std::int64_t, cause_kinds>, count_kinds> causes{};
  /// Of each count and cause, the first intent that carries it, plus one; 0: none does. Of a count that has
  /// no causes, at Cause::none.
  std::array<std::array<std::uint32_t, cause_kinds>, count_kinds> first{};
  /// Shortest and longest window of the lost or vanished intents with each cause, in ns; -1: none.
  std::array<std::int64_t, cause_kinds> window_min{}, window_max{};
  /// The intents that they are of, plus one; 0: none.
  std::array<std::uint32_t, cause_kinds> window_min_of{}, window_max_of{};

  std::int64_t& operator[](Count count) { return counts[static_cast<std::size_t>(count)]; }
  std::int64_t operator[](Count count) const { return counts[static_cast<std::size_t>(count)]; }
};

}  // namespace brokersim::scenarios
