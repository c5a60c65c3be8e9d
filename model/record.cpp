#include "model/record.hpp"

#include <array>

namespace brokersim::model {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(RecordKind::count)> kinds{
    "send_begun",
    "attempt_sent",
    "attempt_failed",
    "acknowledged",
    "told_failed",
    "unobserved",
    "believed_sent",
    "appended",
    "refused",
    "answered",
    "released",
    "copy_lost",
    "response_dropped",
    "delivered",
    "processed",
    "flushed",
    "committed",
    "process_died",
    "process_served",
    "process_paused",
    "process_resumed",
    "host_lost_power",
    "host_powered",
    "log_truncated",
    "topics_lost",
    "topic_created",
    "connection_opened",
    "connection_broken",
    "queue_skipped",
    "fault_struck",
    "fault_restored",
    "healed",
    "half_stored",
    "half_copied",
    "copy_stored",
    "check_asked",
    "check_unasked",
    "end_executed",
    "end_refused",
    "op_buffered",
    "op_stored",
    "op_lost",
    "half_resolved",
    "half_discarded",
    "half_lost",
    "half_stepped_over",
    "op_record",
    "pass_begun",
    "pass_ended",
    "offsets_back",
    "local_begun",
    "local_done",
    "local_skipped",
    "end_sent",
    "end_unsent",
    "check_received",
    "check_dropped",
    "producer_known",
    "producer_forgotten",
    "consume_begun",
    "consume_result",
    "effect_behind",
    "send_back_failed",
    "sent_back",
    "scheduled",
    "delay_over",
    "retry_stored",
    "dead_lettered",
    "consume_expired",
    "result_ignored",
    "offset_committed",
    "queue_assigned",
    "queue_revoked",
    "member_joined",
    "member_left",
    "returned_lost",
    "work_failed",
    "replicated",
    "replica_lost",
    "replica_connected",
    "replica_parted",
    "replica_garbled",
    "replica_synchronized",
    "files_deleted",
    "disk_full",
    "clock_set",
    "queue_locked",
    "queue_unlocked",
    "given_up",
    "broker_registered",
    "broker_forgotten",
    "route_learned",
    "scheduled_lost",
    "timer_stored",
    "timer_over",
    "timer_rolled",
    "timer_given_up",
    "timer_passed",
    "pop_buffered",
    "pop_stored",
    "pop_acked",
    "pop_revived",
    "pop_not_revived",
    "pop_aborted",
    "pop_unsettled",
    "pop_dropped",
    "role_taken",
    "master_elected",
    "no_master",
    "sync_set_changed",
    "member_role_changed",
    "member_serves",
    "entry_appended",
    "entry_committed",
    "entry_truncated",
    "copy_copied",
    "copy_truncated",
    "member_copy_lost",
    "majority_missed",
    "stood_in",
    "escaped",
    "half_escaped",
    "half_escape_over",
};
static_assert(kinds.back() == "half_escape_over", "the names follow the order of RecordKind");

constexpr std::array<std::string_view, 3> verdicts{"UNKNOW", "COMMIT", "ROLLBACK"};
constexpr std::array<std::string_view, static_cast<std::size_t>(EndRefusal::count)> refusals{
    "unknown_verdict", "no_record",     "other_group", "other_offset",
    "too_late",        "append_failed", "slave",       "queue_timeout"};
constexpr std::array<std::string_view, static_cast<std::size_t>(ConsumeResult::count)> results{
    "CONSUME_SUCCESS",
    "RECONSUME_LATER",
    "exception",
    "null",
    "never",
    "send_back_timed_out",
    "send_back_refused",
    "behind_ack_index",
    "SUSPEND_CURRENT_QUEUE_A_MOMENT"};
constexpr std::array<std::string_view, 6> lockings{"granted", "renewed",  "taken_over",
                                                   "refused", "released", "not_held"};
static_assert(static_cast<std::size_t>(QueueLocking::not_held) + 1 == lockings.size());

constexpr std::array<std::string_view, 9> errors{
    "none",          "timed_out", "connection_broken", "refused", "broker_error", "budget_spent",
    "not_stored_ok", "died",      "no_route",
};

constexpr std::array<std::string_view, 16> statuses{
    "SEND_OK",
    "FLUSH_DISK_TIMEOUT",
    "FLUSH_SLAVE_TIMEOUT",
    "SLAVE_NOT_AVAILABLE",
    "SYSTEM_ERROR",
    "SYSTEM_BUSY",
    "SERVICE_NOT_AVAILABLE",
    "TOPIC_NOT_EXIST",
    "MESSAGE_ILLEGAL",
    "PULL_FOUND",
    "PULL_NOT_FOUND",
    "PULL_OFFSET_MOVED",
    "PULL_RETRY_IMMEDIATELY",
    "SUBSCRIPTION_NOT_EXIST",
    "QUERY_NOT_FOUND",
    "NO_PERMISSION",
};
static_assert(static_cast<std::size_t>(Status::NO_PERMISSION) + 1 == statuses.size());

constexpr std::array<std::string_view, 25> fault_names{
    "kill",       "stop",          "restart",      "pause",        "resume",
    "power_loss", "power_on",      "slow_disk",    "disk_normal",  "delay",
    "delay_over", "partition",     "heal_link",    "append_stall", "append_go_on",
    "reset",      "response_lost", "create_topic", "disk_full",    "disk_free",
    "disk_lost",  "truncate_log",  "clock_jump",   "clock_right",  "rolling_restart",
};
static_assert(static_cast<std::size_t>(FaultKind::rolling_restart) + 1 == fault_names.size());

constexpr std::array<std::string_view, 7> losses{"uncommitted_pool", "unflushed_tail", "torn_tail",
                                                 "truncated_tail",   "disk_lost",      "retention",
                                                 "diverged"};
static_assert(static_cast<std::size_t>(LossKind::diverged) + 1 == losses.size());
constexpr std::array<std::string_view, 3> forgettings{"closed", "idle", "replaced"};
constexpr std::array<std::string_view, 3> roles{"fenced", "slave", "master"};
constexpr std::array<std::string_view, 8> stand_ins{"isolated",     "online",        "acting",
                                                    "yielded",      "offsets_taken", "offsets_kept",
                                                    "delays_taken", "delays_kept"};

template <std::size_t n>
std::string_view name_in(const std::array<std::string_view, n>& names, std::size_t index) {
  return index < n ? names[index] : std::string_view{};
}

}  // namespace

