// One run, step by step.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <atomic>
#include <map>

#include "bindings/heard_course.hpp"
#include "bindings/register.hpp"
#include "model/rocketmq/topics.hpp"
#include "scenarios/report/trace_format.hpp"
#include "scenarios/run/seed_run.hpp"
#include "sim/hash.hpp"

namespace brokersim::bindings {

namespace {

/// A run, and the promise that only one thread is in it: `run` lets other Python threads go on, which must
/// not look at a world that changes under them.
class Simulation {
 public:
  Simulation(const LoadedScenario& loaded, std::uint64_t seed, bool record)
      : heard_(loaded.config, sim::Seed(seed), record) {}
  Simulation(const Simulation& other) : heard_(other.idle()) {}

  const HeardCourse& idle() const {
    if (running_) throw std::runtime_error("the simulation is running in another thread");
    return heard_;
  }
  HeardCourse& idle() { return const_cast<HeardCourse&>(std::as_const(*this).idle()); }

  void run(std::optional<std::int64_t> until_ns) {
    scenarios::Course& course = idle().course;
    const sim::SimTime limit{until_ns.value_or(sim::SimTime::max().ns)};
    const Running running(running_);
    const py::gil_scoped_release released;
    course.run(limit, [this] { poll(); });
  }

  bool step() { return idle().course.step(); }
  void split(std::uint64_t salt) { idle().course.simulation().split(salt); }
  void cancel() { cancel_ = true; }

 private:
  struct Running {
    explicit Running(bool& flag) : flag_(flag) { flag_ = true; }
    ~Running() { flag_ = false; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    bool& flag_;
  };

  /// Between two events: whatever is thrown here leaves a simulation that can go on.
  void poll() {
    if (cancel_.exchange(false)) throw sim::Cancelled();
    const py::gil_scoped_acquire acquired;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }

  HeardCourse heard_;
  bool running_ = false;  ///< changed with the GIL held only
  std::atomic<bool> cancel_{false};
};

using Numbers = py::array_t<std::int64_t>;

std::vector<std::vector<std::int64_t>> judge(const Simulation& simulation) {
  const HeardCourse& heard = simulation.idle();
  scenarios::SeedRunner runner(heard.course.config());
  std::vector<std::vector<std::int64_t>> counts;
  for (const auto& group : runner.judge(heard.course.simulation().world(), heard.ears.evidence()))
    counts.emplace_back(group.counts.begin(), group.counts.end());
  return counts;
}

std::size_t record_count(const Simulation& simulation) { return simulation.idle().ears.records().size(); }

std::string record_json(const Simulation& simulation, std::size_t index) {
  const HeardCourse& heard = simulation.idle();
  const auto& stamped = heard.ears.records().at(index);
  return scenarios::trace_json(stamped.at, stamped.record, heard.course.simulation().config());
}

std::string record_text(const Simulation& simulation, std::size_t index) {
  const HeardCourse& heard = simulation.idle();
  const auto& stamped = heard.ears.records().at(index);
  return scenarios::trace_text(stamped.at, stamped.record, heard.course.simulation().config());
}

std::vector<std::string> topic_names(const Simulation& simulation) {
  const auto& config = simulation.idle().course.simulation().config();
  std::vector<std::string> names;
  for (std::uint16_t topic = 0; topic < model::rocketmq::topic_count(config); ++topic)
    names.push_back(model::rocketmq::topic_name(config, model::TopicId(topic)));
  return names;
}

std::vector<std::string> broker_names(const Simulation& simulation) {
  std::vector<std::string> names;
  for (const auto& broker : simulation.idle().course.simulation().config().brokers)
    names.push_back(broker.name);
  return names;
}

/// The commit log of a broker as columns, and how many of its records are committed and synced.
struct LogView {
  std::map<std::string, Numbers> columns;
  std::int64_t committed = 0, synced = 0;
};

LogView log_of(const Simulation& simulation, std::size_t index) {
  const auto& broker = simulation.idle().course.simulation().world().brokers.at(index);
  const auto& log = broker.cache.log;
  const auto first = static_cast<std::size_t>(broker.cache.first.records);  // files before it are deleted
  const auto size = static_cast<py::ssize_t>(log.size() - first);
  Numbers intent(size), topic(size), queue(size), offset(size), attempt(size), end(size);
  py::ssize_t i = 0;
  for (std::size_t at = first; at < log.end_index(); ++at, ++i) {
    const auto& record = log[at];
    const bool of_intent = record.intent != model::no_intent;
    intent.mutable_at(i) = of_intent ? static_cast<std::int64_t>(record.intent.value) : -1;
    topic.mutable_at(i) = record.topic.value;
    queue.mutable_at(i) = record.queue;
    offset.mutable_at(i) = record.queue_offset;
    attempt.mutable_at(i) = record.attempt;
    end.mutable_at(i) = record.end;
  }
  LogView view;
  view.columns = {{"intent", intent}, {"topic", topic},     {"queue", queue},
                  {"offset", offset}, {"attempt", attempt}, {"end", end}};
  view.committed = broker.cache.committed.records;
  view.synced = broker.disk.synced.records;
  return view;
}

}  // namespace

void register_simulation(py::module_& module) {
  py::class_<LogView>(module, "LogView")
      .def_readonly("columns", &LogView::columns)
      .def_readonly("committed", &LogView::committed)
      .def_readonly("synced", &LogView::synced);
  const auto run_of = [](const Simulation& self) -> const sim::Simulation<model::Model>& {
    return self.idle().course.simulation();
  };
  py::class_<Simulation>(module, "Simulation")
      .def(py::init<const LoadedScenario&, std::uint64_t, bool>(), py::arg("scenario"), py::arg("seed"),
           py::arg("record"))
      .def(py::init<const Simulation&>(), py::arg("other"))
      .def("run", &Simulation::run, py::arg("until_ns"))
      .def("step", &Simulation::step)
      .def("split", &Simulation::split, py::arg("salt"))
      .def("cancel", &Simulation::cancel)
      .def_property_readonly("now_ns", [](const Simulation& self) { return self.idle().course.now().ns; })
      .def_property_readonly("finished", [](const Simulation& self) { return self.idle().course.finished(); })
      .def_property_readonly("drained", [](const Simulation& self) { return self.idle().course.drained(); })
      .def_property_readonly("records_kept", [](const Simulation& self) { return self.idle().ears.keeps(); })
      .def_property_readonly("events", [=](const Simulation& self) { return run_of(self).events(); })
      .def_property_readonly("seed", [=](const Simulation& self) { return run_of(self).seed().value; })
      .def_property_readonly(
          "trace_hash", [=](const Simulation& self) { return sim::hexadecimal(run_of(self).trace_hash()); })
      .def_property_readonly("topics", &topic_names)
      .def_property_readonly("brokers", &broker_names)
      .def("judge", &judge, "Per judged group the counts, in the order of count_names().")
      .def("record_count", &record_count)
      .def("record_json", &record_json, py::arg("index"))
      .def("record_text", &record_text, py::arg("index"))
      .def("log", &log_of, py::arg("broker"), "The commit log of the broker with this number.");
}

}  // namespace brokersim::bindings
