// The cluster: its kind and version, brokers, topics.
#include <algorithm>

#include "model/rocketmq/replicas.hpp"
#include "model/world.hpp"
#include "scenarios/read/groups.hpp"
#include "scenarios/read/quantities.hpp"
#include "scenarios/read/sections.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

enum class Kind : std::uint8_t { rocketmq };
constexpr Word<Kind> kinds[] = {{"rocketmq", Kind::rocketmq}};

/// A release line and the newest release of it that the model was compared with.
struct Line {
  std::string_view text;
  model::Profile profile;
  std::int64_t compared;
};
constexpr Line lines[] = {{"5.3", model::Profile::v5_3, 3}, {"4.9", model::Profile::v4_9, 8}};
constexpr std::string_view modelled = "modelled: \"5.3\" (5.3.0 to 5.3.3) and \"4.9\" (4.9.0 to 4.9.8)";

/// The release after the line: 3 of "5.3.3". Nothing if the text is no release of this line.
std::optional<std::int64_t> release_of(const Line& line, std::string_view text) {
  if (text == line.text) return line.compared;
  if (!text.starts_with(line.text) || text.size() < line.text.size() + 2 || text[line.text.size()] != '.')
    return std::nullopt;
  const std::string_view release = text.substr(line.text.size() + 1);
  return release.front() == '-' ? std::nullopt : parse_whole(release);
}

}  // namespace

void read_version(Fields& fields, model::Profile& profile) {
  const Place place = fields.place("version");
  if (place.value == nullptr) return;
  if (!place.value->is_text())
    return report_kind(place, "a text", fields.problems(), "like \"5.3\" or \"4.9.7\"");
  const std::string& text = place.value->text;
  for (const Line& line : lines) {
    const auto release = release_of(line, text);
    if (!release) continue;
    profile = line.profile;
    if (*release > line.compared)
      fields.problems().warning(place.pointer, quoted(text) + " is taken for " + std::string(line.text) +
                                                   "." + std::to_string(line.compared));
    return;
  }
  fields.problems().error(place.pointer, "RocketMQ " + quoted(text) + " is not modelled",
                          std::string(modelled));
}

namespace {

void check_pool(const Fields& fields, model::BrokerConfig& broker, Problems& problems) {
  // MessageStoreConfig.isTransientStorePoolEnable of 4.9 is false whenever flushDiskType is not ASYNC_FLUSH.
  const bool sync = broker.settings.flushDiskType == model::FlushDiskType::SYNC_FLUSH;
  if (broker.profile != model::Profile::v4_9 || !sync || !broker.settings.transientStorePoolEnable) return;
  broker.settings.transientStorePoolEnable = false;
  problems.warning(child(fields.pointer_to("config"), "transientStorePoolEnable"),
                   "RocketMQ 4.9 does not use the pool with SYNC_FLUSH");
}

void read_up_for(Fields& fields, model::Duration& up_for) {
  const Value* value = fields.find("up_for");
  if (value != nullptr && value->is(Value::Kind::text) && value->text == word_long) return;
  fields.duration("up_for", up_for);
}

/// BrokerStartup (4.9: BrokerStartup.createBrokerController): the role decides about the id.
void check_role(Fields& fields, model::BrokerConfig& broker, Problems& problems) {
  if (broker.in_group()) return read_member(fields, broker, problems);
  model::BrokerSettings& settings = broker.settings;
  if (settings.brokerName.empty()) settings.brokerName = broker.name;
  if (broker.is_controlled()) return;  // join_sets gives it both
  const std::string pointer = child(fields.pointer_to("config"), "brokerId");
  if (broker.is_slave() && settings.brokerId == 0)
    problems.error(pointer, "a SLAVE needs a brokerId above 0");
  if (broker.is_slave() || settings.brokerId == 0) return;
  settings.brokerId = 0;
  problems.warning(pointer, "a master has brokerId 0 whatever its configuration says");
}

model::BrokerConfig read_broker(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  model::BrokerConfig broker;
  broker.profile = draft.profile;
  name_at(fields.required("name", "a broker"), broker.name, draft.problems);
  broker.host = read_host(fields, broker.name, draft);
  read_version(fields, broker.profile);
  broker.settings = broker_defaults(broker.profile);
  read_settings(fields.place("config"), broker.profile, broker.settings, draft.problems);
  check_pool(fields, broker, draft.problems);
  fields.distribution("restart_time", broker.restart_time);
  fields.distribution("answer_time", broker.answer_time);
  fields.distribution("check_effect_time", broker.check_effect_time);
  read_chance(fields, "op_batch_slip_chance", broker.op_batch_slip_chance);
  read_up_for(fields, broker.up_for);
  check_role(fields, broker, draft.problems);
  fields.finish("a broker");
  return broker;
}

/// Of a set in controller mode: the first broker in the file was the first to register, so the run begins
/// with it as master; the others are its slaves.
void give_roles(std::vector<PlacedBroker>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    model::BrokerSettings& own = all[i].broker.settings;
    if (!own.enableControllerMode || all[i].broker.in_group()) continue;
    const auto before = std::count_if(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), [&](const PlacedBroker& other) {
          return other.broker.settings.brokerName == own.brokerName && !other.broker.in_group();
        });
    own.brokerId = before == 0 ? 0 : before + 1;
    own.brokerRole = before == 0 ? model::BrokerRole::SYNC_MASTER : model::BrokerRole::SLAVE;
  }
}

