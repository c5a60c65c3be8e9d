// brokersim: the command line.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "scenarios/cli/arguments.hpp"
#include "scenarios/cli/files.hpp"
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
    "  brokersim explain my.json --seed 17 --message 4711    why one message was lost or doubled, in "
    "sentences\n"
    "  brokersim trace my.json --seed 17 --message 4711      what happened to it, event by event\n"
    "  brokersim explore small.json                          every crash point: all that can happen\n"
    "\n"
    "exit codes: 0 all expectations hold, 1 some do not, 2 bad input, 3 a bug in brokersim";

int guarded(const std::function<int()>& command) {
  try {
    const int code = command();
    // A report that nobody can read is no success.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw cli::UsageError("the output could not be written");
    return code;
  } catch (const cli::UsageError& error) {
    std::fflush(stdout);
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
  // `| head` ends us quietly, also under a parent that ignores the signal.
  std::signal(SIGPIPE, SIG_DFL);
  CLI::App app(about, "brokersim");
  app.set_version_flag("--version", "brokersim " BROKERSIM_VERSION);
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(40);
  cli::Options options;
  const auto verbs = cli::add_verbs(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::all_hold : cli::bad_input;
  }
  for (const cli::Verb& verb : verbs) {
    if (verb.parser->parsed()) return guarded(verb.command);
  }
  return guarded(
      []() -> int { throw cli::UsageError("run, check, explain or trace? See brokersim --help"); });
}
