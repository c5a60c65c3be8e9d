#include "scenarios/run/seed_run.hpp"

#include "model/dispatch.hpp"

namespace brokersim::scenarios {

using model::ledger::Cause;
using model::ledger::Outcome;
using model::ledger::Told;

namespace {

/// Passes every record on to two listeners.
class Both final : public sim::Recorder {
 public:
  Both(sim::Recorder& first, sim::Recorder& second) : first_(first), second_(second) {}
  void on(sim::SimTime at, const sim::Record& record) override {
    first_.on(at, record);
    second_.on(at, record);
  }

 private:
  sim::Recorder& first_;
  sim::Recorder& second_;
};

void add(GroupCounts& counts, Count count, Cause cause) {
  ++counts[count];
  ++counts.causes[static_cast<std::size_t>(count)][static_cast<std::size_t>(cause)];
}

void widen(GroupCounts& counts, Cause cause, sim::Duration window) {
  const auto i = static_cast<std::size_t>(cause);
  if (counts.window_min[i] < 0 || window.ns < counts.window_min[i]) counts.window_min[i] = window.ns;
  if (window.ns > counts.window_max[i]) counts.window_max[i] = window.ns;
}

}  // namespace

SeedRunner::SeedRunner(std::shared_ptr<const model::Config> config) : config_(std::move(config)) {}

SeedResult SeedRunner::run(sim::Seed seed, const std::atomic<bool>* cancel) {
  evidence_.reset(*config_);
  SeedResult result;
  result.seed = seed;
  sim::Simulation<model::Model> simulation(config_, seed, &evidence_);
  simulation.cancel_on(cancel);
  drive(simulation, result);
  judge(simulation.world(), result);
  return result;
}

SeedResult SeedRunner::run(sim::Seed seed, sim::Recorder& listener, const std::atomic<bool>* cancel) {
  evidence_.reset(*config_);
  SeedResult result;
  result.seed = seed;
  Both both(evidence_, listener);
  sim::Simulation<model::Model> simulation(config_, seed, &both);
  simulation.cancel_on(cancel);
  drive(simulation, result);
  judge(simulation.world(), result);
  return result;
}

/// Loss is judged only after heal and drain: before that a message is late, not lost.
void SeedRunner::drive(sim::Simulation<model::Model>& simulation, SeedResult& result) const {
  const model::Config& config = *config_;
  const sim::SimTime deadline = sim::SimTime{} + config.duration_max;
  const auto busy = [&](const model::World& world) {
    return !(model::workload_done(world, config) && model::faults::over(world, config, simulation.now()));
  };
  if (simulation.run_while(deadline, busy) && simulation.now() < deadline) simulation.run_until(deadline);
  simulation.inject(model::Event{{}, {}, model::faults::Event{.on = model::faults::On::heal}});
  const auto pending = [&](const model::World& world) { return !model::drained(world, config); };
  result.drained = !simulation.run_while(simulation.now() + config.drain_timeout, pending);
  for (const auto& state : simulation.world().faults.states) result.strikes.push_back(state.struck);
  result.ended = simulation.now();
  result.events = simulation.events();
  result.trace_hash = simulation.trace_hash();
}

void SeedRunner::judge(const model::World& world, SeedResult& result) {
  model::ledger::take_inventory(world, *config_, inventory_);
  result.groups.resize(model::ledger::judged_groups(*config_));
  for (std::size_t group = 0; group < result.groups.size(); ++group) {
    GroupCounts& counts = result.groups[group];
    counts.window_min.fill(-1);
    counts.window_max.fill(-1);
    for (std::size_t intent = 0; intent < world.verdict.size(); ++intent) {
      if (!model::ledger::is_judged(evidence_, inventory_, intent, group)) continue;
      count_beliefs(world, intent, counts);
      count_intent(model::ledger::judge(world, *config_, evidence_, inventory_, intent, group), counts);
    }
  }
}

void SeedRunner::count_beliefs(const model::World& world, std::size_t intent, GroupCounts& counts) const {
  const Told told = world.verdict.told_of(model::IntentId(static_cast<std::uint32_t>(intent)));
  const int copies = inventory_.copies[intent];
  ++counts[Count::intents];
  if (told == Told::acknowledged || told == Told::unchecked_ok) ++counts[Count::acknowledged];
  if (told == Told::failed) ++counts[Count::told_failed];
  if (told == Told::unchecked) ++counts[Count::unchecked];
  if (told == Told::nothing) ++counts[Count::unanswered];
  if (copies > 0) ++counts[Count::stored];
  if (copies > 1) counts[Count::extra_copies] += copies - 1;
  if (copies > 0 && told == Told::failed) ++counts[Count::threw_yet_stored];
}

void SeedRunner::count_intent(const Outcome& outcome, GroupCounts& counts) const {
  // The classes of the ledger stand in the same order behind Count::processed.
  const auto first = static_cast<std::size_t>(Count::processed);
  const auto count = static_cast<Count>(first + static_cast<std::size_t>(outcome.outcome));
  // One that was processed may have vanished since: that has a cause, its being processed has none.
  add(counts, count, count == Count::processed ? Cause::none : outcome.cause);
  if (outcome.duplicated) add(counts, Count::duplicated, outcome.duplicate_cause);
  if (outcome.redelivered) add(counts, Count::redelivered, Cause::none);
  if (outcome.reordered) add(counts, Count::reordered, Cause::none);
  if (outcome.late) add(counts, Count::late, Cause::none);
  if (outcome.vanished) add(counts, Count::vanished, outcome.cause);
  if (outcome.vanished || outcome.outcome == model::ledger::Class::lost)
    widen(counts, outcome.cause, outcome.window);
}

}  // namespace brokersim::scenarios
