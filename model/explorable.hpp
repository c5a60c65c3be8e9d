// Small worlds of the model for sim::explore: what a finished run is judged by, when it is finished, and
// which faults may strike between any two events.
//
//   Config config = ...;                           // few messages, constant distributions
//   offer(config, kill_of(broker), 4_s);           // the fault, and when the operator undoes it
//   sim::explore<Model, ExplorableModel>(config, {.start_seed = sim::Seed(1)});
//
// A run ends when the workload is done and nothing is pending any more: heartbeats, pulls, rebalances and the
// loops of the broker's services go on for ever and are no part of it. `offer` is for faults that are undone
// again; a process that nobody restarts keeps its run from ending.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "model/canonical.hpp"
#include "model/ledger/verdict.hpp"
#include "model/model.hpp"

namespace brokersim::model {

/// What became of one intent.
struct IntentOutcome {
  ledger::Told told = ledger::Told::nothing;
  std::uint8_t copies = 0;            ///< in the topics of the scenario, in all logs; saturates at 255
  std::vector<std::uint8_t> effects;  ///< per group, capped at two
  ledger::Local local = ledger::Local::absent;
  std::vector<std::uint8_t> dead_letters = {};  ///< per group: copies in its dead-letter queue; saturates
  std::uint8_t discarded = 0;                   ///< copies in TRANS_CHECK_MAX_TIME_TOPIC; saturates

  friend auto operator<=>(const IntentOutcome&, const IntentOutcome&) = default;
};

struct ExplorableModel {
  using Outcome = std::vector<IntentOutcome>;  ///< by intent
  static Outcome outcome(const World& world, const Config& config);
  /// A strike of each fault of the configuration that is not still waiting for its restoration.
  static std::vector<Event> faults(const World& world);
  static bool is_stale(const World& world, const Event& event) { return model::is_stale(world, event); }
  /// The workload is done, and heal and drain would find nothing to do.
  static bool is_over(const sim::State<Model>& state, const Config& config);
};

FaultAction kill_of(ProcessId process);
FaultAction power_loss_of(HostId host);
FaultAction reset_of(ProcessId process);
/// The strike of a fault of the configuration, as an event.
Event strike_of(std::uint16_t fault);

/// Adds a fault that never strikes by itself. Its contrary, if it has one, follows after `restore_after`.
void offer(Config& config, const FaultAction& action, Duration restore_after);

}  // namespace brokersim::model
