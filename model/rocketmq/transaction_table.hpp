// What can become of one record of a broker's half queue, as data (docs/architecture.md, rule 6). The broker
// itself stores no such status: it follows from the half queue, the op queue, the offsets of
// CID_RMQ_SYS_TRANS and the ops in memory. Steps never read this; transaction_monitor.hpp holds the records
// of a run to it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/rocketmq/profiles.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class HalfState : std::uint8_t {
  none,          ///< no record at this offset
  half,          ///< as the producer sent it
  copy,          ///< appended by a check pass
  op_in_memory,  ///< END_TRANSACTION was executed; no op record says so yet
  op_stored,     ///< an op record names it
  superseded,    ///< a pass has appended a copy: this one is of no interest any more
  resolved,      ///< a pass went past it by an op
  discarded,     ///< a pass has moved it to TRANS_CHECK_MAX_TIME_TOPIC
  escaped,       ///< the pass of an acting master has put it into another set
  given_up       ///< the pass of an acting master could not, and went past it
};

enum class HalfEvent : std::uint8_t {
  stored,
  copy_stored,
  commit,
  rollback,
  refusal,       ///< END_TRANSACTION was refused: UNKNOW, another record, a failed put
  late_refusal,  ///< CHECK_IMMUNITY_TIME_IN_SECONDS was over
  op_buffered,
  op_written,
  op_lost,
  copied_to_check,
  copied_immune,
  passed_by_op,
  checks_spent,
  too_old,
  escape,          ///< put into another set
  escape_failure,  ///< the last of eleven tries to do so
  pass_stops,      ///< the pass ended here and goes on with this one
  truncation,
  stepped_over  ///< the offset where passes begin lies behind it, though none has settled it
};

enum class HalfGuard : std::uint8_t {
  any,
  of_half,      ///< it was no copy
  of_copy,      ///< it was a copy
  again,        ///< another op of the same record is still in memory
  by_original,  ///< the op may name the original of an immune copy
  after_crash   ///< the broker has been started again since the pass went past it
};

constexpr std::string_view name(HalfState state) {
  switch (state) {
    case HalfState::none: return "none";
    case HalfState::half: return "half";
    case HalfState::copy: return "copy";
    case HalfState::op_in_memory: return "op_in_memory";
    case HalfState::op_stored: return "op_stored";
    case HalfState::superseded: return "superseded";
    case HalfState::resolved: return "resolved";
    case HalfState::discarded: return "discarded";
    case HalfState::escaped: return "escaped";
    case HalfState::given_up: return "given_up";
  }
  return {};
}

constexpr std::string_view name(HalfEvent event) {
  switch (event) {
    case HalfEvent::stored: return "stored";
    case HalfEvent::copy_stored: return "copy_stored";
    case HalfEvent::commit: return "commit";
    case HalfEvent::rollback: return "rollback";
    case HalfEvent::refusal: return "refusal";
    case HalfEvent::late_refusal: return "late_refusal";
    case HalfEvent::op_buffered: return "op_buffered";
    case HalfEvent::op_written: return "op_written";
    case HalfEvent::op_lost: return "op_lost";
    case HalfEvent::copied_to_check: return "copied_to_check";
    case HalfEvent::copied_immune: return "copied_immune";
    case HalfEvent::passed_by_op: return "passed_by_op";
    case HalfEvent::checks_spent: return "checks_spent";
    case HalfEvent::too_old: return "too_old";
    case HalfEvent::escape: return "escape";
    case HalfEvent::escape_failure: return "escape_failure";
    case HalfEvent::pass_stops: return "pass_stops";
    case HalfEvent::truncation: return "truncation";
    case HalfEvent::stepped_over: return "stepped_over";
  }
  return {};
}

constexpr std::string_view name(HalfGuard guard) {
  switch (guard) {
    case HalfGuard::any: return "any";
    case HalfGuard::of_half: return "of_half";
    case HalfGuard::of_copy: return "of_copy";
    case HalfGuard::again: return "again";
    case HalfGuard::by_original: return "by_original";
    case HalfGuard::after_crash: return "after_crash";
  }
  return {};
}

