// What the action of a fault strikes.
#include <algorithm>
#include <span>

#include "scenarios/read/fault_words.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::FaultAction;
using model::HostId;

void read_process_target(const Place& place, FaultAction& action, bool broker, Draft& draft) {
  const auto number = read_reference(place, draft.processes, broker ? "broker" : "process", draft.problems);
  if (!number) return;
  if (broker && *number >= draft.config().brokers.size())
    return draft.problems.error(place.pointer, quoted(place.value->text) + " is not a broker");
  action.process = model::ProcessId(static_cast<std::uint16_t>(*number));
}

/// The host on which a process runs, when somebody took the process for the machine; else of these names.
std::string host_hint(std::string_view name, std::span<const std::string_view> names, Draft& draft) {
  const auto number = draft.processes.find(name);
  if (!number) return suggest(name, names);
  std::vector<HostId> hosts;  // of all processes, in their order
  for (const auto& broker : draft.config().brokers) hosts.push_back(broker.host);
  for (const auto& producer : draft.config().producers) hosts.push_back(producer.host);
  for (const auto& reader : draft.config().consumers) hosts.push_back(reader.host);
  for (const auto& consumer : draft.config().push_consumers) hosts.push_back(consumer.host);
  for (const auto& server : draft.config().name_servers) hosts.push_back(server.host);
  for (const auto& controller : draft.config().controllers) hosts.push_back(controller.host);
  if (*number >= hosts.size()) return "";  // Some of the processes could not be read.
  return "it runs on host " + quoted(draft.config().hosts[hosts[*number].value].name);
}

HostId host_id(std::size_t number) { return HostId(static_cast<std::uint16_t>(number)); }

/// A rack, or all hosts.
std::vector<HostId> hosts_called(const std::string& name, Draft& draft) {
  std::vector<HostId> found;
  const auto& hosts = draft.config().hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (name == word_all || (!name.empty() && hosts[i].rack == name)) found.push_back(host_id(i));
  }
  return found;
}

/// What may stand for several hosts: each rack, and all.
std::vector<std::string_view> names_of_hosts(Draft& draft) {
  const auto hosts = draft.hosts.all();
  std::vector<std::string_view> names(hosts.begin(), hosts.end());
  for (const auto& host : draft.config().hosts) {
    const bool known = std::find(names.begin(), names.end(), host.rack) != names.end();
    if (!host.rack.empty() && !known) names.emplace_back(host.rack);
  }
  names.emplace_back(word_all);
  return names;
}

/// A host; else a rack; else "all".
void read_hosts_target(const Place& place, FaultAction& action, Draft& draft) {
  const bool is_text = place.value->is(Value::Kind::text);
  if (!is_text || draft.hosts.find(place.value->text)) {
    read_host_name(place, action.host, draft);
    return;
  }
  const std::string& name = place.value->text;
  action.hosts = hosts_called(name, draft);
  action.hosts_name = action.hosts.empty() ? "" : name;
  if (action.hosts.empty())
    draft.problems.error(place.pointer, "there is no host or rack " + quoted(name),
                         host_hint(name, names_of_hosts(draft), draft));
}

bool read_pair(const std::vector<Place>& ends, const Place& place, FaultAction& action, Draft& draft) {
  const bool first = read_host_name(ends[0], action.host, draft);
  const bool second = read_host_name(ends[1], action.other_host, draft);
  if (first && second && action.host == action.other_host)
    draft.problems.error(place.pointer, "both ends are the same host");
  return first && second;
}

/// ["host-1", "host-2"], or one host against all others.
void read_link_target(const Place& place, FaultAction& action, Draft& draft) {
  if (place.value->is(Value::Kind::text)) {
    action.all_links = true;
    read_host_name(place, action.host, draft);
    return;
  }
  const auto ends = elements(place, draft.problems);
  if (!place.value->is(Value::Kind::array)) return;
  if (ends.size() != 2)
    return draft.problems.error(place.pointer, "names two hosts, or one as a text (against all others)");
  read_pair(ends, place, action, draft);
}

/// One host, or a list of them.
void read_host_of_side(const Place& place, std::vector<HostId>& side, Draft& draft) {
  HostId host;
  if (!read_host_name(place, host, draft)) return;
  if (std::find(side.begin(), side.end(), host) != side.end())
    draft.problems.error(place.pointer, "stands here already");
  side.push_back(host);
}

void read_side(const Place& place, std::vector<HostId>& side, Draft& draft) {
  if (place.value == nullptr) return;
  if (!place.value->is(Value::Kind::array)) return read_host_of_side(place, side, draft);
  for (const Place& one : elements(place, draft.problems)) read_host_of_side(one, side, draft);
  if (place.value->items.empty()) draft.problems.error(place.pointer, "needs at least one host");
}

