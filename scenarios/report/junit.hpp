// The expectations of several files as JUnit XML, as CI systems read it: a test suite per file, a test case
// per expectation. No times in it: nothing here reads a clock, and the same input gives the same bytes.
#pragma once

#include <string>
#include <vector>

#include "scenarios/report/text_report.hpp"

namespace brokersim::scenarios {

/// One file's part.
struct JunitSuite {
  ReportHead head;
  std::vector<Finding> findings;
};

std::string junit_report(const std::vector<JunitSuite>& suites);

/// The text between tags, or inside an attribute. What XML 1.0 cannot hold (control characters, bytes that
/// are no UTF-8) becomes U+FFFD.
std::string xml_escaped(const std::string& text);

}  // namespace brokersim::scenarios
