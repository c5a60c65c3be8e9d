// A scenario made small enough to be explored: what is drawn in a run has one value here, and what is to
// strike is offered instead of scheduled.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/config.hpp"

namespace brokersim::scenarios {

/// The scenario or what was asked of it does not suit an exploration; the text says why and what to do.
struct NotExplorable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct SmallWorld {
  model::Config config;            ///< its faults are those that are offered
  std::vector<std::string> notes;  ///< what was changed, a sentence each
};

/// `faults`: "kill:NAME", "stop:NAME", "pause:NAME", "reset:NAME", "power_loss:HOST". None: the kill and the
/// pause of each process and the power loss of each host with a broker. Each is undone `restore_after` later
/// (a process then takes its restart_time); without that a pause is undone after `longest_wait`, everything
/// else after a second. Throws NotExplorable.
SmallWorld small_world(const model::Config& config, const std::vector<std::string>& faults,
                       std::optional<model::Duration> restore_after);

/// Whoever is paused for so long has let every time-out of the others pass: of sends, of the check for a half
/// message and, where others would take over, of a consumer's channel.
model::Duration longest_wait(const model::Config& config);

/// "kill broker-a": an offered fault for people.
std::string fault_text(const model::Config& config, const model::FaultAction& action);
std::string process_name(const model::Config& config, model::ProcessId process);

}  // namespace brokersim::scenarios
