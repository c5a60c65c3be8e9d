// The report for a person: what was lost, why, how long it was exposed, and what closes it.
#pragma once

#include <string>
#include <vector>

#include "scenarios/run/batch.hpp"
#include "scenarios/run/expectations.hpp"

namespace brokersim::scenarios {

/// What a report is about.
struct ReportHead {
  std::string file;  ///< as given on the command line
  std::string title;
  std::string question;
  std::string overrides;  ///< the `--set ...` options, to be repeated in commands that reproduce
  std::uint64_t first_seed = 1;
  bool colour = false;
};

std::string text_report(const ReportHead& head, const model::Config& config, const BatchResult& result,
                        const std::vector<Finding>& findings);

/// `brokersim run FILE --seed 17 --set ...`
std::string reproducing_command(const ReportHead& head, std::uint64_t seed);

/// `brokersim explain FILE --seed 17 --message 4711 --group billing --set ...`, of a finding that names both.
std::string explaining_command(const ReportHead& head, const Finding& finding);

}  // namespace brokersim::scenarios