std::string_view to_string(RecordKind kind) { return name_in(kinds, static_cast<std::size_t>(kind)); }
std::string_view to_string(SendError error) { return name_in(errors, static_cast<std::size_t>(error)); }

std::string_view to_string(Status status) { return name_in(statuses, static_cast<std::size_t>(status)); }
std::string_view to_string(FaultKind kind) { return name_in(fault_names, static_cast<std::size_t>(kind)); }

std::string_view to_string(TransactionVerdict verdict) {
  return name_in(verdicts, static_cast<std::size_t>(verdict));
}
std::string_view to_string(Forgotten why) { return name_in(forgettings, static_cast<std::size_t>(why)); }
std::string_view to_string(RoleTaken role) { return name_in(roles, static_cast<std::size_t>(role)); }
std::string_view to_string(Election election) { return election == Election::clean ? "clean" : "unclean"; }
std::string_view to_string(SetChange change) { return change == SetChange::shrunk ? "shrunk" : "expanded"; }
std::string_view to_string(StandIn what) { return name_in(stand_ins, static_cast<std::size_t>(what)); }
std::string_view to_string(EndRefusal refusal) {
  return name_in(refusals, static_cast<std::size_t>(refusal));
}
std::string_view to_string(ConsumeResult result) {
  return name_in(results, static_cast<std::size_t>(result));
}
std::string_view to_string(QueueLocking locking) {
  return name_in(lockings, static_cast<std::size_t>(locking));
}

std::string_view to_string(LossKind kind) { return name_in(losses, static_cast<std::size_t>(kind)); }

}  // namespace brokersim::model
