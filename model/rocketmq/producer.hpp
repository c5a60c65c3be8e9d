// One producer process: a RocketMQ client with its threads, its one connection per broker, and the
// application around it.
//
//   a slot of the schedule -> take up an intent -> try -> (connection) -> answer -> tell the application
//                                                   ^---------- retry ------'
// The parts: schedule.cpp (who sends when), queue_choice.cpp (where to), send_sync.cpp, send_async.cpp (the
// retries of each mode), channel.cpp (connections, and what travels on them), calls.cpp (the table of open
// calls, telling), heartbeat.cpp (who hears of this client, and when), transaction_client.cpp
// (TransactionMQProducer). The client counts in System.currentTimeMillis: of what is left of a budget only
// whole milliseconds count.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/record.hpp"
#include "model/rocketmq/fault_tolerance.hpp"
#include "model/rocketmq/route_client.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// What a call is waiting for.
enum class Waits : std::uint8_t {
  nothing,
  connection,
  processor,  ///< synchronous: the connection is there, the thread that awaited it has yet to run
  permit,     ///< asynchronous: semaphoreAsync is exhausted
  answer,
  transaction,  ///< the half message is sent: its local transaction and endTransaction are under way
  route         ///< its thread has asked a name server for the topic's route
};

/// A send between its first try and what the application is told.
struct Call {
  bool open = false;
  Waits waits = Waits::nothing;
  bool told = false;     ///< one-way of 5.3: the caller is gone while the bytes wait for the connection
  bool overdue = false;  ///< asynchronous: the next scanResponseTable finds it
  std::uint16_t generation = 0;  ///< of the present try: with the slot it makes the opaque
  std::uint16_t thread = 0;      ///< sync: the thread that blocks in it
  IntentId intent = no_intent;
  std::uint32_t sequence = 0;
  std::uint32_t size = 0;
  std::uint16_t broker = 0;   ///< of the present try: the replica set, as MessageQueue.brokerName names it
  std::uint16_t address = 0;  ///< the broker that the try goes to: the set's master as the route says
  std::uint16_t queue = 0;    ///< of the present try, on that broker
  std::uint8_t attempt = 0;
  Status result = Status::SEND_OK;  ///< valid if result_offset is
  SimTime begun{};                  ///< of the whole send: sendMsgTimeout counts from here
  SimTime try_begun{};
  Duration try_timeout{};
  Duration left_with_channel{};  ///< of the try's time-out when it got its connection (5.x: close or not)
  std::int64_t result_offset =
      -1;  ///< a SendResult that retryAnotherBrokerWhenNotStoreOK did not like: better than none
  sim::TimerId timer;
  bool waking = false;  ///< timed out; the thread has yet to run
  /// Its connection was closed by the broker and nobody told it (4.9): only its own time-out will end it.
  bool orphaned = false;
  // Of a half message that has a result:
  std::uint16_t result_broker = 0;  ///< SendResult.messageQueue: not the last try's, if retryAnotherBroker...
  std::uint32_t result_record = 0;  ///< SendResult.offsetMsgId
};

/// All free slots are alike. The generation is no part: see fields(Payload).
constexpr auto fields(const Call& call) {
  const auto& [open, waits, told, overdue, generation, thread, intent, sequence, size, broker, address, queue,
               attempt, result, begun, try_begun, try_timeout, left_with_channel, result_offset, timer,
               waking, orphaned, result_broker, result_record] = call.open ? call : Call{};
  return std::tuple(open, waits, told, overdue, thread, intent, sequence, size, broker, address, queue,
                    attempt, result, begun, try_begun, try_timeout, left_with_channel, result_offset, waking,
                    orphaned, result_broker, result_record);
}

struct Thread {
  bool busy = false;             ///< blocked in a send, or promised to one
  std::int64_t slots = 0;        ///< sends begun or skipped on this thread's schedule
  std::uint32_t next_queue = 0;  ///< ThreadLocalIndex
  SimTime next_due{};
};

constexpr auto fields(const Thread& thread) {
  const auto& [busy, slots, next_queue, next_due] = thread;
  return std::tie(busy, slots, next_queue, next_due);
}

struct Channel {
  bool connecting = false, open = false;
  bool dialled = false;        ///< the network has been asked: `connection` is this channel's
  std::uint32_t connects = 0;  ///< so many so far: an overdue connect_timeout of an earlier one is stale
  ConnectionId connection;
  sim::TimerId connect_timer;
};

