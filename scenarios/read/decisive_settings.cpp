// Real settings that the model does not honour and that would change what is lost or doubled. A file that
// sets one of them to anything but what the model does gets an error: its counts would be those of another
// cluster.
#include <algorithm>
#include <array>

#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

struct Row {
  Scope scope;
  std::string_view name;
  std::string_view modelled;  ///< the value that the model behaves like: RocketMQ's default
};

constexpr auto rows = std::to_array<Row>({
    {Scope::broker, "asyncLearner", "false"},
    {Scope::broker, "asyncSendEnable", "true"},
    {Scope::broker, "brokerPermission", "6"},
    {Scope::broker, "brokerFastFailureEnable", "true"},
    {Scope::broker, "configManagerVersion", "v1"},
    {Scope::broker, "duplicationEnable", "false"},
    {Scope::broker, "enableShutdownGracefully", "false"},
    {Scope::broker, "lockInStrictMode", "false"},
    {Scope::broker, "enablePopMessageThreshold", "false"},
    {Scope::broker, "enableRetryTopicV2", "false"},
    {Scope::broker, "initPopOffsetByCheckMsgInMem", "true"},
    {Scope::broker, "popConsumerKVServiceEnable", "false"},
    {Scope::broker, "realTimeNotifyConsumerChange", "true"},
    {Scope::broker, "storeType", "default"},
    {Scope::producer, "autoBatch", "false"},
    {Scope::producer, "enableBackpressureForAsyncMode", "false"},
    {Scope::producer, "enableHeartbeatChannelEventListener", "true"},
    {Scope::producer, "startDetectorEnable", "false"},
    {Scope::consumer, "clientRebalance", "true"},
    {Scope::consumer, "enableHeartbeatChannelEventListener", "true"},
});

}  // namespace

std::optional<std::string_view> only_modelled_value(Scope scope, std::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const Row& r) { return r.scope == scope && r.name == name; });
  if (row == rows.end()) return std::nullopt;
  return row->modelled;
}

}  // namespace brokersim::scenarios::read
