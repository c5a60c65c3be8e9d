// A coverage for people and for programs.
#pragma once

#include <string>

#include "scenarios/analyse/coverage.hpp"
#include "scenarios/analyse/row_record.hpp"

namespace brokersim::scenarios {

enum class ShownRows {
  all,
  taken,     ///< in some version
  uncovered  ///< that some version has and never took
};

/// Each table with its rows, how often each version took them and the first run that did. `record` knows rows
/// that no run can take.
std::string coverage_text(const Coverage& coverage, const RowRecord& record, ShownRows shown);

/// docs/report-format.md
std::string coverage_json(const Coverage& coverage, const RowRecord& record);

}  // namespace brokersim::scenarios
