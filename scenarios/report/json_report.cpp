#include "scenarios/report/json_report.hpp"

#include <nlohmann/json.hpp>

#include "scenarios/run/statistics.hpp"
#include "sim/hash.hpp"
#include "sim/trace_hash.hpp"

namespace brokersim::scenarios {

using nlohmann::ordered_json;

namespace {

ordered_json summary_json(const Histogram& histogram) {
  const Summary s = summarise(histogram);
  return {{"mean", s.mean},
          {"mean_95", {s.mean_low, s.mean_high}},
          {"prediction_95", {s.predicted_low, s.predicted_high}},
          {"min", s.min},
          {"median", s.median},
          {"max", s.max}};
}

ordered_json causes_json(const GroupTotals& totals, std::size_t count) {
  ordered_json causes = ordered_json::array();
  for (std::size_t k = 1; k < cause_kinds; ++k) {
    const Histogram& histogram = totals.causes[count][k];
    if (histogram.empty()) continue;
    const auto& text = model::ledger::text_of(static_cast<model::ledger::Cause>(k));
    std::int64_t intents = 0;
    for (const auto& [value, times] : histogram.bins()) intents += value * times;
    ordered_json cause{{"cause", text.name}, {"seeds", histogram.total()}, {"intents", intents}};
    if (totals.window_max[k] >= 0) cause["window_ns"] = {totals.window_min[k], totals.window_max[k]};
    cause["closes"] = text.closes;
    causes.push_back(std::move(cause));
  }
  return causes;
}

/// Null: no seed has such a time.
ordered_json times_json(const Histogram& histogram) {
  if (histogram.empty()) return nullptr;
  ordered_json json = summary_json(histogram);
  json["seeds"] = histogram.total();
  return json;
}

ordered_json times_json(const TimeTotals& times) {
  return {{"send_to_effect_p50_ns", times_json(times.median)},
          {"send_to_effect_p99_ns", times_json(times.p99)},
          {"send_to_effect_max_ns", times_json(times.longest)},
          {"longest_stall_ns", times_json(times.stall)}};
}

ordered_json producers_json(const model::Config& config, const BatchResult& result) {
  ordered_json producers = ordered_json::array();
  for (std::size_t p = 0; p < result.unacknowledged.size(); ++p) {
    const ordered_json times{{"longest_without_acknowledgement_ns", times_json(result.unacknowledged[p])}};
    producers.push_back({{"name", config.producers[p].name}, {"times", times}});
  }
  return producers;
}

ordered_json group_json(const GroupTotals& totals, const std::string& name) {
  ordered_json counts = ordered_json::object();
  for (std::size_t c = 0; c < count_kinds; ++c) {
    ordered_json count = summary_json(totals.counts[c]);
    if (ordered_json causes = causes_json(totals, c); !causes.empty()) count["causes"] = std::move(causes);
    counts[std::string(to_string(static_cast<Count>(c)))] = std::move(count);
  }
  return {{"group", name.empty() ? ordered_json(nullptr) : ordered_json(name)},
          {"counts", std::move(counts)}};
}

ordered_json findings_json(const ReportHead& head, const std::vector<Finding>& findings) {
  ordered_json list = ordered_json::array();
  for (const Finding& finding : findings) {
    ordered_json entry{{"claim", finding.claim}, {"observed", finding.observed}, {"holds", finding.holds}};
    if (finding.seed) {
      entry["seed"] = *finding.seed;
      entry["command"] = reproducing_command(head, *finding.seed);
      if (finding.message) {
        entry["message"] = *finding.message;
        entry["explain"] = explaining_command(head, finding);
      }
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string json_report(const ReportHead& head, const model::Config& config, const BatchResult& result,
                        const std::vector<Finding>& findings) {
  bool holds = true;
  for (const Finding& finding : findings) holds = holds && finding.holds;
  ordered_json groups = ordered_json::array();
  for (std::size_t g = 0; g < result.groups.size(); ++g) {
    groups.push_back(group_json(result.groups[g], model::ledger::is_log(config, g) ? "" : config.groups[g]));
    groups.back()["times"] = g < result.times.size() ? times_json(result.times[g]) : ordered_json(nullptr);
  }
  ordered_json strikes = ordered_json::array();
  for (const Histogram& fault : result.strikes) strikes.push_back(summary_json(fault));
  const ordered_json report{{"report_version", report_version},
                            {"trace_version", sim::trace_version},
                            {"file", head.file},
                            {"title", head.title},
                            {"question", head.question},
                            {"overrides", head.overrides},
                            {"first_seed", head.first_seed},
                            {"seeds", result.seeds},
                            {"not_drained", result.not_drained},
                            {"groups", std::move(groups)},
                            {"producers", producers_json(config, result)},
                            {"fault_strikes", std::move(strikes)},
                            {"expect", findings_json(head, findings)},
                            {"holds", holds},
                            {"events", result.events},
                            {"trace_hash", sim::hexadecimal(result.trace_hash)}};
  return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace brokersim::scenarios
