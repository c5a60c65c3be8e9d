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

/// The scenario to stdout, so that it can be redirected; what it leaves out, and what is in its way, to
/// stderr.
int import(const ImportOptions& options) {
  if (options.files.empty() && options.producers.empty() && options.consumers.empty() &&
      options.name_servers.empty() && options.controllers.empty())
    throw UsageError(
        "import: which broker.conf, namesrv.conf, controller.conf, application.yml or client settings?");
  const scenarios::Import result = scenarios::import_config({.files = read_all(options.files),
                                                             .producers = read_all(options.producers),
                                                             .consumers = read_all(options.consumers),
                                                             .name_servers = read_all(options.name_servers),
                                                             .controllers = read_all(options.controllers),
                                                             .version = options.version});
  for (const std::string& line : result.left_out) std::fprintf(stderr, "left out: %s\n", line.c_str());
  std::fputs(result.scenario.c_str(), stdout);
  std::fflush(stdout);
  for (const std::string& line : result.refused) std::fprintf(stderr, "refused: %s\n", line.c_str());
  if (result.refused.empty()) return all_hold;
  std::fprintf(stderr,
               "the scenario is written, but it does not run before the refused places are changed\n");
  return some_fail;
}

}  // namespace brokersim::cli
