// What steps tell the world outside, for the trace, the evidence and the trace hash. `subject` is
// the intent unless said otherwise.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/config.hpp"
#include "model/payload.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model {

enum class RecordKind : std::uint32_t {
  send_begun,      ///< a thread took up the intent: a = producer, b = thread
  attempt_sent,    ///< a try left: a = attempt (0, 1, 2), b = queue | broker << 16
  attempt_failed,  ///< a try failed: a = attempt, b = SendError
  acknowledged,    ///< the producer knows success: a = Status, b = queue offset
  told_failed,  ///< the application was told of the failure: a = SendError, b = Status if the broker refused
  unobserved,   ///< a failure that nobody looked at: a = SendError
  believed_sent,      ///< one-way: the producer believes 'sent'
  appended,           ///< a copy entered the log: a = queue | broker << 16, b = queue offset
  refused,            ///< the broker answered an error: a = Status, b = broker
  answered,           ///< the broker sent the success of a send: a = Status, b = queue offset
  released,           ///< the copy became visible to consumers: a = queue | broker << 16, b = queue offset
  copy_lost,          ///< a crash took a copy from the log: a = LossKind, b = queue offset
  response_dropped,   ///< an answer had no connection to go to: a = Status
  delivered,          ///< a consumer got it: a = group, b = queue offset
  processed,          ///< the business effect was applied: a = group, b = how often so far | process << 16
  flushed,            ///< subject = broker: a flush covered a = records, b = bytes
  committed,          ///< subject = broker: a = records now in the page cache
  process_died,       ///< subject = process: a = FaultKind
  process_served,     ///< subject = process: a = incarnation
  process_paused,     ///< subject = process
  process_resumed,    ///< subject = process
  host_lost_power,    ///< subject = host
  host_powered,       ///< subject = host
  log_truncated,      ///< subject = broker: a = records kept, b = records gone
  topics_lost,        ///< subject = broker: topics.json came back old or empty: a = topics still known
  topic_created,      ///< subject = broker: a = topic
  connection_opened,  ///< subject = client process: a = server process
  connection_broken,  ///< subject = process that noticed: a = peer process
  queue_skipped,      ///< subject = consumer process: a = queue | broker << 16, b = messages it never saw
  fault_struck,       ///< subject = fault: a = FaultKind, b = of a campaign which action, from 1; else 0
  fault_restored,     ///< subject = fault: b as of fault_struck
  healed,             ///< everything that an operator would repair is repaired: a = 1 if anything was broken

  // Transactions. A half message is known by its broker and its offset in the half queue.
  half_stored,     ///< a = broker, b = half offset
  half_copied,     ///< the check pass appended a copy: a = broker | HalfCopy << 16, b = half offset of the
                   ///< original
  copy_stored,     ///< that copy: a = broker | TRANSACTION_CHECK_TIMES << 16, b = half offset of the copy
  check_asked,     ///< a = broker, b = process that was asked
  check_unasked,   ///< nobody of the group is connected: a = broker, b = half offset of the copy
  end_executed,    ///< END_TRANSACTION was valid: a = broker | verdict << 16 | from_check << 24, b = half
                   ///< offset
  end_refused,     ///< a = broker | verdict << 16 | from_check << 24, b = EndRefusal
  op_buffered,     ///< a = broker, b = half offset
  op_stored,       ///< an op record names it: a = broker, b = half offset
  op_lost,         ///< buffered in memory when the process died: a = broker, b = half offset
  half_resolved,   ///< the check pass went past it by its op: a = broker, b = half offset
  half_discarded,  ///< moved to TRANS_CHECK_MAX_TIME_TOPIC: a = broker | DiscardReason << 16, b = half offset
  half_lost,  ///< gone from the half topic: a = broker | LossKind << 16 if beyond the first two, b = half
              ///< offset
  half_stepped_over,  ///< a crash left the check service's offset behind it, so that no pass will read it: a
                      ///< = broker, b = half offset
  op_record,          ///< subject = broker: an op record was appended: a = half offsets in it, b = its offset
  pass_begun,         ///< subject = broker: a = half offset, b = op offset where the pass begins
  pass_ended,         ///< subject = broker: a = half offset, b = op offset where the next one will begin
  offsets_back,  ///< subject = broker: a crash set offsets back: a = GroupId (groups: CID_RMQ_SYS_TRANS), b =
                 ///< by how many
  local_begun,   ///< executeLocalTransaction is called: a = producer
  local_done,    ///< a = producer, b = LocalOutcome
  local_skipped,       ///< the half's status was not SEND_OK, no local transaction: a = producer, b = Status
  end_sent,            ///< endTransaction left: a = producer, b = verdict | from_check << 8
  end_unsent,          ///< endTransaction found no connection: a = producer, b = verdict | from_check << 8
  check_received,      ///< a = producer, b = how many checks this intent has had, with this one
  check_dropped,       ///< the check pool was full: a = producer
  producer_known,      ///< subject = producer process: a = broker: it is registered there now
  producer_forgotten,  ///< subject = producer process: a = broker

