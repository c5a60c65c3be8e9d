// What each verb takes on the command line.
#include <CLI/CLI.hpp>
#include <charconv>
#include <limits>

#include "scenarios/cli/arguments.hpp"

namespace brokersim::cli {

namespace {

constexpr const char* run_examples =
    "examples:\n"
    "  brokersim run                                         the scenario library\n"
    "  brokersim run my.json other.json 'more/*.json'        several files, folders or globs\n"
    "  brokersim run my.json --seeds 1000 --first-seed 1001  a thousand other seeds\n"
    "  brokersim run my.json --seed 17                       the one that a failed expectation names\n"
    "  brokersim run my.json --set producers.shop.threads=16 --set cluster.brokers.*.config.flushDiskType="
    "SYNC_FLUSH\n"
    "  brokersim run my.json --junit report.xml              one test case per expectation, for CI\n"
    "  brokersim run my.json --json | jq '.[0].groups[0].counts.vanished'\n"
    "\n"
    "exit codes: 0 all expectations hold, 1 some do not, 2 bad input (then nothing has run), 3 a bug in "
    "brokersim";

constexpr const char* check_examples =
    "examples:\n"
    "  brokersim check my.json                               good, or all of its problems\n"
    "  brokersim check my.json --effective > full.json       what the defaults are\n"
    "  brokersim check --explain                             every setting of config blocks, with its "
    "meaning\n"
    "  brokersim check --explain flushDiskType               that of one\n"
    "  brokersim check --explain-settings my.json            the settings of this file, and what the model "
    "does\n"
    "                                                        instead of those that it does not honour\n"
    "\n"
    "exit codes: 0 all files are good (warnings do not count), 2 some are not";

constexpr const char* explain_examples =
    "examples:\n"
    "  brokersim explain my.json --seed 17 --message 4711    the message that a failed expectation names\n"
    "  brokersim explain my.json --message 0 --json | jq -r '.story[].text'\n"
    "  brokersim explain my.json --seed 17 --message 4711 --set producers.0.threads=16\n"
    "                                                        the same message with one setting changed\n"
    "\n"
    "exit codes: 0 told, 2 bad input (also a message that the run does not have), 3 a bug in brokersim";

constexpr const char* trace_examples =
    "examples:\n"
    "  brokersim trace my.json                               every protocol event of seed 1\n"
    "  brokersim trace my.json --seed 17 --message 4711      one message, and the faults around it\n"
    "  brokersim trace my.json --json | jq 'select(.event == \"copy_lost\")'";

constexpr const char* explore_examples =
    "Every fault strikes between any two events, in every combination up to --crashes, and each is undone\n"
    "later. What is drawn in a run has its median here. Made for one or two messages.\n"
    "\n"
    "examples:\n"
    "  brokersim explore my.json                             one crash anywhere: what can become of a "
    "message\n"
    "  brokersim explore my.json --crashes 2 --fault kill:broker-a --fault power_loss:host-1\n"
    "  brokersim explore my.json --save counterexamples      each bad outcome as a file for run\n"
    "  brokersim explore big.json --set producers.0.messages=1\n"
    "\n"
    "exit codes: 0 explored (whatever was found), 2 bad input, 3 a bug in brokersim, or a limit was reached";

constexpr const char* coverage_examples =
    "Each file is run under its own version and, where it is good there, with cluster.version set to the\n"
    "other one. A row of both versions is covered once both have taken it. tests/rows/taken.tsv names a run\n"
    "for each row: without paths these are run too.\n"
    "\n"
    "examples:\n"
    "  brokersim coverage                                    all of the library: each row, how often, first "
    "by whom\n"
    "  brokersim coverage my.json                            the rows that this file takes; --all: each row\n"
    "  brokersim coverage my.json --seeds 20 --uncovered     only what was never taken\n"
    "  brokersim coverage --recorded                         a few seconds: takes each row again as "
    "recorded\n"
    "  brokersim coverage --write --seeds 100                records runs for rows that have none\n"
    "  brokersim coverage --json | jq '.[] | {name, percent}'\n"
    "\n"
    "exit codes: 0 every row is covered, 1 some are not, 2 bad input, 3 a transition that no table knows";

constexpr const char* import_examples =
    "examples:\n"
    "  brokersim import broker.conf > my.json                then edit workload and fault, and: brokersim "
    "run my.json\n"
    "  brokersim import a.conf b.conf --producer client.properties --version 4.9 > my.json\n"
    "  brokersim import broker.conf application.yml > my.json    with the settings of a Spring application\n"
    "  brokersim import conf/controller/quick-start/*.conf > my.json    brokers, and the name server with "
    "its\n"
    "                                                            controller\n"
    "\n"
    "A name server is made of each address in namesrvAddr, the controller of controllerAddr. What is left "
    "out\n"
    "is told on stderr, each with its place and with what the model does instead; and so is, behind the\n"
    "scenario, what the model refuses in it.\n"
    "\n"
    "exit codes: 0 the scenario runs, 1 it is written and does not run before the refused places are "
    "changed,\n"
    "2 bad input";

constexpr const char* tables_examples =
    "examples:\n"
    "  brokersim tables                                      all transition tables, as Markdown\n"
    "  brokersim tables --name transactions\n"
    "  brokersim tables --document transactions > docs/model-rocketmq-transactions.md\n"
    "  brokersim tables --document consuming > docs/model-rocketmq-consuming.md\n"
    "  brokersim tables --document replication > docs/model-rocketmq-replication.md\n"
    "  brokersim tables --document sending > docs/model-rocketmq-sending.md\n"
    "  brokersim tables --document controller > docs/model-rocketmq-controller.md\n"
    "  brokersim tables --document settings > docs/settings.md";

/// Whole numbers as people write them: CLI11 alone takes 010 for eight and -1 for a very large one.
CLI::Validator whole(std::uint64_t low, std::uint64_t high) {
  const auto complaint = [low, high](const std::string& text) -> std::string {
    const std::string wanted =
        high == std::numeric_limits<std::uint64_t>::max()
            ? "a whole number below 2^64"
            : "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    const bool leading_zero = text.size() > 1 && text[0] == '0';
    const bool fits = read.ec == std::errc() && read.ptr == end && !leading_zero;
    return fits && low <= value && value <= high ? "" : "\"" + text + "\" is not " + wanted;
  };
  return CLI::Validator(complaint, "", "whole");
}

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();

CLI::App* add_run(CLI::App& app, RunOptions& run) {
  CLI::App* verb =
      app.add_subcommand("run", "run scenarios over many seeds: what is lost or doubled, and why");
  verb->footer(run_examples);
  verb->add_option("paths", run.paths, "scenario files, folders or globs (default: the scenario library)");
  CLI::Option* seeds =
      verb->add_option("--seeds", run.seeds, "how many seeds (default: what each file says, or 100)")
          ->type_name("N")
          ->check(whole(1, 100'000'000));
  CLI::Option* first = verb->add_option("--first-seed", run.first_seed, "the first of them (default: 1)")
                           ->type_name("S")
                           ->check(whole(0, any));
  verb->add_option("--seed", run.seed, "only this seed")
      ->type_name("S")
      ->check(whole(0, any))
      ->excludes(seeds)
      ->excludes(first);
  verb->add_option("--jobs", run.jobs,
                   "threads (default: one per processor); the output does not depend on it")
      ->type_name("N")
      ->check(whole(1, 1024));
  verb->add_option("--set", run.sets, "replaces a value of the file, e.g. producers.0.threads=16; repeatable")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--json", run.json, "the report as JSON (docs/report-format.md)");
  verb->add_flag("-v,--verbose", run.verbose,
                 "of several scenarios, the whole report also of those that hold");
  verb->add_option("--junit", run.junit, "also writes the expectations as JUnit XML")->type_name("FILE");
  return verb;
}

CLI::App* add_check(CLI::App& app, CheckOptions& check) {
  CLI::App* verb =
      app.add_subcommand("check", "validate scenario files: every problem at once, with its place");
  verb->footer(check_examples);
  verb->add_option("paths", check.paths,
                   "scenario files, folders or globs; with --explain: names of settings");
  verb->add_option("--set", check.sets, "as in run")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  CLI::Option* effective =
      verb->add_flag("--effective", check.effective, "print the file with every default filled in");
  CLI::Option* explain = verb->add_flag("--explain", check.explain,
                                        "list the settings that the model honours, with their meaning")
                             ->excludes(effective);
  CLI::Option* here =
      verb->add_flag("--explain-settings", check.explain_settings,
                     "every setting of the files: its value, and what it changes in the model")
          ->excludes(effective)
          ->excludes(explain);
  verb->add_flag("--json", check.json, "what --explain-settings says, as JSON (docs/report-format.md)")
      ->needs(here);
  return verb;
}

CLI::App* add_trace(CLI::App& app, TraceOptions& trace) {
  CLI::App* verb = app.add_subcommand("trace", "print every protocol event of one run");
  verb->footer(trace_examples);
  verb->add_option("path", trace.path, "scenario file")->required();
  verb->add_option("--seed", trace.seed, "which run (default: 1)")->type_name("S")->check(whole(0, any));
  verb->add_option("--message", trace.message, "only this one, counted from 0, and the faults around it")
      ->type_name("N")
      ->check(whole(0, std::numeric_limits<std::uint32_t>::max()));
  verb->add_option("--set", trace.sets, "as in run")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--json", trace.json, "one JSON object per line");
  return verb;
}

CLI::App* add_explore(CLI::App& app, ExploreOptions& explore) {
  CLI::App* verb =
      app.add_subcommand("explore", "every crash point of a small scenario: all that can happen");
  verb->footer(explore_examples);
  verb->add_option("path", explore.path, "scenario file")->required();
  verb->add_option("--crashes", explore.crashes, "up to so many faults in one run (default: 1)")
      ->type_name("K")
      ->check(whole(0, 9));
  verb->add_option(
          "--fault", explore.faults,
          "kill:NAME, stop:NAME, pause:NAME, reset:NAME or power_loss:HOST; repeatable (default: the kill "
          "and the pause of each process and the power loss of each broker's host)")
      ->type_name("FAULT")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--restore-after", explore.restore_after,
                   "when a fault is undone (default: a pause when all time-outs of the file that wait for it "
                   "are over, everything else after 1s)")
      ->type_name("TIME");
  verb->add_option("--seed", explore.seed, "whose phases of the services (default: 1)")
      ->type_name("S")
      ->check(whole(0, any));
  verb->add_option("--horizon", explore.horizon, "cuts runs that do not end (default: none)")
      ->type_name("TIME");
  verb->add_option("--states", explore.states_max, "gives up beyond so many (default: 10000000)")
      ->type_name("N")
      ->check(whole(1, any));
  verb->add_flag("--no-merge", explore.no_merge,
                 "explores equal states again: the same result, only later (a file with deliver_at is always "
                 "explored so, because its equal states may differ)");
  verb->add_flag("--first-answers", explore.first_answers,
                 "only the first answer to each draw that is left (a chance is no): some of all outcomes");
  verb->add_option("--save", explore.save, "writes a scenario file for each bad outcome")
      ->type_name("FOLDER");
  verb->add_option("--set", explore.sets, "as in run")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--json", explore.json, "the report as JSON");
  return verb;
}

CLI::App* add_coverage(CLI::App& app, CoverageOptions& coverage) {
  CLI::App* verb = app.add_subcommand("coverage", "which rows of the transition tables scenarios take");
  verb->footer(coverage_examples);
  CLI::Option* paths =
      verb->add_option("paths", coverage.paths,
                       "scenario files, folders or globs (default: the scenario library and tests/rows)");
  verb->add_option("--seeds", coverage.seeds, "how many seeds of each (default: 3)")
      ->type_name("N")
      ->check(whole(1, 100'000'000));
  CLI::Option* sets = verb->add_option("--set", coverage.sets, "as in run")
                          ->type_name("PATH=VALUE")
                          ->take_all()
                          ->allow_extra_args(false);
  CLI::Option* uncovered =
      verb->add_flag("--uncovered", coverage.uncovered, "only the rows that were never taken");
  verb->add_flag("--all", coverage.all, "with files: each row, not only those that they take")
      ->excludes(uncovered);
  verb->add_flag("--json", coverage.json, "as JSON (docs/report-format.md)");
  verb->add_flag("--recorded", coverage.recorded, "only check that tests/rows/taken.tsv is true")
      ->excludes(paths)
      ->excludes(sets);
  verb->add_flag("--write", coverage.write, "write tests/rows/taken.tsv")->excludes(paths)->excludes(sets);
  return verb;
}

CLI::App* add_import(CLI::App& app, ImportOptions& import) {
  CLI::App* verb = app.add_subcommand("import", "make a scenario of the files that a real cluster runs with");
  verb->footer(import_examples);
  verb->add_option("files", import.files,
                   "a broker.conf for each broker; namesrv.conf and controller.conf; files of broker "
                   "containers; application.yml or application.properties of rocketmq-spring");
  verb->add_option("--producer", import.producers, "settings of a producer, as a properties file; repeatable")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--consumer", import.consumers, "settings of a push consumer, likewise")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--namesrv", import.name_servers,
                   "a namesrv.conf, if its settings do not tell; repeatable")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--controller", import.controllers, "a controller.conf, likewise")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--version", import.version, "of RocketMQ (default: 5.3)")->type_name("V");
  return verb;
}

