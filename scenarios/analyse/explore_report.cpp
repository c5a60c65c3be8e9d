#include "scenarios/analyse/explore_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/event.hpp"
#include "model/ledger/cause.hpp"
#include "model/ledger/judge.hpp"
#include "scenarios/report/format.hpp"

namespace brokersim::scenarios {

using nlohmann::ordered_json;

namespace {

using model::Config;
using model::IntentOutcome;
using model::ledger::Cause;
using model::ledger::Class;
using model::ledger::Local;
using model::ledger::Told;

std::string_view text_of(Told told) {
  switch (told) {
    case Told::nothing: return "nothing";
    case Told::acknowledged: return "acknowledged";
    case Told::failed: return "failed";
    case Told::unchecked_ok: return "unchecked_ok";
    case Told::unchecked: return "unchecked";
    case Told::rolled_back: return "rolled_back";
  }
  return {};
}

std::string_view text_of(Local local) {
  switch (local) {
    case Local::absent: return "absent";
    case Local::running: return "running";
    case Local::committed: return "committed";
    case Local::rolled_back: return "rolled_back";
  }
  return {};
}

std::string count_text(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string times_text(std::uint8_t effects) {
  return effects == 0 ? "never" : effects == 1 ? "once" : "twice or more";
}

bool is_transactional(const Config& config) {
  return std::any_of(config.producers.begin(), config.producers.end(),
                     [](const model::ProducerConfig& producer) { return producer.transaction.has_value(); });
}

std::string intent_text(const Config& config, const IntentOutcome& intent) {
  std::string text = "told " + std::string(text_of(intent.told));
  if (is_transactional(config)) text += ", local transaction " + std::string(text_of(intent.local));
  text += intent.copies == 1 ? ", 1 copy" : ", " + std::to_string(intent.copies) + " copies";
  if (intent.discarded > 0) text += ", discarded by the check service";
  for (std::size_t group = 0; group < intent.effects.size(); ++group)
    text += ", applied " + times_text(intent.effects[group]) + " by " + config.groups[group];
  for (std::size_t group = 0; group < intent.dead_letters.size(); ++group)
    if (intent.dead_letters[group] > 0) text += ", a dead letter of " + config.groups[group];
  return text;
}

std::string group_name(const Config& config, std::size_t group) {
  return model::ledger::is_log(config, group) ? "the log" : config.groups[group];
}

void list_causes(const Config& config, const ExploredPlan& outcome, std::string& text) {
  const auto say = [&](const JudgedIntent& judged, std::string_view what, Cause cause) {
    if (cause == Cause::none) return;
    const auto& cause_text = model::ledger::text_of(cause);
    text.append("    message ").append(std::to_string(judged.intent)).append(" for ");
    text.append(group_name(config, judged.group)).append(" ").append(what).append(": ");
    text.append(cause_text.name).append(", ").append(cause_text.sentence);
    if (!cause_text.closes.empty()) text.append("; closed by ").append(cause_text.closes);
    text.append("\n");
  };
  for (const JudgedIntent& judged : outcome.judged) {
    const bool vanished = judged.outcome.vanished && judged.outcome.outcome != Class::lost;
    if (judged.outcome.outcome != Class::processed)
      say(judged, model::ledger::class_names[static_cast<std::size_t>(judged.outcome.outcome)],
          judged.outcome.cause);
    if (vanished) say(judged, "vanished", judged.outcome.vanished_cause);
    if (judged.outcome.duplicated) say(judged, "duplicated", judged.outcome.duplicate_cause);
  }
}

/// "kill broker-a, kill shop (undone after 1 s), pause shop (undone after 9.2 s)"
std::string faults_text(const Config& config) {
  std::string text;
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    const model::FaultConfig& fault = config.faults[i];
    text += fault_text(config, fault.action);
    const bool same = i + 1 < config.faults.size() && fault.restores == config.faults[i + 1].restores &&
                      fault.restore_after == config.faults[i + 1].restore_after;
    if (fault.restores && !same) text += " (undone after " + short_time(fault.restore_after.first().ns) + ")";
    text += ", ";
  }
  return text.substr(0, text.size() - std::min<std::size_t>(text.size(), 2));
}

/// The file of one plan of one outcome.
std::string file_of(const SavedPlans& saved, std::size_t outcome, std::size_t plan) {
  return outcome < saved.size() && plan < saved[outcome].size() ? saved[outcome][plan] : "";
}

std::string run_command(const ExploreHead& head, const std::string& file) {
  std::string command = "brokersim run " + shell_word(file);
  if (head.seed != 1) command += " --seed " + std::to_string(head.seed);
  return command;
}

std::string plan_text(const ExploreHead& head, const Config& config, const ExploredPlan& plan,
                      const std::string& file) {
  std::string text;
  list_causes(config, plan, text);
  if (plan.faults.empty()) text += "    without any fault\n";
  for (const PlannedFault& fault : plan.faults) text += "    shortest plan: " + fault.text + "\n";
  if (!plan.reproduced) {
    text += "    no run comes to it: its draws, or the instant of a fault, cannot be said in a file\n";
    for (const std::string& answer : plan.answers) text += "      a draw in " + answer + "\n";
  }
  if (!file.empty()) text += "    saved: " + run_command(head, file) + "\n";
  return text;
}

std::string outcome_text(const ExploreHead& head, const Config& config, const ExploredOutcome& outcome,
                         const SavedPlans& saved, std::size_t number) {
  std::string text = outcome.verdict() + "  in " + count_text(outcome.plans, "plan") + "\n";
  for (std::size_t i = 0; i < outcome.intents.size(); ++i)
    text += "    message " + std::to_string(i) + ": " + intent_text(config, outcome.intents[i]) + "\n";
  if (!outcome.is_bad()) return text;
  text += plan_text(head, config, outcome, file_of(saved, number, 0));
  for (std::size_t i = 0; i < outcome.by_other_causes.size(); ++i)
    text += "    or\n" + plan_text(head, config, outcome.by_other_causes[i], file_of(saved, number, i + 1));
  return text;
}

ordered_json fault_json(const Config& config, const PlannedFault& fault) {
  const model::FaultTrigger& trigger = fault.fault.trigger;
  ordered_json json{
      {"text", fault.text}, {"action", fault_text(config, fault.fault.action)}, {"at_ns", fault.at.ns}};
  if (trigger.kind != model::TriggerKind::on_event) return json;
  json["on"] = model::to_string(static_cast<model::EventName>(trigger.event));
  if (!trigger.any_actor) json["actor"] = process_name(config, trigger.actor);
  json["nth"] = trigger.nth;
  json["when"] = trigger.before ? "before" : "after";
  return json;
}

ordered_json intent_json(const Config& config, const IntentOutcome& intent) {
  ordered_json json{
      {"told", text_of(intent.told)}, {"local", text_of(intent.local)}, {"copies", intent.copies}};
  json["discarded"] = intent.discarded;
  ordered_json effects = ordered_json::object(), dead = ordered_json::object();
  for (std::size_t group = 0; group < intent.effects.size(); ++group)
    effects[config.groups[group]] = intent.effects[group];
  for (std::size_t group = 0; group < intent.dead_letters.size(); ++group)
    dead[config.groups[group]] = intent.dead_letters[group];
  json["effects"] = std::move(effects);
  json["dead_letters"] = std::move(dead);
  return json;
}

ordered_json judged_json(const Config& config, const JudgedIntent& judged) {
  const auto& outcome = judged.outcome;
  ordered_json json{{"message", judged.intent}};
  json["group"] = model::ledger::is_log(config, judged.group) ? ordered_json(nullptr)
                                                              : ordered_json(config.groups[judged.group]);
  json["class"] = model::ledger::class_names[static_cast<std::size_t>(outcome.outcome)];
  json["duplicated"] = outcome.duplicated;
  json["vanished"] = outcome.vanished;
  json["cause"] = model::ledger::text_of(outcome.cause).name;
  json["vanished_cause"] = model::ledger::text_of(outcome.vanished_cause).name;
  json["duplicate_cause"] = model::ledger::text_of(outcome.duplicate_cause).name;
  return json;
}

ordered_json plan_json(const Config& config, const ExploredPlan& plan, const std::string& file) {
  ordered_json judged = ordered_json::array(), faults = ordered_json::array();
  for (const JudgedIntent& one : plan.judged) judged.push_back(judged_json(config, one));
  for (const PlannedFault& fault : plan.faults) faults.push_back(fault_json(config, fault));
  return {{"judged", std::move(judged)},
          {"shortest_plan",
           {{"faults", std::move(faults)},
            {"answers", plan.answers},
            {"ended_ns", plan.ended.ns},
            {"reproduced", plan.reproduced}}},
          {"saved", file.empty() ? ordered_json(nullptr) : ordered_json(file)}};
}

ordered_json outcome_json(const Config& config, const ExploredOutcome& outcome, const SavedPlans& saved,
                          std::size_t number) {
  ordered_json messages = ordered_json::array(), others = ordered_json::array();
  for (const IntentOutcome& intent : outcome.intents) messages.push_back(intent_json(config, intent));
  for (std::size_t i = 0; i < outcome.by_other_causes.size(); ++i)
    others.push_back(plan_json(config, outcome.by_other_causes[i], file_of(saved, number, i + 1)));
  ordered_json json{
      {"verdict", outcome.verdict()}, {"plans", outcome.plans}, {"messages", std::move(messages)}};
  json.update(plan_json(config, outcome, file_of(saved, number, 0)));
  json["by_other_causes"] = std::move(others);
  return json;
}

ordered_json offered_json(const Config& config, const model::FaultConfig& fault) {
  ordered_json json{{"action", fault_text(config, fault.action)}};
  json["undone_after_ns"] =
      fault.restores ? ordered_json(fault.restore_after.first().ns) : ordered_json(nullptr);
  return json;
}

}  // namespace

std::string explore_text(const ExploreHead& head, const ExploreResult& result, const SavedPlans& saved) {
  const Config& config = result.world.config;
  std::string text = head.file + ": " + head.title + "\n";
  text += "  up to " + count_text(static_cast<std::uint64_t>(head.crashes), "fault") +
          " between any two events, of: " + faults_text(config);
  text += "\n  the phases of the services are those of seed " + std::to_string(head.seed) + "\n";
  for (const std::string& note : result.world.notes) text += "  " + note + "\n";
  text += "  " + count_text(result.plans, "plan") + ", " + count_text(result.states, "state") +
          " (met again: " + std::to_string(result.merged) + "), " +
          count_text(result.outcomes.size(), "outcome") + "\n";
  if (result.livelocks > 0)
    text += "  " + count_text(result.livelocks, "way") +
            " back into a state that had been left: runs that never end\n";
  for (std::size_t i = 0; i < result.outcomes.size(); ++i)
    text += "\n  " + outcome_text(head, config, result.outcomes[i], saved, i);
  return text;
}

std::string explore_json(const ExploreHead& head, const ExploreResult& result, const SavedPlans& saved) {
  ordered_json faults = ordered_json::array(), outcomes = ordered_json::array();
  for (const model::FaultConfig& fault : result.world.config.faults)
    faults.push_back(offered_json(result.world.config, fault));
  for (std::size_t i = 0; i < result.outcomes.size(); ++i)
    outcomes.push_back(outcome_json(result.world.config, result.outcomes[i], saved, i));
  const ordered_json report{{"file", head.file},           {"title", head.title},
                            {"overrides", head.overrides}, {"seed", head.seed},
                            {"crashes", head.crashes},     {"faults", std::move(faults)},
                            {"notes", result.world.notes}, {"states", result.states},
                            {"merged", result.merged},     {"livelocks", result.livelocks},
                            {"plans", result.plans},       {"outcomes", std::move(outcomes)}};
  return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace brokersim::scenarios
