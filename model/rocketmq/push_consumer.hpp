// A push consumer: one instance of a consumer group (DefaultMQPushConsumer).
//
//   heartbeat -> rebalance -> a process queue per assigned queue -> pull -> consume threads -> result
//                                                                     success: removed, offset advances
//                                                                     failure: sent back, retried later
//
// An orderly listener: push_orderly.hpp. Nearly all of it is process memory: a kill forgets everything, and
// the broker's committed offsets say where the next owner of a queue begins. A broadcasting consumer has its
// offsets in a file.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/record.hpp"
#include "model/rocketmq/batch.hpp"
#include "model/rocketmq/offsets.hpp"
#include "model/rocketmq/pop_service.hpp"
#include "model/rocketmq/push_orderly.hpp"
#include "model/rocketmq/push_window.hpp"
#include "model/rocketmq/route_client.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// What the pull request of a process queue is doing (PullMessageService has exactly one per queue).
enum class PullState : std::uint8_t {
  resting,     ///< scheduled: now, after an error, or the first time
  throttled,   ///< flow control: looks again each 50 ms
  connecting,  ///< waits for the channel
  queued,      ///< behind another one that waits for its channel: a 4.9 client has one thread that connects
  pulling,     ///< in flight, or held by the broker
  orphaned,    ///< the broker has closed its channel unnoticed (4.9): only its time-out is left
  unlocked,    ///< an orderly queue without its lock: looks again each second
  asking,      ///< an orderly queue's first pull: asks where to begin; the pull thread waits
  over,        ///< an orderly queue that is dropped
  correcting   ///< its offset was illegal: the queue is dropped, and the right offset is about to be stored
};

/// Messages of one list that could not be sent back; they are consumed again locally, as one list.
struct LocalRetry {
  std::vector<std::int64_t> offsets;
  sim::TimerId timer;
};

constexpr auto fields(const LocalRetry& retry) {
  const auto& [offsets, timer] = retry;
  return std::tuple(offsets);
}

/// A queue that is assigned to this consumer: ProcessQueue, its PullRequest and its entry in the offset
/// store.
struct PushQueue {
  bool used = false;
  TopicId topic;
  std::uint16_t broker = 0, queue = 0;  ///< MessageQueue: the replica set and the number
  std::uint16_t from = 0;               ///< the broker of the set that the last pull went to
  std::uint32_t generation = 0;         ///< tells the users of the slot apart
  PullState state = PullState::resting;
  std::int64_t next = 0;        ///< PullRequest.nextOffset
  std::int64_t committed = -1;  ///< RemoteBrokerOffsetStore.offsetTable; -1: nothing
  bool dirty = false;           ///< the broker may not know it
  std::uint32_t opaque = 0;     ///< of the pull
  sim::TimerId timer;           ///< of the scheduled pull, or of the answer that is waited for
  SimTime throttled_since{};
  ProcessWindow held;
  std::vector<LocalRetry> retries;  ///< in the order in which they are due
  OrderlyQueue orderly;
  std::int32_t unacknowledged = 0;  ///< PopProcessQueue.waitAckCounter
};

/// All free slots are alike. A generation only tells stale events, and an instant of flow control counts only
/// while there is one.
constexpr auto fields(const PushQueue& q) {
  const auto& [used, topic, broker, queue, from, generation, state, next, committed, dirty, opaque, timer,
               throttled_since, held, retries, orderly, unacknowledged] = q;
  const bool waits = state == PullState::pulling || state == PullState::asking;
  const bool looks = state == PullState::throttled || state == PullState::unlocked;
  return std::tuple_cat(std::tuple(used, topic, broker, queue, from, state, next, committed, dirty,
                                   waits ? opaque : 0U, looks ? throttled_since : SimTime::max()),
                        std::tie(held, retries, orderly, unacknowledged));
}

/// ConsumeRequests in the pool's queue: the messages of one pull, or of a local retry, cut into portions as
/// threads take them. That of an orderly queue names no messages.
struct PendingMessages {
  std::uint32_t slot = 0;             ///< of the process queue
  std::int64_t next = 0, end = 0;     ///< offsets; of a retry, places in `offsets`
  std::vector<std::int64_t> offsets;  ///< of a retry
};

