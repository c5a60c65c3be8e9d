// Real settings of RocketMQ that the model does not honour: whatever a properties file or a client
// program may set, by the setters of MessageStoreConfig, BrokerConfig, BrokerIdentity,
// NettyServerConfig, ClientConfig, DefaultMQProducer, TransactionMQProducer, DefaultMQPushConsumer and
// NettyClientConfig in 5.3.3 and 4.9.8 (MixAll.properties2Object takes a file's names from the setters).
// The names stand in known_broker_settings.cpp, known_controller_settings.cpp (ControllerConfig of 5.3.3),
// known_name_server_settings.cpp (NamesrvConfig) and known_client_settings.cpp.
#include <algorithm>
#include <array>

#include "scenarios/read/known_groups.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

constexpr std::string_view no_rule_of_readers =
    "a plain reader has no such rule; a consumer with \"kind\": \"push\" does";

void add(std::string_view names, KnownSetting like, std::vector<KnownSetting>& list) {
  while (!names.empty()) {
    const std::size_t space = std::min(names.find(' '), names.size());
    like.name = names.substr(0, space);
    list.push_back(like);
    names.remove_prefix(std::min(space + 1, names.size()));
  }
}

std::vector<KnownSetting> listed(std::span<const KnownGroup> groups) {
  std::vector<KnownSetting> list;
  for (const KnownGroup& group : groups) {
    add(group.in_both, {{}, true, true, group.instead}, list);
    add(group.only_5_3, {{}, true, false, group.instead}, list);
    add(group.only_4_9, {{}, false, true, group.instead}, list);
  }
  return list;
}

/// A plain reader honours fewer of the consumer's settings than a push consumer does.
std::vector<KnownSetting> known_of_readers() {
  std::vector<KnownSetting> list = listed(known_of_consumers());
  for (const auto& setting : consumer_settings()) {
    const auto honoured = [&](const auto& row) { return row.name == setting.name; };
    if (std::none_of(reader_settings().begin(), reader_settings().end(), honoured))
      list.push_back({setting.name, true, setting.in_4_9, no_rule_of_readers});
  }
  return list;
}

}  // namespace

const std::vector<KnownSetting>& known_settings(Scope scope) {
  static const std::array<std::vector<KnownSetting>, 6> lists{
      listed(known_of_brokers()), listed(known_of_producers()),   listed(known_of_consumers()),
      known_of_readers(),         listed(known_of_controllers()), listed(known_of_name_servers()),
  };
  return lists[static_cast<std::size_t>(scope)];
}

}  // namespace brokersim::scenarios::read
