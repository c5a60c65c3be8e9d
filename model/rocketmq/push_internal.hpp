// What the files of a push consumer share; nobody else includes this.
//
//   push_consumer.cpp   lives, events, idle        push_channel.cpp    connections and synchronous calls
//   push_heartbeat.cpp  heartbeats, routes         push_rebalance.cpp  RebalanceService, RebalanceImpl
//   push_pull.cpp       pulls, flow control        push_consume.cpp    consume threads and the listener
//   push_offsets.cpp    RemoteBrokerOffsetStore    push_retry.cpp      sending back, resending, expiry
//   push_orderly.cpp    ConsumeMessageOrderlyService
//   push_lock.cpp       its scheduled thread, RebalanceImpl.lock, unlock
//   push_local.cpp      LocalFileOffsetStore (broadcasting)
//   push_pop.cpp        POP
//
// Class names in comments are RocketMQ's (5.3.3 unless said otherwise).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "model/host/host.hpp"
#include "model/network/fabric.hpp"
#include "model/rocketmq/push_consumer.hpp"
#include "model/rocketmq/retry_levels.hpp"
#include "model/rocketmq/topics.hpp"
#include "model/world.hpp"
#include "sim/check.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

/// The arguments of a step in one hand. Lives for one step.
struct Push {
  World& world;
  std::size_t index;
  Context& context;
  PushConsumer& self;
  PushConsumer::Memory& memory;
  const PushConsumerConfig& config;

  Push(World& w, std::size_t consumer, Context& c)
      : world(w),
        index(consumer),
        context(c),
        self(w.push_consumers[consumer]),
        memory(self.memory),
        config(c.config().push_consumers[consumer]) {}

  const PushConsumerSettings& settings() const { return config.settings; }
  const Config& all() const { return context.config(); }
  bool is_4_9() const { return config.profile == Profile::v4_9; }
  SimTime now() const { return host::monotonic(context); }
  std::uint16_t brokers() const { return static_cast<std::uint16_t>(memory.channels.size()); }
  bool is_pop() const { return config.pops(); }
  bool is_orderly() const { return config.listener == Listener::orderly; }
  bool is_broadcasting() const { return settings().messageModel == MessageModel::BROADCASTING; }
  TopicId retry() const { return retry_topic(all(), config.group); }
  Event event(const PushEvent& event) const {
    Event e{};
    e.body = event;
    return host::to_process(world, self.process, e);
  }
  void schedule(Duration delay, const PushEvent& what) const { context.after(delay, event(what)); }
  /// About a message.
  void record(RecordKind kind, IntentId intent, std::int64_t b = 0) const {
    context.record(make_record(kind, intent.value, config.group.value, b));
  }
  /// The consumer process in the upper bits of a record's `b`.
  std::int64_t at_me() const { return std::int64_t{self.process.value} << 16; }
  /// This life of this process, as a subject of draws.
  std::uint64_t life() const {
    return std::uint64_t{self.process.value} << 16 | world.processes[self.process.value].incarnation.value;
  }
};

/// How long after its time a sleeping thread of this process runs: the pull thread, an idle consume thread.
/// Which of the two runs first decides whether a pull request takes the offset behind a message along.
inline Duration wakeup_latency(const Push& push, std::uint64_t subject, std::uint64_t attempt) {
  const auto key = sim::DrawKey::of(Purpose::wakeup_latency, sim::subject(push.life(), subject), attempt);
  return push.context.choices().duration(key, push.all().hosts[push.config.host.value].wakeup_latency);
}

/// Queue | broker << 16, as records name a place.
inline std::int64_t place_of(const PushQueue& queue) {
  return queue.queue | std::int64_t{queue.broker} << 16;
}

inline QueuePlace name_of(const PushQueue& queue) { return {queue.broker, queue.queue}; }

/// getMaxReconsumeTimes, which goes with each request. ConsumeMessageOrderlyService has one of its own.
inline std::int32_t max_reconsume_times(const Push& push) {
  const std::int32_t times = push.settings().maxReconsumeTimes;
  const bool endless = push.is_orderly() && times == -1;
  return endless ? std::numeric_limits<std::int32_t>::max() : reconsume_max(times);
}

