// What became of one intent for one consumer group (without consumers: for the log). The classes
// and their order are those of the project's design: the first that matches.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/ledger/cause.hpp"
#include "sim/types.hpp"

namespace brokersim::model::ledger {

enum class Class : std::uint8_t { processed, ghost, dead_lettered, stuck, lost, failed, rolled_back, count };

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Class::count)> class_names{
    "processed", "ghost", "dead_lettered", "stuck", "lost", "failed", "rolled_back"};

struct Outcome {
  Class outcome = Class::processed;
  bool duplicated = false;    ///< the effect was applied more than once (the log: more than one copy)
  bool redelivered = false;   ///< a consumer got it more than once
  bool reordered = false;     ///< processed after a later message of the same producer and queue
  bool late = false;          ///< processed only after the faults were healed
  bool vanished = false;      ///< acknowledged, and no log holds it
  Cause cause = Cause::none;  ///< of its class; of having vanished, if it was processed
  Cause duplicate_cause = Cause::none;  ///< of being duplicated
  Cause vanished_cause = Cause::none;   ///< of having vanished
  /// How long it had been believed safe when it was lost; zero when it never was stored.
  sim::Duration window{};
  sim::SimTime taken{-1};  ///< the end of that window: when it was lost; negative: nothing took it
};

}  // namespace brokersim::model::ledger
