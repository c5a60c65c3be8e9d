// The actions of faults as files name them: what each strikes, and how it may be undone.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/config.hpp"

namespace brokersim::scenarios::read {

/// What an action names: `"kill": "broker-a"`, `"delay_link": ["host-1", "host-2"]`, `"power_loss":
/// "rack-1"`,
/// `"partition": { "from": "host-1", "to": ["host-2", "host-3"] }`.
enum class Target : std::uint8_t { process, broker, host, hosts, link, links, topic, processes };

struct ActionWord {
  std::string_view text;
  model::FaultKind kind;
  Target target;
  /// The key for "undone after", besides `restore_after`, which all undoable ones understand; empty: not
  /// undoable.
  std::string_view undone_by;
  bool lasts = false;  ///< `for` reads well: "slow_disk" ... "for": "10s"
};

inline constexpr std::array<ActionWord, 25> action_words{{
    {"kill", model::FaultKind::kill, Target::process, "restart_after"},
    {"stop", model::FaultKind::stop, Target::process, "restart_after"},
    {"restart", model::FaultKind::restart, Target::process, ""},
    {"pause", model::FaultKind::pause, Target::process, "resume_after", true},
    {"resume", model::FaultKind::resume, Target::process, ""},
    {"power_loss", model::FaultKind::power_loss, Target::hosts, "restore_after"},
    {"power_on", model::FaultKind::power_on, Target::hosts, ""},
    {"slow_disk", model::FaultKind::slow_disk, Target::host, "restore_after", true},
    {"disk_normal", model::FaultKind::disk_normal, Target::host, ""},
    {"delay_link", model::FaultKind::delay, Target::link, "restore_after", true},
    {"delay_over", model::FaultKind::delay_over, Target::link, ""},
    {"partition", model::FaultKind::partition, Target::links, "restore_after", true},
    {"heal_link", model::FaultKind::heal_link, Target::links, ""},
    {"stall_appends", model::FaultKind::append_stall, Target::broker, "resume_after", true},
    {"resume_appends", model::FaultKind::append_go_on, Target::broker, ""},
    {"reset", model::FaultKind::reset, Target::process, ""},
    {"response_lost", model::FaultKind::response_lost, Target::broker, ""},
    {"create_topic", model::FaultKind::create_topic, Target::topic, ""},
    {"disk_full", model::FaultKind::disk_full, Target::host, "restore_after", true},
    {"disk_free", model::FaultKind::disk_free, Target::host, ""},
    {"disk_lost", model::FaultKind::disk_lost, Target::host, "restore_after"},
    {"truncate_log", model::FaultKind::truncate_log, Target::broker, "restart_after"},
    {"clock_jump", model::FaultKind::clock_jump, Target::host, "restore_after", true},
    {"clock_right", model::FaultKind::clock_right, Target::host, ""},
    {"rolling_restart", model::FaultKind::rolling_restart, Target::processes, ""},
}};

/// "restore": "never" says that nothing undoes it, not even the heal at the end.
inline constexpr std::array<std::string_view, 5> undo_words{"restart_after", "resume_after", "restore_after",
                                                            "for", "restore"};

/// What a campaign may draw: actions that need nothing but their target.
inline constexpr std::array<model::FaultKind, 9> campaign_kinds{
    model::FaultKind::kill,         model::FaultKind::stop,      model::FaultKind::pause,
    model::FaultKind::power_loss,   model::FaultKind::partition, model::FaultKind::reset,
    model::FaultKind::append_stall, model::FaultKind::disk_full, model::FaultKind::disk_lost};

constexpr const ActionWord& word_of(model::FaultKind kind) {
  for (const ActionWord& word : action_words) {
    if (word.kind == kind) return word;
  }
  return action_words.front();
}

}  // namespace brokersim::scenarios::read