/// A pull that has left, and has not been answered.
inline bool waits_for_time_out(const PushQueue& queue) {
  return queue.state == PullState::pulling || queue.state == PullState::orphaned;
}

// push_consumer.cpp ------------------------------------------------------------------------------
void arm(const Push& push, ServiceTimer& timer, SimTime due, PushEvent event);
void disarm(const Push& push, ServiceTimer& timer);
/// True if this is the wake-up that was armed last.
bool fired(ServiceTimer& timer, const PushEvent& event);

// push_channel.cpp -------------------------------------------------------------------------------
void connect(const Push& push, std::uint16_t broker);
/// Sends if the channel is open; false: it is not, nothing left. `subject` keys the delay.
bool send_now(const Push& push, std::uint16_t broker, const Payload& request, std::uint64_t subject);
/// NettyRemotingClient.invokeSync: opens the channel if needed, sends, waits for at most `timeout` in all.
/// Answers the request's opaque.
std::uint32_t call(const Push& push, CallFor what, std::uint16_t broker, Payload request, Duration timeout,
                   std::uint32_t owner = 0);
/// LOCK_BATCH_MQ of these queues. The answer's set is for whoever gets it to release.
std::uint32_t call_lock(const Push& push, CallFor what, std::uint16_t broker, std::vector<TopicQueue> queues);
/// The call that waits for this answer; it is over then.
std::optional<PushCall> take_call(const Push& push, std::uint32_t opaque);
void on_call_timeout(const Push& push, const PushEvent& event);
void on_call_failed(const Push& push, const PushEvent& event);
void channel_opened(const Push& push, std::uint16_t broker);
void channel_lost(const Push& push, std::uint16_t broker);
/// A FIN.
void channel_closed_by_broker(const Push& push, std::uint16_t broker);
void on_connect_timeout(const Push& push, const PushEvent& event);
/// The broker whose channel this is; -1: this life knows nothing of it.
std::int32_t broker_at(const Push& push, ConnectionId connection);
/// What a call comes to, for whom made it: the answer, or null (`timed_out` says why).
void call_over(const Push& push, const PushCall& call, const Payload* answer, bool timed_out);

// push_heartbeat.cpp -----------------------------------------------------------------------------
void start_services(const Push& push);
void on_heartbeat_due(const Push& push, const PushEvent& event);
/// sendHeartbeatToAllBrokerWithLock: true if the lock was free, and whoever calls waits until it is again.
bool beat_all(const Push& push, BeatBy by);
void heartbeat_over(const Push& push, std::uint16_t broker, bool answered);
/// A channel has been opened by something else than a heartbeat (5.2.0+: onChannelActive).
void heartbeat_new_channel(const Push& push, std::uint16_t broker);
void on_route_poll(const Push& push, const PushEvent& event);
/// The thread of the scheduled tasks waits for the answer to a heartbeat.
bool scheduled_thread_waits(const Push& push);
/// updateTopicRouteInfoFromNameServer(%RETRY%group).
void fetch_retry_route(const Push& push);
bool knows_retry_route(const Push& push);
/// How many queues of the topic the client knows in a replica set; 0: none.
std::uint32_t known_queues_in(const Push& push, TopicId topic, std::uint16_t set);
/// findBrokerAddressInPublish: the set's master, as the client knows it; -1: none.
std::int32_t address_in_publish(const Push& push, std::uint16_t set);
/// findBrokerAddressInSubscribe, of anybody if there is no master: -1: nobody.
std::int32_t address_in_subscribe(const Push& push, std::uint16_t set);
/// The client looks for the topic's route again, because it has no address for it.
void refresh_route(const Push& push, TopicId topic);
/// A rebalance that waits for the route of this topic goes on.
void rebalance_route_over(const Push& push, TopicId topic, LookedUp result);

