// Faults inside the world: which have struck, and how often the events that they wait for happened.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"

namespace brokersim::model::faults {

struct FaultState {
  std::int64_t seen = 0;      ///< events so far that match an on_event trigger, up to the one that fires
  std::uint32_t struck = 0;   ///< how often it struck
  std::uint32_t skipped = 0;  ///< how often its target was still broken when it should have struck
  std::uint32_t restored = 0;
  std::uint32_t strikes_due = 0;   ///< scheduled, or waiting for a delay
  std::uint32_t restores_due = 0;  ///< struck and not yet restored
  std::uint32_t left = 0;          ///< of a campaign with an end: how often it still strikes
  /// Of a rolling restart: how many of its processes have had their turn, and whether the last of them has
  /// yet to serve again.
  std::uint16_t rolled = 0;
  bool rolls = false;
  bool stays = false;           ///< struck, and nobody ever repairs what it broke
  bool has_connection = false;  ///< the event that triggered it came on one:
  ConnectionId connection;
  std::uint16_t generation = 0;
};

/// What has struck is for reports; whether the connection is still the same, model/canonical.cpp looks up.
constexpr auto fields(const FaultState& state) {
  const auto& [seen, struck, skipped, restored, strikes_due, restores_due, left, rolled, rolls, stays,
               has_connection, connection, generation] = state;
  return std::tuple(seen, strikes_due, restores_due, left, rolled, rolls, stays, has_connection, connection);
}

struct Progress {
  std::vector<FaultState> states;  ///< one per Config::faults
  bool watching = false;           ///< some on_event trigger is still waiting
  bool healed = false;
};

constexpr auto fields(const Progress& progress) {
  const auto& [states, watching, healed] = progress;
  return std::tie(states, watching, healed);
}

/// Schedules what has a time; called once at the start.
void start(World& world, Context& context);
/// Called before and after every event that is executed, while `watching`. May strike at once.
void observe(World& world, const model::Event& event, bool before, Context& context);
void step(World& world, const faults::Event& event, Context& context);
/// Performs the action of a fault now (or skips it if its target is still broken), and schedules its
/// restoration.
void strike(World& world, std::uint16_t fault, std::uint32_t occurrence, Context& context);
/// The contrary action; `choice`: of a campaign.
void restore(World& world, std::uint16_t fault, std::uint16_t choice, Context& context);
/// Rolling restarts: a process serves again; and the pause behind it is over.
void process_served(World& world, ProcessId process, Context& context);
void roll_on(World& world, std::uint16_t fault, Context& context);
/// True when every fault has struck (or can strike no more) and is restored where it restores. A
/// fault that waits for an event which the finished workload has not brought will not strike.
bool over(const World& world, const Config& config, SimTime now);
/// Repairs and restarts everything but what stays broken.
void heal(World& world, Context& context);
/// It is dead, and nobody will start it again.
bool stays_dead(const World& world, const Config& config, ProcessId process);
/// Who answers for a replica set: its master, or the first slave that lives on if the master never comes
/// back.
std::size_t serving_broker(const World& world, const Config& config, std::size_t set);
/// Somebody is dead or paused, a host is dark or a link is cut, and only an operator will change that.
bool needs_operator(const World& world, const Config& config);
/// Whether all that an operator repairs is in order, and every process that runs has caught up.
bool is_whole(const World& world, const Config& config);

}  // namespace brokersim::model::faults
