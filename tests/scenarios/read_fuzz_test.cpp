// Whatever bytes a file holds, reading it ends in a scenario or a ScenarioError: no crash, no bug, no
// other exception. Mutations of good files get far behind the syntax. Deterministic: a failure names its
// round.
#include <algorithm>
#include <optional>
#include <stdexcept>

#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;

constexpr std::uint64_t rounds = 20'000;

/// splitmix64: good enough to choose mutations, the same everywhere.
class Choice {
 public:
  explicit Choice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

/// Numbers and words at the edges of what the reader accepts, and quotes that shift what follows.
const std::vector<std::string>& spices() {
  static const std::vector<std::string> all{"0",
                                            "-1",
                                            "-0",
                                            "1e999",
                                            "1e308",
                                            "0.5",
                                            "9223372036854775807",
                                            "9223372036854775808",
                                            "18446744073709551615",
                                            "65535",
                                            "65536",
                                            "100000000",
                                            "null",
                                            "true",
                                            "[]",
                                            "{}",
                                            "[[]]",
                                            "\"\"",
                                            "\"0s\"",
                                            "\"-1s\"",
                                            "\"99999999999999999999s\"",
                                            "\"876000h\"",
                                            "\"uniform(1s, 0s)\"",
                                            "\"exponential(0s)\"",
                                            "\"normal(0s, 0s)\"",
                                            "\"normal(0s, 1ns)\"",
                                            "\"lognormal(0s, 100)\"",
                                            "\"lognormal(876000h, 100)\"",
                                            "\"pareto(1ns, 0.000001)\"",
                                            "\"pareto(876000h, 1e-300)\"",
                                            "\"empirical()\"",
                                            "\"\\u0000\"",
                                            "\"\\ud800\"",
                                            "\"every\"",
                                            "\"saturated\"",
                                            "{\"empirical\": []}",
                                            "{\"empirical\": [\"1ms\"]}",
                                            "{\"fixed\": 0}",
                                            "\"shop\"",
                                            "\"broker-a\"",
                                            "\"host-1\"",
                                            ",",
                                            ":",
                                            "\"",
                                            "\\",
                                            "/",
                                            "\xff",
                                            "\xf0\x9f\x92\xa5"};
  return all;
}

bool ends_a_value(char c) { return c == ',' || c == '}' || c == ']' || c == '\n'; }

/// Replaces a value (from a colon to the next comma or bracket): keeps the file JSON more often than not.
void replace_value(std::string& text, Choice& choice) {
  std::size_t from = text.find(':', choice.below(text.size()));
  if (from == std::string::npos) return;
  std::size_t to = ++from;
  while (to < text.size() && !ends_a_value(text[to])) ++to;
  text.replace(from, to - from, spices()[choice.below(spices().size())]);
}

/// Another digit: most of these files still read.
void change_digit(std::string& text, Choice& choice) {
  const std::size_t at = text.find_first_of("0123456789", choice.below(text.size()));
  if (at != std::string::npos) text[at] = static_cast<char>('0' + choice.below(10));
}

/// One value of the file in the place of another.
void copy_value(std::string& text, Choice& choice) {
  const std::size_t from = text.find(':', choice.below(text.size()));
  const std::size_t to = text.find(':', choice.below(text.size()));
  if (from == std::string::npos || to == std::string::npos) return;
  const auto end_of = [&text](std::size_t at) {
    while (at < text.size() && !ends_a_value(text[at])) ++at;
    return at;
  };
  const std::string value = text.substr(from, end_of(from) - from);
  text.replace(to, end_of(to) - to, value);
}

void mutate(std::string& text, Choice& choice) {
  const std::size_t at = choice.below(text.size());
  const std::size_t length = choice.below(std::min<std::size_t>(text.size() - at, 40) + 1);
  switch (choice.below(12)) {
    case 0: text.resize(at); return;
    case 1: text.erase(at, length); return;
    case 2: text.insert(choice.below(text.size()), text.substr(at, length)); return;
    case 3: text[at] = static_cast<char>(choice.below(256)); return;
    case 4: text.insert(at, spices()[choice.below(spices().size())]); return;
    case 5:
    case 6: return replace_value(text, choice);
    case 7: return copy_value(text, choice);
    default: change_digit(text, choice);
  }
}

std::optional<Scenario> read_mutant(const std::string& text) {
  try {
    return read_scenario(text, "mutant");
  } catch (const ScenarioError& error) {
    if (error.problems.empty()) throw std::logic_error("refused without a problem");
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("mutants of good files are read or refused") {
  std::vector<std::string> seeds;
  for (const auto& file : corpus("good")) seeds.push_back(text_of(file));
  std::uint64_t scenarios = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    INFO("round " << round);
    Choice choice(round);
    std::string text = seeds[choice.below(seeds.size())];
    for (std::size_t i = choice.below(3) + 1; i > 0 && !text.empty(); --i) mutate(text, choice);
    std::optional<Scenario> scenario;
    REQUIRE_NOTHROW(scenario = read_mutant(text));
    if (!scenario) continue;
    ++scenarios;
    Scenario again;
    REQUIRE_NOTHROW(again = read_scenario(effective_json(*scenario), "effective"));
    REQUIRE(again.config == scenario->config);
    REQUIRE(again.expect == scenario->expect);
  }
  // A fuzzer whose mutants are all refused at the first comma tests nothing.
  CHECK(scenarios > rounds / 20);
  CHECK(scenarios < rounds);
}

}  // namespace brokersim::tests
