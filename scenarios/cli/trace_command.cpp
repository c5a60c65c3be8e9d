#include <cstdio>

#include "model/record.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "scenarios/report/trace_format.hpp"
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
    const auto kind = static_cast<model::RecordKind>(record.kind);
    return kind >= model::RecordKind::flushed ? kind >= model::RecordKind::process_died
                                              : record.subject == message;
  }

  const model::Config& config_;
  const TraceOptions& options_;
  std::uint32_t messages_ = 0;
};

}  // namespace

int trace(const TraceOptions& options) {
  const auto scenario = load(options.path, options.sets);
  if (!scenario) return bad_input;
  const auto config = std::make_shared<const model::Config>(scenario->config);
  Printer printer(*config, options);
  scenarios::SeedRunner(config).run(sim::Seed(options.seed), printer);
  if (options.message && *options.message >= printer.messages()) {
    throw UsageError("--message " + std::to_string(*options.message) + ": this run has " +
                     std::to_string(printer.messages()) + " messages, counted from 0");
  }
  return all_hold;
}

}  // namespace brokersim::cli
