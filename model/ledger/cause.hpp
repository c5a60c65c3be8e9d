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
  storage_timer_checkpoint_forgotten,
  storage_timer_given_up,
  count
};

struct CauseText {
  Cause cause;
  std::string_view name;      ///< public: "<phase>.<what>"
  std::string_view sentence;  ///< what happened, for a person
  std::string_view closes;    ///< the one setting or habit that closes it
};

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
     "transactionCheckInterval (longer than two transactionOpBatchInterval), or an idempotent consumer"},
    {Cause::transaction_op_lost, "transaction.op_lost",
     "the broker died with the op record of its verdict buffered in memory, and checked it again",
     "make the consumer idempotent (unique key)"},
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
     "after a crash the delay level began again at an old offset and delivered it again",
     "make the consumer idempotent (unique key)"},
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
    {Cause::storage_timer_checkpoint_forgotten, "storage.timer_checkpoint_forgotten",
     "after a crash the timer wheel began again at its last checkpoint and delivered it again",
     "timerFlushIntervalMs (leaves less), or an idempotent consumer (unique key)"},
    {Cause::storage_timer_given_up, "storage.timer_given_up",
     "its time had come, and the store refused it three times within a second: the timer wheel gave it up",
     "timerEnableRetryUntilSuccess=true"},
}};

constexpr const CauseText& text_of(Cause cause) { return cause_texts[static_cast<std::size_t>(cause)]; }

constexpr std::optional<Cause> cause_named(std::string_view name) {
  for (const CauseText& text : cause_texts) {
    if (text.name == name) return text.cause;
  }
  return std::nullopt;
}

}  // namespace brokersim::model::ledger
