// Many seeds of one scenario.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/columns.hpp"
#include "bindings/interruptible.hpp"
#include "bindings/register.hpp"
#include "scenarios/report/json_report.hpp"
#include "scenarios/report/text_report.hpp"
#include "scenarios/run/batch.hpp"
#include "scenarios/run/statistics.hpp"
#include "sim/hash.hpp"

namespace brokersim::bindings {

namespace {

struct Batch {
  Columns columns;
  std::vector<scenarios::Finding> findings;
  std::string text, json, trace_hash;
};

using Numbers = py::array_t<std::int64_t>;
using Unsigned = py::array_t<std::uint64_t>;

template <class T>
py::array_t<T> array_of(const std::vector<T>& column) {
  return py::array_t<T>(static_cast<py::ssize_t>(column.size()), column.data());
}

/// A column whose last seeds had nothing to say is shorter than the others.
Numbers filled(Column column, std::size_t seeds, std::int64_t missing) {
  column.resize(seeds, missing);
  return array_of(column);
}

bool all_hold(const std::vector<scenarios::Finding>& findings) {
  for (const auto& finding : findings) {
    if (!finding.holds) return false;
  }
  return true;
}

Batch run_batch(const LoadedScenario& loaded, std::vector<std::uint64_t> seeds, int jobs,
                const py::object& progress) {
  Batch batch;
  scenarios::ExpectationCheck expectations(loaded.scenario);
  Interruptible run(progress, static_cast<std::int64_t>(seeds.size()));
  scenarios::BatchOptions options;
  options.first_seed = seeds.front();
  options.listed = std::move(seeds);
  options.jobs = jobs;
  options.cancel = &run.cancel;
  options.progress = [&](std::int64_t done) { run.done = done; };
  options.each = [&](const scenarios::SeedResult& result) {
    expectations.see(result);
    batch.columns.add(result);
  };
  scenarios::BatchResult result;
  run([&] { result = scenarios::run_batch(loaded.config, options); });
  const auto& scenario = loaded.scenario;
  const scenarios::ReportHead head{scenario.path,    scenario.title,     scenario.question,
                                   loaded.overrides, options.first_seed, false};
  batch.findings = expectations.findings();
  batch.text = text_report(head, *loaded.config, result, batch.findings);
  batch.json = json_report(head, *loaded.config, result, batch.findings);
  batch.trace_hash = sim::hexadecimal(result.trace_hash);
  return batch;
}

Numbers count_column(const Batch& batch, std::size_t group, std::size_t count) {
  return array_of(batch.columns.groups.at(group).counts.at(count));
}

Numbers cause_column(const Batch& batch, std::size_t group, std::size_t count, std::size_t cause) {
  const auto& causes = batch.columns.groups.at(group).causes;
  const auto found = causes.find({count, cause});
  return filled(found == causes.end() ? Column() : found->second, batch.columns.seeds.size(), 0);
}

std::pair<Numbers, Numbers> window_columns(const Batch& batch, std::size_t group, std::size_t cause) {
  const auto& windows = batch.columns.groups.at(group).windows;
  const auto found = windows.find(cause);
  const auto [shortest, longest] = found == windows.end() ? std::pair<Column, Column>() : found->second;
  const std::size_t seeds = batch.columns.seeds.size();
  return {filled(shortest, seeds, -1), filled(longest, seeds, -1)};
}

std::vector<std::pair<std::size_t, std::size_t>> causes_of(const Batch& batch, std::size_t group) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& [pair, column] : batch.columns.groups.at(group).causes) pairs.push_back(pair);
  return pairs;
}

std::vector<Numbers> strike_columns(const Batch& batch) {
  std::vector<Numbers> columns;
  for (const Column& strikes : batch.columns.strikes) columns.push_back(array_of(strikes));
  return columns;
}

/// holds, claim, observed, pointer, seed.
using FindingTuple = std::tuple<bool, std::string, std::string, std::string, std::optional<std::uint64_t>>;

std::vector<FindingTuple> findings_of(const Batch& batch) {
  std::vector<FindingTuple> tuples;
  for (const auto& f : batch.findings) tuples.emplace_back(f.holds, f.claim, f.observed, f.pointer, f.seed);
  return tuples;
}

/// mean, its interval, prediction interval, min, median, max.
using SummaryTuple = std::tuple<double, std::pair<double, double>, std::pair<std::int64_t, std::int64_t>,
                                std::int64_t, std::int64_t, std::int64_t>;

SummaryTuple summary_of(const Numbers& column) {
  scenarios::Histogram histogram;
  for (const std::int64_t value : std::span(column.data(), static_cast<std::size_t>(column.size())))
    histogram.add(value);
  const auto s = scenarios::summarise(histogram);
  return {s.mean, {s.mean_low, s.mean_high}, {s.predicted_low, s.predicted_high}, s.min, s.median, s.max};
}

template <class T>
auto column_of(std::vector<T> Columns::* member) {
  return [member](const Batch& batch) { return array_of(batch.columns.*member); };
}

}  // namespace

void register_batch(py::module_& module) {
  py::class_<Batch>(module, "Batch")
      .def_readonly("text", &Batch::text)
      .def_readonly("json", &Batch::json)
      .def_readonly("trace_hash", &Batch::trace_hash)
      .def_property_readonly("ok", [](const Batch& batch) { return all_hold(batch.findings); })
      .def_property_readonly("findings", &findings_of)
      .def_property_readonly("strikes", &strike_columns)
      .def_property_readonly("seeds", column_of(&Columns::seeds))
      .def_property_readonly("trace_hashes", column_of(&Columns::trace_hashes))
      .def_property_readonly("drained", column_of(&Columns::drained))
      .def_property_readonly("ended", column_of(&Columns::ended))
      .def_property_readonly("events", column_of(&Columns::events))
      .def("count", &count_column, py::arg("group"), py::arg("count"))
      .def("cause", &cause_column, py::arg("group"), py::arg("count"), py::arg("cause"))
      .def("windows", &window_columns, py::arg("group"), py::arg("cause"))
      .def("causes", &causes_of, py::arg("group"), "(count, cause) pairs that occurred.");
  module.def("run", &run_batch, py::arg("scenario"), py::arg("seeds"), py::arg("jobs"), py::arg("progress"),
             "Runs the seeds, at least one; `progress(done, total)` is called now and then unless None.");
  module.def("summary", &summary_of, py::arg("column"),
             "(mean, 95 % of it, 95 % of one incident, min, median, max) of one number per seed.");
}

}  // namespace brokersim::bindings
