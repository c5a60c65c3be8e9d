// The verbs of the command line. Each returns the exit code: 0 all is well, 1 some expectation does
// not hold, 2 the input is bad, 3 a bug in brokersim itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace brokersim::cli {

inline constexpr int all_hold = 0, some_fail = 1, bad_input = 2, internal_bug = 3;

struct RunOptions {
  std::vector<std::string> paths;  ///< files, folders, globs; empty: the scenario library
  std::optional<std::int64_t> seeds;
  std::uint64_t first_seed = 1;
  std::optional<std::uint64_t> seed;  ///< only this one
  int jobs = 0;
  std::vector<std::string> sets;  ///< path=value
  bool json = false;
  bool verbose = false;  ///< the whole report of each scenario, though there are several and it holds
  std::string junit;     ///< also writes this file; empty: none
};
int run(const RunOptions& options);

struct CheckOptions {
  std::vector<std::string> paths;
  std::vector<std::string> sets;
  bool effective = false;
  bool explain = false;           ///< lists the settings of `config` blocks; the paths then name some of them
  bool explain_settings = false;  ///< what each setting of the files changes in the model
  bool json = false;              ///< that, as JSON
};
int check(const CheckOptions& options);

struct TraceOptions {
  std::string path;
  std::uint64_t seed = 1;
  std::vector<std::string> sets;
  bool json = false;
  std::optional<std::uint32_t> message;  ///< only what concerns this intent
};
int trace(const TraceOptions& options);

struct ExploreOptions {
  std::string path;
  std::uint64_t seed = 1;  ///< draws the phases of the services
  std::vector<std::string> sets;
  int crashes = 1;
  std::vector<std::string> faults;  ///< kill:NAME ...; none: every kill and pause, and brokers' power losses
  std::string restore_after;        ///< empty: what suits the fault
  std::string horizon;              ///< empty: none
  std::uint64_t states_max = 10'000'000;
  bool no_merge = false;
  bool first_answers = false;
  bool json = false;
  std::string save;  ///< folder for counterexamples; empty: none
};
int explore(const ExploreOptions& options);

struct CoverageOptions {
  std::vector<std::string> paths;  ///< empty: the scenario library, what is recorded, and tests/rows
  std::optional<std::int64_t> seeds;
  std::vector<std::string> sets;
  bool uncovered = false;  ///< only the rows that were never taken
  bool all = false;        ///< of files that are named also the rows that they do not take
  bool json = false;
  bool recorded = false;  ///< only checks tests/rows/taken.tsv
  bool write = false;     ///< writes it
};
int coverage(const CoverageOptions& options);

struct ImportOptions {
  /// Of brokers, containers, name servers, controllers and Spring applications.
  std::vector<std::string> files;
  std::vector<std::string> producers, consumers;  ///< client settings as properties files
  std::vector<std::string> name_servers, controllers;
  std::string version = "5.3";
};
int import(const ImportOptions& options);

struct TablesOptions {
  std::string name;      ///< empty: all
  std::string document;  ///< a whole generated document instead
};
int tables(const TablesOptions& options);

struct ExplainOptions {
  std::string path;
  std::uint64_t seed = 1;
  std::uint32_t message = 0;
  std::string group;  ///< empty: all
  std::vector<std::string> sets;
  bool json = false;
};
int explain(const ExplainOptions& options);

}  // namespace brokersim::cli
