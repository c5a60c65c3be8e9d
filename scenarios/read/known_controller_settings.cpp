// Real settings of controllers that the model does not honour, and what it does instead.
#include <array>

#include "scenarios/read/known_groups.hpp"

namespace brokersim::scenarios::read {
namespace {

constexpr auto groups = std::to_array<KnownGroup>({
    {.instead = "one process stands for all controllers, which agree at once and never lose their leader",
     .only_5_3 = "controllerDLegerGroup controllerDLegerPeers controllerDLegerSelfId controllerType "
                 "isProcessReadEvent mappedFileSize controllerStorePath"},
    {.instead =
         "requests to the controller are executed when they come: its threads and queues are never full",
     .only_5_3 = "controllerRequestThreadPoolQueueCapacity controllerThreadPoolNums"},
    {.instead = "an election that fails is repeated at once, three times in all",
     .only_5_3 = "electMasterMaxRetryCount"},
    {.instead = "processes know each other by their names in the file",
     .only_5_3 = "bindAddress configBlackList configStorePath listenPort rocketmqHome"},
    // NettyServerConfig, from the same file.
    {.instead = "the network has the delays of `network` and no buffers, limits or idle closes",
     .only_5_3 = "enableShutdownGracefully serverAsyncSemaphoreValue serverCallbackExecutorThreads "
                 "serverChannelMaxIdleTimeSeconds serverNettyWorkerGroupEnable serverOnewaySemaphoreValue "
                 "serverPooledByteBufAllocatorEnable serverSelectorThreads serverSocketBacklog "
                 "serverSocketRcvBufSize serverSocketSndBufSize serverWorkerThreads shutdownWaitTimeSeconds "
                 "useEpollNativeSelector writeBufferHighWaterMark writeBufferLowWaterMark"},
    {.instead = "the controller keeps no statistics",
     .only_5_3 = "metricGrpcExporterIntervalInMills metricGrpcExporterTimeOutInMills "
                 "metricLoggingExporterIntervalInMills metricsExporterType metricsGrpcExporterHeader "
                 "metricsGrpcExporterTarget metricsInDelta metricsLabel metricsPromExporterHost "
                 "metricsPromExporterPort"},
});
static_assert(all_told(groups), "each group says what the model does instead");

}  // namespace

std::span<const KnownGroup> known_of_controllers() { return groups; }

}  // namespace brokersim::scenarios::read