/// The connects are counted to tell stale events and to key draws. A connection counts while it is in use.
constexpr auto fields(const Channel& channel) {
  const auto& [connecting, open, dialled, connects, connection, connect_timer] = channel;
  const bool dialling = connecting && dialled;
  return std::tuple(connecting, open, dialling, open || dialling ? connection : ConnectionId{});
}

/// Which thread of the client sends heartbeats. One at a time does (MQClientInstance.lockHeartbeat); the
/// other tries the lock and gives up. Also ProducerEvent::thread of a heartbeat event.
enum class HeartbeatBy : std::uint8_t {
  nobody,
  task,      ///< the scheduled task: to all known brokers, one after another
  listener,  ///< NettyEventExecutor: to the broker whose channel has become active (5.2 and later)
  waiter     ///< of an event only: the connection that one of the two awaited is there
};

/// HEART_BEAT is a synchronous call like others, so one without an answer closes the channel for all. A
/// client heartbeats the brokers that it knows from a topic route, which a send fetches first.
struct Heartbeats {
  bool on = false;      ///< the scheduled task finds brokers, and its heartbeats can change something
  bool routed = false;  ///< the route of the topic has been fetched
  bool late = false;    ///< the task's time came while its former run went on: the next follows at once
  HeartbeatBy by = HeartbeatBy::nobody;
  Waits waits = Waits::nothing;
  bool orphaned = false;  ///< as Call::orphaned
  bool usual = true;      ///< heartbeatBrokerInterval is its default
  std::uint16_t broker = 0;
  std::uint32_t number = 0;  ///< of the present heartbeat: its opaque
  /// The task's next run; it keeps its rate (scheduleAtFixedRate). max: none will ever find a broker.
  SimTime due = SimTime::max();
  SimTime begun{};
  Duration left_with_channel{};
  sim::TimerId timer, timeout;
  std::vector<std::uint16_t> active;  ///< the NettyEventExecutor's queue: channels that became active
};

/// What belongs to a heartbeat under way counts while there is one.
constexpr auto fields(const Heartbeats& beats) {
  const auto& [on, routed, late, by, waits, orphaned, usual, broker, number, due, begun, left_with_channel,
               timer, timeout, active] = beats;
  const bool answerable = waits == Waits::answer;
  const bool under_way = by != HeartbeatBy::nobody;
  return std::tuple_cat(
      std::tuple(on, routed, late, by, waits, orphaned, under_way ? broker : std::uint16_t{0},
                 answerable ? number : 0U, sim::Phase<30'000'000'000>{usual ? due : SimTime::max()},
                 usual ? SimTime::max() : due, under_way ? begun : SimTime::max(),
                 answerable ? left_with_channel : Duration{}),
      std::tie(active));
}

/// CHECK_TRANSACTION_STATE in the check pool; the first is in work.
struct CheckRequest {
  IntentId intent = no_intent;
  std::uint16_t broker = 0;
  std::uint8_t number = 0;  ///< of the checks of this intent
  std::uint32_t record = 0;
  std::int64_t offset = 0;
};

constexpr auto fields(const CheckRequest& check) {
  const auto& [intent, broker, number, record, offset] = check;
  return std::tie(intent, broker, number, record, offset);
}

/// END_TRANSACTION that waits for a connection.
struct PendingEnd {
  static constexpr std::uint32_t nobody = ~0U, check_pool = ~0U - 1;
  std::uint32_t caller = nobody;  ///< who blocks in it (4.9): a slot of the calls, or the pool's one thread
  IntentId intent = no_intent;
  std::uint16_t broker = 0;
  TransactionVerdict verdict = TransactionVerdict::unknown;
  std::uint8_t check = 0;  ///< the number of the check that it answers; 0: none
  std::uint32_t record = 0;
  std::int64_t offset = 0;
};

constexpr auto fields(const PendingEnd& end) {
  const auto& [caller, intent, broker, verdict, check, record, offset] = end;
  return std::tie(caller, intent, broker, verdict, check, record, offset);
}