constexpr auto fields(const PendingMessages& pending) {
  const auto& [slot, next, end, offsets] = pending;
  return std::tie(slot, next, end, offsets);
}

enum class ThreadState : std::uint8_t {
  free,
  working,       ///< in the listener
  behind,        ///< the result has been processed, the effect is still to come (Acknowledge::before_work)
  sending_back,  ///< waits for the answer of CONSUMER_SEND_MSG_BACK
  resending,     ///< waits for the answer of the normal send that follows when that has failed
  stuck,         ///< the listener never returns
  in_line        ///< an orderly one: another thread has a message of this queue (MessageQueueLock)
};

/// A message in the hands of a thread. What becomes of a delivery is decided as it begins.
struct TakenMessage {
  std::int64_t offset = 0;
  HeldMessage message;
  bool fails = false;
  bool kept = false;  ///< could not be sent back, or (orderly) is not to be
};

constexpr auto fields(const TakenMessage& taken) {
  const auto& [offset, message, fails, kept] = taken;
  return std::tuple(offset, message, fails, kept);
}

/// Messages of one pop (POP), or what is left of them, on their way to the listener.
struct PoppedList {
  std::uint32_t slot = 0;  ///< of the process queue
  std::uint32_t generation = 0;
  std::uint16_t broker = 0;  ///< replica set
  std::uint8_t revive_queue = 0;
  std::int32_t invisible_ms = 0;
  std::vector<PoppedMessage> messages;
};

constexpr auto fields(const PoppedList& list) {
  const auto& [slot, generation, broker, revive_queue, invisible_ms, messages] = list;
  return std::tuple_cat(std::tuple(slot, broker, revive_queue, invisible_ms), std::tie(messages));
}

/// A thread that has messages to bring home: one of the consume threads, or cleanExpireMsg's.
struct ConsumeThread {
  ThreadState state = ThreadState::free;
  bool dropped = false;  ///< the process queue has been taken away meanwhile
  TopicId topic;
  std::uint16_t broker = 0, queue = 0;
  std::uint32_t slot = 0;           ///< of the process queue, unless dropped
  std::uint32_t life = 0;           ///< keys draws: the generation of the process queue
  std::uint16_t at = 0;             ///< which of the messages
  std::uint16_t acknowledged = 0;   ///< ackIndex + 1, of ConsumeResult::behind_ack_index
  std::uint8_t resends = 0;         ///< tries of the normal send so far
  std::uint16_t resend_broker = 0;  ///< where the last one went
  std::uint32_t opaque = 0;         ///< of the last call
  ConsumeResult result = ConsumeResult::success;
  SimTime begun{};     ///< CONSUME_START_TIME; of an orderly one, since when it has had the queue
  SimTime deadline{};  ///< of the resends together
  std::vector<TakenMessage> messages;
  PoppedList popped;  ///< POP: the same
};

/// All free threads are alike.
constexpr auto fields(const ConsumeThread& thread) {
  const auto& [state, dropped, topic, broker, queue, slot, life, at, acknowledged, resends, resend_broker,
               opaque, result, begun, deadline, messages, popped] = thread;
  const bool is_free = state == ThreadState::free, resends_now = state == ThreadState::resending;
  return std::tuple_cat(
      std::tuple(state, dropped && !is_free, is_free ? TopicId{} : topic, is_free ? 0 : broker,
                 is_free ? 0 : queue, is_free || dropped ? 0U : slot, is_free ? 0 : at,
                 is_free ? 0 : acknowledged, resends_now ? resends : 0, resends_now ? resend_broker : 0),
      std::tuple(is_free ? ConsumeResult::success : result, is_free ? SimTime::max() : begun,
                 resends_now ? deadline : SimTime::max()),
      std::tie(messages, popped));
}

enum class CallFor : std::uint8_t {
  heartbeat,
  member_list,
  query_offset,
  query_max_offset,
  send_back,
  resend,
  lock_new,         ///< RebalanceImpl.lock of a queue that is to be added
  lock_one,         ///< the same by tryLockLaterAndReconsume
  lock_all,         ///< RebalanceImpl.lockAll, of one broker
  pull_offset,      ///< as query_offset, of an orderly queue's first pull
  pull_max_offset,  ///< as query_max_offset
  pop_settle        ///< POP: an ack, or a change of the invisible time. Asynchronous
};

