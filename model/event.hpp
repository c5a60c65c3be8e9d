// Everything that can happen: a header that says to whom, and one alternative per protocol, each
// dispatched in that protocol's own file. Every kind has a stable public name; fault triggers and
// replay files say `before` or `after` (actor, name, nth).
//
// The field lists leave out what tells a stale event from a living one (incarnations, generations, tickets)
// and the numbers that only key draws: stale events are no part of a canonical form (model/canonical.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>

#include "model/event_name.hpp"
#include "model/ids.hpp"
#include "model/payload.hpp"

namespace brokersim::model {

namespace host {
enum class On : std::uint8_t {
  pages_written,  ///< within a sync: the dirty pages up to `bytes` reach the disk as they are now
  sync_done,  ///< the disk has made `bytes`/`records` of a process's log durable (even if it died meanwhile)
  process_started,  ///< start-up and recovery took their time; the process serves now
  catch_up          ///< a resumed process executes the next of its backlog
};
struct Event {
  On on = On::sync_done;
  std::uint16_t power_losses =
      0;  ///< of a sync: of the host when the sync began; another number now: it is void
  std::int64_t records = 0, bytes = 0;
};
constexpr auto fields(const Event& event) {
  const auto& [on, power_losses, records, bytes] = event;
  return std::tuple(on, records, bytes);
}
}  // namespace host

namespace network {
enum class On : std::uint8_t {
  requested,  ///< to the server's kernel: a SYN
  opened,     ///< to the client: connect() succeeded
  refused,    ///< to the client: nobody listens there
  broken,     ///< reset or closed by the peer
  arrived,    ///< bytes reached the peer's kernel
  retransmit  ///< a held connection tries again
};
struct Event {
  On on = On::arrived;
  bool to_server = false;
  ConnectionId connection;
  std::uint16_t generation = 0;  ///< of the connection's slot
  Payload payload;               ///< arrived: what; `none` is the FIN
};
constexpr auto fields(const Event& event) {
  const auto& [on, to_server, connection, generation, payload] = event;
  return std::tuple(on, to_server, connection, payload);
}
}  // namespace network

namespace rocketmq {
enum class BrokerOn : std::uint8_t {
  flush_tick,         ///< FlushRealTimeService wakes (ASYNC_FLUSH)
  commit_tick,        ///< CommitRealTimeService wakes (transient store pool)
  group_commit_tick,  ///< GroupCommitService wakes (SYNC_FLUSH)
  flushed,            ///< the flush call of one of these services has returned
  reput_tick,         ///< ReputMessageService wakes
  answer,             ///< the answer in `slot` leaves the process
  flush_deadline,     ///< FlushDiskWatcher: a waiting send has waited syncFlushTimeout
  queue_scan,         ///< BrokerFastFailure looks for requests that waited too long
  stop_done,          ///< the graceful shutdown has flushed everything
  op_batch,           ///< TransactionalOpBatchService wakes
  check_pass,  ///< TransactionalMessageCheckService: a pass begins, or goes on with its next half message
  offsets_persist,   ///< consumerOffset.json is written (flushConsumerOffsetInterval)
  delay_persist,     ///< delayOffset.json is written (flushDelayOffsetInterval)
  delay_deliver,     ///< ScheduleMessageService looks at the level with index `records`
  client_scan,       ///< ClientHousekeepingService looks for channels without a heartbeat
  pull_hold,         ///< PullRequestHoldService answers pulls that were suspended long enough
  ha_transfer,       ///< WriteSocketService of a slave's connection sends the next piece of the log
  ha_watch,          ///< a slave's connection was silent for long: a header, or its end
  ha_client,         ///< HAClient: the next try to connect, or a report
  replica_deadline,  ///< GroupTransferService: a put has waited slaveTimeout for its replicas
  slave_sync,        ///< SlaveSynchronize: a round begins, or a request of it has timed out
  clean_files,       ///< CleanCommitLogService looks at the disk and deletes old files
  timer_enqueue,     ///< TimerEnqueueGetService reads rmq_sys_wheel_timer
  timer_dequeue,     ///< TimerDequeueGetService delivers from a slot of the wheel
  timer_flush,       ///< TimerFlushService forces the checkpoint
  pop_poll,          ///< PopLongPollingService: a pop has waited long enough
  pop_buffer,        ///< PopBufferMergeService.scan
  pop_revive,        ///< PopReviveService of the revive queue `records`
  pre_online,        ///< BrokerPreOnlineService looks, or gives up waiting
  escape_timeout     ///< EscapeBridge has got no answer for the level with index `records`
};
struct BrokerEvent {
  BrokerOn on = BrokerOn::flush_tick;
  std::int64_t records = 0, bytes = 0;
  std::uint32_t slot = 0;  ///< of the answer; of a timer, its ticket
};
constexpr auto fields(const BrokerEvent& event) {
  const auto& [on, records, bytes, slot] = event;
  return std::tuple(on, records, bytes, on == BrokerOn::answer ? slot : 0U);
}

/// RemotingCommand.opaque of a send: the slot of the call, and above it the generation of the try.
inline constexpr std::uint32_t slot_bits = 20;

enum class ProducerOn : std::uint8_t {
  start,              ///< the application starts sending
  send,               ///< a thread's next message is due
  call_timeout,       ///< a synchronous call has waited its time
  connect,            ///< the client's part of opening a channel is done: the network is asked
  connect_timeout,    ///< a connect has got no answer
  scan,               ///< scanResponseTable: each second, asynchronous calls that are overdue
  heartbeat,          ///< sendHeartbeatToAllBrokerWithLock
  heartbeat_timeout,  ///< a heartbeat has got no answer from `broker` (`call`: its number)
  local_done,         ///< executeLocalTransaction returns (`call`: its slot)
  checked,            ///< checkLocalTransaction returns
  end_transaction     ///< endTransaction, behind executeLocalTransaction (`call`: its slot)
};
struct ProducerEvent {
  ProducerOn on = ProducerOn::send;
  std::uint16_t thread = 0;
  std::uint16_t broker = 0;
  std::uint32_t call = 0;  ///< call_timeout: the opaque; of a connect, its number
};
constexpr auto fields(const ProducerEvent& event) {
  const auto& [on, thread, broker, call] = event;
  const std::uint32_t slot = call & ((1U << slot_bits) - 1);
  const bool of_call =
      on == ProducerOn::call_timeout || on == ProducerOn::local_done || on == ProducerOn::end_transaction;
  return std::tuple(on, thread, broker, of_call ? slot : 0U);
}

enum class ConsumerOn : std::uint8_t {
  start,
  pull,    ///< time to (re)try a pull of `queue`
  worked,  ///< the business effect of one message is done
  connect_timeout
};
struct ConsumerEvent {
  ConsumerOn on = ConsumerOn::pull;
  std::uint16_t broker = 0;
  std::uint16_t queue = 0;
  IntentId intent = no_intent;
};
constexpr auto fields(const ConsumerEvent& event) {
  const auto& [on, broker, queue, intent] = event;
  return std::tie(on, broker, queue, intent);
}
/// Of a push consumer.
enum class PushOn : std::uint8_t {
  start,
  rebalance,          ///< RebalanceService
  heartbeat,          ///< sendHeartbeatToAllBrokerWithLock
  route_poll,         ///< updateTopicRouteInfoFromNameServer
  persist,            ///< persistAllConsumerOffset
  pull,               ///< PullMessageService takes the queue's pull request
  call_timeout,       ///< a call in `slot` has got no answer
  connect_timeout,    ///< of `broker`
  worked,             ///< a listener's work on the message(s) in `slot` is done
  handed_off_worked,  ///< the same of another thread, or behind the result
  resubmit,           ///< messages that could not be sent back are consumed again (5 s)
  clean_expired,      ///< cleanExpireMsg: each consumeTimeout
  returned,           ///< the listener of the thread in `slot` returns, and its result is processed
  call_failed,        ///< the channel of the call in `slot` is gone
  fix_offset,         ///< an illegal offset is replaced by the broker's
  lock_all,           ///< lockMQPeriodically
  lock_later,         ///< tryLockLaterAndReconsume: the task in `slot` is due
  consume_later,      ///< submitConsumeRequestLater of an orderly queue: likewise
  unlock_later,       ///< unlockDelay (4.9): likewise
  release_timeout     ///< a rebalance has waited long enough for the listener of an orderly queue
};
struct PushEvent {
  PushOn on = PushOn::pull;
  std::uint16_t broker = 0;      ///< of handed_off_worked: 1: the work fails, and its effect is not applied
  std::uint32_t slot = 0;        ///< of a queue, call or consuming, by `on`
  std::uint32_t generation = 0;  ///< tells a slot's users apart
  IntentId intent = no_intent;
};
constexpr auto fields(const PushEvent& event) {
  const auto& [on, broker, slot, generation, intent] = event;
  return std::tuple(on, broker, slot, intent);
}

/// About name servers and routes, at whoever has to do with them.
enum class NameOn : std::uint8_t {
  broker_idle,               ///< at a name server: a broker's channel has been silent for 120 s
  register_due,              ///< at a broker: registerBrokerAll
  register_connect_timeout,  ///< no answer to a connect to name server `server`
  register_timeout,          ///< no answer from it
  route_poll,                ///< at a client: updateTopicRouteInfoFromNameServer
  route_connect_timeout,     ///< no answer to a connect to the chosen name server
  route_timeout,             ///< no answer from it
  alive_due                  ///< at a broker: sendHeartbeat and syncBrokerMemberGroup
};
struct NameEvent {
  NameOn on = NameOn::broker_idle;
  std::uint16_t server = 0;
  std::uint32_t ticket = 0;  ///< of the timer
};
constexpr auto fields(const NameEvent& event) {
  const auto& [on, server, ticket] = event;
  return std::tuple(on, server);
}

/// About the controller, at it and at the brokers.
enum class ControllerOn : std::uint8_t {
  scan_brokers,     ///< at the controller: scanNotActiveBroker finds a broker that was silent for too long
  scan_masters,     ///< scanInactiveMasterAndTriggerReelect finds a set whose master is not alive
  start_try,        ///< at a broker: ReplicasManager.startBasicService
  heartbeat_due,    ///< sendHeartbeatToController
  metadata_due,     ///< schedulingSyncBrokerMetadata
  check_due,        ///< checkSyncStateSetAndDoReport
  connect_timeout,  ///< no answer to a connect to the controller
  call_timeout      ///< no answer from it
};
struct ControllerEvent {
  ControllerOn on = ControllerOn::scan_brokers;
  std::uint32_t ticket = 0;  ///< of the timer
};
constexpr auto fields(const ControllerEvent& event) {
  const auto& [on, ticket] = event;
  return std::tuple(on);
}

/// At a member of a DLedger group.
enum class DLedgerOn : std::uint8_t {
  maintain,         ///< StateMaintainer has something to do, or what it waits for is over
  dispatch,         ///< the EntryDispatcher of a peer has something to do
  ack_deadline,     ///< a put has waited maxWaitAckTimeMs for its majority
  gap_check,        ///< EntryHandler.checkAbnormalFuture: a push that fits nowhere is answered
  connect_timeout,  ///< no answer to a connect to `peer`
  take_over         ///< DLedgerRoleChangeHandler looks whether the new leader may serve
};
struct DLedgerEvent {
  DLedgerOn on = DLedgerOn::maintain;
  std::uint16_t peer = 0;    ///< its place among the peers
  std::uint32_t ticket = 0;  ///< of the timer
};
constexpr auto fields(const DLedgerEvent& event) {
  const auto& [on, peer, ticket] = event;
  return std::tuple(on, peer);
}
}  // namespace rocketmq

namespace faults {
enum class On : std::uint8_t {
  strike,   ///< perform the action of fault `fault`
  restore,  ///< undo it
  heal,     ///< the operator repairs and restarts everything
  roll      ///< a rolling restart goes on with its next process
};
struct Event {
  On on = On::strike;
  std::uint16_t fault = 0;
  std::uint32_t occurrence = 0;  ///< of a fault process: keys its draws
  std::uint16_t choice = 0;      ///< restore: which action of a campaign
};
constexpr auto fields(const Event& event) {
  const auto& [on, fault, occurrence, choice] = event;
  return std::tuple(on, fault, choice);
}
}  // namespace faults

struct Event {
  ProcessId target;         ///< ignored by faults; of host::sync_done: the owner of the file
  Incarnation incarnation;  ///< stale if the target has been started again since
  std::variant<host::Event, network::Event, rocketmq::BrokerEvent, rocketmq::ProducerEvent,
               rocketmq::ConsumerEvent, faults::Event, rocketmq::PushEvent, rocketmq::NameEvent,
               rocketmq::ControllerEvent, rocketmq::DLedgerEvent>
      body;
};
static_assert(std::is_trivially_copyable_v<Event> && sizeof(Event) <= 64);

constexpr auto fields(const Event& event) {
  const auto& [target, incarnation, body] = event;
  return std::tuple<ProcessId, const decltype(body)&>(target, body);
}

EventName name_of(const Event& event);
std::string_view to_string(EventName name);
std::optional<EventName> event_name(std::string_view text);

}  // namespace brokersim::model
