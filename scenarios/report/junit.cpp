#include "scenarios/report/junit.hpp"

#include <algorithm>
#include <cstdint>

namespace brokersim::scenarios {

namespace {

constexpr const char* replacement = "\xEF\xBF\xBD";

/// How many bytes the character that begins here has; 0: it is none (RFC 3629).
std::size_t length_at(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || at + length > text.size()) return 0;
  std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80) return 0;
    code = code << 6 | (byte(at + i) & 0x3FU);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  const bool forbidden =
      (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0xFFFE || code == 0xFFFF;
  return code < least[length] || code > 0x10FFFF || surrogate || forbidden ? 0 : length;
}

/// Attributes would have their line breaks turned into spaces: they are written as references.
std::string escaped(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\t': return "&#9;";
    case '\n': return "&#10;";
    case '\r': return "&#13;";
    default: return std::string(1, c);
  }
}

std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + xml_escaped(value) + "\"";
}

std::string counts(std::size_t tests, std::size_t failures) {
  return attribute("tests", std::to_string(tests)) + attribute("failures", std::to_string(failures)) +
         attribute("errors", "0") + attribute("skipped", "0") + attribute("time", "0");
}

std::size_t failures_in(const JunitSuite& suite) {
  const auto fails = [](const Finding& finding) { return !finding.holds; };
  return static_cast<std::size_t>(std::count_if(suite.findings.begin(), suite.findings.end(), fails));
}

/// Between tags a line break stays one.
std::string element_text(const std::string& text) {
  std::string out, line;
  for (const char c : text + '\n') {
    if (c != '\n') {
      line += c;
      continue;
    }
    out += (out.empty() ? "" : "\n") + xml_escaped(line);
    line.clear();
  }
  return out;
}

std::string failure(const ReportHead& head, const Finding& finding) {
  std::string text = finding.claim + ": " + finding.observed;
  if (finding.seed) text += "\nsee: " + reproducing_command(head, *finding.seed);
  if (finding.seed && finding.message) text += "\nwhy: " + explaining_command(head, finding);
  return "      <failure" + attribute("message", "observed: " + finding.observed) + ">" + element_text(text) +
         "</failure>\n";
}

std::string test_case(const ReportHead& head, const Finding& finding) {
  const std::string tag = "    <testcase" + attribute("classname", head.file) +
                          attribute("name", finding.claim) + attribute("time", "0");
  return finding.holds ? tag + "/>\n" : tag + ">\n" + failure(head, finding) + "    </testcase>\n";
}

std::string test_suite(const JunitSuite& suite) {
  std::string text = "  <testsuite" + attribute("name", suite.head.file) +
                     counts(suite.findings.size(), failures_in(suite)) + ">\n";
  for (const Finding& finding : suite.findings) text += test_case(suite.head, finding);
  return text + "  </testsuite>\n";
}

}  // namespace

std::string xml_escaped(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_at(text, at);
    if (length == 0)
      out += replacement;
    else
      out += length == 1 ? escaped(text[at]) : text.substr(at, length);
    at += std::max<std::size_t>(1, length);
  }
  return out;
}

std::string junit_report(const std::vector<JunitSuite>& suites) {
  std::size_t tests = 0, failures = 0;
  std::string inside;
  for (const JunitSuite& suite : suites) {
    tests += suite.findings.size();
    failures += failures_in(suite);
    inside += test_suite(suite);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "brokersim") +
         counts(tests, failures) + ">\n" + inside + "</testsuites>\n";
}

}  // namespace brokersim::scenarios
