#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/analyse/import_config.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"

namespace brokersim::cli {

namespace {

std::vector<scenarios::ConfigFile> read_all(const std::vector<std::string>& paths) {
  std::vector<scenarios::ConfigFile> files;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || std::filesystem::is_directory(path)) throw UsageError(path + ": cannot be read");
    if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
    files.push_back({path, text.str()});
  }
  return files;
}

}  // namespace

/// The scenario to stdout, so that it can be redirected; what it leaves out to stderr.
int import(const ImportOptions& options) {
  if (options.files.empty() && options.producers.empty() && options.consumers.empty())
    throw UsageError("import: which broker.conf, application.yml or client settings?");
  const scenarios::Import result = scenarios::import_config(
      {read_all(options.files), read_all(options.producers), read_all(options.consumers), options.version});
  for (const std::string& line : result.left_out) std::fprintf(stderr, "left out: %s\n", line.c_str());
  for (const std::string& line : result.errors) std::fprintf(stderr, "%s\n", line.c_str());
  std::fputs(result.scenario.c_str(), stdout);
  return result.errors.empty() ? all_hold : bad_input;
}

}  // namespace brokersim::cli