CLI::App* add_tables(CLI::App& app, TablesOptions& tables) {
  CLI::App* verb = app.add_subcommand("tables", "print the transition tables as Markdown");
  verb->footer(tables_examples);
  CLI::Option* name = verb->add_option("--name", tables.name, "only this one")->type_name("TABLE");
  verb->add_option("--document", tables.document, "the whole document that is generated from it")
      ->type_name("TABLE")
      ->excludes(name);
  return verb;
}

CLI::App* add_explain(CLI::App& app, ExplainOptions& explain) {
  CLI::App* verb =
      app.add_subcommand("explain", "tell why one message was lost, doubled or stuck, in sentences");
  verb->footer(explain_examples);
  verb->add_option("path", explain.path, "scenario file")->required();
  verb->add_option("--seed", explain.seed, "which run (default: 1)")->type_name("S")->check(whole(0, any));
  verb->add_option("--message", explain.message, "which one, counted from 0 as run and trace print it")
      ->type_name("M")
      ->required()
      ->check(whole(0, std::numeric_limits<std::uint32_t>::max()));
  verb->add_option("--group", explain.group, "only this consumer group")->type_name("G");
  verb->add_option("--set", explain.sets, "as in run")
      ->type_name("PATH=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--json", explain.json, "as one JSON object (docs/report-format.md)");
  return verb;
}

}  // namespace

std::vector<Verb> add_verbs(CLI::App& app, Options& options) {
  return {{add_run(app, options.run), [&] { return run(options.run); }},
          {add_check(app, options.check), [&] { return check(options.check); }},
          {add_trace(app, options.trace), [&] { return trace(options.trace); }},
          {add_explain(app, options.explain), [&] { return explain(options.explain); }},
          {add_explore(app, options.explore), [&] { return explore(options.explore); }},
          {add_coverage(app, options.coverage), [&] { return coverage(options.coverage); }},
          {add_import(app, options.import), [&] { return import(options.import); }},
          {add_tables(app, options.tables), [&] { return tables(options.tables); }}};
}

}  // namespace brokersim::cli
