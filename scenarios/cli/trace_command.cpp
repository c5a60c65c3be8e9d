#include <cstdio>

#include "model/record.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "scenarios/report/trace_format.hpp"
#include "scenarios/report/verdict_text.hpp"
#include "scenarios/run/seed_run.hpp"

namespace brokersim::cli {

namespace {

/// Prints as it hears: a long run needs no memory.
class Printer final : public sim::Recorder {
 public:
  Printer(const model::Config& config, const TraceOptions& options) : config_(config), options_(options) {}

  /// How many messages were begun.
  std::uint32_t messages() const { return messages_; }

  void on(sim::SimTime at, const sim::Record& record) override {
    if (static_cast<model::RecordKind>(record.kind) == model::RecordKind::send_begun) ++messages_;
    if (options_.message && !concerns(record, *options_.message)) return;
    const std::string line = options_.json ? scenarios::trace_json(at, record, config_)
                                           : scenarios::trace_text(at, record, config_);
    std::puts(line.c_str());
  }

 private:
  /// The intent's own records, and the faults and crashes around it.
  static bool concerns(const sim::Record& record, std::uint32_t message) {
    return scenarios::is_about_message(record) ? record.subject == message
                                               : scenarios::is_told_around(record);
  }

  const model::Config& config_;
  const TraceOptions& options_;
  std::uint32_t messages_ = 0;
};

void print_verdicts(const TraceOptions& options, const model::Config& config, sim::SimTime ended,
                    const scenarios::Outcomes& outcomes) {
  const std::string head = "{\"t_ns\":" + std::to_string(ended.ns) +
                           ",\"event\":\"verdict\",\"message\":" + std::to_string(*options.message) + ",";
  for (std::size_t g = 0; g < outcomes.size(); ++g) {
    if (!outcomes[g]) continue;
    const std::string group = scenarios::judged_name(config, g);
    const std::string line = options.json ? head + scenarios::verdict_json(*outcomes[g], group) + "}"
                                          : scenarios::verdict_line(*outcomes[g], group);
    std::puts(line.c_str());
  }
}

}  // namespace

int trace(const TraceOptions& options) {
  const auto scenario = load(options.path, options.sets);
  if (!scenario) return bad_input;
  const auto config = std::make_shared<const model::Config>(scenario->config);
  Printer printer(*config, options);
  scenarios::SeedRunner runner(config);
  if (options.message) runner.watch(*options.message);
  const auto result = runner.run(sim::Seed(options.seed), printer);
  if (!options.message) return all_hold;
  if (*options.message >= printer.messages()) throw no_such_message(*options.message, printer.messages());
  print_verdicts(options, *config, result.ended, runner.outcomes());
  return all_hold;
}

}  // namespace brokersim::cli
