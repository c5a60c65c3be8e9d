#include "scenarios/report/verdict_text.hpp"

#include "model/ledger/judge.hpp"
#include "scenarios/report/format.hpp"

namespace brokersim::scenarios {

using model::ledger::Cause;
using model::ledger::Class;
using model::ledger::Outcome;
using model::ledger::text_of;

namespace {

std::string class_of(const Outcome& outcome) {
  return std::string(model::ledger::class_names[static_cast<std::size_t>(outcome.outcome)]);
}

bool has_window(const Outcome& outcome) { return outcome.outcome == Class::lost || outcome.vanished; }

/// Of what a group has gone past nobody can say when that was.
bool is_window_known(const Outcome& outcome) {
  return has_window(outcome) && (outcome.window.ns > 0 || outcome.taken.ns >= 0);
}

/// `lost, vanished`
std::string class_and_flags(const Outcome& outcome) {
  std::string words = class_of(outcome);
  for (const std::string& flag : flags_of(outcome)) words += ", " + flag;
  return words;
}

/// The causes of its class and of being doubled, without those that say nothing.
std::vector<Cause> causes_of(const Outcome& outcome) {
  std::vector<Cause> causes;
  for (const Cause cause : {outcome.cause, outcome.vanished_cause, outcome.duplicate_cause}) {
    const bool known = !causes.empty() && causes.back() == cause;
    if (cause != Cause::none && !known) causes.push_back(cause);
  }
  return causes;
}

std::string quoted(std::string_view text) { return '"' + json_escaped(std::string(text)) + '"'; }

std::string name_or_null(Cause cause) { return cause == Cause::none ? "null" : quoted(text_of(cause).name); }

}  // namespace

std::string judged_name(const model::Config& config, std::size_t group) {
  return model::ledger::is_log(config, group) ? "" : config.groups[group];
}

std::vector<std::string> flags_of(const Outcome& outcome) {
  std::vector<std::string> flags;
  const auto add = [&](bool set, const char* name) {
    if (set) flags.emplace_back(name);
  };
  add(outcome.duplicated, "duplicated");
  add(outcome.redelivered, "redelivered");
  add(outcome.reordered, "reordered");
  add(outcome.late, "late");
  add(outcome.vanished, "vanished");
  return flags;
}

Cause telling_cause(const Outcome& outcome) {
  const auto causes = causes_of(outcome);
  return causes.empty() ? Cause::none : causes.front();
}

std::string verdict_line(const Outcome& outcome, const std::string& group) {
  std::string line =
      "verdict for " + (group.empty() ? "the log" : "group " + group) + ": " + class_and_flags(outcome);
  for (const Cause cause : causes_of(outcome)) line += "; cause " + std::string(text_of(cause).name);
  if (is_window_known(outcome)) line += "; window " + short_time(outcome.window.ns);
  const std::string_view closes = text_of(telling_cause(outcome)).closes;
  return closes.empty() ? line : line + "; closes it: " + std::string(closes);
}

std::string verdict_json(const Outcome& outcome, const std::string& group) {
  std::string flags;
  for (const std::string& flag : flags_of(outcome)) flags += (flags.empty() ? "" : ",") + quoted(flag);
  std::string json = "\"group\":" + (group.empty() ? std::string("null") : quoted(group)) +
                     ",\"class\":" + quoted(class_of(outcome)) + ",\"flags\":[" + flags + "]" +
                     ",\"cause\":" + name_or_null(outcome.cause) +
                     ",\"duplicate_cause\":" + name_or_null(outcome.duplicate_cause);
  if (has_window(outcome)) json += ",\"window_ns\":" + std::to_string(outcome.window.ns);
  const std::string_view closes = text_of(telling_cause(outcome)).closes;
  return closes.empty() ? json : json + ",\"closes\":" + quoted(closes);
}

std::string verdict_paragraph(const Outcome& outcome, const std::string& group) {
  std::string text =
      (group.empty() ? "For the log: " : "For group " + group + ": ") + class_and_flags(outcome) + "\n";
  for (const Cause cause : causes_of(outcome)) {
    text +=
        "  cause: " + std::string(text_of(cause).name) + ": " + std::string(text_of(cause).sentence) + "\n";
    if (!text_of(cause).closes.empty()) text += "  closes it: " + std::string(text_of(cause).closes) + "\n";
  }
  if (is_window_known(outcome))
    text += "  window: it had been believed safe for " + short_time(outcome.window.ns) + "\n";
  return text;
}

}  // namespace brokersim::scenarios
