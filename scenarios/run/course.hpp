// One run on its way to a verdict: the workload and the faults, then heal, then drain. It can be interrupted,
// looked at and forked; however it is cut into pieces, the events are the same and in the same order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>

#include "model/model.hpp"
#include "sim/simulation.hpp"

namespace brokersim::scenarios {

class Course {
 public:
  using Poll = std::function<void()>;

  /// `recorder` hears everything and outlives the course.
  Course(std::shared_ptr<const model::Config> config, sim::Seed seed, sim::Recorder* recorder);
  /// A fork: it continues exactly as `other` would, and `recorder` hears what it does from now on.
  Course(const Course& other, sim::Recorder* recorder);
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;

  /// Everything that happens up to `limit`, included; `poll`, if given, is called every few thousand events
  /// and may throw.
  void run(sim::SimTime limit, const Poll& poll = {});
  /// The next event; false if the course is finished.
  bool step();

  bool finished() const { return phase_ == Phase::finished; }
  /// False before the end, and if something was still pending at drain_timeout.
  bool drained() const { return drained_; }
  /// Up to when everything has happened.
  sim::SimTime now() const { return std::max(reached_, simulation_.now()); }

  const std::shared_ptr<const model::Config>& config() const { return config_; }
  sim::Simulation<model::Model>& simulation() { return simulation_; }
  const sim::Simulation<model::Model>& simulation() const { return simulation_; }

 private:
  enum class Phase : std::uint8_t { workload, draining, finished };

  bool busy(const model::World& world) const;
  bool pending(const model::World& world) const;
  void work(sim::SimTime limit, const Poll& poll);
  void drain(sim::SimTime limit, const Poll& poll);
  void heal();
  void finish(bool drained);

  std::shared_ptr<const model::Config> config_;
  sim::Simulation<model::Model> simulation_;
  Phase phase_ = Phase::workload;
  bool drained_ = false;
  sim::SimTime deadline_;  ///< of the present phase
  /// How far `run` was told to go. The clock of the simulation stays at its last event: nothing in it may
  /// depend on where somebody stopped to look.
  sim::SimTime reached_;
};

}  // namespace brokersim::scenarios
