// The producer's parts as they see each other; nobody else includes this.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config.hpp"
#include "model/host/host.hpp"
#include "model/world.hpp"

namespace brokersim::model::rocketmq {

/// The arguments of a step in one hand. Lives for one step.
struct Client {
  World& world;
  std::size_t index;
  Context& context;
  Producer& self;
  const ProducerConfig& config;

  Client(World& w, std::size_t producer, Context& c)
      : world(w),
        index(producer),
        context(c),
        self(w.producers[producer]),
        config(c.config().producers[producer]) {}

  SimTime now() const { return host::monotonic(context); }
  Call& call(std::uint32_t slot) const { return self.memory.calls[slot]; }
  Thread& thread(std::uint16_t number) const { return self.memory.threads[number]; }
  std::int32_t queues_per_broker() const { return context.config().topics[config.topic.value].queues; }
  void record(RecordKind kind, IntentId intent, std::int64_t a = 0, std::int64_t b = 0) const {
    context.record(make_record(kind, intent.value, a, b));
  }
};

/// What a retry gets of the time that is left. The real fraction depends on where in a millisecond the send
/// began; here it never counts, so that only differences of times matter.
inline Duration whole_milliseconds(Duration left) { return left - left % 1_ms; }

inline constexpr std::uint16_t arrival = 0xffff;  ///< ProducerEvent::thread: a slot of the shared schedule

/// RemotingCommand.opaque: the slot of the call and the generation of the try.
inline std::uint32_t opaque_of(std::uint32_t slot, std::uint16_t generation) {
  return slot | std::uint32_t{generation} << slot_bits;
}

// schedule.cpp -------------------------------------------------------------------------------------
void start_schedule(const Client& client);
void on_due(const Client& client, std::uint16_t thread);
/// A send call that began at `since` has returned to its thread.
void thread_returned(const Client& client, std::uint16_t thread, SimTime since);

// calls.cpp ----------------------------------------------------------------------------------------
/// The route of its topic is there, or will not be: sends that wait for it go on, or fail.
void sends_go_on(const Client& client, bool has_route);
/// A thread takes up the next intent and sends it.
void begin_send(const Client& client, std::uint16_t thread);
/// The open call that this opaque belongs to, if it still waits; -1: the answer comes too late.
std::int64_t find_waiting(const Client& client, std::uint32_t opaque);
/// Calls to `broker` that wait for the same thing, in the order of their tries.
std::vector<std::uint32_t> calls_waiting(const Client& client, std::uint16_t broker, Waits waits);
void tell_result(const Client& client, std::uint32_t slot);
void tell_failure(const Client& client, std::uint32_t slot, SendError error, Status status);
/// sendMessageInTransaction has returned ROLLBACK.
void tell_rolled_back(const Client& client, std::uint32_t slot);
/// The application has nothing more to send and waits for nothing.
bool has_finished(const Client& client);
void free_call(const Client& client, std::uint32_t slot);
/// How late the scheduler wakes a thread of this process.
Duration wakeup_latency(const Client& client, std::uint64_t subject, std::uint64_t attempt);

/// The call waits no more: its timer is off, its permit and its place in the scan are given back.
void stop_waiting(const Client& client, std::uint32_t slot);

// queue_choice.cpp ---------------------------------------------------------------------------------
/// How many queues the client may send to.
std::uint32_t queue_count(const Client& client);
/// Of a first try, `count` of them there are.
void choose_first_queue(const Client& client, Call& call, std::uint32_t count);
/// Another queue for the next try: not on the last broker if there is another one.
void choose_next_queue(const Client& client, std::uint32_t slot, std::uint32_t& index);
/// The index of a thread before a retry (TopicPublishInfo.resetIndex).
void reset_index(const Client& client, const Call& call, std::uint32_t& index);
/// A try came back with a SendResult; of an asynchronous one also: it has left.
void try_succeeded(const Client& client, const Call& call, Duration latency);
/// A try failed: for how long its broker is avoided.
void blame_broker(const Client& client, const Call& call, SendError error);

// channel.cpp --------------------------------------------------------------------------------------
/// Begins a try: it leaves now, or when the channel is open.
void send_when_connected(const Client& client, std::uint32_t slot, Duration timeout);
Channel& channel_to(const Client& client, std::uint16_t broker);
/// The broker at the other end of a connection in use; -1: this process has forgotten it.
std::int32_t broker_at(const Client& client, ConnectionId connection);
void connect(const Client& client, std::uint16_t broker);
/// The client's part of a connect is done.
void dial(const Client& client, std::uint16_t broker, std::uint32_t connects);
/// closeChannel: every call in flight on it fails at once (failFast).
void close_channel(const Client& client, std::uint16_t broker);
/// A write has found the connection broken before the process was told.
void channel_is_dead(const Client& client, std::uint16_t broker);
void channel_opened(const Client& client, ConnectionId connection);
void channel_refused(const Client& client, ConnectionId connection);
void channel_lost(const Client& client, ConnectionId connection, bool orderly);
/// A call that waited for its connection has it, and runs.
void go_on_connected(const Client& client, std::uint32_t slot);
void on_connect_timeout(const Client& client, std::uint16_t broker, std::uint32_t connects);
void grant_permits(const Client& client);
/// A try has failed: what follows is for its mode to say.
void try_failed(const Client& client, std::uint32_t slot, SendError error, Status status = Status::SEND_OK);

// send_sync.cpp ------------------------------------------------------------------------------------
/// The time-out of a first try.
Duration first_timeout(const ProducerConfig& config);
void begin_sync(const Client& client, std::uint32_t slot);
void sync_answered(const Client& client, std::uint32_t slot, const Payload& answer);
void sync_failed(const Client& client, std::uint32_t slot, SendError error, Status status);
void sync_timed_out(const Client& client, std::uint32_t slot);

// send_async.cpp -----------------------------------------------------------------------------------
void begin_async(const Client& client, std::uint32_t slot);
void async_answered(const Client& client, std::uint32_t slot, const Payload& answer);
void async_failed(const Client& client, std::uint32_t slot, SendError error, Status status);
/// Its time-out and the second of grace are over, or it has waited too long for its permit.
void async_overdue(const Client& client, std::uint32_t slot);
void scan_response_table(const Client& client);
void begin_oneway(const Client& client, std::uint32_t slot);
void oneway_left(const Client& client, std::uint32_t slot);
void oneway_failed(const Client& client, std::uint32_t slot, SendError error);

// heartbeat.cpp ------------------------------------------------------------------------------------
/// The client instance begins: its first heartbeat, then each heartbeatBrokerInterval.
void start_heartbeats(const Client& client);
/// A send needs the topic's route: from now on its brokers are known.
void learn_route(const Client& client);
/// Nothing depends on this client's heartbeats any more if it has finished.
void rest_heartbeats(const Client& client);
void forget_heartbeats(const Client& client);
/// Of draws about what this life of the process tells a broker besides sends.
std::uint64_t heartbeat_subject(const Client& client, std::uint16_t broker);
void on_heartbeat(const Client& client, const ProducerEvent& event);
void on_heartbeat_timeout(const Client& client, std::uint32_t number);
void on_heartbeat_response(const Client& client, std::uint16_t broker, const Payload& response);
/// The channel has opened: a heartbeat that waited for it goes on, and 5.3 sends one of its own.
void heartbeat_channel_opened(const Client& client, std::uint16_t broker);
/// The connection that a heartbeat waits for, or waits on, is none.
void heartbeat_failed(const Client& client, std::uint16_t broker, Waits waits);
/// As forsake_waiting of the calls.
void heartbeat_forsaken(const Client& client, std::uint16_t broker);

// transaction_client.cpp ---------------------------------------------------------------------------
/// The half message's send has returned a SendResult or thrown; the rest of sendMessageInTransaction.
void half_sent(const Client& client, std::uint32_t slot);
void half_failed(const Client& client, std::uint32_t slot, SendError error, Status status);
void on_local_done(const Client& client, std::uint32_t opaque);
void on_end_transaction(const Client& client, std::uint32_t opaque);
/// The connection to the broker is there (or will not be): for those END_TRANSACTIONs that wait for it.
void ends_go_on(const Client& client, std::uint16_t broker, bool connected);
/// What dies with the process: local transactions that run, requests that wait for a connection.
void forget_transactions(const Client& client);
void on_check_request(const Client& client, std::uint16_t broker, const Payload& request);
void on_checked(const Client& client);

}  // namespace brokersim::model::rocketmq
