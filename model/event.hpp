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

/// The public names. A segment that arrived is named by what it carries.
enum class EventName : std::uint16_t {
  host_pages_written,  ///< "host.pages_written"
  host_sync_done,      ///< "host.sync_done"
  process_started,     ///< "process.started"
  process_catch_up,    ///< "process.catch_up": one of the backlog after a pause (which then happens under its
                       ///< own name)
  connection_requested,      ///< "connection.requested": a SYN reached the server's kernel
  connection_opened,         ///< "connection.opened"
  connection_refused,        ///< "connection.refused"
  connection_broken,         ///< "connection.broken"
  connection_retransmit,     ///< "connection.retransmit"
  connection_closed,         ///< "connection.closed": a FIN arrived
  broker_send_request,       ///< "broker.send_request": a send arrived and is executed
  producer_send_response,    ///< "producer.send_response"
  broker_pull_request,       ///< "broker.pull_request"
  consumer_pull_response,    ///< "consumer.pull_response"
  broker_flush_tick,         ///< "broker.flush_tick"
  broker_commit_tick,        ///< "broker.commit_tick"
  broker_group_commit_tick,  ///< "broker.group_commit_tick"
  broker_flushed,            ///< "broker.flushed"
  broker_reput_tick,         ///< "broker.reput_tick"
  broker_answer,             ///< "broker.answer"
  broker_flush_deadline,     ///< "broker.flush_deadline"
  broker_queue_scan,         ///< "broker.queue_scan"
  broker_stop_done,          ///< "broker.stop_done"
  producer_start,            ///< "producer.start"
  producer_send,             ///< "producer.send": a thread begins a message
  producer_call_timeout,     ///< "producer.call_timeout"
  producer_connect,          ///< "producer.connect"
  producer_connect_timeout,  ///< "producer.connect_timeout"
  producer_scan,             ///< "producer.scan"
  consumer_start,            ///< "consumer.start"
  consumer_pull,             ///< "consumer.pull"
  consumer_worked,           ///< "consumer.worked"
  consumer_connect_timeout,  ///< "consumer.connect_timeout"
  fault_strike,              ///< "fault.strike"
  fault_restore,             ///< "fault.restore"
  fault_heal,                ///< "fault.heal"
  // transactions
  broker_end_transaction,      ///< "broker.end_transaction": END_TRANSACTION arrived and is executed
  broker_op_batch,             ///< "broker.op_batch"
  broker_check_pass,           ///< "broker.check_pass"
  producer_check_request,      ///< "producer.check_request": CHECK_TRANSACTION_STATE arrived
  producer_local_transaction,  ///< "producer.local_transaction": executeLocalTransaction has done its work
  producer_checked,            ///< "producer.checked": checkLocalTransaction has its answer
  // heartbeats
  broker_heartbeat,            ///< "broker.heartbeat"
  broker_client_scan,          ///< "broker.client_scan"
  broker_unregister_client,    ///< "broker.unregister_client"
  producer_heartbeat,          ///< "producer.heartbeat"
  client_heartbeat_response,   ///< "client.heartbeat_response": at a producer or consumer
  producer_heartbeat_timeout,  ///< "producer.heartbeat_timeout"
  // consuming
  broker_send_back,               ///< "broker.send_back": CONSUMER_SEND_MSG_BACK arrived and is executed
  broker_update_consumer_offset,  ///< "broker.update_consumer_offset"
  broker_query_consumer_offset,   ///< "broker.query_consumer_offset"
  broker_get_max_offset,          ///< "broker.get_max_offset"
  broker_get_consumer_list,       ///< "broker.get_consumer_list"
  broker_offsets_persist,         ///< "broker.offsets_persist"
  broker_delay_persist,           ///< "broker.delay_persist"
  broker_delay_deliver,           ///< "broker.delay_deliver"
  broker_pull_hold,               ///< "broker.pull_hold"
  consumer_send_back_response,    ///< "consumer.send_back_response"
  consumer_offset_response,       ///< "consumer.offset_response"
  consumer_max_offset_response,   ///< "consumer.max_offset_response"
  consumer_list_response,         ///< "consumer.list_response"
  consumer_ids_changed,           ///< "consumer.ids_changed"
  consumer_rebalance,             ///< "consumer.rebalance"
  consumer_heartbeat,             ///< "consumer.heartbeat"
  consumer_route_poll,            ///< "consumer.route_poll"
  consumer_persist,               ///< "consumer.persist"
  consumer_call_timeout,          ///< "consumer.call_timeout"
  consumer_handed_off_worked,     ///< "consumer.handed_off_worked"
  consumer_resubmit,              ///< "consumer.resubmit"
  consumer_clean_expired,         ///< "consumer.clean_expired"
  consumer_returned,              ///< "consumer.returned"
  consumer_call_failed,           ///< "consumer.call_failed"
  consumer_fix_offset,            ///< "consumer.fix_offset"
  producer_end_transaction,  ///< "producer.end_transaction": endTransaction, behind the local transaction
  // replication
  broker_ha_transfer,       ///< "broker.ha_transfer": a master sends a slave the next piece of its log
  broker_ha_watch,          ///< "broker.ha_watch"
  broker_ha_client,         ///< "broker.ha_client"
  broker_replica_deadline,  ///< "broker.replica_deadline"
  broker_slave_sync,        ///< "broker.slave_sync"
  broker_ha_connect,        ///< "broker.ha_connect": at the master
  broker_ha_report,         ///< "broker.ha_report": a slave's acknowledgement, at the master
  broker_ha_piece,          ///< "broker.ha_piece": at the slave, which appends it
  broker_ha_header,         ///< "broker.ha_header"
  broker_sync_request,      ///< "broker.sync_request"
  broker_sync_response,     ///< "broker.sync_response"
  fault_roll,               ///< "fault.roll"
  broker_clean_files,       ///< "broker.clean_files"
  // orderly consuming
  broker_lock_batch,         ///< "broker.lock_batch": LOCK_BATCH_MQ arrived and is executed
  broker_unlock_batch,       ///< "broker.unlock_batch"
  consumer_lock_response,    ///< "consumer.lock_response"
  consumer_lock_all,         ///< "consumer.lock_all"
  consumer_lock_later,       ///< "consumer.lock_later"
  consumer_consume_later,    ///< "consumer.consume_later"
  consumer_unlock_later,     ///< "consumer.unlock_later"
  consumer_release_timeout,  ///< "consumer.release_timeout"
  // name servers and routes
  nameserver_broker_idle,           ///< "nameserver.broker_idle"
  nameserver_register_broker,       ///< "nameserver.register_broker": REGISTER_BROKER arrived and is executed
  nameserver_get_route,             ///< "nameserver.get_route": GET_ROUTEINFO_BY_TOPIC, likewise
  broker_register,                  ///< "broker.register"
  broker_register_connect_timeout,  ///< "broker.register_connect_timeout"
  broker_register_timeout,          ///< "broker.register_timeout"
  broker_register_response,         ///< "broker.register_response"
  client_route_poll,                ///< "client.route_poll"
  client_route_connect_timeout,     ///< "client.route_connect_timeout"
  client_route_timeout,             ///< "client.route_timeout"
  client_route,                     ///< "client.route": the answer of a name server
  // timer wheel
  broker_timer_enqueue,  ///< "broker.timer_enqueue"
  broker_timer_dequeue,  ///< "broker.timer_dequeue"
  broker_timer_flush,    ///< "broker.timer_flush"
  // POP
  broker_pop_poll,               ///< "broker.pop_poll"
  broker_pop_buffer,             ///< "broker.pop_buffer"
  broker_pop_revive,             ///< "broker.pop_revive"
  broker_pop_message,            ///< "broker.pop_message": POP_MESSAGE arrived and is executed
  broker_ack_message,            ///< "broker.ack_message": ACK_MESSAGE, likewise
  broker_change_invisible_time,  ///< "broker.change_invisible_time"
  consumer_pop_response,         ///< "consumer.pop_response"
  consumer_pop_settled,          ///< "consumer.pop_settled": the answer to an ack, or to a change
  // controller mode
  controller_scan_brokers,            ///< "controller.scan_brokers"
  controller_scan_masters,            ///< "controller.scan_masters"
  controller_heartbeat,               ///< "controller.heartbeat": BROKER_HEARTBEAT arrived and is executed
  controller_register_broker,         ///< "controller.register_broker": likewise
  controller_elect_master,            ///< "controller.elect_master"
  controller_get_replica_info,        ///< "controller.get_replica_info"
  controller_alter_sync_state_set,    ///< "controller.alter_sync_state_set"
  broker_controller_start,            ///< "broker.controller_start"
  broker_controller_heartbeat,        ///< "broker.controller_heartbeat"
  broker_sync_metadata,               ///< "broker.sync_metadata"
  broker_check_sync_state_set,        ///< "broker.check_sync_state_set"
  broker_controller_connect_timeout,  ///< "broker.controller_connect_timeout"
  broker_controller_timeout,          ///< "broker.controller_timeout"
  broker_controller_response,         ///< "broker.controller_response"
  broker_role_changed,                ///< "broker.role_changed": NOTIFY_BROKER_ROLE_CHANGED
  broker_ha_handshake,                ///< "broker.ha_handshake": at the slave, which truncates its log
  // DLedger
  dledger_maintain,            ///< "dledger.maintain"
  dledger_dispatch,            ///< "dledger.dispatch"
  dledger_ack_deadline,        ///< "dledger.ack_deadline"
  dledger_gap_check,           ///< "dledger.gap_check"
  dledger_connect_timeout,     ///< "dledger.connect_timeout"
  dledger_take_over,           ///< "dledger.take_over"
  dledger_heartbeat,           ///< "dledger.heartbeat": a leader's, at another member
  dledger_heartbeat_response,  ///< "dledger.heartbeat_response"
  dledger_vote,                ///< "dledger.vote": a candidate asks another member
  dledger_vote_response,       ///< "dledger.vote_response"
  dledger_push,                ///< "dledger.push": COMPARE, TRUNCATE, APPEND or COMMIT, at another member
  dledger_push_response,       ///< "dledger.push_response"
  nameserver_broker_alive,     ///< "nameserver.broker_alive": BROKER_HEARTBEAT arrived and is executed
  broker_alive_due,            ///< "broker.alive_due"
  broker_member_group,         ///< "broker.member_group"
  broker_ha_info,              ///< "broker.ha_info"
  broker_pre_online,           ///< "broker.pre_online"
  broker_escape,               ///< "broker.escape": a message of another set's acting master arrived
  broker_escape_over,          ///< "broker.escape_over"
  broker_escape_timeout,       ///< "broker.escape_timeout"
  count
};

EventName name_of(const Event& event);
std::string_view to_string(EventName name);
std::optional<EventName> event_name(std::string_view text);

}  // namespace brokersim::model
