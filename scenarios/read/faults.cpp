// Faults: one trigger, one action, and what undoes it.
#include <algorithm>
#include <array>
#include <optional>

#include "model/event.hpp"
#include "scenarios/read/fault_words.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::EventName;
using model::FaultAction;
using model::FaultConfig;
using model::FaultKind;
using model::TriggerKind;

std::optional<ActionWord> find_action(Fields& fields, Problems& problems) {
  std::vector<std::string_view> found, names;
  std::optional<ActionWord> action;
  for (const ActionWord& word : action_words) {
    names.push_back(word.text);
    if (!fields.has(word.text)) continue;
    found.push_back(word.text);
    if (!action) action = word;
  }
  if (found.empty() && fields.is_object())
    problems.error(fields.pointer(), "a fault needs an action", allowed(names));
  if (found.size() > 1) problems.error(fields.pointer(), joined(found) + " in one fault", "write two faults");
  return action;
}

/// The parts that belong to one kind of action.
void read_details(Fields& fields, FaultAction& action) {
  const auto only = [&](FaultKind kind, std::string_view key) {
    const bool here = action.kind == kind;
    if (!here) refuse_without(fields, word_of(kind).text, {key});
    return here;
  };
  if (only(FaultKind::kill, "seen_as")) fields.choice("seen_as", action.silent, seen_words);
  if (only(FaultKind::power_loss, "unsynced_files"))
    fields.choice("unsynced_files", action.files, unsynced_words);
  if (only(FaultKind::slow_disk, "factor") && fields.required("factor", "a slow disk").value != nullptr)
    fields.real("factor", action.factor, 1, 1e6);
  if (action.kind == FaultKind::clock_jump) {
    if (fields.required("by", "a clock that jumps").value != nullptr)
      fields.duration("by", action.jump, -longest_fixed, longest_fixed);
    if (fields.has("by") && action.jump == model::Duration{})
      fields.problems().error(fields.pointer_to("by"), "it does not jump");
  } else if (only(FaultKind::delay, "by") && fields.required("by", "a delayed link").value != nullptr) {
    fields.distribution("by", action.duration);
  }
  if (only(FaultKind::power_loss, "tail")) fields.choice("tail", action.tail, tail_words);
  if (only(FaultKind::disk_full, "used")) fields.real("used", action.used, 0.01, 1);
  if (only(FaultKind::truncate_log, "bytes") &&
      fields.required("bytes", "a log that is cut").value != nullptr)
    read_bytes(fields, "bytes", action.bytes);
  if (only(FaultKind::rolling_restart, "between")) fields.distribution("between", action.duration);
  only(FaultKind::create_topic, "broker");
}

bool undoes(const ActionWord& word, std::string_view key) {
  if (word.undone_by.empty()) return false;
  return key == word.undone_by || key == "restore_after" || key == "restore" || (key == "for" && word.lasts);
}

std::string undo_hint(const ActionWord& word) {
  if (word.undone_by.empty()) return "it is over at once";
  return "did you mean " + quoted(word.undone_by) + "?";
}

void read_undo(Fields& fields, const ActionWord& word, FaultConfig& fault) {
  const auto found =
      present(fields, {undo_words[0], undo_words[1], undo_words[2], undo_words[3], undo_words[4]});
  if (found.size() > 1)
    fields.problems().error(fields.pointer(), joined(found) + " contradict each other", undo_hint(word));
  for (const std::string_view key : found) {
    if (!undoes(word, key))
      fields.problems().error(fields.pointer_to(key), quoted(key) + " does not go with " + quoted(word.text),
                              undo_hint(word));
    else if (key == "restore")
      fields.choice(key, fault.never_restored, never_words);
    else
      fault.restores = fields.distribution(key, fault.restore_after);
  }
}

/// Requests that a broker answers.
constexpr std::array answered{EventName::broker_send_request,
                              EventName::broker_pull_request,
                              EventName::broker_heartbeat,
                              EventName::broker_send_back,
                              EventName::broker_query_consumer_offset,
                              EventName::broker_get_max_offset,
                              EventName::broker_get_consumer_list};

void check_response_lost(Fields& fields, const FaultConfig& fault, Problems& problems) {
  if (fault.action.kind != FaultKind::response_lost) return;
  const auto event = static_cast<EventName>(fault.trigger.event);
  const bool request = std::find(answered.begin(), answered.end(), event) != answered.end();
  if (fault.trigger.kind == TriggerKind::on_event && request) return;
  std::vector<std::string_view> names;
  for (const EventName name : answered) names.push_back(model::to_string(name));
  problems.error(fields.pointer(), "\"response_lost\" strikes the connection of a request that is answered",
                 "its trigger is \"on\"; " + allowed(names));
}

void read_fault(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  FaultConfig fault;
  if (fields.has("campaign")) {
    read_campaign(fields.place("campaign"), fault, draft);
    fields.finish("a campaign");
    draft.config().faults.push_back(std::move(fault));
    return;
  }
  read_trigger(fields, fault.trigger, draft);
  fields.distribution("after", fault.delay);
  if (const auto word = find_action(fields, draft.problems)) {
    fault.action.kind = word->kind;
    read_target(fields, *word, fault.action, draft);
    read_details(fields, fault.action);
    read_undo(fields, *word, fault);
    check_response_lost(fields, fault, draft.problems);
  }
  fields.finish("a fault");
  draft.config().faults.push_back(std::move(fault));
}

}  // namespace

void read_faults(Fields& file, Draft& draft) {
  const Place list = file.place("faults");
  const auto all = elements(list, draft.problems);
  if (all.size() > ids_max) return draft.problems.error(list.pointer, "has more than 65535 elements");
  for (const Place& place : all) read_fault(place, draft);
}

}  // namespace brokersim::scenarios::read
