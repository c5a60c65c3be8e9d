#include "scenarios/cli/files.hpp"

#include <glob.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

namespace brokersim::cli {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> json_files_below(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json" &&
        entry.path().filename() != "schema.json") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  return files;
}

/// In a checkout beside us, else where it was installed with the command.
std::string library() {
  if (fs::is_directory("scenarios/library")) return "scenarios/library";
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = self.parent_path().parent_path() / "share/brokersim/scenarios/library";
  if (!error && fs::is_directory(installed)) return installed.string();
  throw UsageError("no scenario file given, and no scenarios/library here");
}

std::vector<std::string> expand(const std::string& path) {
  if (fs::is_directory(path)) {
    auto files = json_files_below(path);
    if (files.empty()) throw UsageError(path + ": no .json file in this folder");
    return files;
  }
  if (fs::exists(path)) return {path};
  auto files = matches(path);
  if (files.empty()) throw UsageError(path + ": no such file or folder");
  return files;
}

std::string quoted(const std::string& word) {
  if (word.find_first_of(" \t\"'\\$&|;<>()*?[]{}#~`!") == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void print(const std::string& path, const scenarios::Problem& problem) {
  std::fprintf(stderr, "%s: %s%s: %s", path.c_str(), problem.warning ? "warning: " : "",
               problem.pointer.empty() ? "/" : problem.pointer.c_str(), problem.message.c_str());
  if (!problem.suggestion.empty()) std::fprintf(stderr, " (%s)", problem.suggestion.c_str());
  std::fputc('\n', stderr);
}

}  // namespace

std::vector<std::string> scenario_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  std::set<std::string> seen;
  for (const std::string& path : paths.empty() ? std::vector{library()} : paths) {
    for (std::string& file : expand(path)) {
      if (seen.insert(fs::weakly_canonical(file).string()).second) files.push_back(std::move(file));
    }
  }
  return files;
}

std::vector<scenarios::Override> overrides(const std::vector<std::string>& sets) {
  std::vector<scenarios::Override> list;
  for (const std::string& set : sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos || equals == 0) throw UsageError("--set " + set + ": want path=value");
    list.push_back({set.substr(0, equals), set.substr(equals + 1)});
  }
  return list;
}

std::string repeated(const std::vector<std::string>& sets) {
  std::string text;
  for (const std::string& set : sets) text += (text.empty() ? "--set " : " --set ") + quoted(set);
  return text;
}

std::optional<scenarios::Scenario> load(const std::string& path, const std::vector<std::string>& sets) {
  std::vector<scenarios::Problem> warnings;
  try {
    auto scenario = scenarios::load_scenario(path, overrides(sets), &warnings);
    for (const auto& warning : warnings) print(path, warning);
    return scenario;
  } catch (const scenarios::ScenarioError& error) {
    for (const auto& warning : warnings) print(path, warning);
    for (const auto& problem : error.problems) print(path, problem);
    return std::nullopt;
  }
}

}  // namespace brokersim::cli
