// From what stands on the command line to scenario files.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "scenarios/analyse/row_record.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::cli {

/// Something on the command line that cannot be meant.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Files as given, all *.json below folders, matches of globs; sorted within each, without repetition.
/// Nothing given: the scenario library. Throws UsageError for what does not exist or cannot be looked at.
std::vector<std::string> scenario_files(const std::vector<std::string>& paths);

/// `path=value` options. Throws UsageError for one without '='.
std::vector<scenarios::Override> overrides(const std::vector<std::string>& sets);

/// The `--set` options as one would type them again.
std::string repeated(const std::vector<std::string>& sets);

/// What to say to a `--message` that the run does not have.
UsageError no_such_message(std::uint32_t message, std::uint32_t messages);

/// tests/rows/taken.tsv of a checkout; elsewhere empty. UsageError for what is none.
scenarios::RowRecord row_record();

/// Reads a file and prints its problems and warnings to stderr; none: it has problems.
std::optional<scenarios::Scenario> load(const std::string& path, const std::vector<std::string>& sets);

}  // namespace brokersim::cli
