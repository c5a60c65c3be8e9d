// Random campaigns: again and again one of some actions at one of some targets.
#include <algorithm>

#include "scenarios/read/fault_words.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::FaultAction;
using model::FaultKind;
using model::HostId;
using model::ProcessId;

/// One name of `on`: processes for actions on processes, hosts for actions on hosts. A process stands for its
/// host, and a host for what runs on it.
struct Actors {
  std::vector<ProcessId> processes;
  std::vector<HostId> hosts;
};

HostId host_of(std::size_t process, const model::Config& config) {
  const auto within = [&](const auto& list, HostId& host) {
    if (process >= list.size()) return process -= list.size(), false;
    return host = list[process].host, true;
  };
  HostId host;
  const bool found = within(config.brokers, host) || within(config.producers, host) ||
                     within(config.consumers, host) || within(config.push_consumers, host);
  if (!found) within(config.name_servers, host);
  return host;
}

std::optional<Actors> actors_called(const Place& place, Draft& draft) {
  Actors actors;
  const std::string name = place.value->is(Value::Kind::text) ? place.value->text : "";
  const auto process = draft.processes.find(name);
  const auto host = draft.hosts.find(name);
  if (process) {
    actors.processes.push_back(ProcessId(static_cast<std::uint16_t>(*process)));
    actors.hosts.push_back(host_of(*process, draft.config()));
  }
  if (host) actors.hosts = {HostId(static_cast<std::uint16_t>(*host))};
  for (std::size_t i = 0; host && !process && i < draft.processes.size(); ++i) {
    if (host_of(i, draft.config()).value == *host)
      actors.processes.push_back(ProcessId(static_cast<std::uint16_t>(i)));
  }
  if (process || host) return actors;
  std::vector<std::string_view> known = draft.processes.all();
  for (const std::string_view other : draft.hosts.all()) known.push_back(other);
  draft.problems.error(place.pointer, written(*place.value) + " is neither a process nor a host",
                       suggest(name, known));
  return std::nullopt;
}

void add(model::Campaign& campaign, const FaultAction& action) {
  if (std::find(campaign.actions.begin(), campaign.actions.end(), action) == campaign.actions.end())
    campaign.actions.push_back(action);
}

/// Whether there was anything for it to strike.
bool add_all(const ActionWord& word, const std::vector<Actors>& all, model::Campaign& campaign,
             Draft& draft) {
  const std::size_t before = campaign.actions.size();
  FaultAction action;
  action.kind = word.kind;
  action.all_links = word.kind == FaultKind::partition;
  for (const Actors& actors : all) {
    if (word.target == Target::process || word.target == Target::broker) {
      for (const ProcessId process : actors.processes) {
        action.process = process;
        if (word.target == Target::process || process.value < draft.config().brokers.size())
          add(campaign, action);
      }
      continue;
    }
    for (const HostId host : actors.hosts) {
      action.host = host;
      const bool unsized =
          word.kind == FaultKind::disk_full && draft.config().hosts[host.value].disk_size == 0;
      if (!unsized) add(campaign, action);
    }
  }
  return campaign.actions.size() > before;
}

const ActionWord* word_called(const Place& place, Draft& draft) {
  std::vector<std::string_view> names;
  for (const FaultKind kind : campaign_kinds) names.push_back(word_of(kind).text);
  const std::string name = place.value->is(Value::Kind::text) ? place.value->text : "";
  for (const FaultKind kind : campaign_kinds) {
    if (word_of(kind).text == name) return &word_of(kind);
  }
  const bool is_action = std::any_of(action_words.begin(), action_words.end(),
                                     [&](const ActionWord& word) { return word.text == name; });
  draft.problems.error(
      place.pointer,
      written(*place.value) + (is_action ? " needs a fault of its own" : " is no action of a campaign"),
      allowed(names));
  return nullptr;
}

std::vector<Place> some(Fields& fields, std::string_view key) {
  const Place list = fields.required(key, "a campaign");
  auto all = elements(list, fields.problems());
  if (list.value != nullptr && list.value->is(Value::Kind::array) && all.empty())
    fields.problems().error(list.pointer, "needs at least one element");
  return all;
}

void read_actions(Fields& fields, model::Campaign& campaign, Draft& draft) {
  std::vector<Actors> actors;
  for (const Place& place : some(fields, "on")) {
    auto found = actors_called(place, draft);
    if (!found) continue;
    campaign.on.push_back(place.value->text);
    actors.push_back(std::move(*found));
  }
  for (const Place& place : some(fields, "faults")) {
    const ActionWord* word = word_called(place, draft);
    if (word == nullptr) continue;
    if (std::find(campaign.kinds.begin(), campaign.kinds.end(), word->kind) != campaign.kinds.end())
      draft.problems.error(place.pointer, "stands here already");
    campaign.kinds.push_back(word->kind);
    if (!actors.empty() && !add_all(*word, actors, campaign, draft))
      draft.problems.error(place.pointer, "nothing of \"on\" can be struck so");
  }
}

}  // namespace

void read_campaign(const Place& place, model::FaultConfig& fault, Draft& draft) {
  Fields fields(place, draft.problems);
  if (fields.required("every", "a campaign").value != nullptr)
    read_process_trigger(fields, fault.trigger, draft);
  read_actions(fields, fault.campaign, draft);
  fault.restores = fields.distribution("repair", fault.restore_after);
  fields.whole("at_most", fault.campaign.at_most, 1, 1'000'000);
  fields.finish("a campaign");
}

}  // namespace brokersim::scenarios::read
