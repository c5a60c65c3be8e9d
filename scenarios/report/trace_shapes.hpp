// What the numbers of each record mean, and how its fields are called in a trace. Only trace_format.cpp
// includes this.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/record.hpp"

namespace brokersim::scenarios::trace {

using model::RecordKind;

/// What a number of a record means.
enum class As : std::uint8_t {
  nothing,
  intent,
  offset,
  attempt,
  times,
  thread,
  bytes,
  records,
  kept,
  gone,
  topics,
  skipped,
  broken,
  incarnation,
  producer,
  broker,
  broker_queue,
  process,
  host,
  group,
  topic,
  fault,
  fault_kind,
  status,
  refusal,  ///< a status that is only there if the broker said one
  error,
  loss,
  // transactions
  half_offset,
  op_offset,
  half_offsets,   ///< how many an op record names
  offsets_group,  ///< a consumer group, or CID_RMQ_SYS_TRANS
  back,
  outcome,  ///< of a local transaction
  check,    ///< the how-manieth
  end_refusal,
  // consuming
  level,
  result,
  topic_queue,
  // replication
  sync_step,
  replica_end,
  choice,    ///< of a campaign: which of its actions
  messages,  ///< deleted with a file
  full,
  by_ns,
  half_loss,  ///< what took a half message, if it was no crash
  // name servers
  forgotten,  ///< why a broker is
  addresses,  ///< how many
  // controller mode
  role,
  epoch,
  set,   ///< a replica set
  size,  ///< of a SyncStateSet
  // DLedger
  member_role,
  term,
  entry,  ///< its index
  entries,
  more,
  pushed,
  stand_in,
  // Two or three in one number: the lowest 16 bits first. See `parts`.
  broker_and_copy,
  broker_and_times,
  broker_and_verdict,
  broker_and_reason,
  broker_and_escape,
  broker_and_level,
  broker_and_log_loss,
  broker_and_milliseconds,
  verdict_and_source,
  process_and_times,
  result_and_process,
  times_and_process,
  process_above,
  group_and_loss,
  broker_and_half_loss,
  group_and_locking,
  epoch_and_election,
  set_and_change,
  term_and_pushed,
  // The upper parts of those.
  copy_reason,
  check_times,
  verdict,
  from_check,
  discard_reason,
  half_escape,
  reconsume_times,
  locking,
  milliseconds,
  election,
  set_change,
  // POP: a message that is out, in two numbers.
  pop_place,
  pop_life,
  pop_time,
  count
};

/// Who wants to hear of it when one message is told.
enum class Told : std::uint8_t {
  by_itself,  ///< the intent's own, or nobody's
  around      ///< it may have to do with any message
};

struct Shape {
  RecordKind kind;
  As subject, a, b;
  std::string_view meaning;
  Told told = Told::by_itself;
};

/// The meaning of every kind's numbers, as model/record.hpp tells it.
inline constexpr std::array<Shape, static_cast<std::size_t>(RecordKind::count)> shapes{{
    {RecordKind::send_begun, As::intent, As::producer, As::thread, "a thread took the message up"},
    {RecordKind::attempt_sent, As::intent, As::attempt, As::broker_queue, "a try left"},
    {RecordKind::attempt_failed, As::intent, As::attempt, As::error, "a try failed"},
    {RecordKind::acknowledged, As::intent, As::status, As::offset, "the producer knows success"},
    {RecordKind::told_failed, As::intent, As::error, As::refusal,
     "the application was told of the failure; `status` if the broker refused"},
    {RecordKind::unobserved, As::intent, As::error, As::nothing, "a failure that nobody looked at"},
    {RecordKind::believed_sent, As::intent, As::nothing, As::nothing,
     "one-way: the producer believes that it is sent"},
    {RecordKind::appended, As::intent, As::broker_queue, As::offset, "a copy entered the log"},
    {RecordKind::refused, As::intent, As::status, As::broker, "the broker answered an error"},
    {RecordKind::answered, As::intent, As::status, As::offset, "the broker sent the success of a send"},
    {RecordKind::released, As::intent, As::broker_queue, As::offset, "the copy became visible to consumers"},
    {RecordKind::copy_lost, As::intent, As::loss, As::offset, "a copy is gone from the log"},
    {RecordKind::response_dropped, As::intent, As::status, As::nothing,
     "an answer had no connection to go to"},
    {RecordKind::delivered, As::intent, As::group, As::offset, "a consumer got it"},
    {RecordKind::processed, As::intent, As::group, As::times_and_process,
     "the business effect was applied; `times`: 1, or 2 for more than once"},
    {RecordKind::flushed, As::broker, As::records, As::bytes, "a flush covered everything up to there"},
    {RecordKind::committed, As::broker, As::records, As::nothing,
     "so many records are in the page cache now"},
    {RecordKind::process_died, As::process, As::fault_kind, As::nothing, "a process ended", Told::around},
    {RecordKind::process_served, As::process, As::incarnation, As::nothing, "a process serves", Told::around},
    {RecordKind::process_paused, As::process, As::nothing, As::nothing, "a process was stopped by SIGSTOP",
     Told::around},
    {RecordKind::process_resumed, As::process, As::nothing, As::nothing, "a process goes on after SIGSTOP",
     Told::around},
    {RecordKind::host_lost_power, As::host, As::nothing, As::nothing,
     "all processes of a host are dead, unsynced pages are gone", Told::around},
    {RecordKind::host_powered, As::host, As::nothing, As::nothing, "a host is up again", Told::around},
    {RecordKind::log_truncated, As::broker, As::kept, As::gone,
     "a crash took records from the end of the log", Told::around},
    {RecordKind::topics_lost, As::broker, As::topics, As::nothing, "topics.json came back old or empty",
     Told::around},
    {RecordKind::topic_created, As::broker, As::topic, As::nothing, "a topic was created, or created again",
     Told::around},
    {RecordKind::connection_opened, As::process, As::process, As::nothing,
     "a client's connection to a server is open", Told::around},
    {RecordKind::connection_broken, As::process, As::process, As::nothing,
     "a process noticed that a connection is gone", Told::around},
    {RecordKind::queue_skipped, As::process, As::broker_queue, As::skipped,
     "a consumer found its offset gone and went past messages that it never saw", Told::around},
    {RecordKind::fault_struck, As::fault, As::fault_kind, As::choice, "a fault of the scenario struck",
     Told::around},
    {RecordKind::fault_restored, As::fault, As::nothing, As::choice, "a fault was undone", Told::around},
    {RecordKind::healed, As::nothing, As::broken, As::nothing,
     "the operator has repaired everything; `broken`: there was something to repair", Told::around},
    {RecordKind::half_stored, As::intent, As::broker, As::half_offset,
     "a half message entered RMQ_SYS_TRANS_HALF_TOPIC"},
    {RecordKind::half_copied, As::intent, As::broker_and_copy, As::half_offset,
     "the check pass appended a copy of this half message"},
    {RecordKind::copy_stored, As::intent, As::broker_and_times, As::half_offset, "that copy"},
    {RecordKind::check_asked, As::intent, As::broker, As::process,
     "the broker asked an instance of the producer group"},
    {RecordKind::check_unasked, As::intent, As::broker, As::half_offset,
     "nobody of the producer group was connected, though the check counts"},
    {RecordKind::end_executed, As::intent, As::broker_and_verdict, As::half_offset,
     "END_TRANSACTION was executed"},
    {RecordKind::end_refused, As::intent, As::broker_and_verdict, As::end_refusal,
     "END_TRANSACTION was refused; nobody reads the answer"},
    {RecordKind::op_buffered, As::intent, As::broker, As::half_offset, "its op waits in memory"},
    {RecordKind::op_stored, As::intent, As::broker, As::half_offset, "an op record names it"},
    {RecordKind::op_lost, As::intent, As::broker, As::half_offset,
     "its op was in memory when the process died, or could not be written"},
    {RecordKind::half_resolved, As::intent, As::broker, As::half_offset,
     "the check pass went past it by its op"},
    {RecordKind::half_discarded, As::intent, As::broker_and_reason, As::half_offset,
     "moved to TRANS_CHECK_MAX_TIME_TOPIC"},
    {RecordKind::half_lost, As::intent, As::broker_and_half_loss, As::half_offset,
     "it is gone from the half topic"},
    {RecordKind::half_stepped_over, As::intent, As::broker, As::half_offset,
     "a crash left the check service's offset behind it: no pass will read it"},
    {RecordKind::op_record, As::broker, As::half_offsets, As::op_offset, "an op record was appended"},
    {RecordKind::pass_begun, As::broker, As::half_offset, As::op_offset,
     "a check pass begins at these offsets"},
    {RecordKind::pass_ended, As::broker, As::half_offset, As::op_offset,
     "and the next one will begin at these"},
    {RecordKind::offsets_back, As::broker, As::offsets_group, As::back,
     "a crash set the offsets of a group back, by so many in all its queues", Told::around},
    {RecordKind::local_begun, As::intent, As::producer, As::nothing, "executeLocalTransaction is called"},
    {RecordKind::local_done, As::intent, As::producer, As::outcome, "the local transaction is over"},
    {RecordKind::local_skipped, As::intent, As::producer, As::status,
     "the half message's status was not SEND_OK: no local transaction"},
    {RecordKind::end_sent, As::intent, As::producer, As::verdict_and_source, "END_TRANSACTION left"},
    {RecordKind::end_unsent, As::intent, As::producer, As::verdict_and_source,
     "END_TRANSACTION found no connection"},
    {RecordKind::check_received, As::intent, As::producer, As::check, "a check reached a producer"},
    {RecordKind::check_dropped, As::intent, As::producer, As::nothing, "the producer's check pool was full"},
    {RecordKind::producer_known, As::process, As::broker, As::nothing, "a broker knows the producer now",
     Told::around},
    {RecordKind::producer_forgotten, As::process, As::broker, As::nothing,
     "a broker has forgotten the producer", Told::around},
    {RecordKind::consume_begun, As::intent, As::group, As::process_and_times, "a listener got it"},
    {RecordKind::consume_result, As::intent, As::group, As::result_and_process, "what the listener returned"},
    {RecordKind::effect_behind, As::intent, As::group, As::process_above,
     "the effect follows behind the result"},
    {RecordKind::send_back_failed, As::intent, As::group, As::result_and_process,
     "sending it back failed: the client sends it to the retry topic itself"},
    {RecordKind::sent_back, As::intent, As::group, As::level,
     "the broker executed CONSUMER_SEND_MSG_BACK; a level of -1: dead letter"},
    {RecordKind::scheduled, As::intent, As::broker_and_level, As::offset, "appended to SCHEDULE_TOPIC_XXXX"},
    {RecordKind::delay_over, As::intent, As::broker_and_level, As::offset, "delivered from there"},
    {RecordKind::retry_stored, As::intent, As::group, As::offset, "appended to the group's %RETRY% topic"},
    {RecordKind::dead_lettered, As::intent, As::group, As::offset, "appended to the group's %DLQ% topic"},
    {RecordKind::consume_expired, As::intent, As::group, As::process_above,
     "consumeTimeout was over: sent back while the listener still ran"},
    {RecordKind::result_ignored, As::intent, As::group, As::process_above,
     "the queue had been taken away before the listener returned"},
    {RecordKind::offset_committed, As::process, As::broker_queue, As::offset,
     "the broker stored a consumer's offset"},
    {RecordKind::queue_assigned, As::process, As::topic_queue, As::offset,
     "a consumer reads this queue from here on", Told::around},
    {RecordKind::queue_revoked, As::process, As::topic_queue, As::offset, "a consumer reads it no more",
     Told::around},
    {RecordKind::member_joined, As::process, As::broker, As::group, "a broker knows the consumer now",
     Told::around},
    {RecordKind::member_left, As::process, As::broker, As::group, "a broker has forgotten the consumer",
     Told::around},
    {RecordKind::returned_lost, As::intent, As::group_and_loss, As::offset,
     "a crash took a copy on its way back to its group: delayed, in %RETRY% or in %DLQ%"},
    {RecordKind::work_failed, As::intent, As::group, As::process_above,
     "the work failed that was acknowledged before"},
    {RecordKind::replicated, As::intent, As::broker_queue, As::offset, "a slave appended a copy to its log"},
    {RecordKind::replica_lost, As::intent, As::broker_and_log_loss, As::offset,
     "a crash of a slave took its copy"},
    {RecordKind::replica_connected, As::process, As::process, As::nothing,
     "a slave's replication connection to its master is open", Told::around},
    {RecordKind::replica_parted, As::process, As::replica_end, As::nothing,
     "a slave's replication connection is gone", Told::around},
    {RecordKind::replica_garbled, As::broker, As::bytes, As::nothing,
     "what follows in a slave's log is no record to it: its copy of the log ends there", Told::around},
    {RecordKind::replica_synchronized, As::broker, As::sync_step, As::nothing,
     "a slave took topics, consumer offsets or delay offsets from its master"},
    {RecordKind::files_deleted, As::broker, As::messages, As::bytes,
     "retention deleted files from the beginning of the log", Told::around},
    {RecordKind::disk_full, As::broker, As::full, As::nothing,
     "the broker takes its disk for full, and refuses appends, or no longer", Told::around},
    {RecordKind::clock_set, As::host, As::by_ns, As::nothing, "the wall clock of a host was set",
     Told::around},
    {RecordKind::queue_locked, As::process, As::topic_queue, As::group_and_locking,
     "a broker answered LOCK_BATCH_MQ for this queue", Told::around},
    {RecordKind::queue_unlocked, As::process, As::topic_queue, As::group_and_locking,
     "a broker executed UNLOCK_BATCH_MQ for this queue", Told::around},
    {RecordKind::given_up, As::intent, As::group, As::process_above,
     "maxReconsumeTimes was reached, and a broker took it for the dead-letter queue"},
    {RecordKind::broker_registered, As::process, As::broker, As::nothing, "a name server knows a broker now",
     Told::around},
    {RecordKind::broker_forgotten, As::process, As::broker, As::forgotten,
     "a name server has forgotten a broker: its channel was closed, or idle for 120 s", Told::around},
    {RecordKind::route_learned, As::process, As::topic, As::addresses,
     "a client has learnt a route that it did not have; `addresses`: brokers in it", Told::around},
    {RecordKind::scheduled_lost, As::intent, As::broker_and_log_loss, As::offset,
     "a crash or the retention took a producer's delayed message from SCHEDULE_TOPIC_XXXX or "
     "rmq_sys_wheel_timer"},
    {RecordKind::timer_stored, As::intent, As::broker_and_milliseconds, As::offset,
     "appended to rmq_sys_wheel_timer, for a slot so far away"},
    {RecordKind::timer_over, As::intent, As::broker, As::offset, "delivered from there"},
    {RecordKind::timer_rolled, As::intent, As::broker, As::offset,
     "put there once more: its time is too far away"},
    {RecordKind::timer_given_up, As::intent, As::broker, As::offset,
     "the store refused it three times when its time had come"},
    {RecordKind::timer_passed, As::intent, As::broker, As::offset,
     "put into a slot that the timer wheel had read before: it is never read again"},
    {RecordKind::pop_buffered, As::intent, As::pop_place, As::pop_life,
     "POP: popped, its checkpoint in memory only; `pop_time`: ms of the broker's clock"},
    {RecordKind::pop_stored, As::intent, As::pop_place, As::pop_life, "POP: its checkpoint is in the log"},
    {RecordKind::pop_acked, As::intent, As::pop_place, As::pop_life, "POP: the broker has taken its ack"},
    {RecordKind::pop_revived, As::intent, As::pop_place, As::pop_life,
     "POP: its invisible time is over, and it is put into %RETRY%group_topic"},
    {RecordKind::pop_not_revived, As::intent, As::pop_place, As::pop_life,
     "POP: the store has refused that: it does not come again"},
    {RecordKind::pop_aborted, As::intent, As::group, As::process_above,
     "POP: it waited in the client beyond its invisible time, or until its queue was taken away, and is not "
     "consumed"},
    {RecordKind::pop_unsettled, As::intent, As::group, As::process_above,
     "POP: the client's ack, or its change of the invisible time, was not answered"},
    {RecordKind::pop_dropped, As::intent, As::group, As::process_above,
     "POP: after maxReconsumeTimes the client acknowledges it: it is gone"},
    {RecordKind::role_taken, As::broker, As::role, As::epoch,
     "what a broker in controller mode is from now on: fenced until the controller has told it",
     Told::around},
    {RecordKind::master_elected, As::process, As::broker, As::epoch_and_election,
     "the controller has elected a master: from the SyncStateSet (clean) or from outside it", Told::around},
    {RecordKind::no_master, As::process, As::set, As::epoch,
     "the controller has found nobody whom it may elect", Told::around},
    {RecordKind::sync_set_changed, As::process, As::set_and_change, As::size,
     "the controller has confirmed another SyncStateSet", Told::around},
    {RecordKind::member_role_changed, As::broker, As::member_role, As::term,
     "a member of a DLedger group is a candidate, follower or leader now", Told::around},
    {RecordKind::member_serves, As::broker, As::term, As::nothing,
     "the elected leader has become the master of its group", Told::around},
    {RecordKind::entry_appended, As::broker, As::entry, As::term_and_pushed,
     "an entry entered a member's log; `pushed`: its leader had it"},
    {RecordKind::entry_committed, As::broker, As::entries, As::more,
     "a member knows that so many entries are committed, `more` than before"},
    {RecordKind::entry_truncated, As::broker, As::kept, As::gone,
     "a new leader had a member cut off what its own log does not have", Told::around},
    {RecordKind::copy_copied, As::intent, As::broker_queue, As::offset, "a follower appended a copy"},
    {RecordKind::copy_truncated, As::intent, As::broker_queue, As::offset,
     "a follower's copy was cut off because its new leader does not have it"},
    {RecordKind::member_copy_lost, As::intent, As::broker_and_log_loss, As::offset,
     "a crash took a member's copy"},
    {RecordKind::majority_missed, As::intent, As::broker, As::nothing,
     "no majority had it within maxWaitAckTimeMs: the send is refused, and the entry stays in the log"},
    {RecordKind::stood_in, As::broker, As::stand_in, As::nothing,
     "what a broker with enableSlaveActingMaster is from now on, or has made of a slave's offsets",
     Told::around},
    {RecordKind::escaped, As::intent, As::broker_and_level, As::process,
     "an acting master has put it into another set, which does so in this same step"},
    {RecordKind::half_escaped, As::intent, As::broker, As::half_offset,
     "an acting master has put this half message of its own log into another set: what that stores is told "
     "next"},
    {RecordKind::half_escape_over, As::intent, As::broker_and_escape, As::half_offset,
     "and its check pass goes past it"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (static_cast<std::size_t>(shapes[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one shape per record kind, in the order of the enum");

/// The keys, in the order of As. A number of several parts has none of its own.
using Labels = std::array<std::string_view, static_cast<std::size_t>(As::count)>;
// clang-format off: it would put one on each line
inline constexpr Labels labels{
    "", "intent", "offset", "attempt", "times", "thread",
    "bytes", "records", "kept", "gone", "topics_left", "skipped",
    "broken", "incarnation", "producer", "broker", "queue", "process",
    "host", "group", "topic", "fault", "kind", "status",
    "status", "error", "loss", "half_offset", "op_offset", "half_offsets",
    "group", "back", "outcome", "check", "reason", "level",
    "result", "queue", "what", "why", "choice", "messages", "full", "by_ns", "loss", "why", "addresses",
    "role", "epoch", "set", "size", "role", "term", "entry", "entries", "more", "pushed", "what",
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
    "copy", "check_times", "verdict", "from_check", "reason", "escape", "reconsume_times", "locking", "milliseconds", "election", "change", "", "", "pop_time"};
// clang-format on
static_assert(labels.back() == "pop_time", "the labels follow the order of As");

/// A part of a number: `bits` of it from `from` on.
struct Part {
  As as;
  unsigned from, bits;
};

constexpr std::array<Part, 3> alone(As as) {
  return {{{as, 0, 64}, {As::nothing, 0, 0}, {As::nothing, 0, 0}}};
}

constexpr std::array<Part, 3> pair(As low, As high, unsigned bits = 16) {
  return {{{low, 0, bits}, {high, bits, 48}, {As::nothing, 0, 0}}};
}

constexpr std::array<Part, 3> parts_of(As as) {
  if (as == As::broker_and_copy) return pair(As::broker, As::copy_reason);
  if (as == As::broker_and_times) return pair(As::broker, As::check_times);
  if (as == As::broker_and_reason) return pair(As::broker, As::discard_reason);
  if (as == As::broker_and_escape) return pair(As::broker, As::half_escape);
  if (as == As::broker_and_level) return pair(As::broker, As::level);
  if (as == As::broker_and_log_loss) return pair(As::broker, As::loss);
  if (as == As::broker_and_milliseconds) return pair(As::broker, As::milliseconds);
  if (as == As::times_and_process) return pair(As::times, As::process);
  if (as == As::result_and_process) return pair(As::result, As::process);
  if (as == As::group_and_loss) return pair(As::group, As::loss);
  if (as == As::broker_and_half_loss) return pair(As::broker, As::half_loss);
  if (as == As::group_and_locking)
    return {{{As::group, 0, 16}, {As::locking, 16, 16}, {As::incarnation, 32, 32}}};
  if (as == As::pop_place) return {{{As::group, 0, 16}, {As::topic, 16, 16}, {As::broker_queue, 32, 32}}};
  if (as == As::pop_life) return {{{As::offset, 0, 32}, {As::pop_time, 32, 32}, {As::nothing, 0, 0}}};
  if (as == As::epoch_and_election) return pair(As::epoch, As::election, 32);
  if (as == As::set_and_change) return pair(As::set, As::set_change);
  if (as == As::term_and_pushed) return pair(As::term, As::pushed, 32);
  if (as == As::process_above) return pair(As::nothing, As::process);
  if (as == As::process_and_times) return pair(As::process, As::reconsume_times);
  if (as == As::verdict_and_source) return pair(As::verdict, As::from_check, 8);
  if (as == As::broker_and_verdict)
    return {{{As::broker, 0, 16}, {As::verdict, 16, 8}, {As::from_check, 24, 8}}};
  return alone(as);
}

}  // namespace brokersim::scenarios::trace
