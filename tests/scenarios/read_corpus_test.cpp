// Every good file reads, and reads back from its effective form to the same scenario. Every bad file
// is refused with exactly the problems that its .expected file lists.
#include "tests/scenarios/read_corpus.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::tests {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> corpus(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenarios/" + folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

namespace {

using namespace brokersim::scenarios;

std::vector<Problem> problems_of(const std::filesystem::path& file) {
  try {
    load_scenario(file.string());
  } catch (const ScenarioError& error) {
    return error.problems;
  }
  return {};
}

/// A line of an .expected file: a pointer, and what the message contains, all separated by " | ".
struct Expected {
  std::string pointer;
  std::vector<std::string> parts;
};

Expected expected_of(std::string line) {
  const std::string separator = " | ";
  Expected expected;
  std::size_t cut = line.find(separator);
  expected.pointer = line.substr(0, cut);
  while (cut != std::string::npos) {
    line.erase(0, cut + separator.size());
    cut = line.find(separator);
    expected.parts.push_back(line.substr(0, cut));
  }
  return expected;
}

std::vector<Expected> expectations_of(std::filesystem::path file) {
  std::ifstream stream(file.replace_extension(".expected"));
  std::vector<Expected> all;
  std::string line;
  std::getline(stream, line);  // What the schema says of it concerns tests/python/test_schema.py.
  while (std::getline(stream, line)) all.push_back(expected_of(line));
  return all;
}

bool says_all(const Problem& problem, const Expected& expected) {
  const std::string line = to_string(problem);
  return std::all_of(expected.parts.begin(), expected.parts.end(),
                     [&](const std::string& part) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("the corpus is there") {
  CHECK(corpus("good").size() >= 5);
  CHECK(corpus("bad").size() >= 60);
}

TEST_CASE("good files read") {
  for (const auto& file : corpus("good")) {
    INFO(file.string());
    CHECK_NOTHROW(load_scenario(file.string()));
  }
}

TEST_CASE("the effective form of a file reads back to the same scenario, without a warning") {
  for (const auto& file : corpus("good")) {
    INFO(file.string());
    const Scenario scenario = load_scenario(file.string());
    const std::string effective = effective_json(scenario);
    std::vector<Problem> warnings;
    const Scenario again = read_scenario(effective, "effective", {}, &warnings);
    CHECK(again.config == scenario.config);
    CHECK(again.expect == scenario.expect);
    CHECK(again.seeds == scenario.seeds);
    CHECK(again.title == scenario.title);
    CHECK(again.question == scenario.question);
    CHECK(again.source == scenario.source);
    CHECK(again.description == scenario.description);
    CHECK(warnings.empty());
    CHECK(effective_json(again) == effective);
  }
}

TEST_CASE("the examples of the documentation read") {
  const std::string page = text_of("docs/scenario-format.md");
  const std::string begin = "```json\n", end = "```\n";
  int examples = 0;
  for (std::size_t at = 0; (at = page.find(begin, at)) != std::string::npos; ++examples) {
    at += begin.size();
    const std::string example = page.substr(at, page.find(end, at) - at);
    INFO(example);
    CHECK_NOTHROW(read_scenario(example, "docs/scenario-format.md"));
  }
  CHECK(examples >= 3);
}

TEST_CASE("bad files are refused, with all problems in the order of reading") {
  for (const auto& file : corpus("bad")) {
    INFO(file.string());
    const std::vector<Problem> problems = problems_of(file);
    const std::vector<Expected> expected = expectations_of(file);
    CHECK(!expected.empty());
    REQUIRE(problems.size() == expected.size());
    for (std::size_t i = 0; i < problems.size(); ++i) {
      INFO(to_string(problems[i]));
      CHECK(problems[i].pointer == expected[i].pointer);
      CHECK(says_all(problems[i], expected[i]));
    }
  }
}

TEST_CASE("a file that is not there, or a folder, is a ScenarioError") {
  CHECK(problems_of("tests/scenarios/no_such_file.json").size() == 1);
  CHECK(problems_of("tests/scenarios/good").size() == 1);
}

TEST_CASE("what() lists the file and every problem with its pointer") {
  try {
    read_scenario(R"({ "producers": [] })", "shop.json");
    FAIL("it has neither a cluster nor a producer");
  } catch (const ScenarioError& error) {
    CHECK(std::string(error.what()) ==
          "shop.json: 2 problems\n  a scenario needs \"cluster\"\n  /producers: needs at least one element");
  }
}

}  // namespace brokersim::tests