bool is_name_of_group(const std::vector<PlacedBroker>& all, const std::string& name) {
  return std::any_of(all.begin(), all.end(), [&](const PlacedBroker& placed) {
    return placed.broker.in_group() && placed.broker.settings.brokerName == name;
  });
}

/// Of a broker with an acting master, or in its place: what has not been modelled of that.
void check_stand_in(const PlacedBroker& placed, Problems& problems) {
  const model::BrokerSettings& own = placed.broker.settings;
  if (!own.enableSlaveActingMaster) return;
  const auto refuse = [&](std::string_view setting, std::string_view what, std::string_view suggestion) {
    problems.error(child(child(placed.pointer, "config"), setting),
                   std::string(what) + " not modelled with enableSlaveActingMaster", std::string(suggestion));
  };
  if (own.enableControllerMode) refuse("enableControllerMode", "controller mode is", "modelled: false");
  if (own.enableDLegerCommitLog) refuse("enableDLegerCommitLog", "DLedger is", "modelled: false");
  if (own.brokerHeartbeatInterval != model::BrokerSettings{}.brokerHeartbeatInterval)
    refuse("brokerHeartbeatInterval", "another pause between two heartbeats is", "modelled: 1000");
}

/// In 5.x several brokers with brokerId 0 may be the replicas of one set.
std::string no_controller_hint(const model::BrokerConfig& broker) {
  return broker.profile == model::Profile::v4_9
             ? R"(4.9 has no controller mode: a slave says "brokerRole": "SLAVE" and a brokerId of its own)"
             : "";
}

/// Each brokerName has one master and any number of slaves with ids of their own.
void join_sets(std::vector<PlacedBroker>& all, Problems& problems) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].broker.in_group()) continue;
    model::BrokerSettings& own = all[i].broker.settings;
    if (is_name_of_group(all, own.brokerName)) {
      const std::string config = child(all[i].pointer, "config");
      problems.error(own.enableControllerMode ? child(config, "enableControllerMode") : all[i].pointer,
                     "brokerName " + quoted(own.brokerName) +
                         " is that of a DLedger group, whose members elect the master themselves");
      continue;
    }
    bool known = false;  // once is enough
    for (std::size_t j = 0; j < i; ++j) {
      const model::BrokerSettings& other = all[j].broker.settings;
      if (other.brokerName != own.brokerName) continue;
      if (other.enableControllerMode != own.enableControllerMode)
        problems.error(child(child(all[i].pointer, "config"), "enableControllerMode"),
                       "the brokers of brokerName " + quoted(own.brokerName) + " are not all of one mode");
      if (other.enableSlaveActingMaster != own.enableSlaveActingMaster)
        problems.error(child(child(all[i].pointer, "config"), "enableSlaveActingMaster"),
                       "the brokers of brokerName " + quoted(own.brokerName) + " do not all say the same");
      const bool told = all[i].broker.is_slave() && own.brokerId == 0;
      if (other.brokerId == own.brokerId && !told && !known)
        problems.error(all[i].pointer,
                       "another broker of brokerName " + quoted(own.brokerName) + " has brokerId " +
                           std::to_string(own.brokerId) + " too",
                       no_controller_hint(all[i].broker));
      known = known || other.brokerId == own.brokerId;
      if (other.brokerId == 0) all[i].broker.set = static_cast<std::uint16_t>(j);
    }
    if (all[i].broker.is_slave() && all[i].broker.set == model::own_set)
      problems.error(all[i].pointer, "no broker is the master of brokerName " + quoted(own.brokerName));
  }
}