  // Consuming.
  consume_begun,   ///< a listener got it: a = group, b = consumer process | reconsumeTimes << 16
  consume_result,  ///< a = group, b = ConsumeResult | consumer process << 16
  effect_behind,   ///< the effect follows the result (before_work, hand_off): a = group, b = consumer process
                   ///< << 16
  /// a = group, b = ConsumeResult | consumer process << 16: the normal send of the client is next, or a local
  /// retry
  send_back_failed,
  /// the broker executed CONSUMER_SEND_MSG_BACK: a = group, b = delay level; -1: dead letter, because
  /// maxReconsumeTimes is reached; -2 (asked_dead_letter): because the client asked for it
  sent_back,
  scheduled,      ///< appended to SCHEDULE_TOPIC_XXXX: a = broker | delay level << 16, b = offset
  delay_over,     ///< delivered from there: a = broker | delay level << 16, b = offset
  retry_stored,   ///< appended to %RETRY%group: a = group, b = offset
  dead_lettered,  ///< appended to %DLQ%group: a = group, b = offset
  /// cleanExpiredMsg sent it back while the listener still ran: a = group, b = consumer process << 16
  consume_expired,
  result_ignored,    ///< the queue had been taken away meanwhile: a = group, b = consumer process << 16
  offset_committed,  ///< subject = consumer process: a = queue | broker << 16, b = offset that the broker
                     ///< stored
  queue_assigned,    ///< subject = consumer process: a = queue | broker << 16 | topic << 32, b = offset it
                     ///< begins at
  queue_revoked,  ///< subject = consumer process: a = queue | broker << 16 | topic << 32, b = offset it ends
                  ///< at
  member_joined,  ///< subject = consumer process: a = broker, b = group
  member_left,    ///< subject = consumer process: a = broker, b = group
  /// a crash took a copy on its way back to its group (delayed, in %RETRY% or %DLQ%): a = group | LossKind <<
  /// 16, b = offset
  returned_lost,
  work_failed,  ///< acknowledged before, and now the work has failed: a = group, b = consumer process << 16

  // Replication.
  replicated,            ///< a slave appended a copy: a = queue | broker << 16, b = queue offset
  replica_lost,          ///< a crash of a slave took its copy: a = broker | LossKind << 16, b = queue offset
  replica_connected,     ///< subject = process (slave): a = process (its master)
  replica_parted,        ///< subject = process (slave): its connection is gone: a = ReplicaEnd
  replica_garbled,       ///< subject = broker (slave): what follows in its log is no record to it: a = bytes
  replica_synchronized,  ///< subject = broker (slave): a = SyncStep
  // Disks and clocks.
  files_deleted,  ///< subject = broker: retention: a = messages gone with them, b = bytes
  disk_full,      ///< subject = broker: a = 1: it refuses appends from now on; 0: no longer
  clock_set,      ///< subject = host: a = by how many nanoseconds
  // Orderly consuming. Of locks: subject = consumer process, a = queue | broker << 16 | topic << 32, b =
  // group | QueueLocking << 16 | incarnation << 32.
  queue_locked,    ///< a broker has answered LOCK_BATCH_MQ
  queue_unlocked,  ///< a broker has executed UNLOCK_BATCH_MQ
  /// maxReconsumeTimes is reached, and a broker has taken it for the dead-letter queue: a = group, b =
  /// consumer process << 16
  given_up,

  // Name servers and routes.
  broker_registered,  ///< subject = name server process: it knows a = broker now
  broker_forgotten,   ///< subject = name server process: a = broker, b = Forgotten
  route_learned,      ///< subject = client process: a = topic, b = addresses in its route, which has changed

