#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "scenarios/analyse/coverage_report.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"

namespace brokersim::cli {

namespace {

using scenarios::CoveringRun;
using ConfigPtr = std::shared_ptr<const model::Config>;

constexpr std::int64_t seeds_by_default = 3;

/// `sending-kill.json as 4.9  2/3 seeds` on a terminal, rewritten in place; nothing elsewhere.
class Progress {
 public:
  Progress() : shown_(::isatty(STDERR_FILENO) != 0) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(const CoveringRun& run, std::int64_t done, std::int64_t seeds) const {
    if (!shown_) return;
    clear();
    std::fprintf(stderr, "%s%s%s  %lld/%lld seeds", run.file.c_str(), run.as.empty() ? "" : " as ",
                 run.as.c_str(), static_cast<long long>(done), static_cast<long long>(seeds));
  }

 private:
  void clear() const {
    if (shown_) std::fprintf(stderr, "\r\033[K");
  }
  bool shown_;
};

/// Nothing: it is not good under this version. What a file is run under besides its own is no advice to its
/// author, so there are no warnings of it.
ConfigPtr load_as(const CoveringRun& run, const std::vector<std::string>& sets) {
  auto all = overrides(sets);
  if (!run.as.empty()) all.push_back({"cluster.version", "\"" + run.as + "\""});
  return std::make_shared<const model::Config>(scenarios::load_scenario(run.file, all).config);
}

void cover_file(const scenarios::Scenario& scenario, const std::string& file, const CoverageOptions& options,
                scenarios::Coverage& coverage) {
  const Progress progress;
  const std::int64_t seeds = options.seeds.value_or(seeds_by_default);
  const auto cover_as = [&](const CoveringRun& from, const ConfigPtr& config) {
    scenarios::cover(coverage, from, config, seeds,
                     [&](std::int64_t done) { progress.at(from, done, seeds); });
  };
  cover_as({file, "", 1}, std::make_shared<const model::Config>(scenario.config));
  const CoveringRun other{file, std::string(scenarios::other_version(scenario.config)), 1};
  ConfigPtr config;
  try {
    config = load_as(other, options.sets);
  } catch (const scenarios::ScenarioError&) {
    return;  // it is about the one version
  }
  cover_as(other, config);
}

/// Without paths: the library, and in a checkout what tests/rows adds to it.
std::vector<std::string> files_to_cover(const std::vector<std::string>& paths) {
  auto files = scenario_files(paths);
  if (paths.empty() && std::filesystem::is_directory("tests/rows")) {
    for (std::string& file : scenario_files({"tests/rows"})) files.push_back(std::move(file));
  }
  return files;
}

int check_recorded(const scenarios::RowRecord& record) {
  const auto stale = scenarios::stale_rows(record, [](const CoveringRun& run) { return load_as(run, {}); });
  for (const std::string& line : stale) std::printf("%s\n", line.c_str());
  std::size_t reasons = 0;
  for (const auto& row : record) reasons += row.run ? 0 : 1;
  std::printf("%zu rows are recorded (a row of both versions twice), %zu of them as no run's; %zu stale\n",
              record.size(), reasons, stale.size());
  return stale.empty() ? all_hold : some_fail;
}

void write(const std::string& path, const scenarios::RowRecord& record) {
  std::ofstream file(path, std::ios::binary);
  file << scenarios::to_text(record) << std::flush;
  if (!file) throw UsageError("--write " + path + ": cannot be written");
}

/// Whether each row of each version has a run, or a reason to have none.
bool is_whole(const scenarios::Coverage& coverage, const scenarios::RowRecord& record) {
  std::size_t wanted = 0;
  for (const auto& table : coverage.tables()) {
    for (const auto& row : table.rows)
      for (std::size_t profile = 0; profile < row.hits_in.size(); ++profile)
        wanted += row.has(profile) ? 1U : 0U;
  }
  return scenarios::record_of(coverage, record).size() == wanted;
}

/// Some files take few of all rows.
scenarios::ShownRows shown_rows(const CoverageOptions& options) {
  if (options.uncovered) return scenarios::ShownRows::uncovered;
  return options.paths.empty() || options.all ? scenarios::ShownRows::all : scenarios::ShownRows::taken;
}

}  // namespace

int coverage(const CoverageOptions& options) {
  const scenarios::RowRecord record = row_record();
  if (options.recorded) return check_recorded(record);
  std::vector<scenarios::Scenario> loaded;
  const auto files = files_to_cover(options.paths);
  for (const auto& file : files) {
    if (auto scenario = load(file, options.sets)) loaded.push_back(std::move(*scenario));
  }
  if (loaded.size() != files.size()) return bad_input;
  scenarios::Coverage coverage;
  if (options.paths.empty() && options.sets.empty())
    coverage = scenarios::cover_recorded(record, [](const CoveringRun& run) { return load_as(run, {}); });
  for (std::size_t i = 0; i < files.size(); ++i) cover_file(loaded[i], files[i], options, coverage);
  std::fputs((options.json ? scenarios::coverage_json(coverage, record)
                           : scenarios::coverage_text(coverage, record, shown_rows(options)))
                 .c_str(),
             stdout);
  if (options.write) write(std::string(scenarios::row_record_file), scenarios::record_of(coverage, record));
  return is_whole(coverage, record) ? all_hold : some_fail;
}

}  // namespace brokersim::cli
