#include "scenarios/cli/files.hpp"

#include <glob.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "scenarios/report/format.hpp"

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

/// In a checkout beside us, else where it was installed with the command: beside its libraries, or in
/// the Python package of the same environment.
std::string library() {
  if (fs::is_directory("scenarios/library")) return "scenarios/library";
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path prefix = self.parent_path().parent_path();
    const fs::path shared = prefix / "share/brokersim/library";
    if (fs::is_directory(shared)) return shared.string();
    for (const char* lib : {"lib", "lib64"}) {
      const auto packaged = matches((prefix / lib / "python3*/site-packages/brokersim/library").string());
      if (!packaged.empty()) return packaged.front();
    }
  }
  throw UsageError("no scenario file given, and no scenarios/library here");
}

/// The same for all spellings of one file; a pipe (/dev/stdin, <(...)) has no other name.
std::string identity(const std::string& file) {
  std::error_code error;
  const fs::path canonical = fs::canonical(file, error);
  return error ? file : canonical.string();
}

std::vector<std::string> files_of(const fs::path& found) {
  if (!fs::is_directory(found)) return {found.string()};
  auto files = json_files_below(found);
  if (files.empty()) throw UsageError(found.string() + ": no .json file in this folder");
  return files;
}

std::vector<std::string> expand(const std::string& path) {
  if (fs::exists(path)) return files_of(path);
  std::vector<std::string> files;
  for (const std::string& match : matches(path)) {
    for (std::string& file : files_of(match)) files.push_back(std::move(file));
  }
  if (files.empty()) throw UsageError(path + ": no such file or folder");
  return files;
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
  try {
    for (const std::string& path : paths.empty() ? std::vector{library()} : paths) {
      for (std::string& file : expand(path)) {
        if (seen.insert(identity(file)).second) files.push_back(std::move(file));
      }
    }
  } catch (const fs::filesystem_error& error) {  // A name too long, a folder that may not be read, ...
    throw UsageError(error.path1().string() + ": " + error.code().message());
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
  for (const std::string& set : sets)
    text += (text.empty() ? "--set " : " --set ") + scenarios::shell_word(set);
  return text;
}

UsageError no_such_message(std::uint32_t message, std::uint32_t messages) {
  return UsageError("--message " + std::to_string(message) + ": this run has " + std::to_string(messages) +
                    " messages, counted from 0");
}

scenarios::RowRecord row_record() {
  try {
    return scenarios::load_row_record();
  } catch (const std::runtime_error& error) {
    throw UsageError(std::string(scenarios::row_record_file) + ": " + error.what());
  }
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
