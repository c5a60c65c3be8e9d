// Expectations as JUnit XML. That it is well-formed is checked by an XML parser in
// tests/python/test_cli_junit.py.
#include "scenarios/report/junit.hpp"

#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;

namespace {

JunitSuite suite_of(const std::string& file, std::vector<Finding> findings) {
  JunitSuite suite;
  suite.head.file = file;
  suite.findings = std::move(findings);
  return suite;
}

}  // namespace

TEST_CASE("a suite per file, a case per expectation, a failure with its commands", "[junit]") {
  Finding failing{false, "lost in every seed = 0", "3", 7};
  failing.message = 41;
  const std::string report =
      junit_report({suite_of("a.json", {{true, "vanished in every seed = 0", "= 0", std::nullopt}, failing}),
                    suite_of("b.json", {})});
  CHECK(report ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="brokersim" tests="2" failures="1" errors="0" skipped="0" time="0">
  <testsuite name="a.json" tests="2" failures="1" errors="0" skipped="0" time="0">
    <testcase classname="a.json" name="vanished in every seed = 0" time="0"/>
    <testcase classname="a.json" name="lost in every seed = 0" time="0">
      <failure message="observed: 3">lost in every seed = 0: 3
see: brokersim run a.json --seed 7
why: brokersim explain a.json --seed 7 --message 41</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.json" tests="0" failures="0" errors="0" skipped="0" time="0">
  </testsuite>
</testsuites>
)");
}

TEST_CASE("what means something in XML is escaped", "[junit]") {
  CHECK(xml_escaped("a < b && \"c\" > 'd'") == "a &lt; b &amp;&amp; &quot;c&quot; &gt; 'd'");
  CHECK(xml_escaped("two\tor\nthree\r") == "two&#9;or&#10;three&#13;");
  CHECK(xml_escaped("Bestellungen für 東京 🐇") == "Bestellungen für 東京 🐇");
}

TEST_CASE("what XML cannot hold is replaced", "[junit]") {
  const std::string unknown = "\xEF\xBF\xBD";
  CHECK(xml_escaped(std::string("a\0b", 3)) == "a" + unknown + "b");
  CHECK(xml_escaped("\x01\x1b") == unknown + unknown);
  CHECK(xml_escaped("caf\xE9.json") == "caf" + unknown + ".json");
  CHECK(xml_escaped("\xC3") == unknown);                              // cut off
  CHECK(xml_escaped("\xC0\xAF") == unknown + unknown);                // an overlong '/'
  CHECK(xml_escaped("\xED\xA0\x80") == unknown + unknown + unknown);  // half of a surrogate pair
  CHECK(xml_escaped("\xEF\xBF\xBE") == unknown + unknown + unknown);  // U+FFFE
  CHECK(xml_escaped("\xF4\x90\x80\x80") == unknown + unknown + unknown + unknown);  // beyond U+10FFFF
}
