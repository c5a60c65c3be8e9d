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

// ------------------------------------------------------------------------------- targets

void read_process_target(const Place& place, FaultAction& action, bool broker, Draft& draft) {
  const auto number = read_reference(place, draft.processes, broker ? "broker" : "process", draft.problems);
  if (!number) return;
  if (broker && *number >= draft.config().brokers.size())
    return draft.problems.error(place.pointer, quoted(place.value->text) + " is not a broker");
  action.process = model::ProcessId(static_cast<std::uint16_t>(*number));
}

/// The host on which a process runs, when somebody took the process for the machine.
std::string host_hint(std::string_view name, Draft& draft) {
  const auto number = draft.processes.find(name);
  if (!number) return suggest(name, draft.hosts.all());
  std::vector<model::HostId> hosts;  // of all processes, in their order
  for (const auto& broker : draft.config().brokers) hosts.push_back(broker.host);
  for (const auto& producer : draft.config().producers) hosts.push_back(producer.host);
  for (const auto& reader : draft.config().consumers) hosts.push_back(reader.host);
  for (const auto& consumer : draft.config().push_consumers) hosts.push_back(consumer.host);
  for (const auto& server : draft.config().name_servers) hosts.push_back(server.host);
  if (*number >= hosts.size()) return "";  // Some of the processes could not be read.
  return "it runs on host " + quoted(draft.config().hosts[hosts[*number].value].name);
}

bool read_host_target(const Place& place, model::HostId& host, Draft& draft) {
  if (!place.value->is(Value::Kind::text))
    return report_kind(place, "the name of a host", draft.problems), false;
  const std::string& name = place.value->text;
  const auto number = draft.hosts.find(name);
  if (!number)
    return draft.problems.error(place.pointer, "there is no host " + quoted(name), host_hint(name, draft)),
           false;
  host = model::HostId(static_cast<std::uint16_t>(*number));
  return true;
}

/// ["host-1", "host-2"], or one host against all others.
void read_link_target(const Place& place, FaultAction& action, Draft& draft) {
  if (place.value->is(Value::Kind::text)) {
    action.all_links = true;
    read_host_target(place, action.host, draft);
    return;
  }
  const auto ends = elements(place, draft.problems);
  if (!place.value->is(Value::Kind::array)) return;
  if (ends.size() != 2)
    return draft.problems.error(place.pointer, "names two hosts, or one as a text (against all others)");
  const bool first = read_host_target(ends[0], action.host, draft);
  const bool second = read_host_target(ends[1], action.other_host, draft);
  if (first && second && action.host == action.other_host)
    draft.problems.error(place.pointer, "both ends are the same host");
}

void read_topic_target(Fields& fields, const Place& place, FaultAction& action, Draft& draft) {
  const auto topic = read_reference(place, draft.topics, "topic", draft.problems);
  if (topic) action.topic = model::TopicId(static_cast<std::uint16_t>(*topic));
  const Place broker = fields.place("broker");
  if (broker.value != nullptr) return read_process_target(broker, action, true, draft);
  if (draft.config().brokers.size() > 1)
    draft.problems.error(fields.pointer(), "\"create_topic\" needs \"broker\", because there are several");
}

void read_target(Fields& fields, const ActionWord& word, FaultAction& action, Draft& draft) {
  const Place place = fields.place(word.text);
  switch (word.target) {
    case Target::process: return read_process_target(place, action, false, draft);
    case Target::broker: return read_process_target(place, action, true, draft);
    case Target::host: read_host_target(place, action.host, draft); return;
    case Target::link: return read_link_target(place, action, draft);
    case Target::topic: return read_topic_target(fields, place, action, draft);
  }
}

// ------------------------------------------------------------------------------- actions

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
  if (only(FaultKind::delay, "by") && fields.required("by", "a delayed link").value != nullptr)
    fields.distribution("by", action.duration);
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
