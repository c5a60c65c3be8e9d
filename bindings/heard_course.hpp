// A run from Python: its course, and everything that listens to it. A fork takes what was heard along.
#pragma once

#include <memory>
#include <vector>

#include "model/ledger/evidence.hpp"
#include "model/rocketmq/monitors.hpp"
#include "scenarios/run/course.hpp"

namespace brokersim::bindings {

/// Hears a run: always for the judge and the tables, on demand for the trace.
class Ears final : public sim::Recorder {
 public:
  Ears(const model::Config& config, bool keeps) : keeps_(keeps), monitors_(config) {
    evidence_.reset(config);
  }

  void on(sim::SimTime at, const sim::Record& record) override {
    evidence_.on(at, record);
    if (keeps_) records_.push_back({at, record});
    monitors_.on(at, record);
  }

  bool keeps() const { return keeps_; }
  const model::ledger::Evidence& evidence() const { return evidence_; }
  const std::vector<sim::StampedRecord>& records() const { return records_; }

 private:
  bool keeps_;
  model::ledger::Evidence evidence_;
  std::vector<sim::StampedRecord> records_;
  model::rocketmq::Monitors monitors_;
};

struct HeardCourse {
  HeardCourse(std::shared_ptr<const model::Config> config, sim::Seed seed, bool keeps_records)
      : ears(*config, keeps_records), course(std::move(config), seed, &ears) {}
  HeardCourse(const HeardCourse& other) : ears(other.ears), course(other.course, &ears) {}
  HeardCourse& operator=(const HeardCourse&) = delete;

  Ears ears;
  scenarios::Course course;
};

}  // namespace brokersim::bindings