/// Masters first: replica set n is that of broker n.
void read_brokers(Fields& fields, Draft& draft) {
  std::vector<PlacedBroker> all;
  for (const Place& place : some_elements(fields, "brokers", "a cluster"))
    all.push_back({place.pointer, read_broker(place, draft)});
  give_roles(all);
  mark_groups(all);
  std::stable_partition(all.begin(), all.end(), [](const PlacedBroker& placed) {
    return !placed.broker.is_slave() && placed.broker.set == model::own_set;
  });
  join_sets(all, draft.problems);
  join_groups(all, draft.problems);
  for (const PlacedBroker& placed : all) check_stand_in(placed, draft.problems);
  for (PlacedBroker& placed : all) {
    name_process(child(placed.pointer, "name"), placed.broker.name, draft);
    draft.config().brokers.push_back(std::move(placed.broker));
  }
}

void read_name_server(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  model::NameServerConfig server;
  server.profile = draft.profile;
  name_at(fields.required("name", "a name server"), server.name, draft.problems);
  server.host = read_host(fields, server.name, draft);
  read_version(fields, server.profile);
  read_settings(fields.place("config"), server.profile, server.settings, draft.problems);
  fields.distribution("restart_time", server.restart_time);
  fields.finish("a name server");
  draft.config().name_servers.push_back(std::move(server));
}

/// None, or an empty list: routes stand from the start and for ever.
void read_name_servers(Fields& fields, Draft& draft) {
  const Place list = fields.place("nameservers");
  if (list.value == nullptr) return;
  for (const Place& place : elements(list, draft.problems)) read_name_server(place, draft);
}

void read_controller(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  model::ControllerConfig controller;
  name_at(fields.required("name", "a controller"), controller.name, draft.problems);
  controller.host = read_host(fields, controller.name, draft);
  read_settings(fields.place("config"), model::Profile::v5_3, controller.settings, draft.problems);
  fields.distribution("restart_time", controller.restart_time);
  fields.finish("a controller");
  draft.config().controllers.push_back(std::move(controller));
}

/// One process stands for all of them.
void read_controllers(Fields& fields, Draft& draft) {
  const Place list = fields.place("controllers");
  if (list.value == nullptr) return;
  const std::vector<Place> all = elements(list, draft.problems);
  for (const Place& place : all) read_controller(place, draft);
  if (all.size() > 1)
    draft.problems.error(list.pointer, "one controller stands for the whole quorum",
                         "name one; kill or cut it off for a quorum that is gone");
}

void check_controllers(const Fields& fields, Draft& draft) {
  const model::Config& config = draft.config();
  const auto controlled = std::find_if(config.brokers.begin(), config.brokers.end(),
                                       [](const auto& broker) { return broker.is_controlled(); });
  if (controlled == config.brokers.end()) {
    if (!config.controllers.empty())
      draft.problems.error(fields.pointer_to("controllers"), "no broker is in controller mode",
                           R"("config": { "enableControllerMode": true })");
    return;
  }
  const std::string_view mode = "a broker in controller mode (enableControllerMode) needs ";
  if (config.controllers.empty())
    draft.problems.error(fields.pointer(), std::string(mode) + "a controller",
                         R"("controllers": [ { "name": .. } ])");
  if (config.name_servers.empty())
    draft.problems.error(fields.pointer(),
                         std::string(mode) + "name servers, by which clients find a new master",
                         R"("nameservers": [ { "name": .. } ])");
  if (config.brokers.size() > model::rocketmq::controlled_brokers_max)
    draft.problems.error(fields.pointer_to("brokers"),
                         "more brokers than the model can have in controller mode",
                         "at most " + std::to_string(model::rocketmq::controlled_brokers_max));
}

void check_acting_masters(const Fields& fields, Draft& draft) {
  const model::Config& config = draft.config();
  const bool any = std::any_of(config.brokers.begin(), config.brokers.end(),
                               [](const auto& broker) { return broker.has_stand_in(); });
  if (!any) return;
  if (config.name_servers.empty())
    draft.problems.error(fields.pointer(),
                         "enableSlaveActingMaster needs name servers, which say who is registered",
                         R"("nameservers": [ { "name": .., "config": { "supportActingMaster": true } } ])");
  if (config.brokers.size() > model::rocketmq::controlled_brokers_max)
    draft.problems.error(fields.pointer_to("brokers"),
                         "more brokers than the model can have with enableSlaveActingMaster",
                         "at most " + std::to_string(model::rocketmq::controlled_brokers_max));
}

void read_created_at(Fields& fields, model::Duration& created_at) {
  const Value* value = fields.find("created_at");
  if (value != nullptr && value->is(Value::Kind::text) && value->text == word_before) return;
  fields.duration("created_at", created_at);
}

