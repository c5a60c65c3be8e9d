// Real settings of name servers (NamesrvConfig, NettyServerConfig) that the model does not honour, and what
// it does instead.
#include <array>

#include "scenarios/read/known_groups.hpp"

namespace brokersim::scenarios::read {
namespace {

constexpr auto groups = std::to_array<KnownGroup>({
    {.instead = "a name server looks for silent brokers each 5 s, and slaves ask it each second who of their "
                "set is registered",
     .only_5_3 = "notifyMinBrokerIdChanged scanNotActiveBrokerInterval unRegisterBrokerQueueCapacity"},
    {.instead = "requests to a name server are executed when they come, from its first moment on",
     .only_5_3 = "clientRequestThreadPoolNums clientRequestThreadPoolQueueCapacity defaultThreadPoolNums "
                 "defaultThreadPoolQueueCapacity needWaitForService waitSecondsForService"},
    {.instead = "a topic that a broker no longer has stays in its routes, and no order of queues is kept",
     .in_both = "clusterTest orderMessageEnable productEnvName",
     .only_5_3 = "deleteTopicWithBrokerRegistration enableAllTopicList enableTopicList "
                 "returnOrderTopicConfigToBroker"},
    {.instead = "the file's \"controllers\" are processes of their own",
     .only_5_3 = "enableControllerInNamesrv"},
    {.instead = "processes know each other by their names in the file",
     .in_both = "configBlackList configStorePath kvConfigPath listenPort rocketmqHome",
     .only_5_3 = "bindAddress"},
    // NettyServerConfig, from the same file.
    {.instead = "the network has the delays of `network` and no buffers, limits or idle closes",
     .in_both = "serverAsyncSemaphoreValue serverCallbackExecutorThreads serverChannelMaxIdleTimeSeconds "
                "serverOnewaySemaphoreValue serverPooledByteBufAllocatorEnable serverSelectorThreads "
                "serverSocketBacklog serverSocketRcvBufSize serverSocketSndBufSize serverWorkerThreads "
                "useEpollNativeSelector writeBufferHighWaterMark writeBufferLowWaterMark",
     .only_5_3 = "enableShutdownGracefully serverNettyWorkerGroupEnable shutdownWaitTimeSeconds"},
});
static_assert(all_told(groups), "each group says what the model does instead");

}  // namespace

std::span<const KnownGroup> known_of_name_servers() { return groups; }

}  // namespace brokersim::scenarios::read
