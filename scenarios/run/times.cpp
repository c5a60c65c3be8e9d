#include "scenarios/run/times.hpp"

#include <algorithm>
#include <utility>

namespace brokersim::scenarios {

namespace {

using model::SimTime;
using model::ledger::Evidence;
using model::ledger::Inventory;
using model::ledger::Trail;

/// A message that a group has processed.
struct Processed {
  SimTime begun, due, at;
};

std::vector<Processed> processed_by(const Evidence& evidence, std::size_t group) {
  std::vector<Processed> all;
  for (std::size_t intent = 0; intent < evidence.size(); ++intent) {
    const SimTime at = evidence.consumption(group, intent).processed_at;
    const Trail& trail = evidence.trail(intent);
    if (at.ns >= 0) all.push_back({trail.begun, std::max(trail.begun, trail.due), at});
  }
  return all;
}

/// Those that the group has not got yet, of the topics that it reads, are as if they came now.
void add_pending(const Evidence& evidence, const Inventory& inventory, std::size_t group, SimTime ended,
                 std::vector<Processed>& all) {
  const auto& pending = inventory.pending[group];
  for (std::size_t intent = 0; intent < std::min(evidence.size(), pending.size()); ++intent) {
    const Trail& trail = evidence.trail(intent);
    if (pending[intent] == 0 || !is_judged(evidence, inventory, intent, group)) continue;
    const bool waits = evidence.consumption(group, intent).processed_at.ns < 0;
    if (waits) all.push_back({trail.begun, std::max(trail.begun, trail.due), ended});
  }
}

/// Before each effect: how long it was since the one before, or since the first of those that were still to
/// come was due.
std::int64_t longest_stall(std::vector<Processed> all) {
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  std::int64_t longest = 0;
  SimTime due = SimTime::max();
  for (std::size_t i = all.size(); i-- > 0;) {
    due = std::min(due, all[i].due);
    const SimTime from = i == 0 ? due : std::max(due, all[i - 1].at);
    longest = std::max(longest, (all[i].at - from).ns);
  }
  return longest;
}

GroupTimes times_of_group(const Evidence& evidence, const Inventory& inventory, std::size_t group,
                          SimTime ended) {
  std::vector<Processed> all = processed_by(evidence, group);
  if (all.empty()) return {};
  std::vector<std::int64_t> took;
  for (const Processed& one : all) took.push_back((one.at - one.begun).ns);
  std::sort(took.begin(), took.end());
  add_pending(evidence, inventory, group, ended, all);
  return {took[nearest_rank(took.size(), 50)], took[nearest_rank(took.size(), 99)], took.back(),
          longest_stall(std::move(all))};
}

/// The trails of one producer: from when to when it was sending, and when its sends were acknowledged.
struct Sending {
  SimTime first = SimTime::max(), last{-1};
  std::vector<SimTime> acknowledged;

  void add(const Trail& trail) {
    first = std::min(first, trail.begun);
    last = std::max({last, trail.begun, trail.believed, trail.told_at});
    if (trail.believed.ns >= 0) acknowledged.push_back(trail.believed);
  }

  std::int64_t longest_gap() {
    if (last.ns < 0) return -1;
    std::sort(acknowledged.begin(), acknowledged.end());
    acknowledged.push_back(last);
    std::int64_t longest = 0;
    for (SimTime before = first; const SimTime at : acknowledged) {
      longest = std::max(longest, (at - before).ns);
      before = at;
    }
    return longest;
  }
};

}  // namespace

RunTimes times_of(const model::Config& config, const Evidence& evidence, const Inventory& inventory,
                  SimTime ended) {
  RunTimes times;
  for (std::size_t group = 0; group < config.groups.size(); ++group)
    times.groups.push_back(times_of_group(evidence, inventory, group, ended));
  std::vector<Sending> producers(config.producers.size());
  for (std::size_t intent = 0; intent < evidence.size(); ++intent) {
    const Trail& trail = evidence.trail(intent);
    if (trail.begun.ns >= 0) producers[trail.producer].add(trail);
  }
  for (std::size_t i = 0; i < producers.size(); ++i) {
    const bool answered = config.producers[i].send != model::SendMode::oneway;
    times.producers.push_back(answered ? producers[i].longest_gap() : -1);
  }
  return times;
}

}  // namespace brokersim::scenarios
