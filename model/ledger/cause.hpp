// Why a message was lost, doubled, stuck or refused: a closed list, each with the phase it belongs
// to and the one setting (or habit) that closes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace brokersim::model::ledger {

enum class Cause : std::uint8_t {
  none,
  production_oneway,
  production_unchecked_callback,
  production_retries_exhausted,
  production_producer_died,
  production_unanswered_retry,
  storage_unflushed_tail,
  storage_uncommitted_pool,
  storage_topic_configuration_lost,
  consumption_offset_skipped,
  transaction_half_not_stored,
  transaction_status_not_ok,
  transaction_checks_spent,
  transaction_half_too_old,
  transaction_half_lost,
  transaction_commit_not_flushed,
  transaction_check_answered_rollback,
  transaction_check_answered_commit,
  transaction_rolled_back,
  transaction_op_in_memory,
  transaction_op_lost,
  transaction_late_commit,
  transaction_offset_forgotten,
  transaction_orphan_half,
  transaction_check_immunity,
  transaction_half_stepped_over,
  storage_delay_offset_forgotten,
  consumption_acknowledged_before_work,
  consumption_offset_not_committed,
  consumption_offset_file_lost,
  consumption_rebalance,
  consumption_send_back_timed_out,
  consumption_timed_out,
  consumption_effect_before_failure,
  consumption_retries_exhausted,
  consumption_initial_position,
  consumption_subscription_mismatch,
  consumption_work_failed_behind,
  consumption_returned_copy_lost,
  consumption_dead_letter_asked,
  replication_not_replicated,
  storage_torn_tail,
  storage_truncated_tail,
  storage_disk_lost,
  storage_retention,
  consumption_broadcast_dropped,
  consumption_local_offsets_lost,
  storage_timer_checkpoint_forgotten,
  storage_timer_given_up,
  storage_timer_slot_passed,
  consumption_invisible_time_over,
  consumption_ack_missing,
  consumption_retries_dropped,
  consumption_not_revived,
  consumption_checkpoint_lost,
  replication_truncated,
  replication_majority_unflushed,
  replication_truncated_by_leader,
  replication_late_commit,
  production_message_refused,
  replication_offset_skipped,
  replication_returned_copy_lost,
  replication_offset_not_synchronized,
  replication_delay_offset_not_synchronized,
  production_replicas_missing,
  production_route_old,
  transaction_op_not_read,
  transaction_escape_given_up,
  count
};

struct CauseText {
  Cause cause;
  std::string_view name;      ///< public: "<phase>.<what>"
  std::string_view sentence;  ///< what happened, for a person
  std::string_view closes;    ///< the one setting or habit that closes it
};

