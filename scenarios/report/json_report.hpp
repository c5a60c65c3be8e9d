// The report for a program: the same content as the text report, versioned; docs/report-format.md
// describes every key.
#pragma once

#include <string>

#include "scenarios/report/text_report.hpp"

namespace brokersim::scenarios {

/// Raised by one whenever a key changes its meaning or goes; new keys do not raise it.
inline constexpr int report_version = 1;

/// One JSON object, ending in a newline, keys in a fixed order: the same bytes for the same result.
std::string json_report(const ReportHead& head, const model::Config& config, const BatchResult& result,
                        const std::vector<Finding>& findings);

}  // namespace brokersim::scenarios
