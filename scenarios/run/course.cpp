#include "scenarios/run/course.hpp"

#include <algorithm>

namespace brokersim::scenarios {

namespace {

constexpr std::uint64_t events_between_polls = 8192;

/// The predicate, with a poll now and then.
template <class Predicate>
auto polling(const Course::Poll& poll, Predicate predicate) {
  return [&poll, predicate, asked = std::uint64_t{0}](const model::World& world) mutable {
    if (++asked % events_between_polls == 0 && poll) poll();
    return predicate(world);
  };
}

}  // namespace

Course::Course(std::shared_ptr<const model::Config> config, sim::Seed seed, sim::Recorder* recorder)
    : config_(std::move(config)),
      simulation_(config_, seed, recorder),
      deadline_(sim::SimTime{} + config_->duration_max) {}

Course::Course(const Course& other, sim::Recorder* recorder)
    : config_(other.config_),
      simulation_(other.simulation_.fork()),
      phase_(other.phase_),
      drained_(other.drained_),
      deadline_(other.deadline_),
      reached_(other.reached_) {
  simulation_.attach(recorder);
}

bool Course::busy(const model::World& world) const {
  return !(model::workload_done(world, *config_) && model::faults::over(world, *config_, simulation_.now()));
}

bool Course::pending(const model::World& world) const { return !model::drained(world, *config_); }

void Course::run(sim::SimTime limit, const Poll& poll) {
  if (phase_ == Phase::workload) work(limit, poll);
  if (phase_ == Phase::draining) drain(limit, poll);
  if (phase_ != Phase::finished) reached_ = std::max(reached_, limit);
}

void Course::work(sim::SimTime limit, const Poll& poll) {
  const auto predicate = polling(poll, [this](const model::World& world) { return busy(world); });
  const bool goes_on = simulation_.run_while(std::min(limit, deadline_), predicate);
  if (goes_on && limit < deadline_) return;
  if (goes_on && simulation_.now() < deadline_) simulation_.run_until(deadline_);
  heal();
}

/// Loss is judged only after heal and drain: before that a message is late, not lost.
void Course::heal() {
  simulation_.inject(model::Event{{}, {}, model::faults::Event{.on = model::faults::On::heal}});
  phase_ = Phase::draining;
  deadline_ = simulation_.now() + config_->drain_timeout;
}

void Course::drain(sim::SimTime limit, const Poll& poll) {
  const auto predicate = polling(poll, [this](const model::World& world) { return pending(world); });
  const bool goes_on = simulation_.run_while(std::min(limit, deadline_), predicate);
  if (!goes_on || limit >= deadline_) finish(!goes_on);
}

void Course::finish(bool drained) {
  phase_ = Phase::finished;
  drained_ = drained;
  reached_ = simulation_.now();
}

bool Course::step() {
  const model::World& world = simulation_.world();
  if (phase_ == Phase::workload) {
    if (busy(world) && simulation_.step_until(deadline_)) return true;
    if (busy(world) && simulation_.now() < deadline_) simulation_.run_until(deadline_);
    return heal(), true;
  }
  if (phase_ == Phase::finished) return false;
  const bool goes_on = pending(world);
  if (goes_on && simulation_.step_until(deadline_)) return true;
  return finish(!goes_on), false;
}

}  // namespace brokersim::scenarios
