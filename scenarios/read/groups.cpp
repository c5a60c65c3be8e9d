#include "scenarios/read/groups.hpp"

#include <algorithm>

#include "model/rocketmq/dledger_settings.hpp"
#include "scenarios/read/quantities.hpp"

namespace brokersim::scenarios::read {

namespace {

/// dLegerSelfId: a letter and a number, because DLedgerCommitLog makes the brokerId of a slave from it.
std::optional<std::int64_t> number_of(const std::string& self_id) {
  return self_id.size() < 2 ? std::nullopt : parse_whole(std::string_view(self_id).substr(1));
}

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == by)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// "n0-host:port;n1-host:port": the ids. (Addresses name nothing here.)
std::vector<std::string> ids_in(const std::string& peers) {
  std::vector<std::string> ids;
  for (const std::string& peer : split(peers, ';')) {
    if (!peer.empty()) ids.push_back(peer.substr(0, peer.find('-')));
  }
  return ids;
}

bool is_given(const Place& config, std::string_view name) {
  if (config.value == nullptr || !config.value->is(Value::Kind::object)) return false;
  const auto& keys = config.value->keys;
  return std::find(keys.begin(), keys.end(), name) != keys.end();
}

/// What DLedger decides itself. That it was set to something else is said.
void fix_settings(Fields& fields, model::BrokerSettings& settings, Problems& problems) {
  const model::BrokerSettings given = settings;
  model::rocketmq::fix_by_dledger(settings);
  const Place config = fields.place("config");
  const auto tell = [&](std::string_view name, bool differs) {
    if (differs && is_given(config, name))
      problems.warning(
          child(config.pointer, name), "a broker with enableDLegerCommitLog does not heed it",
          "DLedger flushes 10 ms after its last flush, answers when a majority has appended, and "
          "elects the master");
  };
  tell("flushDiskType", given.flushDiskType != settings.flushDiskType);
  tell("flushIntervalCommitLog", given.flushIntervalCommitLog != settings.flushIntervalCommitLog);
  tell("flushCommitLogLeastPages", given.flushCommitLogLeastPages != settings.flushCommitLogLeastPages);
  tell("flushCommitLogTimed", given.flushCommitLogTimed != settings.flushCommitLogTimed);
  tell("transientStorePoolEnable", given.transientStorePoolEnable != settings.transientStorePoolEnable);
  tell("brokerRole", given.brokerRole != settings.brokerRole);
}

bool is_same_group(const model::BrokerConfig& a, const model::BrokerConfig& b) {
  return a.in_group() && b.in_group() && a.settings.brokerName == b.settings.brokerName;
}

void check_alike(const PlacedBroker& first, const PlacedBroker& other, Problems& problems) {
  const model::BrokerSettings &a = first.broker.settings, &b = other.broker.settings;
  if (a.dLegerGroup != b.dLegerGroup || a.dLegerPeers != b.dLegerPeers)
    problems.error(other.pointer, "the members of brokerName " + quoted(a.brokerName) +
                                      " do not have the same dLegerGroup and dLegerPeers");
  if (first.broker.profile != other.broker.profile)
    problems.error(other.pointer,
                   "the members of brokerName " + quoted(a.brokerName) + " are not of one version");
}

/// Each id of dLegerPeers is that of one member, and each member is among them.
void check_members(const std::vector<PlacedBroker>& brokers, std::size_t first, Problems& problems) {
  std::vector<std::string> ids = ids_in(brokers[first].broker.settings.dLegerPeers), found;
  for (const PlacedBroker& other : brokers) {
    if (is_same_group(brokers[first].broker, other.broker))
      found.push_back(other.broker.settings.dLegerSelfId);
  }
  std::sort(ids.begin(), ids.end());
  std::sort(found.begin(), found.end());
  if (ids == found && std::adjacent_find(ids.begin(), ids.end()) == ids.end()) return;
  problems.error(brokers[first].pointer,
                 "dLegerPeers of brokerName " + quoted(brokers[first].broker.settings.brokerName) +
                     " does not name each of its brokers once, and nobody else",
                 "a broker for each \"<dLegerSelfId>-<host>:<port>\" of it");
}

void check_hosts(Fields& file, Draft& draft, Problems& problems) {
  for (const model::BrokerConfig& broker : draft.config().brokers) {
    if (!broker.in_group() || draft.config().hosts[broker.host.value].disk_size == 0) continue;
    problems.error(file.pointer_to("hosts"),
                   "the host of " + quoted(broker.name) +
                       " has a disk_size: DLedger's own rules for full disks and old "
                       "files are not modelled");
  }
}

bool has_groups(const model::Config& config) {
  return std::any_of(config.brokers.begin(), config.brokers.end(),
                     [](const model::BrokerConfig& broker) { return broker.in_group(); });
}

}  // namespace

void read_member(Fields& fields, model::BrokerConfig& broker, Problems& problems) {
  model::BrokerSettings& settings = broker.settings;
  const std::string config = fields.pointer_to("config");
  const auto number = number_of(settings.dLegerSelfId);
  if (!number)
    problems.error(child(config, "dLegerSelfId"), "a member of a DLedger group needs a dLegerSelfId",
                   "like \"n0\"");
  if (settings.dLegerGroup.empty())
    problems.error(child(config, "dLegerGroup"), "a member of a DLedger group needs a dLegerGroup");
  // BrokerStartup.buildBrokerController: the process exits.
  if (settings.enableControllerMode)
    problems.error(child(config, "enableControllerMode"),
                   "enableControllerMode and enableDLegerCommitLog cannot both be true",
                   "one of them: both are ways to elect the master of the set");
  if (settings.brokerName.empty()) settings.brokerName = settings.dLegerGroup;
  settings.brokerId = number.value_or(0) + 1;
  fix_settings(fields, settings, problems);
  if (broker.up_for >= model::Duration{})
    problems.error(fields.pointer_to("up_for"), "the members of a DLedger group have been up for long");
}

void mark_groups(std::vector<PlacedBroker>& brokers) {
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (is_same_group(brokers[i].broker, brokers[j].broker)) brokers[i].broker.set = 0;
    }
  }
}

void join_groups(std::vector<PlacedBroker>& brokers, Problems& problems) {
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    if (!brokers[i].broker.in_group() || brokers[i].broker.settings.dLegerGroup.empty()) continue;
    const auto first = std::find_if(brokers.begin(), brokers.end(), [&](const PlacedBroker& other) {
      return is_same_group(brokers[i].broker, other.broker);
    });
    const auto number = static_cast<std::size_t>(first - brokers.begin());
    if (number == i) {
      check_members(brokers, i, problems);
      continue;
    }
    check_alike(*first, brokers[i], problems);
    brokers[i].broker.set = static_cast<std::uint16_t>(number);
  }
}

void check_groups(Fields& file, Draft& draft) {
  const model::Config& config = draft.config();
  if (!has_groups(config)) return;
  Problems& problems = draft.problems;
  if (config.name_servers.empty())
    problems.error(child(file.pointer_to("cluster"), "nameservers"),
                   "a DLedger group needs a name server: it is how clients learn who has been elected");
  if (model::uses_pop(config))
    problems.error(file.pointer_to("consumers"), "consumers in POP mode of a DLedger group are not modelled",
                   R"("messageRequestMode": "PULL")");
  for (const model::ProducerConfig& producer : config.producers) {
    if (producer.is_timed())
      problems.error(file.pointer_to("producers"),
                     "messages with a time of their own on a DLedger group are not modelled");
  }
  check_hosts(file, draft, problems);
}

}  // namespace brokersim::scenarios::read