/// A synchronous call: waits for its channel, then for its answer.
struct PushCall {
  bool used = false;
  CallFor what = CallFor::heartbeat;
  bool sent = false;
  bool failed = false;  ///< its channel is gone: call_failed is on its way
  /// Its channel has been closed by the broker, and the client has not noticed (4.9): its time-out is all
  /// that is left.
  bool orphaned = false;
  std::uint16_t broker = 0;
  std::uint32_t owner = 0;  ///< thread of a send back or resend
  Payload request;
  std::vector<TopicQueue> queues;  ///< of LOCK_BATCH_MQ
  sim::TimerId timer;
};

constexpr auto fields(const PushCall& call) {
  const auto& [used, what, sent, failed, orphaned, broker, owner, request, queues, timer] = call;
  return std::tuple(used, what, sent, failed, orphaned, broker, owner, request, queues);
}

struct PushChannel {
  bool connecting = false, open = false;
  std::uint16_t connects = 0;
  ConnectionId connection;
  sim::TimerId connect_timer;
};

constexpr auto fields(const PushChannel& channel) {
  const auto& [connecting, open, connects, connection, connect_timer] = channel;
  return std::tuple(connecting, open, connecting || open ? connection : ConnectionId{});
}

/// Who holds lockHeartbeat, and sends heartbeats one after the other.
enum class BeatBy : std::uint8_t {
  nobody,
  start,      ///< DefaultMQPushConsumerImpl.start, on the application's thread
  scheduled,  ///< the thread of the scheduled tasks, which persists offsets and polls routes too
  rebalance,  ///< messageQueueChanged, on the thread of RebalanceService
  channel     ///< onChannelActive (5.x): to the one broker whose channel has just been opened
};

/// sendHeartbeatToAllBrokerWithLock: whoever finds the lock taken goes on without.
struct PushBeats {
  BeatBy by = BeatBy::nobody;
  std::uint16_t broker = 0;                          ///< whose answer is waited for
  bool holds_persist = false, holds_routes = false;  ///< tasks that came due while their thread waited
};

constexpr auto fields(const PushBeats& beats) {
  const auto& [by, broker, holds_persist, holds_routes] = beats;
  return std::tie(by, broker, holds_persist, holds_routes);
}

/// A queue by name, within one topic.
struct QueuePlace {
  std::uint16_t broker = 0, queue = 0;
  friend bool operator==(const QueuePlace&, const QueuePlace&) = default;
};

constexpr auto fields(const QueuePlace& place) {
  const auto& [broker, queue] = place;
  return std::tie(broker, queue);
}

/// RebalanceService and what its one thread is at: topic after topic, queue after queue.
struct PushRebalance {
  bool running = false;
  bool notified = false;  ///< woken meanwhile (ServiceThread.hasNotified)
  bool balanced = true;
  bool changed = false;
  bool looks_up = false;             ///< waits for the route of that topic
  std::uint16_t topic = 0;           ///< which of the subscription
  std::uint32_t opaque = 0;          ///< of the call that is waited for
  SimTime last{};                    ///< lastRebalanceTimestamp
  std::vector<QueuePlace> wanted;    ///< of that topic, as allocated
  std::uint16_t at = 0;              ///< which of them is looked at
  std::vector<std::uint32_t> added;  ///< slots that are not pulled yet
  ServiceTimer timer;
  // Of an orderly consumer.
  std::uint32_t releasing = 0;          ///< slot + 1 of the queue whose listener it waits for
  SimTime granted_at = SimTime::max();  ///< when the queue that is being added was locked
  ServiceTimer release_timer;
};

