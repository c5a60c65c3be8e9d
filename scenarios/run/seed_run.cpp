#include "scenarios/run/seed_run.hpp"

#include <initializer_list>

#include "scenarios/run/course.hpp"

namespace brokersim::scenarios {

using model::ledger::Cause;
using model::ledger::Class;
using model::ledger::Outcome;
using model::ledger::Told;

namespace {

/// Passes every record on to everybody who listens: the evidence, whoever traces or explains, the monitors.
class Audience final : public sim::Recorder {
 public:
  explicit Audience(std::initializer_list<sim::Recorder*> listeners) : listeners_(listeners) {}
  void on(sim::SimTime at, const sim::Record& record) override {
    for (sim::Recorder* listener : listeners_) listener->on(at, record);
  }

 private:
  std::vector<sim::Recorder*> listeners_;
};

/// Counts one intent, and remembers the first.
void add(GroupCounts& counts, Count count, std::size_t intent, std::int64_t times = 1,
         Cause cause = Cause::none) {
  if (times == 0) return;
  counts[count] += times;
  std::uint32_t& first = counts.first[static_cast<std::size_t>(count)][static_cast<std::size_t>(cause)];
  if (first == 0) first = static_cast<std::uint32_t>(intent) + 1;
}

/// The same of a count that has causes.
void add_by_cause(GroupCounts& counts, Count count, std::size_t intent, Cause cause) {
  add(counts, count, intent, 1, cause);
  ++counts.causes[static_cast<std::size_t>(count)][static_cast<std::size_t>(cause)];
}

void widen(GroupCounts& counts, std::size_t intent, Cause cause, sim::Duration window) {
  const auto i = static_cast<std::size_t>(cause);
  const auto of = static_cast<std::uint32_t>(intent) + 1;
  if (counts.window_min[i] < 0 || window.ns < counts.window_min[i])
    counts.window_min[i] = window.ns, counts.window_min_of[i] = of;
  if (window.ns > counts.window_max[i]) counts.window_max[i] = window.ns, counts.window_max_of[i] = of;
}

void count_outcome(const Outcome& outcome, std::size_t intent, GroupCounts& counts) {
  // The classes of the ledger stand in the same order behind Count::processed.
  const auto first = static_cast<std::size_t>(Count::processed);
  const auto count = static_cast<Count>(first + static_cast<std::size_t>(outcome.outcome));
  const bool lost = outcome.outcome == Class::lost;
  // One that was processed may have vanished since: that has a cause, its being processed has none.
  add_by_cause(counts, count, intent, count == Count::processed ? Cause::none : outcome.cause);
  if (outcome.duplicated) add_by_cause(counts, Count::duplicated, intent, outcome.duplicate_cause);
  if (outcome.redelivered) add_by_cause(counts, Count::redelivered, intent, Cause::none);
  if (outcome.reordered) add_by_cause(counts, Count::reordered, intent, Cause::none);
  if (outcome.late) add_by_cause(counts, Count::late, intent, Cause::none);
  if (outcome.vanished) add_by_cause(counts, Count::vanished, intent, outcome.vanished_cause);
  if (lost || outcome.vanished)
    widen(counts, intent, lost ? outcome.cause : outcome.vanished_cause, outcome.window);
}

SeedResult result_of(const Course& course) {
  const auto& simulation = course.simulation();
  SeedResult result;
  result.seed = simulation.seed();
  result.drained = course.drained();
  for (const auto& state : simulation.world().faults.states) result.strikes.push_back(state.struck);
  result.ended = simulation.now();
  result.events = simulation.events();
  result.trace_hash = simulation.trace_hash();
  return result;
}

}  // namespace

SeedRunner::SeedRunner(std::shared_ptr<const model::Config> config)
    : config_(std::move(config)), monitors_(*config_) {}

SeedResult SeedRunner::run(sim::Seed seed, const std::atomic<bool>* cancel) {
  Audience audience{&evidence_, &monitors_};
  return run_heard(seed, audience, cancel);
}

SeedResult SeedRunner::run(sim::Seed seed, sim::Recorder& listener, const std::atomic<bool>* cancel) {
  Audience audience{&evidence_, &monitors_, &listener};
  return run_heard(seed, audience, cancel);
}

/// `recorder` passes everything on to the evidence and the monitors.
SeedResult SeedRunner::run_heard(sim::Seed seed, sim::Recorder& recorder, const std::atomic<bool>* cancel) {
  evidence_.reset(*config_);
  monitors_.reset();
  Course course(config_, seed, &recorder);
  course.simulation().cancel_on(cancel);
  course.run(sim::SimTime::max());
  SeedResult result = result_of(course);
  judge(course.simulation().world(), result);
  result.times = times_of(*config_, evidence_, inventory_, result.ended);
  return result;
}

void SeedRunner::judge(const model::World& world, SeedResult& result) {
  model::ledger::take_inventory(world, *config_, evidence_, result.drained, inventory_);
  result.groups.resize(model::ledger::judged_groups(*config_));
  outcomes_.assign(result.groups.size(), std::nullopt);
  for (std::size_t group = 0; group < result.groups.size(); ++group)
    judge_group(world, group, result.groups[group]);
}

bool SeedRunner::has_transactions(std::size_t group) const {
  for (std::size_t p = 0; p < config_->producers.size(); ++p) {
    if (config_->producers[p].transaction && inventory_.judged[group][p] != 0) return true;
  }
  return false;
}

void SeedRunner::judge_group(const model::World& world, std::size_t group, GroupCounts& counts) {
  counts.window_min.fill(-1);
  counts.window_max.fill(-1);
  for (std::size_t intent = 0; intent < world.verdict.size(); ++intent) {
    if (!model::ledger::is_judged(evidence_, inventory_, intent, group)) continue;
    const Outcome outcome = model::ledger::judge(world, *config_, evidence_, inventory_, intent, group);
    count_beliefs(world, intent, counts);
    count_transactions(intent, counts);
    count_outcome(outcome, intent, counts);
    if (watched_ == intent) outcomes_[group] = outcome;
  }
  if (has_transactions(group)) counts[Count::op_records] = inventory_.op_records;
  const bool consumes = !model::ledger::is_log(*config_, group);
  if (consumes) counts[Count::deliveries] = evidence_.consuming().deliveries(group);
}

std::vector<GroupCounts> SeedRunner::judge(const model::World& world,
                                           const model::ledger::Evidence& evidence) {
  evidence_ = evidence;
  SeedResult result;
  result.drained = model::drained(world, *config_);
  judge(world, result);
  return std::move(result.groups);
}

void SeedRunner::count_beliefs(const model::World& world, std::size_t intent, GroupCounts& counts) const {
  const Told told = world.verdict.told_of(model::IntentId(static_cast<std::uint32_t>(intent)));
  const int copies = inventory_.copies[intent];
  const auto count_if = [&](Count count, bool counts_it) { add(counts, count, intent, counts_it ? 1 : 0); };
  count_if(Count::intents, true);
  count_if(Count::acknowledged, told == Told::acknowledged || told == Told::unchecked_ok);
  count_if(Count::told_failed, told == Told::failed);
  count_if(Count::unchecked, told == Told::unchecked);
  count_if(Count::unanswered, told == Told::nothing);
  count_if(Count::stored, copies > 0);
  add(counts, Count::extra_copies, intent, copies > 1 ? copies - 1 : 0);
  count_if(Count::threw_yet_stored, copies > 0 && told == Told::failed);
}

void SeedRunner::count_transactions(std::size_t intent, GroupCounts& counts) const {
  const model::ledger::TransactionTrail& trail = evidence_.transactions().trail(intent);
  add(counts, Count::half_records, intent, inventory_.halves[intent]);
  add(counts, Count::checks, intent, trail.checks);
  add(counts, Count::discarded, intent, trail.discarded);
}

}  // namespace brokersim::scenarios