namespace half_rows {

using S = HalfState;
using E = HalfEvent;
using G = HalfGuard;
using HalfRow = sim::Row<S, E, G>;

inline constexpr std::string_view end = "EndTransactionProcessor.processRequest",
                                  late = "EndTransactionProcessor.rejectCommitOrRollback",
                                  check = "TransactionalMessageServiceImpl.check",
                                  recover = "CommitLog.recoverAbnormally",
                                  offset = "TransactionalMessageBridge.fetchConsumeOffset",
                                  bridge = "TransactionalMessageBridge.escapeMessage";

constexpr HalfRow stays(S state, E event, std::string_view source, sim::Profiles profiles = both_profiles,
                        std::string_view note = {}) {
  return {state, event, G::any, state, profiles, source, note};
}
constexpr HalfRow goes(S from, E event, S to, std::string_view source, std::string_view note = {}) {
  return {from, event, G::any, to, both_profiles, source, note};
}
/// Of an acting master, and of what its master had told when it died.
constexpr HalfRow leaves(S from, E event, S to, std::string_view note = {}, G guard = G::any) {
  return {from, event, guard, to, only_5_3, bridge, note};
}
constexpr HalfRow goes_if(G guard, S from, E event, S to, std::string_view source,
                          std::string_view note = {}) {
  return {from, event, guard, to, both_profiles, source, note};
}

}  // namespace half_rows