void refuse_common(const Place& place, const FaultAction& action, Draft& draft) {
  for (const HostId host : action.from) {
    if (std::find(action.to.begin(), action.to.end(), host) != action.to.end())
      draft.problems.error(place.pointer,
                           quoted(draft.config().hosts[host.value].name) + " stands on both sides");
  }
}

/// { "from": .., "to": .. }: only bytes in this direction; one of them alone: from, or to, everybody.
void read_one_way(const Place& place, FaultAction& action, Draft& draft) {
  Fields fields(place, draft.problems);
  action.one_way = true;
  if (!fields.has("from") && !fields.has("to"))
    draft.problems.error(place.pointer, "a one-way partition needs \"from\" or \"to\"");
  read_side(fields.place("from"), action.from, draft);
  read_side(fields.place("to"), action.to, draft);
  refuse_common(place, action, draft);
  fields.finish("a one-way partition");
}

/// What a link may be, and: [["host-1", "host-2"], ["host-3"]], each of one list against each of the other.
void read_links_target(const Place& place, FaultAction& action, Draft& draft) {
  if (place.value->is(Value::Kind::object)) return read_one_way(place, action, draft);
  const bool has_sides = place.value->is(Value::Kind::array) &&
                         std::any_of(place.value->items.begin(), place.value->items.end(),
                                     [](const Value& item) { return item.is(Value::Kind::array); });
  if (!has_sides) return read_link_target(place, action, draft);
  const auto sides = elements(place, draft.problems);
  if (sides.size() != 2)
    return draft.problems.error(place.pointer, "has two sides, each a host or a list of hosts");
  read_side(sides[0], action.from, draft);
  read_side(sides[1], action.to, draft);
  refuse_common(place, action, draft);
}

void read_topic_target(Fields& fields, const Place& place, FaultAction& action, Draft& draft) {
  const auto topic = read_reference(place, draft.topics, "topic", draft.problems);
  if (topic) action.topic = model::TopicId(static_cast<std::uint16_t>(*topic));
  const Place broker = fields.place("broker");
  if (broker.value != nullptr) return read_process_target(broker, action, true, draft);
  if (draft.config().brokers.size() > 1)
    draft.problems.error(fields.pointer(), "\"create_topic\" needs \"broker\", because there are several");
}

void read_processes_target(const Place& place, FaultAction& action, Draft& draft) {
  const auto all = elements(place, draft.problems);
  if (place.value->is(Value::Kind::array) && all.empty())
    draft.problems.error(place.pointer, "needs at least one process");
  for (const Place& one : all) {
    const auto number = read_reference(one, draft.processes, "process", draft.problems);
    if (!number) continue;
    const model::ProcessId process(static_cast<std::uint16_t>(*number));
    if (std::find(action.processes.begin(), action.processes.end(), process) != action.processes.end())
      draft.problems.error(one.pointer, "stands here already");
    action.processes.push_back(process);
  }
}

/// An empty disk cannot be filled to a ratio of nothing.
void check_disk(const Place& place, const FaultAction& action, Draft& draft) {
  if (action.kind != model::FaultKind::disk_full || !place.value->is(Value::Kind::text)) return;
  if (draft.config().hosts[action.host.value].disk_size == 0)
    draft.problems.error(place.pointer, "the size of its disk is not known",
                         R"("hosts": [ { "name": .., "disk": { "size": "100GiB" } } ])");
}

}  // namespace

bool read_host_name(const Place& place, HostId& host, Draft& draft) {
  if (!place.value->is(Value::Kind::text))
    return report_kind(place, "the name of a host", draft.problems), false;
  const std::string& name = place.value->text;
  const auto number = draft.hosts.find(name);
  if (!number)
    return draft.problems.error(place.pointer, "there is no host " + quoted(name),
                                host_hint(name, draft.hosts.all(), draft)),
           false;
  host = host_id(*number);
  return true;
}

void read_target(Fields& fields, const ActionWord& word, FaultAction& action, Draft& draft) {
  const Place place = fields.place(word.text);
  switch (word.target) {
    case Target::process: return read_process_target(place, action, false, draft);
    case Target::broker: return read_process_target(place, action, true, draft);
    case Target::host:
      if (read_host_name(place, action.host, draft)) check_disk(place, action, draft);
      return;
    case Target::hosts: return read_hosts_target(place, action, draft);
    case Target::link: return read_link_target(place, action, draft);
    case Target::links: return read_links_target(place, action, draft);
    case Target::topic: return read_topic_target(fields, place, action, draft);
    case Target::processes: return read_processes_target(place, action, draft);
  }
}

}  // namespace brokersim::scenarios::read