// What is said to close a cause was tried on scenarios that have it (`--set`):
//
// op_in_memory: transaction-op-still-in-memory, 5 seeds: transactionTimeOut=15000 leaves 0 of 250;
// transaction-commit-at-the-third-check: transactionOpMsgMaxSize=1 leaves 0 of 25.
//
// op_lost: transaction-broker-killed-with-ops-in-memory, 20 seeds: transactionOpMsgMaxSize=1 leaves 0 of a
// mean of 255; through an election 0.8 of 73 (10 seeds): orders that the next master has, and their ops not.
//
// replication: controller-consumer-behind-a-stale-master, 10 seeds: allAckInSyncStateSet=true leaves 0 of
// 5,448 lost and 8,020 vanished, and tells 49 sends; with minInSyncReplicas=2 it tells 8,690. SYNC_FLUSH
// leaves all.
//
// delay levels: controller-delayed-through-an-election, 10 seeds: flushDelayOffsetInterval=200 leaves 111 of
// 111; of a crash of the same broker (delayed-again-after-a-kill, 20 seeds) 1.7 of 88.
inline constexpr std::array<CauseText, static_cast<std::size_t>(Cause::count)> cause_texts{{
    {Cause::none, "none", "nothing happened to it", ""},
    {Cause::production_oneway, "production.oneway",
     "sent one-way: no answer was awaited, and nothing stored it",
     "send sync (or async with a callback that resends)"},
    {Cause::production_unchecked_callback, "production.unchecked_callback",
     "the send failed and nobody looked at its result",
     "handle the callback's onException (or the exception) and resend"},
    {Cause::production_retries_exhausted, "production.retries_exhausted",
     "every try failed and the application was told",
     "resend from a local message table once the broker is back"},
    {Cause::production_producer_died, "production.producer_died",
     "the producer died before it learnt what became of the send",
     "write the intent to a local message table before sending"},
    {Cause::production_unanswered_retry, "production.unanswered_retry",
     "a try that was stored got no answer, and the client sent it again",
     "make the consumer idempotent (unique key)"},
    {Cause::storage_unflushed_tail, "storage.unflushed_tail",
     "acknowledged from the page cache, not yet synced when the host failed", "flushDiskType=SYNC_FLUSH"},
    {Cause::storage_uncommitted_pool, "storage.uncommitted_pool",
     "acknowledged from the transient store pool, not yet committed when the process died",
     "transientStorePoolEnable=false"},
    {Cause::storage_topic_configuration_lost, "storage.topic_configuration_lost",
     "topics.json did not survive; the messages are in the log but no queue leads to them",
     "create the topic again with its old number of queues"},
    {Cause::consumption_offset_skipped, "consumption.offset_skipped",
     "the log was truncated and regrew past the consumer's offset, which skipped the new messages",
     "flushDiskType=SYNC_FLUSH (no truncation of what was consumed)"},
    {Cause::transaction_half_not_stored, "transaction.half_not_stored",
     "the half message could not be sent, so the local transaction never ran",
     "send it again later from a local message table"},
    {Cause::transaction_status_not_ok, "transaction.status_not_ok",
     "the half message was stored with a status other than SEND_OK, so the local transaction was not run",
     "flushDiskType=ASYNC_FLUSH, or send it again"},
    {Cause::transaction_checks_spent, "transaction.checks_spent",
     "no check got an answer other than UNKNOW until transactionCheckMax was reached, and the half message "
     "went to "
     "TRANS_CHECK_MAX_TIME_TOPIC",
     "transactionCheckMax (or keep an instance of the producer group connected that can answer)"},
    {Cause::transaction_half_too_old, "transaction.half_too_old",
     "the half message was older than fileReservedTime and went to TRANS_CHECK_MAX_TIME_TOPIC",
     "fileReservedTime"},
    {Cause::transaction_half_lost, "transaction.half_lost",
     "the half message was acknowledged from the page cache and gone after the crash",
     "flushDiskType=SYNC_FLUSH"},
    {Cause::transaction_commit_not_flushed, "transaction.commit_not_flushed",
     "the final message had not reached the disk and was gone after the crash, and so was its half message",
     "flushDiskType=SYNC_FLUSH (leaves what one flush takes)"},
    {Cause::transaction_check_answered_rollback, "transaction.check_answered_rollback",
     "a check was answered ROLLBACK although the local transaction committed",
     "answer UNKNOW while the local transaction may still be running"},
    {Cause::transaction_check_answered_commit, "transaction.check_answered_commit",
     "a check was answered COMMIT although the local transaction did not commit",
     "let checkLocalTransaction look at the database"},
    {Cause::transaction_rolled_back, "transaction.rolled_back", "the local transaction rolled back", ""},
    {Cause::transaction_op_in_memory, "transaction.op_in_memory",
     "it was checked again while the op record of its verdict was still buffered in memory",
     "transactionTimeOut (well above the local transaction and two transactionOpBatchInterval); of what a "
     "check has committed transactionOpMsgMaxSize=1"},
    {Cause::transaction_op_lost, "transaction.op_lost",
     "the op record of its verdict was in the memory of a broker that died, or is not in the log of the next "
     "master: it was checked again",
     "transactionOpMsgMaxSize=1 (5.3; leaves some 1 %), or an idempotent consumer (unique key)"},
    {Cause::transaction_late_commit, "transaction.late_commit",
     "the commit came when the check service had already put a copy of the half message behind it",
     "make the consumer idempotent (unique key)"},
    {Cause::transaction_offset_forgotten, "transaction.offset_forgotten",
     "after a crash the check service began again at old offsets and checked it again",
     "make the consumer idempotent (unique key)"},
    {Cause::transaction_orphan_half, "transaction.orphan_half",
     "a try of the half message that got no answer had been stored, and was committed by a check",
     "make the consumer idempotent (unique key)"},
    {Cause::transaction_check_immunity, "transaction.check_immunity",
     "CHECK_IMMUNITY_TIME_IN_SECONDS made the check service copy the half message before its commit came",
     "CHECK_IMMUNITY_TIME_IN_SECONDS shorter than transactionCheckInterval"},
    {Cause::transaction_half_stepped_over, "transaction.half_stepped_over",
     "a crash took the end of the log and left the check service's offset behind it: no pass reads the half "
     "message any more",
     "flushDiskType=SYNC_FLUSH (no truncation of what a pass has read)"},
    {Cause::storage_delay_offset_forgotten, "storage.delay_offset_forgotten",
     "after a crash the delay level began again at the offset that delayOffset.json had, which is written "
     "each "
     "flushDelayOffsetInterval, and delivered it again",
     "make the consumer idempotent (unique key; a shorter flushDelayOffsetInterval leaves fewer)"},
    {Cause::consumption_acknowledged_before_work, "consumption.acknowledged_before_work",
     "the consumer had acknowledged it before its business effect, which has never come: it died in between, "
     "or "
     "its work never ended",
     "acknowledge after the work"},
    {Cause::consumption_offset_not_committed, "consumption.offset_not_committed",
     "the consumer died after its business effect and before the offset behind it was committed",
     "make the consumer idempotent (unique key)"},
    {Cause::consumption_offset_file_lost, "consumption.offset_file_lost",
     "the broker's crash set the committed offset back to an older consumerOffset.json",
     "make the consumer idempotent (unique key)"},
    {Cause::consumption_rebalance, "consumption.rebalance",
     "its queue was given to another member while it was in work or its offset not yet committed",
     "make the consumer idempotent (unique key)"},
    {Cause::consumption_send_back_timed_out, "consumption.send_back_timed_out",
     "sending it back got no answer, so it was sent to the retry topic twice",
     "make the consumer idempotent (unique key)"},
    {Cause::consumption_timed_out, "consumption.timed_out",
     "its work took longer than consumeTimeout: it was sent back while the listener still ran",
     "consumeTimeout"},
    {Cause::consumption_effect_before_failure, "consumption.effect_before_failure",
     "the business effect was applied and the listener failed all the same, so it was consumed again",
     "roll the effect back when the listener fails"},
    {Cause::consumption_retries_exhausted, "consumption.retries_exhausted",
     "every delivery failed until maxReconsumeTimes was reached",
     "mend the listener, then consume the dead-letter queue"},
    {Cause::consumption_initial_position, "consumption.initial_position",
     "the group began at the end of the queue, behind the message",
     "consumeFromWhere=CONSUME_FROM_FIRST_OFFSET"},
    {Cause::consumption_subscription_mismatch, "consumption.subscription_mismatch",
     "members of the group subscribe to different topics, and the queue belonged to one that does not read "
     "it",
     "one subscription for all members of a group"},
    {Cause::consumption_work_failed_behind, "consumption.work_failed_behind",
     "the consumer had acknowledged it before its work, which then failed: nobody brings it again",
     "acknowledge after the work"},
    {Cause::consumption_returned_copy_lost, "consumption.returned_copy_lost",
     "the consumer had sent it back; the broker took it from the page cache, and the copy for the retry (or "
     "the "
     "dead letter) was not yet synced when the host failed",
     "flushDiskType=SYNC_FLUSH (leaves some 10 ms)"},
    {Cause::consumption_dead_letter_asked, "consumption.dead_letter_asked",
     "the listener failed and asked for the dead-letter queue (delayLevelWhenNextConsume below 0)",
     "delayLevelWhenNextConsume 0, and consume the dead-letter queue"},
    {Cause::replication_not_replicated, "replication.not_replicated",
     "acknowledged by a master that never came back, before any slave had it",
     "brokerRole=SYNC_MASTER (5.3: with inSyncReplicas=2)"},
    {Cause::storage_torn_tail, "storage.torn_tail",
     "acknowledged from the page cache and on the disk when the host failed, but behind a page that was not: "
     "recovery ends there",
     "flushDiskType=SYNC_FLUSH"},
    {Cause::storage_truncated_tail, "storage.truncated_tail",
     "the end of the commit log was cut off under it, though it may have been synced long before",
     "brokerRole=SYNC_MASTER with a slave on other disks"},
    {Cause::storage_disk_lost, "storage.disk_lost", "the only disk that held it was lost",
     "brokerRole=SYNC_MASTER with a slave on other disks"},
    {Cause::storage_retention, "storage.retention",
     "its file was deleted (fileReservedTime, or a disk too full) before it was consumed",
     "fileReservedTime and a disk for the longest outage of a consumer"},
    {Cause::consumption_broadcast_dropped, "consumption.broadcast_dropped",
     "the listener of a broadcasting consumer failed: that is logged, and nobody brings the message again",
     "messageModel=CLUSTERING with a group for each member, or retry within the listener"},
    {Cause::consumption_local_offsets_lost, "consumption.local_offsets_lost",
     "the offsets.json of a broadcasting consumer was gone, and it began at the end of the queue",
     "consumeFromWhere=CONSUME_FROM_FIRST_OFFSET"},
    {Cause::storage_timer_checkpoint_forgotten, "storage.timer_checkpoint_forgotten",
     "after a restart the timer wheel began again at its last checkpoint and delivered it again",
     "timerFlushIntervalMs (leaves less), or an idempotent consumer (unique key)"},
    {Cause::storage_timer_given_up, "storage.timer_given_up",
     "its time had come, and the store refused it three times within a second: the timer wheel gave it up",
     "timerEnableRetryUntilSuccess=true"},
    {Cause::storage_timer_slot_passed, "storage.timer_slot_passed",
     "a broker started, and the timer wheel put it into a slot that it had read before: its clock had been "
     "set back, or the message had been over and not yet put",
     "a clock that is slewed, not set (chronyd, ntpd -x), and a resend of what has not come"},
    {Cause::consumption_invisible_time_over, "consumption.invisible_time_over",
     "POP: the listener worked longer than popInvisibleTime, so its result was ignored and the message came "
     "again",
     "popInvisibleTime above the longest work"},
    {Cause::consumption_ack_missing, "consumption.ack_missing",
     "POP: its effect was applied, but no ack of it counted before its invisible time was over",
     "an idempotent consumer (unique key)"},
    {Cause::consumption_retries_dropped, "consumption.retries_dropped",
     "POP: it had been revived more than maxReconsumeTimes times (or had failed so often and was four hours "
     "old), so the client acknowledged it: nobody makes a dead letter of it",
     "an alarm on the last retry, and a place of its own for what cannot be processed"},
    {Cause::consumption_not_revived, "consumption.not_revived",
     "POP: its invisible time was over, and the store refused to take it for its retry topic",
     "a disk for the longest outage of a consumer"},
    {Cause::consumption_checkpoint_lost, "consumption.checkpoint_lost",
     "POP: the offset behind it came through a crash, and the checkpoint that would have brought it again "
     "did not",
     "flushDiskType=SYNC_FLUSH"},
    {Cause::replication_truncated, "replication.truncated",
     "acknowledged by a master before the next one had it: cut off when it came back as a slave",
     "allAckInSyncStateSet=true (and enableElectUncleanMaster=false)"},
    {Cause::replication_majority_unflushed, "replication.majority_unflushed",
     "acknowledged once a majority of the group had it in the page cache, and lost where it was not yet "
     "synced "
     "when the power failed; the leader that followed did not have it",
     "members in racks with a power supply of their own"},
    {Cause::replication_truncated_by_leader, "replication.truncated_by_leader",
     "a new leader did not have it, and cut it off the logs that did",
     "resend from a local message table what was not acknowledged"},
    {Cause::replication_late_commit, "replication.late_commit",
     "no majority had it within maxWaitAckTimeMs, so its try was refused and sent again; the group committed "
     "it "
     "all the same",
     "make the consumer idempotent (unique key)"},
    {Cause::production_message_refused, "production.message_refused",
     "the broker does not take such a message (MESSAGE_ILLEGAL), however often it is sent",
     "mend the message: its size (maxMessageSize), its time (timerMaxDelaySec) or its queue"},
    {Cause::replication_offset_skipped, "replication.offset_skipped",
     "the group had read further at one master than the log of the next one reached, and stepped over the "
     "messages that took those offsets there",
     "allAckInSyncStateSet=true (and enableElectUncleanMaster=false); DLedger: members in racks with a power "
     "supply of their own"},
    {Cause::replication_returned_copy_lost, "replication.returned_copy_lost",
     "the consumer had sent it back to a master, and the log of the next one does not have the copy for the "
     "retry (or the dead letter)",
     "allAckInSyncStateSet=true (leaves what came just before a master died: a send-back waits for no "
     "slave)"},
    {Cause::replication_offset_not_synchronized, "replication.offset_not_synchronized",
     "another broker serves its queue since, and knew the group's offset as of its last synchronization "
     "(SlaveSynchronize)",
     "no setting: make the consumer idempotent (unique key)"},
    {Cause::replication_delay_offset_not_synchronized, "replication.delay_offset_not_synchronized",
     "another broker delivers the delay level since, and knew its offset as of its last synchronization "
     "(SlaveSynchronize)",
     "no setting: make the consumer idempotent (unique key)"},
    {Cause::production_replicas_missing, "production.replicas_missing",
     "the master had fewer replicas in sync than minInSyncReplicas asks for, and refused it (SYSTEM_ERROR)",
     "minInSyncReplicas of no more than the replicas that are left when one is away"},
    {Cause::production_route_old, "production.route_old",
     "another master served its queue already, and the client did not know it yet",
     "pollNameServerInterval (a shorter one leaves fewer), and resend from a local message table"},
    {Cause::transaction_op_not_read, "transaction.op_not_read",
     "an acting master put its half message into another set, where it was checked again, though an op "
     "record "
     "named it: a pass reads 32 of those there, and what had not reached the slave is not among them",
     "transactionOpBatchInterval (a longer one makes fewer op records), or an idempotent consumer"},
    {Cause::transaction_escape_given_up, "transaction.escape_given_up",
     "an acting master could not put its half message into another set and went past it, and its master "
     "begins behind it",
     "enableRemoteEscape=true, with another set that has the topic"},
}};

constexpr const CauseText& text_of(Cause cause) { return cause_texts[static_cast<std::size_t>(cause)]; }

constexpr std::optional<Cause> cause_named(std::string_view name) {
  for (const CauseText& text : cause_texts) {
    if (text.name == name) return text.cause;
  }
  return std::nullopt;
}

}  // namespace brokersim::model::ledger
