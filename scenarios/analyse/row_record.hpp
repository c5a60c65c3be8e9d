// tests/rows/taken.tsv: for each row of each table, and each version that has it, a run that takes it.
// Written by `brokersim coverage --write`, shown in the documents, and held to the code by a test, which runs
// just these seeds.
//
//   transactions <tab> half truncation any none all <tab> 5.3 <tab> scenarios/library/rocketmq/x.json <tab>
//   <tab> 17
//
// The fifth column is the version that the file is run under, where that is not its own. A row that no run
// takes has "no run" for a file, and the reason behind it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/analyse/coverage.hpp"

namespace brokersim::scenarios {

inline constexpr std::string_view row_record_file = "tests/rows/taken.tsv";

struct RecordedRow {
  std::string table, row, version;
  std::optional<CoveringRun> run;
  std::string reason;  ///< why there is none
};
using RowRecord = std::vector<RecordedRow>;

/// Throws std::runtime_error with the number of a line that is none.
RowRecord parse_row_record(std::string_view text);
/// The file; an empty record if there is none.
RowRecord load_row_record(const std::string& path = std::string(row_record_file));
std::string to_text(const RowRecord& record);

/// What a coverage has found. The reasons of `before` stay where still nothing takes the row.
RowRecord record_of(const Coverage& coverage, const RowRecord& before);

const RecordedRow* find(const RowRecord& record, std::string_view table, std::string_view row,
                        std::string_view version);

/// Throws ScenarioError for a file that is not there any more or is not good under that version.
using LoadRun = std::function<std::shared_ptr<const model::Config>(const CoveringRun&)>;

/// What the recorded runs take, each run once; those that cannot be loaded take nothing.
Coverage cover_recorded(const RowRecord& record, const LoadRun& load);

/// One line for each row of a version that has neither run nor reason, for each run that does not take its
/// row, and for each line about a row that there is not. Empty: the record is true.
std::vector<std::string> stale_rows(const RowRecord& record, const LoadRun& load);

/// "transaction-late-commit 17", "transaction-late-commit 17 as 4.9"
std::string short_name(const CoveringRun& run);

}  // namespace brokersim::scenarios