  // Delayed messages of producers.
  scheduled_lost,  ///< a crash took it from SCHEDULE_TOPIC_XXXX or rmq_sys_wheel_timer: a = broker | LossKind
                   ///< << 16, b = offset
  timer_stored,  ///< appended to rmq_sys_wheel_timer: a = broker | milliseconds to its slot << 16, b = offset
  timer_over,    ///< delivered from there: a = broker, b = offset
  timer_rolled,  ///< put there once more: a = broker, b = offset
  timer_given_up,  ///< the store has refused it three times: a = broker, b = offset
  /// enqueued at a start into a slot that the reading has passed: a = broker, b = offset
  timer_passed,

  // POP. Of a message that is out: a = group | topic << 16 | queue << 32 | broker << 48, b = offset | popTime
  // in ms << 32 (pop_service.hpp).
  pop_buffered,     ///< popped; its checkpoint is in memory only
  pop_stored,       ///< its checkpoint is in the log
  pop_acked,        ///< the broker has taken its ack
  pop_revived,      ///< its invisible time is over: put into %RETRY%group_topic
  pop_not_revived,  ///< the store has refused that: it does not come again
  pop_aborted,  ///< it waited in the client beyond its invisible time: a = group, b = consumer process << 16
  pop_unsettled,  ///< the client's ack or change of the invisible time was not answered: a = group, b =
                  ///< consumer process << 16
  pop_dropped,    ///< maxReconsumeTimes is exceeded, and the client acknowledges it: likewise
  // Controller mode.
  role_taken,      ///< subject = broker: a = RoleTaken, b = masterEpoch
  master_elected,  ///< subject = controller process: a = broker, b = masterEpoch | Election << 32
  no_master,       ///< subject = controller process: nobody can be elected: a = replica set, b = masterEpoch
  sync_set_changed,  ///< subject = controller process: a = replica set | SetChange << 16, b = its size
  // DLedger. An entry is known by its member and its index.
  member_role_changed,  ///< subject = broker: a = MemberRole, b = term
  member_serves,        ///< subject = broker: it is the group's master now: a = term
  entry_appended,       ///< subject = broker: a = index, b = term | (1 if its leader has pushed it) << 32
  entry_committed,   ///< subject = broker: a = entries that are committed now, b = how many more than before
  entry_truncated,   ///< subject = broker: its leader has had it cut its log: a = entries kept, b = entries
                     ///< gone
  copy_copied,       ///< a follower appended a copy: a = queue | broker << 16, b = queue offset
  copy_truncated,    ///< a follower's copy was cut off so: a = queue | broker << 16, b = queue offset
  member_copy_lost,  ///< a crash took a member's copy: a = broker | LossKind << 16, b = queue offset
  majority_missed,   ///< a put has waited maxWaitAckTimeMs for its majority, or its leader has been deposed
                     ///< meanwhile, and is refused: a = broker
  // Slave as acting master.
  stood_in,      ///< subject = broker: a = StandIn, b = of what is taken or kept: the broker that had it
  escaped,       ///< an acting master's put has come to another set, which puts it in this same step: a = the
                 ///< acting master | delay level << 16, b = the broker that takes it
  half_escaped,  ///< the same of a half message: a = the acting master, b = its half offset there; that of
                 ///< the other set is told next (half_stored, copy_stored)
  half_escape_over,  ///< the pass of an acting master goes past it: a = broker | HalfEscape << 16, b = half
                     ///< offset
  count
};

/// `b` of a sent_back that the client itself has asked to be a dead letter.
inline constexpr std::int64_t asked_dead_letter = -2;

/// Why a name server forgot a broker.
enum class Forgotten : std::uint8_t {
  closed,   ///< its channel was closed
  idle,     ///< nothing came on it for 120 s
  replaced  ///< another one has registered as the master of its set, with a newer epoch
};

/// Why a copy of a half message was appended.
enum class HalfCopy : std::uint8_t { to_check, immune };

/// What a broker in controller mode is from now on.
enum class RoleTaken : std::uint8_t {
  fenced,  ///< it has started, and the controller has not told it yet
  slave,
  master
};

/// From where the controller took a new master.
enum class Election : std::uint8_t {
  clean,   ///< from the SyncStateSet
  unclean  ///< from outside (enableElectUncleanMaster)
};

enum class SetChange : std::uint8_t { shrunk, expanded };

