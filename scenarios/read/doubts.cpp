// What a file says and hardly means: it runs as RocketMQ would run it, with a warning.
#include <algorithm>

#include "model/config.hpp"
#include "scenarios/read/problems.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::BrokerConfig;

/// The broker of this name as the file has it: the configuration keeps the masters first.
std::string config_pointer(Fields& file, const std::string& name) {
  Fields cluster(file.place("cluster"), file.problems());
  const Place list = cluster.place("brokers");
  for (std::size_t i = 0; list.value != nullptr && i < list.value->items.size(); ++i) {
    const Value& broker = list.value->items[i];
    const Value* named = broker.is(Value::Kind::object) ? broker.find("name") : nullptr;
    if (named != nullptr && named->text == name) return child(child(list.pointer, i), "config");
  }
  return list.pointer;
}

/// CommitLog.asyncPutMessage of 5.3: needAckNums is inSyncReplicas, and 1 is the master itself. (4.9 has no
/// such setting, and asks one slave; in controller mode and DLedger the role is not the file's to say.)
void warn_of_lone_sync_master(const BrokerConfig& broker, Fields& file) {
  const model::BrokerSettings& own = broker.settings;
  const bool by_file =
      !broker.is_controlled() && !broker.in_group() && broker.profile == model::Profile::v5_3;
  if (!by_file || own.brokerRole != model::BrokerRole::SYNC_MASTER || own.inSyncReplicas > 1) return;
  file.problems().warning(
      child(config_pointer(file, broker.name), "brokerRole"),
      "a SYNC_MASTER of RocketMQ 5.3 waits for no slave while inSyncReplicas is 1, which counts the master",
      "\"inSyncReplicas\": 2 waits for one; allAckInSyncStateSet counts in controller mode alone");
}

void warn_beyond(std::string_view setting, std::int64_t wanted, std::size_t replicas, std::string_view what,
                 const BrokerConfig& broker, Fields& file) {
  if (wanted <= static_cast<std::int64_t>(replicas)) return;
  const std::string most = std::to_string(replicas);
  file.problems().warning(child(config_pointer(file, broker.name), setting),
                          "its set can never have so many replicas, so " + std::string(what),
                          "at most " + most + ", which counts the master");
}

/// CommitLog.asyncPutMessage of 5.3: minInSyncReplicas counts in controller mode alone; inSyncReplicas is
/// what a put waits for, but with allAckInSyncStateSet. (A DLedger group counts its majority.)
void warn_of_too_few_replicas(const BrokerConfig& broker, std::size_t replicas, Fields& file) {
  const model::BrokerSettings& own = broker.settings;
  if (broker.in_group() || broker.profile != model::Profile::v5_3) return;
  const bool is_master = !broker.is_controlled() && own.brokerRole == model::BrokerRole::SYNC_MASTER;
  const bool asks_all = broker.is_controlled() && own.allAckInSyncStateSet;
  if ((broker.is_controlled() && !asks_all) || is_master)
    warn_beyond("inSyncReplicas", own.inSyncReplicas, replicas,
                "each send is stored and answered FLUSH_SLAVE_TIMEOUT, or not in the client's time", broker,
                file);
  if (broker.is_controlled())
    warn_beyond("minInSyncReplicas", own.minInSyncReplicas, replicas,
                "each send is refused with SYSTEM_ERROR", broker, file);
}

/// PullMessageProcessor.rejectRequest.
void warn_of_unreadable_stand_in(const BrokerConfig& broker, Fields& file) {
  const model::BrokerSettings& own = broker.settings;
  if (!own.enableSlaveActingMaster || !broker.is_slave() || own.slaveReadEnable) return;
  file.problems().warning(child(config_pointer(file, broker.name), "slaveReadEnable"),
                          "while it stands in for its master nobody can read from it: a slave refuses pulls",
                          "\"slaveReadEnable\": true");
}

/// RouteInfoManager.pickupTopicRouteData.
void warn_of_unknown_stand_ins(Fields& file, const model::Config& config) {
  const bool any = std::any_of(config.brokers.begin(), config.brokers.end(),
                               [](const BrokerConfig& broker) { return broker.has_stand_in(); });
  const std::string list = child(file.pointer_to("cluster"), "nameservers");
  for (std::size_t i = 0; any && i < config.name_servers.size(); ++i) {
    if (config.name_servers[i].settings.supportActingMaster) continue;
    file.problems().warning(
        child(child(child(list, i), "config"), "supportActingMaster"),
        "its routes do not show an acting master, so clients do not find it for locks and offsets",
        "\"supportActingMaster\": true");
  }
}

// ------------------------------------------------------------------------------- delay levels

/// The shortest table of a broker.
std::int64_t levels_of(const model::Config& config) {
  std::size_t least = config.brokers.empty() ? 0 : config.brokers.front().settings.messageDelayLevel.size();
  for (const BrokerConfig& broker : config.brokers)
    least = std::min(least, broker.settings.messageDelayLevel.size());
  return static_cast<std::int64_t>(least);
}

/// HookUtils.transformDelayLevelMessage; 4.9: CommitLog.asyncPutMessage.
void warn_of_level(const Place& place, std::int64_t levels, Problems& problems) {
  if (place.value == nullptr || !place.value->is_integer || place.value->integer <= levels) return;
  problems.warning(place.pointer,
                   "messageDelayLevel has " + std::to_string(levels) + " levels: the broker takes " +
                       std::to_string(place.value->integer) + " for " + std::to_string(levels),
                   "a longer time is a level of its own in messageDelayLevel");
}

/// `within`: where a client says its level; empty: itself.
void warn_of_levels(Fields& file, std::string_view clients, std::string_view within, std::int64_t levels) {
  const Place list = file.place(clients);
  if (list.value == nullptr || !list.value->is(Value::Kind::array)) return;
  for (std::size_t i = 0; i < list.value->items.size(); ++i) {
    const std::string own = child(list.pointer, i);
    const Value* client = &list.value->items[i];
    if (!within.empty() && client->is(Value::Kind::object)) client = client->find(within);
    if (client == nullptr || !client->is(Value::Kind::object)) continue;
    const std::string pointer = within.empty() ? own : child(own, within);
    warn_of_level({client->find("delay_level"), child(pointer, "delay_level")}, levels, file.problems());
  }
}

}  // namespace

void warn_of_doubts(Fields& file, Draft& draft) {
  const model::Config& config = draft.config();
  for (std::size_t b = 0; b < config.brokers.size(); ++b) {
    const BrokerConfig& broker = config.brokers[b];
    warn_of_lone_sync_master(broker, file);
    const auto set = model::members_of(config, model::master_of(config, b));
    warn_of_too_few_replicas(broker, set.size(), file);
    warn_of_unreadable_stand_in(broker, file);
  }
  warn_of_unknown_stand_ins(file, config);
  const std::int64_t levels = levels_of(config);
  warn_of_levels(file, "producers", "", levels);
  warn_of_levels(file, "consumers", "work", levels);
}

}  // namespace brokersim::scenarios::read