void read_one_topic(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  model::TopicConfig topic;
  name_at(fields.required("name", "a topic"), topic.name, draft.problems);
  fields.whole("queues", topic.queues, 1, queues_max);
  read_created_at(fields, topic.created_at);
  // CommitLog: the length of a message's properties is stored as a short.
  fields.whole("properties_size", topic.properties_size, 0, 32'000);
  fields.finish("a topic");
  if (!draft.topics.add(topic.name) && !topic.name.empty())
    draft.problems.error(fields.pointer_to("name"), "another topic is called " + quoted(topic.name) + " too");
  draft.config().topics.push_back(std::move(topic));
}

}  // namespace

void read_cluster(Fields& file, Draft& draft) {
  Fields fields(file.required("cluster", "a scenario"), draft.problems);
  Kind kind = Kind::rocketmq;
  fields.required("kind", "a cluster");
  fields.choice("kind", kind, kinds);
  read_version(fields, draft.profile);
  read_brokers(fields, draft);
  read_name_servers(fields, draft);
  read_controllers(fields, draft);
  check_controllers(fields, draft);
  check_acting_masters(fields, draft);
  for (const Place& place : some_elements(fields, "topics", "a cluster")) read_one_topic(place, draft);
  fields.finish("a cluster");
}

void name_name_servers(Fields& file, Draft& draft) {
  const std::string list = child(file.pointer_to("cluster"), "nameservers");
  const auto& servers = draft.config().name_servers;
  for (std::size_t i = 0; i < servers.size(); ++i)
    name_process(child(child(list, i), "name"), servers[i].name, draft);
  const std::string controllers = child(file.pointer_to("cluster"), "controllers");
  for (std::size_t i = 0; i < draft.config().controllers.size(); ++i)
    name_process(child(child(controllers, i), "name"), draft.config().controllers[i].name, draft);
}

namespace {

bool loses_a_disk(const model::FaultConfig& fault) {
  const auto is_loss = [](const model::FaultAction& action) {
    return action.kind == model::FaultKind::disk_lost;
  };
  return is_loss(fault.action) ||
         std::any_of(fault.campaign.actions.begin(), fault.campaign.actions.end(), is_loss);
}

}  // namespace

/// What has not been modelled of it, and would change what is lost or doubled.
void check_controlled(Fields& file, Draft& draft) {
  const model::Config& config = draft.config();
  if (config.controllers.empty()) return;
  const auto refuse = [&](const std::string& pointer, std::string_view what) {
    draft.problems.error(
        pointer, std::string(what) + " not modelled with brokers in controller mode",
        "plain, delayed and transaction messages, push consumers that pull and plain readers are");
  };
  if (model::uses_pop(config)) refuse(file.pointer_to("consumers"), "consumers in POP mode are");
  for (const model::ProducerConfig& producer : config.producers) {
    if (producer.is_timed()) refuse(file.pointer_to("producers"), "messages with a time of their own are");
  }
  for (const model::FaultConfig& fault : config.faults) {
    if (loses_a_disk(fault))
      refuse(file.pointer_to("faults"), "the loss of a disk, and with it of a replica's brokerId, is");
  }
}

/// What an acting master does of which nothing has been modelled, and would change what is lost or doubled.
void check_acting(Fields& file, Draft& draft) {
  const model::Config& config = draft.config();
  const bool any = std::any_of(config.brokers.begin(), config.brokers.end(),
                               [](const auto& broker) { return broker.has_stand_in(); });
  if (!any) return;
  const auto refuse = [&](const std::string& pointer, std::string_view what) {
    draft.problems.error(pointer, std::string(what) + " not modelled with enableSlaveActingMaster",
                         "plain, delayed and transaction messages, push consumers and plain readers are");
  };
  for (const model::ProducerConfig& producer : config.producers) {
    if (producer.is_timed()) refuse(file.pointer_to("producers"), "messages with a time of their own are");
  }
  if (model::uses_pop(config)) refuse(file.pointer_to("consumers"), "consumers in POP mode are");
}

bool read_topic(Fields& fields, model::TopicId& topic, std::string_view noun, Draft& draft) {
  const Place place = fields.place("topic");
  if (place.value == nullptr) {
    if (draft.topics.size() > 1)
      draft.problems.error(fields.pointer(),
                           std::string(noun) + " needs \"topic\", because there are several",
                           allowed(draft.topics.all()));
    return draft.topics.size() == 1;
  }
  const auto number = read_reference(place, draft.topics, "topic", draft.problems);
  if (number) topic = model::TopicId(static_cast<std::uint16_t>(*number));
  return number.has_value();
}

}  // namespace brokersim::scenarios::read
