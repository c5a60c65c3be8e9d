// The verbs of the command line and the options that they fill.
#pragma once

#include <functional>
#include <vector>

#include "scenarios/cli/commands.hpp"

namespace CLI {
class App;
}

namespace brokersim::cli {

struct Options {
  RunOptions run;
  CheckOptions check;
  TraceOptions trace;
  ExplainOptions explain;
  ExploreOptions explore;
  CoverageOptions coverage;
  ImportOptions import;
  TablesOptions tables;
};

struct Verb {
  CLI::App* parser;
  std::function<int()> command;  ///< returns the exit code
};

/// Adds every verb to `app`. Parsing writes into `options`, which must live as long as the verbs.
std::vector<Verb> add_verbs(CLI::App& app, Options& options);

}  // namespace brokersim::cli
