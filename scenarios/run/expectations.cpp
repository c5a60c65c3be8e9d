#include "scenarios/run/expectations.hpp"

#include <cmath>

#include "scenarios/report/format.hpp"
#include "scenarios/report/verdict_text.hpp"
#include "scenarios/run/statistics.hpp"

namespace brokersim::scenarios {

using model::ledger::Cause;

namespace {

std::string text(const Interval& interval) {
  if (interval.low == interval.high) return "= " + short_number(interval.low);
  if (std::isinf(interval.low)) return "at most " + short_number(interval.high);
  if (std::isinf(interval.high)) return "at least " + short_number(interval.low);
  return "in [" + short_number(interval.low) + ", " + short_number(interval.high) + "]";
}

Interval between(std::int64_t low, std::int64_t high) {
  return {static_cast<double>(low), static_cast<double>(high)};
}

/// The first of the intents (plus one) that are counted, by any cause or by any but this one; 0: none.
std::uint32_t first_of(const GroupCounts& counts, std::size_t count,
                       std::optional<Cause> but = std::nullopt) {
  std::uint32_t first = 0;
  for (std::size_t k = 0; k < cause_kinds; ++k) {
    const std::uint32_t intent = counts.first[count][k];
    const bool left_out = but && static_cast<std::size_t>(*but) == k;
    if (intent != 0 && !left_out && (first == 0 || intent < first)) first = intent;
  }
  return first;
}

std::string subject_of(const Expectation& wanted, const std::string& group) {
  std::string subject = wanted.count ? std::string(to_string(*wanted.count)) : "lost or vanished";
  if (!group.empty()) subject += " of group " + group;
  return subject;
}

}  // namespace

ExpectationCheck::ExpectationCheck(const Scenario& scenario) {
  const std::size_t judged = model::ledger::judged_groups(scenario.config);
  for (const Expectation& wanted : scenario.expect) {
    for (std::size_t g = 0; g < judged; ++g) {
      const std::string name = judged_name(scenario.config, g);
      if (wanted.group.empty() || wanted.group == name) add_claim(wanted, g, name, judged > 1);
    }
  }
}

void ExpectationCheck::add_claim(const Expectation& wanted, std::size_t group, const std::string& group_name,
                                 bool shows_group) {
  Claim& claim = claims_.emplace_back();
  claim.wanted = wanted;
  claim.group = group;
  claim.subject = subject_of(wanted, shows_group ? group_name : "");
  claim.group_name = group_name;
}

void ExpectationCheck::see(const SeedResult& result) {
  for (Claim& claim : claims_) see(claim, result);
}

void ExpectationCheck::see(Claim& claim, const SeedResult& result) {
  const GroupCounts& counts = result.groups.at(claim.group);
  const std::uint64_t seed = result.seed.value;
  see_windows(claim, counts, seed);
  if (!claim.wanted.count) return;
  const auto count = static_cast<std::size_t>(*claim.wanted.count);
  see_value(claim, counts.counts[count], {seed, first_of(counts, count)});
  const bool any_cause = claim.wanted.cause == Cause::none;
  const std::int64_t of_cause = counts.causes[count][static_cast<std::size_t>(claim.wanted.cause)];
  if (!any_cause && of_cause != counts.counts[count] && !claim.other_cause)
    claim.other_cause = Witness{seed, first_of(counts, count, claim.wanted.cause)};
}

void ExpectationCheck::see_value(Claim& claim, std::int64_t value, const Witness& witness) {
  if (claim.values.empty() || value < claim.smallest) claim.smallest = value, claim.smallest_in = witness;
  if (claim.values.empty() || value > claim.largest) claim.largest = value, claim.largest_in = witness;
  claim.values.add(value);
  const auto& every = claim.wanted.every_seed;
  if (!every || claim.breaks_every || every->contains(static_cast<double>(value))) return;
  claim.breaks_every = witness;
  claim.broken_value = value;
}

/// Windows are kept by cause, for what was lost or vanished; without a cause all of them count.
void ExpectationCheck::see_windows(Claim& claim, const GroupCounts& counts, std::uint64_t seed) {
  for (std::size_t k = 0; k < cause_kinds; ++k) {
    if (claim.wanted.cause != Cause::none && static_cast<std::size_t>(claim.wanted.cause) != k) continue;
    if (counts.window_max[k] < 0) continue;
    if (claim.window_min < 0 || counts.window_min[k] < claim.window_min) {
      claim.window_min = counts.window_min[k], claim.window_min_in = {seed, counts.window_min_of[k]};
    }
    if (counts.window_max[k] > claim.window_max)
      claim.window_max = counts.window_max[k], claim.window_max_in = {seed, counts.window_max_of[k]};
  }
}

std::vector<Finding> ExpectationCheck::findings() const {
  std::vector<Finding> found;
  for (const Claim& claim : claims_) {
    const std::size_t first = found.size();
    add_findings(claim, found);
    for (std::size_t i = first; i < found.size(); ++i) {
      found[i].pointer = claim.wanted.pointer;
      found[i].group = claim.group_name;
    }
  }
  return found;
}

Finding ExpectationCheck::finding(bool holds, std::string claim, std::string observed,
                                  const std::optional<Witness>& witness) {
  Finding finding{holds, std::move(claim), std::move(observed), std::nullopt};
  if (witness) finding.seed = witness->seed, finding.message = witness->intent();
  return finding;
}

void ExpectationCheck::add_findings(const Claim& claim, std::vector<Finding>& found) {
  if (claim.wanted.count && !claim.values.empty()) add_count_findings(claim, found);
  if (claim.wanted.count && claim.wanted.cause != Cause::none) {
    found.push_back(finding(
        !claim.other_cause, claim.subject + " only by " + std::string(text_of(claim.wanted.cause).name),
        claim.other_cause ? "another cause occurs" : "no other cause occurs", claim.other_cause));
  }
  add_window_findings(claim, found);
}

void ExpectationCheck::add_count_findings(const Claim& claim, std::vector<Finding>& found) {
  const Expectation& wanted = claim.wanted;
  const Summary summary = summarise(claim.values);
  const auto over_seeds = [&](const char* statistic, const std::optional<Interval>& range, double value,
                              const Witness& witness) {
    if (range) {
      found.push_back(finding(range->contains(value),
                              std::string(statistic) + " of " + claim.subject + " " + text(*range),
                              short_number(value), witness));
    }
  };
  if (wanted.every_seed) {
    const std::string observed = claim.breaks_every ? short_number(static_cast<double>(claim.broken_value))
                                                    : text(between(claim.smallest, claim.largest));
    found.push_back(finding(!claim.breaks_every, claim.subject + " in every seed " + text(*wanted.every_seed),
                            observed, claim.breaks_every));
  }
  over_seeds("mean", wanted.mean, summary.mean, claim.largest_in);
  over_seeds("median", wanted.median, static_cast<double>(summary.median), claim.largest_in);
  over_seeds("minimum", wanted.min, static_cast<double>(summary.min), claim.smallest_in);
  over_seeds("maximum", wanted.max, static_cast<double>(summary.max), claim.largest_in);
  const Interval predicted = between(summary.predicted_low, summary.predicted_high);
  for (const std::int64_t measured : wanted.measured) {
    const auto value = static_cast<double>(measured);
    found.push_back(finding(
        predicted.contains(value),
        "measured: " + std::to_string(measured) + " " + claim.subject + ", predicted for one incident",
        text(predicted), value > predicted.high ? claim.largest_in : claim.smallest_in));
  }
}

void ExpectationCheck::add_window_findings(const Claim& claim, std::vector<Finding>& found) {
  const auto observed = [&](std::int64_t ns) {
    return claim.window_max < 0 ? std::string("none") : short_time(ns);
  };
  if (const auto& bound = claim.wanted.window_min) {
    found.push_back(finding(claim.window_max < 0 || claim.window_min >= bound->ns,
                            "windows of " + claim.subject + " at least " + short_time(bound->ns),
                            observed(claim.window_min), claim.window_min_in));
  }
  if (const auto& bound = claim.wanted.window_max) {
    found.push_back(finding(claim.window_max <= bound->ns,
                            "windows of " + claim.subject + " at most " + short_time(bound->ns),
                            observed(claim.window_max), claim.window_max_in));
  }
}

}  // namespace brokersim::scenarios