struct Producer {
  ProcessId process;
  sim::LaneId timeout_lane;  ///< first tries all have the same time-out
  // The application's progress survives a restart of the process (its database knows the orders).
  std::int64_t begun = 0;                    ///< intents taken up so far
  std::vector<std::uint32_t> next_sequence;  ///< per (broker, queue)
  std::int64_t open_sends = 0;               ///< begun, and the application not yet told

  struct Memory {
    bool started = false;
    std::vector<Thread> threads;
    std::vector<Channel> channels;  ///< per broker: one connection carries everything
    std::vector<Call> calls;        ///< lowest free slot
    std::uint32_t first_free = 0;   ///< no slot below is free
    std::int64_t arrivals = 0;      ///< shared schedule: slots so far
    std::int64_t waiting = 0;       ///< shared schedule: due, no thread free
    std::int64_t claimed = 0;       ///< sends that are scheduled or waiting: begun + claimed <= messages
    std::int64_t in_flight = 0;     ///< asynchronous calls that hold a permit
    std::int64_t want_permit = 0;
    std::uint32_t callback_queue = 0;  ///< ThreadLocalIndex of the thread that runs callbacks
    std::int64_t overdue = 0;          ///< calls that the next scan finds
    SimTime scan_grid{};               ///< first scanResponseTable; then each second
    sim::TimerId scan_timer;
    Heartbeats heartbeats;
    std::vector<CheckRequest> checks;  ///< the check pool: one thread, checkRequestHoldMax behind it
    std::vector<PendingEnd> ends;      ///< in the order of their calls
    std::vector<FaultItem> faults;     ///< per broker, with sendLatencyEnable
    bool publishes = false;            ///< a send has needed the topic's route (topicPublishInfoTable)
    std::vector<std::uint32_t>
        publish;  ///< TopicPublishInfo: queues by their numbers among those of all sets
  } memory;
};

/// first_free only saves a search. The scan's period is a constant (send_async.cpp).
constexpr auto fields(const Producer::Memory& memory) {
  const auto& [started, threads, channels, calls, first_free, arrivals, waiting, claimed, in_flight,
               want_permit, callback_queue, overdue, scan_grid, scan_timer, heartbeats, checks, ends, faults,
               publishes, publish] = memory;
  return std::tuple_cat(std::tie(started, threads, channels, calls, arrivals, waiting, claimed, in_flight,
                                 want_permit, callback_queue, overdue),
                        std::tuple(sim::Phase<1'000'000'000>{scan_grid}),
                        std::tie(heartbeats, checks, ends, faults, publishes, publish));
}

constexpr auto fields(const Producer& producer) {
  const auto& [process, timeout_lane, begun, next_sequence, open_sends, memory] = producer;
  return std::tie(process, timeout_lane, begun, next_sequence, open_sends, memory);
}

void producer_start_world(World& world, std::size_t producer, Context& context);
void producer_serve(World& world, std::size_t producer, Context& context);  ///< the process runs now
void producer_killed(World& world, std::size_t producer,
                     Context& context);  ///< open sends end with Told::nothing
/// Graceful shutdown, simplified: open sends end as by a kill, but the client unregisters, and the
/// connections close in order (what was sent still arrives).
void producer_stop(World& world, std::size_t producer, Context& context);
void producer_receive(World& world, std::size_t producer, ConnectionId connection, const Payload& payload,
                      Context& context);
void producer_connection_opened(World& world, std::size_t producer, ConnectionId connection,
                                Context& context);
void producer_connection_refused(World& world, std::size_t producer, ConnectionId connection,
                                 Context& context);
void producer_connection_lost(World& world, std::size_t producer, ConnectionId connection, bool orderly,
                              Context& context);
void producer_step(World& world, std::size_t producer, const ProducerEvent& event, Context& context);
/// A look-up of its client has ended (route_client.hpp).
void producer_route_over(World& world, std::size_t producer, TopicId topic, bool is_default, LookedUp result,
                         Context& context);
/// What its client polls: the topic once a send needed it, and TBW102 (4.9).
std::vector<TopicId> producer_polled_topics(const World& world, const Config& config, std::size_t producer);
/// The application has sent everything and knows what became of it.
bool producer_done(const World& world, const Config& config, std::size_t producer);
/// And nobody waits for it: a check in the pool is yet to be answered.
bool producer_idle(const World& world, const Config& config, std::size_t producer);

}  // namespace brokersim::model::rocketmq
