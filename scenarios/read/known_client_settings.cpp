// Real settings of clients that the model does not honour, and what it does instead.
#include <array>

#include "scenarios/read/known_groups.hpp"

namespace brokersim::scenarios::read {
namespace {

constexpr auto producers = std::to_array<KnownGroup>({
    // Names and network.
    {.instead = "clients and brokers know each other by their names in the file; the network has the delays "
                "of `network`, and no buffers, proxies or idle closes",
     .in_both =
         "accessChannel channelNotActiveInterval clientCallbackExecutorThreads "
         "clientChannelMaxIdleTimeSeconds clientIP clientPooledByteBufAllocatorEnable clientSocketRcvBufSize "
         "clientSocketSndBufSize clientWorkerThreads enableStreamRequestType instanceName language namespace "
         "producerGroup sendMessageWithVIPChannel unitMode unitName useTLS vipChannelEnabled "
         "writeBufferHighWaterMark writeBufferLowWaterMark",
     .only_5_3 = "disableCallbackExecutor disableNettyWorkerGroup enableReconnectForGoAway "
                 "maxReconnectIntervalTimeSeconds namespaceV2 socksProxyConfig"},
    // Name servers.
    {.instead = "the file's \"nameservers\" are all there are",
     .in_both = "namesrvAddr",
     .only_5_3 = "scanAvailableNameSrv"},
    // MQFaultStrategy.
    {.instead = "nobody probes a broker that failed: with sendLatencyEnable it is avoided for its time",
     .in_both = "",
     .only_5_3 = "detectInterval detectTimeout startDetectorEnable"},
    // Heartbeats.
    {.instead = "a heartbeat has 3 s and names all groups, and one more goes to a broker whose channel has "
                "just opened (5.3)",
     .in_both = "mqClientApiTimeout",
     .only_5_3 = "enableHeartbeatChannelEventListener useHeartbeatV2"},
    // Bodies.
    {.instead = "bodies are stored as long as `size` says: nothing is compressed",
     .in_both = "compressMsgBodyOverHowmuch",
     .only_5_3 = "compressLevel compressType decodeDecompressBody decodeReadBody"},
    // ProduceAccumulator.
    {.instead = "each message is a request of its own", .only_5_3 = "autoBatch"},
    // Back-pressure.
    {.instead = "asynchronous sends are bounded by clientAsyncSemaphoreValue alone",
     .only_5_3 = "backPressureForAsyncSendNum backPressureForAsyncSendSize enableBackpressureForAsyncMode"},
    // Message trace.
    {.instead = "no trace messages are sent", .only_5_3 = "enableTrace traceMsgBatchNum traceTopic"},
    // Topics that a send creates.
    {.instead = "a topic that a send creates has the lesser of 4 queues and the broker's "
                "defaultTopicQueueNums",
     .in_both = "createTopicKey defaultTopicQueueNums"},
    // Sizes.
    {.instead = "the broker alone refuses what is too large, by its own maxMessageSize",
     .in_both = "maxMessageSize"},
    // Checks.
    {.instead = "one thread answers checks", .in_both = "checkThreadPoolMaxSize checkThreadPoolMinSize"},
    // Settings of consumers.
    {.instead = "a producer consumes nothing, in RocketMQ as here",
     .in_both = "persistConsumerOffsetInterval pullTimeDelayMillsWhenException"},
    // Read by nobody.
    {.instead = "RocketMQ declares it and never reads it",
     .only_5_3 = "backPressureForAsyncSendNumInsideAdjust backPressureForAsyncSendSizeInsideAdjust"},
});
static_assert(all_told(producers), "each group says what the model does instead");

constexpr auto consumers = std::to_array<KnownGroup>({
    // Names and network.
    {.instead = "clients and brokers know each other by their names in the file; the network has the delays "
                "of `network`, and no buffers, proxies or idle closes",
     .in_both =
         "accessChannel channelNotActiveInterval clientCallbackExecutorThreads "
         "clientChannelMaxIdleTimeSeconds clientIP clientPooledByteBufAllocatorEnable clientSocketRcvBufSize "
         "clientSocketSndBufSize clientWorkerThreads consumerGroup enableStreamRequestType instanceName "
         "language namespace unitMode unitName useTLS vipChannelEnabled writeBufferHighWaterMark "
         "writeBufferLowWaterMark",
     .only_5_3 = "disableCallbackExecutor disableNettyWorkerGroup enableReconnectForGoAway "
                 "maxReconnectIntervalTimeSeconds namespaceV2 socksProxyConfig"},
    // Name servers.
    {.instead = "the file's \"nameservers\" are all there are",
     .in_both = "namesrvAddr",
     .only_5_3 = "scanAvailableNameSrv"},
    // Calls.
    {.instead =
         "calls have the time-outs that RocketMQ gives them, one that times out closes its connection, "
         "and any number may be in flight",
     .in_both = "clientAsyncSemaphoreValue clientCloseSocketIfTimeout clientOnewaySemaphoreValue"},
    // Heartbeats.
    {.instead = "a heartbeat has 3 s and names all groups, and one more goes to a broker whose channel has "
                "just opened (5.3)",
     .in_both = "mqClientApiTimeout",
     .only_5_3 = "enableHeartbeatChannelEventListener useHeartbeatV2"},
    // Flow control.
    {.instead = "the bounds are those of each queue: pullThresholdForQueue, pullThresholdSizeForQueue, "
                "consumeConcurrentlyMaxSpan",
     .in_both = "pullThresholdForTopic pullThresholdSizeForTopic"},
    // What is pulled.
    {.instead = "every message of a topic is pulled, pullBatchSize at a time: there are no tags, and the "
                "broker does not read a size asked for",
     .in_both = "postSubscriptionWhenPull",
     .only_5_3 = "pullBatchSizeInBytes"},
    // CONSUME_FROM_TIMESTAMP.
    {.instead = "a new group begins at the first or the last offset, not at a time",
     .in_both = "consumeTimestamp"},
    // POP.
    {.instead = "queues are shared out by the clients, unless \"messageRequestMode\" is POP",
     .only_5_3 = "clientRebalance"},
    // Stopping.
    {.instead = "a consumer that stops does not wait for listeners at work",
     .in_both = "awaitTerminationMillisWhenShutdown"},
    // Threads.
    {.instead = "the pool has consumeThreadMin threads; what this setting would call is empty in RocketMQ, "
                "too",
     .in_both = "adjustThreadPoolNumsThreshold"},
    // Sending.
    {.instead = "a resend to the retry topic avoids the broker that has just failed, and no other",
     .only_5_3 = "detectInterval detectTimeout sendLatencyEnable startDetectorEnable"},
    // Bodies.
    {.instead = "bodies are as long as their producer's `size` says",
     .only_5_3 = "decodeDecompressBody decodeReadBody"},
    // Message trace.
    {.instead = "no trace messages are sent", .only_5_3 = "enableTrace traceMsgBatchNum traceTopic"},
});
static_assert(all_told(consumers), "each group says what the model does instead");

}  // namespace

std::span<const KnownGroup> known_of_producers() { return producers; }
std::span<const KnownGroup> known_of_consumers() { return consumers; }

}  // namespace brokersim::scenarios::read
