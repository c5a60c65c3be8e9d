// Files that are too large, too deep or too many are refused at once, whatever else they are.
#include "scenarios/read/parse.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using namespace std::string_literals;

std::vector<Problem> problems_of(const std::string& text) {
  try {
    read_scenario(text, "test");
  } catch (const ScenarioError& error) {
    return error.problems;
  }
  return {};
}

std::string first_problem(const std::string& text) {
  const auto problems = problems_of(text);
  return problems.empty() ? "" : to_string(problems[0]);
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("bytes, depth, elements, values") {
  CHECK(first_problem(std::string(read::text_bytes_max + 1, ' ')) ==
        "the file has 16777217 bytes (at most 16 MiB are read)");
  CHECK(first_problem(repeated("[", 65)).find("nested deeper than 64 levels") != std::string::npos);
  CHECK(first_problem(repeated("[", 1'000'000)).find("nested deeper than 64 levels") != std::string::npos);
  CHECK(first_problem(repeated("[", 64) + repeated("]", 64)) == "is an array, but must be an object");
  CHECK(first_problem("{ \"title\": [" + repeated("0,", 100'000) + "0] }") ==
        "/title: more than 100000 elements");
  CHECK(first_problem("{ \"title\": [" + repeated("0,", 99'999) + "0] }") ==
        "/title: is an array, but must be a text");
  const std::string row = "[" + repeated("0,", 99'999) + "0],";
  CHECK(first_problem("[" + repeated(row, 10) + "0]").find("more than 1000000 values in one file") !=
        std::string::npos);
}

TEST_CASE("a long text is not a long message") {
  const std::string long_text(5'000'000, 'x');
  CHECK(first_problem("{ \"" + long_text + "\": 1 }").size() < 300);
  for (const Problem& problem : problems_of("{ \"" + long_text + "\": 1, \"seeds\": \"" + long_text + "\" }"))
    CHECK(problem.message.size() + problem.suggestion.size() < 1000);
  CHECK(first_problem("{ \"title\": \"" + long_text).size() < 300);
  CHECK(first_problem("{ \"title\": " + long_text).size() < 300);
}

TEST_CASE("a file with too many problems says so and stops") {
  std::string text = "{ ";
  for (int i = 0; i < 50'000; ++i) text += "\"unknown" + std::to_string(i) + "\": 1, ";
  const auto problems = problems_of(text + "\"title\": \"x\" }");
  REQUIRE(problems.size() <= 202);
}

TEST_CASE("many producers with different names are read in time") {
  std::string list;
  for (int i = 0; i < 20'000; ++i)
    list += (i ? ", " : "") + R"({ "name": "p)"s + std::to_string(i) + "\", \"messages\": 1 }";
  const Scenario scenario =
      read_scenario(R"({ "cluster": { "kind": "rocketmq", "brokers": [ { "name": "b" } ],
    "topics": [ { "name": "orders" } ] }, "producers": [ )" +
                        list + " ] }",
                    "test");
  CHECK(scenario.config.producers.size() == 20'000);
}

TEST_CASE("line and column count characters, behind a byte order mark and in other alphabets too") {
  CHECK(first_problem("{\n\n  \"title\": \"\xe6\xb6\x88\xe6\x81\xaf\" x }").find("line 3, column 17: ") == 0);
  CHECK(first_problem("{ \"a\": 1,\r\n  }").find("line 2, column 3: ") == 0);
}

TEST_CASE("duplicate keys are found at every level, each once, however many times it stands there") {
  const auto problems = problems_of(R"({ "title": "a", "title": "b", "title": "c",
    "cluster": { "kind": "rocketmq", "kind": "kafka", "brokers": [ { "name": "a", "name": "b" } ],
      "topics": [ { "name": "orders" } ] },
    "producers": [ { "name": "shop" } ] })");
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].pointer == "/cluster/brokers/0/name");
  CHECK(problems[1].pointer == "/cluster/kind");
  CHECK(problems[2].pointer == "/title");
}

}  // namespace brokersim::tests