inline constexpr std::array transaction_rows = [] {
  using namespace half_rows;
  return std::array{
      goes(S::none, E::stored, S::half, "TransactionalMessageBridge.parseHalfMessageInner"),
      goes(S::none, E::copy_stored, S::copy, "TransactionalMessageBridge.renewHalfMessageInner"),
      stays(S::none, E::refusal, end, both_profiles, "a truncation took the record"),
      stays(S::none, E::late_refusal, late, only_5_3, "likewise: another one stands there, and is too old"),

      stays(S::half, E::commit, end, both_profiles, "the final message is appended first"),
      stays(S::half, E::rollback, end),
      stays(S::half, E::refusal, end),
      stays(S::half, E::late_refusal, late, only_5_3),
      goes(S::half, E::op_buffered, S::op_in_memory, "TransactionalMessageServiceImpl.deletePrepareMessage"),
      stays(S::half, E::op_lost, end, both_profiles, "SYNC_FLUSH: a crash while the final message waits"),
      goes(S::half, E::copied_to_check, S::superseded, check, "age over, no op: the group is asked"),
      goes(S::half, E::copied_immune, S::superseded,
           "TransactionalMessageServiceImpl.checkPrepareQueueOffset", "counts a check, asks nobody"),
      goes(S::half, E::too_old, S::discarded, "TransactionalMessageServiceImpl.needSkip"),
      stays(S::half, E::pass_stops, check, both_profiles, "younger than transactionTimeOut"),
      goes(S::half, E::truncation, S::none, recover),
      stays(S::half, E::stepped_over, offset, both_profiles, "the log was truncated; the offset was not"),

      stays(S::copy, E::commit, end),
      stays(S::copy, E::rollback, end),
      stays(S::copy, E::refusal, end),
      stays(S::copy, E::late_refusal, late, only_5_3),
      goes(S::copy, E::op_buffered, S::op_in_memory, "TransactionalMessageServiceImpl.deletePrepareMessage"),
      stays(S::copy, E::op_lost, end, both_profiles, "SYNC_FLUSH: a crash while the final message waits"),
      goes(S::copy, E::copied_to_check, S::superseded, check),
      goes(S::copy, E::copied_immune, S::superseded,
           "TransactionalMessageServiceImpl.checkPrepareQueueOffset"),
      goes_if(G::by_original, S::copy, E::passed_by_op, S::resolved,
              "TransactionalMessageServiceImpl.checkPrepareQueueOffset",
              "only while the pass began before both"),
      goes(S::copy, E::checks_spent, S::discarded, "TransactionalMessageServiceImpl.needDiscard",
           "in the same pass as the last check if it is readable by then (measured)"),
      goes(S::copy, E::too_old, S::discarded, "TransactionalMessageServiceImpl.needSkip"),
      stays(S::copy, E::pass_stops, check, both_profiles, "stored in this pass"),
      goes(S::copy, E::truncation, S::none, recover),
      stays(S::copy, E::stepped_over, offset),

      stays(S::op_in_memory, E::commit, end, both_profiles, "no idempotence guard: another final message"),
      stays(S::op_in_memory, E::rollback, end),
      stays(S::op_in_memory, E::refusal, end),
      stays(S::op_in_memory, E::late_refusal, late, only_5_3),
      stays(S::op_in_memory, E::op_buffered, "TransactionalMessageServiceImpl.deletePrepareMessage"),
      HalfRow{S::op_in_memory, E::op_written, G::any, S::op_stored, only_4_9,
              "TransactionalMessageBridge.putOpMessage", "at once"},
      HalfRow{S::op_in_memory, E::op_written, G::any, S::op_stored, only_5_3,
              "TransactionalMessageServiceImpl.batchSendOpMessage",
              "after 0 to 3 s, first of a life 3 to 6 s"},
      goes_if(G::of_half, S::op_in_memory, E::op_lost, S::half, "MessageQueueOpContext",
              "a crash, a failed put"),
      goes_if(G::of_copy, S::op_in_memory, E::op_lost, S::copy, "MessageQueueOpContext",
              "a crash, a failed put"),
      goes_if(G::again, S::op_in_memory, E::op_lost, S::op_in_memory, "MessageQueueOpContext"),
      goes(S::op_in_memory, E::copied_to_check, S::superseded, check, "asked again: a duplicate"),
      goes(S::op_in_memory, E::copied_immune, S::superseded,
           "TransactionalMessageServiceImpl.checkPrepareQueueOffset"),
      goes_if(G::by_original, S::op_in_memory, E::passed_by_op, S::resolved,
              "TransactionalMessageServiceImpl.checkPrepareQueueOffset"),
      goes(S::op_in_memory, E::checks_spent, S::discarded, "TransactionalMessageServiceImpl.needDiscard",
           "discarded and delivered"),
      goes(S::op_in_memory, E::too_old, S::discarded, "TransactionalMessageServiceImpl.needSkip"),
      stays(S::op_in_memory, E::pass_stops, check),
      goes(S::op_in_memory, E::truncation, S::none, recover, "a master that was deposed and lives"),

      stays(S::op_stored, E::commit, end),
      stays(S::op_stored, E::rollback, end),
      stays(S::op_stored, E::refusal, end),
      stays(S::op_stored, E::late_refusal, late, only_5_3),
      stays(S::op_stored, E::op_buffered, "TransactionalMessageServiceImpl.deletePrepareMessage"),
      stays(S::op_stored, E::op_written, "TransactionalMessageServiceImpl.getOpMessage"),
      stays(S::op_stored, E::op_lost, "MessageQueueOpContext"),
      goes(S::op_stored, E::passed_by_op, S::resolved, check),
      goes(S::op_stored, E::copied_to_check, S::superseded, check, "the pass read the op queue before"),
      goes(S::op_stored, E::copied_immune, S::superseded,
           "TransactionalMessageServiceImpl.checkPrepareQueueOffset", "the pass read the op queue before"),
      goes(S::op_stored, E::checks_spent, S::discarded, "TransactionalMessageServiceImpl.needDiscard",
           "the pass read the op queue before"),
      goes(S::op_stored, E::too_old, S::discarded, "TransactionalMessageServiceImpl.needSkip",
           "the pass read the op queue before"),
      stays(S::op_stored, E::pass_stops, check, both_profiles, "its op is not among those read so far"),
      goes(S::op_stored, E::truncation, S::none, recover),
      stays(S::op_stored, E::stepped_over, offset, both_profiles, "its op record is gone"),

      stays(S::superseded, E::commit, end, both_profiles, "a late one: delivered, and its op is never read"),
      stays(S::superseded, E::rollback, end, both_profiles, "a late one: the copy is checked all the same"),
      stays(S::superseded, E::refusal, end),
      stays(S::superseded, E::late_refusal, late, only_5_3),
      stays(S::superseded, E::op_buffered, "TransactionalMessageServiceImpl.deletePrepareMessage"),
      stays(S::superseded, E::op_written, "TransactionalMessageServiceImpl.fillOpRemoveMap", both_profiles,
            "below the offset where the pass begins"),
      stays(S::superseded, E::op_lost, "MessageQueueOpContext"),
      goes_if(G::after_crash, S::superseded, E::copied_to_check, S::superseded, check, "stale offsets"),
      goes_if(G::after_crash, S::superseded, E::copied_immune, S::superseded,
              "TransactionalMessageServiceImpl.checkPrepareQueueOffset", "stale offsets"),
      goes_if(G::after_crash, S::superseded, E::passed_by_op, S::resolved, check, "stale offsets"),
      goes_if(G::after_crash, S::superseded, E::too_old, S::discarded,
              "TransactionalMessageServiceImpl.needSkip", "stale offsets"),
      goes_if(G::after_crash, S::superseded, E::pass_stops, S::superseded, check, "stale offsets"),
      goes(S::superseded, E::truncation, S::none, recover),
      stays(S::superseded, E::stepped_over, offset, both_profiles, "its copy is gone"),

      stays(S::resolved, E::commit, end),
      stays(S::resolved, E::rollback, end),
      stays(S::resolved, E::refusal, end),
      stays(S::resolved, E::late_refusal, late, only_5_3),
      stays(S::resolved, E::op_buffered, "TransactionalMessageServiceImpl.deletePrepareMessage"),
      stays(S::resolved, E::op_written, "TransactionalMessageServiceImpl.getOpMessage"),
      stays(S::resolved, E::op_lost, "MessageQueueOpContext"),
      goes_if(G::after_crash, S::resolved, E::passed_by_op, S::resolved, check, "stale offsets"),
      goes_if(G::after_crash, S::resolved, E::copied_to_check, S::superseded, check, "its op record is gone"),
      goes_if(G::after_crash, S::resolved, E::copied_immune, S::superseded,
              "TransactionalMessageServiceImpl.checkPrepareQueueOffset", "its op record is gone"),
      goes_if(G::after_crash, S::resolved, E::checks_spent, S::discarded,
              "TransactionalMessageServiceImpl.needDiscard", "its op record is gone"),
      goes_if(G::after_crash, S::resolved, E::too_old, S::discarded,
              "TransactionalMessageServiceImpl.needSkip", "its op record is gone"),
      goes_if(G::after_crash, S::resolved, E::pass_stops, S::resolved, check, "stale offsets"),
      goes(S::resolved, E::truncation, S::none, recover),
      stays(S::resolved, E::stepped_over, offset, both_profiles, "its op record is gone"),

      stays(S::discarded, E::commit, end, both_profiles,
            "the answer to the last check: delivered all the same"),
      stays(S::discarded, E::rollback, end),
      stays(S::discarded, E::refusal, end),
      stays(S::discarded, E::late_refusal, late, only_5_3),
      stays(S::discarded, E::op_buffered, "TransactionalMessageServiceImpl.deletePrepareMessage"),
      stays(S::discarded, E::op_written, "TransactionalMessageServiceImpl.getOpMessage"),
      stays(S::discarded, E::op_lost, "MessageQueueOpContext"),
      goes_if(G::after_crash, S::discarded, E::checks_spent, S::discarded,
              "TransactionalMessageServiceImpl.needDiscard", "stale offsets: moved twice"),
      goes_if(G::after_crash, S::discarded, E::too_old, S::discarded,
              "TransactionalMessageServiceImpl.needSkip", "stale offsets: moved twice"),
      goes_if(G::after_crash, S::discarded, E::copied_to_check, S::superseded, check,
              "too old by a clock that has been set back since"),
      goes_if(G::after_crash, S::discarded, E::copied_immune, S::superseded,
              "TransactionalMessageServiceImpl.checkPrepareQueueOffset",
              "too old by a clock that has been set back since"),
      goes_if(G::after_crash, S::discarded, E::passed_by_op, S::resolved, check, "stale offsets"),
      goes_if(G::after_crash, S::discarded, E::pass_stops, S::discarded, check, "stale offsets"),
      goes(S::discarded, E::truncation, S::none, recover),
      stays(S::discarded, E::stepped_over, offset, both_profiles, "what was moved aside is gone"),

      leaves(S::half, E::escape, S::escaped, "an acting master, whatever its age"),
      leaves(S::half, E::escape_failure, S::given_up, "no pass comes back to it"),
      leaves(S::copy, E::escape, S::escaped),
      leaves(S::copy, E::escape_failure, S::given_up),
      leaves(S::op_stored, E::escape, S::escaped, "its op record is not among the 32 that the pass has read"),
      leaves(S::op_stored, E::escape_failure, S::given_up),
      leaves(S::superseded, E::escape, S::escaped, "the slave's offsets are up to 63 s old", G::after_crash),
      leaves(S::superseded, E::escape_failure, S::given_up, {}, G::after_crash),
      leaves(S::resolved, E::escape, S::escaped, "likewise, and its op record was not read", G::after_crash),
      leaves(S::resolved, E::escape_failure, S::given_up, {}, G::after_crash),
      leaves(S::discarded, E::escape, S::escaped, "likewise: moved aside, and checked again elsewhere",
             G::after_crash),
      leaves(S::discarded, E::escape_failure, S::given_up, {}, G::after_crash),
      stays(S::escaped, E::refusal, end, only_5_3, "a slave refuses every verdict"),
      stays(S::given_up, E::refusal, end, only_5_3, "a slave refuses every verdict"),
  };
}();

static_assert(sim::is_unambiguous(transaction_rows));

}  // namespace brokersim::model::rocketmq