/// What a broker with enableSlaveActingMaster is from now on, or has done while it came back.
enum class StandIn : std::uint8_t {
  isolated,       ///< it has started, and is not registered before BrokerPreOnlineService is through
  online,         ///< it serves as what it is configured to be
  acting,         ///< no broker of its set with a lower brokerId is registered
  yielded,        ///< one is again
  offsets_taken,  ///< a master that comes back takes a slave's consumer offsets
  offsets_kept,   ///< ... keeps its own: their version is higher
  delays_taken,   ///< the same of the offsets of delay levels
  delays_kept
};

/// Why END_TRANSACTION was refused (nobody reads the answer).
enum class EndRefusal : std::uint8_t {
  unknown_verdict,  ///< TRANSACTION_NOT_TYPE: ignored
  no_record,        ///< no message at that commitLogOffset
  other_group,      ///< PGROUP differs
  other_offset,     ///< the queue offset or the commit-log offset differs
  too_late,         ///< CHECK_IMMUNITY_TIME_IN_SECONDS is over (5.3)
  append_failed,    ///< the final message could not be put
  slave,            ///< SLAVE_NOT_AVAILABLE
  queue_timeout,    ///< waited waitTimeMillsInTransactionQueue for a thread (BrokerFastFailure)
  count
};

enum class DiscardReason : std::uint8_t { checks_spent, too_old };

/// What became of a half message that an acting master has to put into another set.
enum class HalfEscape : std::uint8_t {
  put,
  given_up  ///< it failed once and ten times more
};

/// Why a slave has no replication connection any more.
enum class ReplicaEnd : std::uint8_t {
  none,
  lost,    ///< its master is gone, or has closed it
  silence  ///< nothing came for haHousekeepingInterval (5.3)
};

/// What became of one call of the listener.
enum class ConsumeResult : std::uint8_t {
  success,
  reconsume_later,
  exception,
  null,
  never,
  send_back_timed_out,
  send_back_refused,
  behind_ack_index,  ///< CONSUME_SUCCESS, but ackIndex lies before this message
  suspend_queue,     ///< SUSPEND_CURRENT_QUEUE_A_MOMENT, of an orderly listener
  count
};

/// What RebalanceLockManager does with one queue of a request.
enum class QueueLocking : std::uint8_t {
  granted,     ///< nobody had it
  renewed,     ///< its holder had it
  taken_over,  ///< the lock had expired; whoever had it. Its time is not renewed
  refused,     ///< another client has it
  released,    ///< unlocked by its holder
  not_held     ///< unlocked by somebody who does not hold it: nothing happens
};

/// Why a try, or the whole send, failed at the producer.
enum class SendError : std::uint8_t {
  none,
  timed_out,          ///< RemotingTimeoutException: no answer in time (10002)
  connection_broken,  ///< RemotingSendRequestException: the connection broke under the call
  refused,        ///< RemotingConnectException: nobody listens, or no connection within its time-out (10001)
  broker_error,   ///< MQBrokerException: the broker answered an error code
  budget_spent,   ///< RemotingTooMuchRequestException: sendMsgTimeout was over before the next try
  not_stored_ok,  ///< a status other than SEND_OK, and the application does not accept it
  died,           ///< the producer itself was killed with the send open
  no_route        ///< MQClientException: no route of the topic, or none with a master
};

/// What took a copy out of the log.
enum class LossKind : std::uint8_t {
  uncommitted_pool,
  unflushed_tail,
  torn_tail,       ///< written, but behind a page that was not
  truncated_tail,  ///< cut off by an operator or a file-system check
  disk_lost,
  retention,  ///< its file was deleted
  diverged  ///< controller mode: the master of a later epoch does not have it, so it is cut off at the rejoin
};

std::string_view to_string(RecordKind kind);
std::string_view to_string(Status status);
std::string_view to_string(FaultKind kind);
std::string_view to_string(SendError error);
std::string_view to_string(LossKind kind);
std::string_view to_string(TransactionVerdict verdict);
std::string_view to_string(EndRefusal refusal);
std::string_view to_string(Forgotten why);
std::string_view to_string(RoleTaken role);
std::string_view to_string(Election election);
std::string_view to_string(SetChange change);
std::string_view to_string(StandIn what);
std::string_view to_string(ConsumeResult result);
std::string_view to_string(QueueLocking locking);

inline sim::Record make_record(RecordKind kind, std::uint32_t subject, std::int64_t a = 0,
                               std::int64_t b = 0) {
  return {static_cast<std::uint32_t>(kind), subject, a, b};
}

}  // namespace brokersim::model
