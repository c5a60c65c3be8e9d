// One run that can be interrupted, looked at and forked on its way to the end that the command would reach:
// the workload and the faults, then heal, then drain (scenarios/run/seed_run.cpp, which does it in one go).
// However it is cut into pieces, the events are the same and in the same order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "model/ledger/evidence.hpp"
#include "model/model.hpp"
#include "sim/simulation.hpp"

namespace brokersim::bindings {

/// Hears a run: always for the judge, on demand for the trace.
class Ears final : public sim::Recorder {
 public:
  Ears(const model::Config& config, bool keeps) : keeps_(keeps) { evidence_.reset(config); }

  void on(sim::SimTime at, const sim::Record& record) override {
    evidence_.on(at, record);
    if (keeps_) records_.push_back({at, record});
  }

  bool keeps() const { return keeps_; }
  const model::ledger::Evidence& evidence() const { return evidence_; }
  const std::vector<sim::StampedRecord>& records() const { return records_; }

 private:
  bool keeps_;
  model::ledger::Evidence evidence_;
  std::vector<sim::StampedRecord> records_;
};

class Course {
 public:
  Course(std::shared_ptr<const model::Config> config, sim::Seed seed, bool keeps_records);
  /// A fork: it continues exactly as `other` would, with all that was heard so far.
  Course(const Course& other);
  Course& operator=(const Course&) = delete;

  /// Everything that happens up to `limit`, included; `poll` is called every few thousand events and may
  /// throw.
  void run(sim::SimTime limit, const std::function<void()>& poll);
  /// The next event; false if the course is finished.
  bool step();

  bool finished() const { return phase_ == Phase::finished; }
  bool drained() const { return drained_; }
  /// Up to when everything has happened.
  sim::SimTime now() const { return std::max(reached_, simulation_.now()); }
  void split(std::uint64_t salt) { simulation_.split(salt); }

  const sim::Simulation<model::Model>& simulation() const { return simulation_; }
  const Ears& ears() const { return ears_; }

 private:
  enum class Phase : std::uint8_t { workload, draining, finished };

  bool busy(const model::World& world) const;
  bool pending(const model::World& world) const;
  void work(sim::SimTime limit, const std::function<void()>& poll);
  void drain(sim::SimTime limit, const std::function<void()>& poll);
  void heal();
  void finish(bool drained);

  std::shared_ptr<const model::Config> config_;
  Ears ears_;
  sim::Simulation<model::Model> simulation_;
  Phase phase_ = Phase::workload;
  bool drained_ = false;
  sim::SimTime deadline_;  ///< of the present phase
  /// How far `run` was told to go. The clock of the simulation stays at its last event: nothing in it may
  /// depend on where somebody stopped to look.
  sim::SimTime reached_;
};

}  // namespace brokersim::bindings