// push_rebalance.cpp -----------------------------------------------------------------------------
/// AllocateMessageQueueAveragely: which of so many sorted queues the member gets: (first, count).
std::pair<std::size_t, std::size_t> share_of(std::size_t queues, std::size_t members, std::size_t me);
void rebalance_wakeup(const Push& push);
void on_rebalance(const Push& push, const PushEvent& event);
void member_list_over(const Push& push, const Payload* answer);
void offset_over(const Push& push, const Payload* answer);
void max_offset_over(const Push& push, const Payload* answer);
/// messageQueueChanged has sent its heartbeats.
void rebalance_goes_on(const Push& push);
/// The process queue is dropped and forgotten.
/// The slot of the process queue; -1: there is none.
std::int64_t slot_of(const Push& push, TopicId topic, QueuePlace place);
std::uint32_t new_slot(const Push& push);
void record_queue(const Push& push, RecordKind kind, const PushQueue& queue, std::int64_t offset);
void remove_queue(const Push& push, std::uint32_t slot);
/// LOCK_BATCH_MQ of the queue that is being added; null: no answer.
void lock_new_over(const Push& push, const Payload* answer);
/// The listener of an orderly queue has returned, or a rebalance has waited long enough for it.
void release_goes_on(const Push& push);
void on_release_timeout(const Push& push, const PushEvent& event);

// push_pull.cpp ----------------------------------------------------------------------------------
/// executePullRequestLater, or immediately.
void pull_later(const Push& push, std::uint32_t slot, Duration delay);
void on_pull(const Push& push, const PushEvent& event);
void on_pull_response(const Push& push, std::uint16_t broker, const Payload& answer);
/// The pull thread (4.9) may have got its channel: it takes what has come meanwhile, in order.
void pull_thread_goes_on(const Push& push);
void pulls_connected(const Push& push, std::uint16_t broker);
void pulls_disconnected(const Push& push, std::uint16_t broker);
void on_pull_timeout(const Push& push, const PushEvent& event);
void on_fix_offset(const Push& push, const PushEvent& event);
/// computePullFromWhere of an orderly queue's first pull.
void pull_offset_over(const Push& push, const PushCall& call, const Payload* answer);
/// The queue has its lock (again).
void pull_if_locked(const Push& push, std::uint32_t slot);
/// Messages have left a process queue: flow control may be over.
void pull_if_room(const Push& push, std::uint32_t slot);

// push_consume.cpp -------------------------------------------------------------------------------
/// submitConsumeRequest.
void submit(const Push& push, const PendingMessages& messages);
void on_worked(const Push& push, std::uint32_t thread);
void on_returned(const Push& push, std::uint32_t thread);
void on_worked_behind(const Push& push, const PushEvent& event);
/// Frees the thread, which takes the next messages that wait.
void thread_over(const Push& push, ConsumeThread& thread);
/// The listener is about to be called with the thread's messages. `woken`: how long the thread takes to wake.
void begin_listener(const Push& push, std::uint32_t number, Duration woken);
/// The last thing that a thread of the pool does before it sleeps: whether it takes the next in line.
Duration woken_after(const Push& push, std::uint32_t number);
/// Acknowledge::hand_off: each message to a thread of the application's own. A failure there is nobody's.
void hand_off(const Push& push, const ConsumeThread& thread);
/// The end of processConsumeResult: what is not kept leaves the process queue, and the offset advances.
void settle(const Push& push, ConsumeThread& thread);

// push_pop.cpp -----------------------------------------------------------------------------------
Payload pop_request(const Push& push, PushQueue& queue);
/// Flow control: too many messages wait for their acks.
bool pop_is_throttled(const Push& push, const PushQueue& queue);
/// PopCallback.onSuccess.
/// What waits for a thread and came from this queue is not consumed (ConsumeRequest.run: isDropped).
void abort_popped(const Push& push, std::uint32_t slot);
void pop_answered(const Push& push, std::uint32_t slot, const Payload& answer);
/// The thread takes the next messages; false: they had waited too long.
bool take_popped(const Push& push, std::uint32_t thread);
/// submitPopConsumeRequest.
void submit_popped(const Push& push, PoppedList list);
/// The listener of the thread has returned.
void pop_returned(const Push& push, std::uint32_t thread);
void pop_settled(const Push& push, const PushCall& call, const Payload* answer);

