// brokersim: the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>

#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "sim/check.hpp"
#include "sim/simulation.hpp"

#ifndef BROKERSIM_VERSION
#error "the build defines BROKERSIM_VERSION"
#endif

using namespace brokersim;

namespace {

constexpr const char* about =
    "How many messages do I lose or process twice when this fails, why, and which one setting closes it?\n"
    "\n"
    "A scenario file says what runs (a broker, producers, consumers, their real settings), what fails and\n"
    "when, and what you expect. The same seed always gives the same run.\n"
    "\n"
    "  brokersim run scenarios/library                       the whole library, each file's own number of "
    "seeds\n"
    "  brokersim run my.json --seeds 1000                    counts over 1,000 seeds, causes, expectations\n"
    "  brokersim run my.json --set cluster.brokers.0.config.flushDiskType=SYNC_FLUSH\n"
    "                                                        the same with one setting changed\n"
    "  brokersim check my.json --effective                   every problem at once; every default filled in\n"
    "  brokersim trace my.json --seed 17 --message 4711      what happened to one message, event by event\n"
    "\n"
    "exit codes: 0 all expectations hold, 1 some do not, 2 bad input, 3 a bug in brokersim";

int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (const cli::UsageError& error) {
    std::fprintf(stderr, "brokersim: %s\n", error.what());
    return cli::bad_input;
  } catch (const sim::Cancelled&) {
    std::fprintf(stderr, "brokersim: interrupted\n");
    return 130;
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "brokersim: this is a bug in brokersim, please report it:\n%s\n", bug.what());
    return cli::internal_bug;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(about, "brokersim");
  app.set_version_flag("--version", "brokersim " BROKERSIM_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);

  cli::RunOptions run;
  CLI::App* run_verb =
      app.add_subcommand("run", "run scenarios over many seeds: what is lost or doubled, and why");
  run_verb->add_option("paths", run.paths,
                       "scenario files, folders or globs (default: the scenario library)");
  CLI::Option* seeds =
      run_verb->add_option("--seeds", run.seeds, "how many seeds, from 1 on (default: what the file says)")
          ->check(CLI::Range(1, 100'000'000));
  run_verb->add_option("--seed", run.seed, "only this seed")->excludes(seeds);
  run_verb
      ->add_option("--jobs", run.jobs,
                   "threads (default: one per processor); the output does not depend on it")
      ->check(CLI::Range(1, 1024));
  run_verb
      ->add_option("--set", run.sets, "path=value: replaces a value of the file, e.g. producers.0.threads=16")
      ->take_all()
      ->allow_extra_args(false);
  run_verb->add_flag("--json", run.json, "the report as JSON (docs/report-format.md)");

  cli::CheckOptions check;
  CLI::App* check_verb =
      app.add_subcommand("check", "validate scenario files: every problem at once, with its place");
  check_verb->add_option("paths", check.paths, "scenario files, folders or globs")->required();
  check_verb->add_option("--set", check.sets, "path=value")->take_all()->allow_extra_args(false);
  check_verb->add_flag("--effective", check.effective, "print the file with every default filled in");

  cli::TraceOptions trace;
  CLI::App* trace_verb = app.add_subcommand("trace", "print every protocol event of one run");
  trace_verb->add_option("path", trace.path, "scenario file")->required();
  trace_verb->add_option("--seed", trace.seed, "which run (default 1)");
  trace_verb->add_option("--message", trace.message, "only this intent, and the faults around it");
  trace_verb->add_option("--set", trace.sets, "path=value")->take_all()->allow_extra_args(false);
  trace_verb->add_flag("--json", trace.json, "one JSON object per line");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? cli::all_hold : cli::bad_input;
  }
  if (run_verb->parsed()) return guarded([&] { return cli::run(run); });
  if (check_verb->parsed()) return guarded([&] { return cli::check(check); });
  return guarded([&] { return cli::trace(trace); });
}