/// RebalanceService asks whether a whole second has passed since the last one (minInterval).
constexpr auto fields(const PushRebalance& r) {
  const auto& [running, notified, balanced, changed, looks_up, topic, opaque, last, wanted, at, added, timer,
               releasing, granted_at, release_timer] = r;
  return std::tuple_cat(
      std::tuple(running, notified, balanced, changed, looks_up, topic, sim::Since<1'000'000'000>{last}),
      std::tie(wanted, at, added, timer, releasing, granted_at, release_timer));
}

struct PushConsumer {
  ProcessId process;
  sim::LaneId pull_lane;  ///< time-outs of pulls
  OffsetFile file;        ///< offsets.json of a broadcasting one (LocalFileOffsetStore): survives a kill
  struct Memory {
    bool started = false;
    bool starting = false;                  ///< start() looks up the routes of its topics
    SimTime since{};                        ///< when the client instance began: the grids of its services
    std::vector<PushChannel> channels;      ///< per broker
    std::vector<std::uint8_t> retry_route;  ///< per broker: known to have %RETRY%group
    std::vector<PushQueue> queues;          ///< processQueueTable; lowest free slot
    std::vector<PendingMessages> pending;   ///< consumeRequestQueue
    std::vector<PoppedList> popped;         ///< the same of POP
    std::vector<ConsumeThread> threads;     ///< the pool, and behind it the thread of cleanExpireMsg
    std::vector<PushCall> calls;            ///< lowest free slot
    std::vector<std::uint32_t> pull_queue;  ///< pullRequestQueue while the thread waits for a channel (4.9)
    PushRebalance rebalance;
    PushBeats beats;
    std::uint32_t handed_off = 0;  ///< messages that other threads of the application work on
    std::uint32_t clean_slot = 0;  ///< cleanExpireMsg: the process queue that it is at ...
    std::uint8_t clean_done = 0;   ///< ... and how many of its messages it has looked at
    ServiceTimer heartbeat_timer, persist_timer, route_timer, clean_timer;
    OrderlyService orderly;
    std::uint32_t next_opaque = 1;
    std::uint32_t next_generation = 1;
  } memory;
};

/// The periods of the services are settings, so the beginning of their grids counts as an exact instant. The
/// opaques of calls count where they are waited for; how many there were does not.
constexpr auto fields(const PushConsumer::Memory& memory) {
  const auto& [started, starting, since, channels, retry_route, queues, pending, popped, threads, calls,
               pull_queue, rebalance, beats, handed_off, clean_slot, clean_done, heartbeat_timer,
               persist_timer, route_timer, clean_timer, orderly, next_opaque, next_generation] = memory;
  return std::tuple_cat(std::tuple(started, starting, since),
                        std::tie(channels, retry_route, queues, pending, popped, threads, calls, pull_queue,
                                 rebalance, beats, handed_off, clean_slot, clean_done, heartbeat_timer,
                                 persist_timer, route_timer, clean_timer, orderly));
}

constexpr auto fields(const PushConsumer& consumer) {
  const auto& [process, pull_lane, file, memory] = consumer;
  return std::tie(process, pull_lane, file, memory);
}

void push_consumer_start_world(World& world, std::size_t consumer, Context& context);
void push_consumer_serve(World& world, std::size_t consumer, Context& context);
void push_consumer_killed(World& world, std::size_t consumer, Context& context);
void push_consumer_power_lost(World& world, std::size_t consumer, UnsyncedFiles files, Context& context);
/// Graceful: persists its offsets, leaves its groups, closes its connections.
void push_consumer_stop(World& world, std::size_t consumer, Context& context);
void push_consumer_receive(World& world, std::size_t consumer, ConnectionId connection,
                           const Payload& payload, Context& context);
void push_consumer_connection_opened(World& world, std::size_t consumer, ConnectionId connection,
                                     Context& context);
void push_consumer_connection_refused(World& world, std::size_t consumer, ConnectionId connection,
                                      Context& context);
void push_consumer_connection_lost(World& world, std::size_t consumer, ConnectionId connection, bool orderly,
                                   Context& context);
/// A look-up of its client has ended (route_client.hpp).
void push_consumer_route_over(World& world, std::size_t consumer, TopicId topic, LookedUp result,
                              Context& context);
/// The topics of the heartbeat: its own, then %RETRY%group (copySubscription).
std::vector<TopicId> subscription_of(const Config& config, const PushConsumerConfig& consumer);
void push_consumer_step(World& world, std::size_t consumer, const PushEvent& event, Context& context);
/// An event of the present life that would do nothing, in a backlog: its timer was cancelled meanwhile.
bool is_stale(const PushConsumer& consumer, const PushEvent& event);
/// Memory behind it.
std::size_t heap_bytes(const PushConsumer& consumer);
/// Nothing is cached, in work, on its way back, or unread in the queues that the group reads.
bool push_consumer_idle(const World& world, const Config& config, std::size_t consumer);

}  // namespace brokersim::model::rocketmq