// push_offsets.cpp -------------------------------------------------------------------------------
/// RemoteBrokerOffsetStore.updateOffset.
void update_offset(const Push& push, PushQueue& queue, std::int64_t offset, bool increase_only);
void mark_dirty(const Push& push, PushQueue& queue);
/// Sends it one-way; false: there is no channel.
bool persist(const Push& push, PushQueue& queue);
void on_persist(const Push& push, const PushEvent& event);
/// persistAllConsumerOffset, held up meanwhile.
void persist_all_offsets(const Push& push);

// push_retry.cpp ---------------------------------------------------------------------------------
/// The thread has the result of its messages, a failure.
void send_back(const Push& push, std::uint32_t thread);
void send_back_over(const Push& push, const PushCall& call, const Payload* answer, bool timed_out);
void resend_over(const Push& push, const PushCall& call, const Payload* answer, bool timed_out);
void on_resubmit(const Push& push, const PushEvent& event);
void on_clean_expired(const Push& push, const PushEvent& event);
/// A listener begins: cleanExpireMsg has something to look at from consumeTimeout on.
void arm_clean(const Push& push);
/// A listener has returned: if no other runs, it has not.
void disarm_clean(const Push& push);
/// One try after the other to send the thread's message to the retry topic
/// (DefaultMQProducerImpl.sendDefaultImpl).
void begin_sending(const Push& push, std::uint32_t thread, ConsumeResult why);

// push_orderly.cpp -------------------------------------------------------------------------------
/// ProcessQueue.putMessage and submitConsumeRequest: something has been put.
void orderly_put(const Push& push, std::uint32_t slot);
/// ConsumeRequest.run, of the first in the pool's queue.
void take_orderly(const Push& push, std::uint32_t number);
/// The listener of an orderly queue has returned.
void orderly_returned(const Push& push, std::uint32_t number);
/// checkReconsumeTimes: on with the next message of a list that was not processed.
void orderly_next_message(const Push& push, std::uint32_t number);
/// The process queue of an orderly thread, if it is in the table; -1: it is not.
std::int64_t slot_of_thread(const Push& push, const ConsumeThread& thread);

// push_lock.cpp ----------------------------------------------------------------------------------
/// isLocked and not isLockExpired.
bool holds_lock(const Push& push, const PushQueue& queue);
void arm_lock_all(const Push& push);
void on_lock_all(const Push& push, const PushEvent& event);
void lock_later(const Push& push, std::uint32_t slot, Duration delay);
void consume_later(const Push& push, std::uint32_t slot, Duration delay);
/// A task of one of the scheduled threads is due.
void on_orderly_task(const Push& push, const PushEvent& event);
void lock_over(const Push& push, const PushCall& call, const Payload* answer);
/// ProcessQueue.setDropped.
void drop_queue(const Push& push, std::uint32_t slot);
/// A listener has one of its messages: consumeLock is taken.
bool is_in_listener(const Push& push, std::uint32_t slot);
/// The end of removeUnnecessaryMessageQueue: its offset is persisted and its lock given back (4.9: 20 s
/// later, if messages are left).
void release_queue(const Push& push, std::uint32_t slot);
/// One-way; without a channel the broker keeps the lock until it expires.
void unlock(const Push& push, std::uint16_t set, std::vector<TopicQueue> queues);
/// unlockAll of a shutdown.
void unlock_all(const Push& push);
void forget_orderly(const Push& push);
bool is_stale_task(const OrderlyService& service, const PushEvent& event);

// push_local.cpp ---------------------------------------------------------------------------------
/// LocalFileOffsetStore.readOffset from its file; -1: none.
std::int64_t local_offset(const Push& push, TopicId topic, QueuePlace place);
/// persist and persistAll.
void write_local_offset(const Push& push, PushQueue& queue);
void write_local_offsets(const Push& push);

/// The thread of cleanExpireMsg, behind the pool.
inline std::uint32_t clean_thread(const Push& push) {
  return static_cast<std::uint32_t>(push.memory.threads.size()) - 1;
}

}  // namespace brokersim::model::rocketmq
