// Small worlds of the model for sim::explore: what a finished run is judged by, and which faults may strike
// between any two events.
//
//   Config config = ...;                                  // few messages, constant distributions, no
//   consumer offer(config, kill_of(broker), 4_s);                  // the fault, and when the operator undoes
//   it sim::explore<Model, ExplorableModel>(config, {.start_seed = sim::Seed(1)});
//
// A run ends when the agenda is empty: producers stop after their messages, services tick only with work to
// do. A consumer asks for ever (its pull every 31 s), so a world that is explored has none.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "model/canonical.hpp"
#include "model/model.hpp"

namespace brokersim::model {

/// What became of one intent.
struct IntentOutcome {
  ledger::Told told = ledger::Told::nothing;
  std::uint8_t copies = 0;            ///< in all logs; saturates at 255
  std::vector<std::uint8_t> effects;  ///< per group, capped at two

  friend auto operator<=>(const IntentOutcome&, const IntentOutcome&) = default;
};

struct ExplorableModel {
  using Outcome = std::vector<IntentOutcome>;  ///< by intent
  static Outcome outcome(const World& world);
  /// A strike of each fault of the configuration that is not still waiting for its restoration.
  static std::vector<Event> faults(const World& world);
  static bool is_stale(const World& world, const Event& event) { return model::is_stale(world, event); }
};

FaultAction kill_of(ProcessId process);
FaultAction power_loss_of(HostId host);
FaultAction reset_of(ProcessId process);

/// Adds a fault that never strikes by itself. Its contrary, if it has one, follows after `restore_after`.
void offer(Config& config, const FaultAction& action, Duration restore_after);

}  // namespace brokersim::model
