#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "scenarios/report/json_report.hpp"
#include "scenarios/report/junit.hpp"
#include "scenarios/report/text_report.hpp"

namespace brokersim::cli {

namespace {

std::atomic<bool> interrupted{false};

/// `power-loss.json  370/1000 seeds` on a terminal, rewritten in place; nothing elsewhere.
class Progress {
 public:
  Progress(std::string name, std::int64_t seeds)
      : name_(std::move(name)), seeds_(seeds), shown_(::isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(std::int64_t done) {
    const std::int64_t percent = done * 100 / std::max<std::int64_t>(seeds_, 1);
    if (!shown_ || percent == percent_) return;
    percent_ = percent;
    std::fprintf(stderr, "\r\033[K%s  %lld/%lld seeds", name_.c_str(), static_cast<long long>(done),
                 static_cast<long long>(seeds_));
  }

 private:
  std::string name_;
  std::int64_t seeds_;
  bool shown_;
  std::int64_t percent_ = -1;
};

struct Outcome {
  scenarios::JunitSuite suite;  ///< the findings, and what they are about
  std::string report;

  bool expects() const { return !suite.findings.empty(); }
  bool holds() const {
    return std::all_of(suite.findings.begin(), suite.findings.end(), [](const auto& f) { return f.holds; });
  }
};

Outcome run_file(const scenarios::Scenario& scenario, const std::string& path, const RunOptions& options) {
  scenarios::BatchOptions batch;
  batch.first_seed = options.seed.value_or(options.first_seed);
  batch.seeds = options.seed ? 1 : options.seeds.value_or(scenario.seeds);
  batch.jobs = options.jobs;
  batch.cancel = &interrupted;
  scenarios::ExpectationCheck expectations(scenario);
  batch.each = [&](const scenarios::SeedResult& result) { expectations.see(result); };
  const auto config = std::make_shared<const model::Config>(scenario.config);
  scenarios::BatchResult result;
  {
    Progress progress(path, batch.seeds);
    batch.progress = [&](std::int64_t done) { progress.at(done); };
    result = scenarios::run_batch(config, batch);
  }
  const auto findings = expectations.findings();
  const scenarios::ReportHead head{path,
                                   scenario.title,
                                   scenario.question,
                                   repeated(options.sets),
                                   batch.first_seed,
                                   !options.json && ::isatty(STDOUT_FILENO) != 0};
  Outcome outcome;
  outcome.report = options.json ? json_report(head, *config, result, findings)
                                : text_report(head, *config, result, findings);
  outcome.suite = {head, findings};
  return outcome;
}

/// Of many scenarios those that hold are no news: `  holds  library/a.json  3 expectations`.
void print(const Outcome& outcome, bool whole) {
  if (whole || !outcome.expects() || !outcome.holds()) {
    std::fputs((outcome.report + "\n").c_str(), stdout);
  } else {
    const std::size_t expected = outcome.suite.findings.size();
    std::printf("  holds  %s  %zu expectation%s\n", outcome.suite.head.file.c_str(), expected,
                expected == 1 ? "" : "s");
  }
  std::fflush(stdout);
}

void print_json(const std::vector<std::string>& reports) {
  std::fputs("[\n", stdout);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    std::fputs(reports[i].substr(0, reports[i].size() - 1).c_str(), stdout);
    std::fputs(i + 1 < reports.size() ? ",\n" : "\n", stdout);
  }
  std::fputs("]\n", stdout);
}

/// `3 scenarios: 1 hold, 1 fail, 1 expects nothing`
void print_summary(const std::vector<Outcome>& outcomes) {
  const auto count = [&](auto&& wanted) {
    return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(), wanted));
  };
  const std::size_t silent = count([](const Outcome& o) { return !o.expects(); });
  const std::size_t failing = count([](const Outcome& o) { return !o.holds(); });
  std::printf("%zu scenario%s: ", outcomes.size(), outcomes.size() == 1 ? "" : "s");
  if (silent == outcomes.size()) {
    std::puts("nothing expected");
  } else {
    std::printf("%zu hold, %zu fail", outcomes.size() - silent - failing, failing);
    if (silent > 0) std::printf(", %zu with nothing expected", silent);
    std::puts("");
  }
  for (const Outcome& outcome : outcomes) {
    if (!outcome.holds()) std::printf("  FAILS  %s\n", outcome.suite.head.file.c_str());
  }
}

/// Opened before anything runs, so that a wrong path costs no time.
class JunitFile {
 public:
  explicit JunitFile(const std::string& path) : path_(path) {
    if (path.empty()) return;
    file_.open(path, std::ios::binary);
    check();
  }
  void write(const std::vector<Outcome>& outcomes) {
    if (path_.empty()) return;
    std::vector<scenarios::JunitSuite> suites;
    for (const Outcome& outcome : outcomes) suites.push_back(outcome.suite);
    file_ << junit_report(suites) << std::flush;
    check();
  }

 private:
  void check() const {
    if (!file_) throw UsageError("--junit " + path_ + ": cannot be written");
  }
  std::string path_;
  std::ofstream file_;
};

}  // namespace

int run(const RunOptions& options) {
  const auto files = scenario_files(options.paths);
  std::vector<scenarios::Scenario> scenarios;
  for (const auto& file : files) {
    if (auto scenario = load(file, options.sets)) scenarios.push_back(std::move(*scenario));
  }
  if (scenarios.size() != files.size()) return bad_input;

  JunitFile junit(options.junit);
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::vector<Outcome> outcomes;
  std::vector<std::string> reports;
  for (std::size_t i = 0; i < files.size(); ++i) {
    Outcome outcome = run_file(scenarios[i], files[i], options);
    if (options.json) {
      reports.push_back(std::move(outcome.report));
    } else {
      print(outcome, options.verbose || files.size() == 1);
    }
    outcomes.push_back(std::move(outcome));
  }
  options.json ? print_json(reports) : print_summary(outcomes);
  junit.write(outcomes);
  const bool all = std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.holds(); });
  return all ? all_hold : some_fail;
}

}  // namespace brokersim::cli
