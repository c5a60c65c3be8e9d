#include "model/record.hpp"

#include <array>

namespace brokersim::model {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(RecordKind::count)> kinds{
    "send_begun",       "attempt_sent",    "attempt_failed",    "acknowledged",
    "told_failed",      "unobserved",      "believed_sent",     "appended",
    "refused",          "answered",        "released",          "copy_lost",
    "response_dropped", "delivered",       "processed",         "flushed",
    "committed",        "process_died",    "process_served",    "process_paused",
    "process_resumed",  "host_lost_power", "host_powered",      "log_truncated",
    "topics_lost",      "topic_created",   "connection_opened", "connection_broken",
    "queue_skipped",    "fault_struck",    "fault_restored",    "healed",
};
static_assert(kinds.back() == "healed", "the names follow the order of RecordKind");

constexpr std::array<std::string_view, 8> errors{
    "none",         "timed_out",    "connection_broken", "refused",
    "broker_error", "budget_spent", "not_stored_ok",     "died",
};

constexpr std::array<std::string_view, 12> statuses{
    "SEND_OK",         "FLUSH_DISK_TIMEOUT", "FLUSH_SLAVE_TIMEOUT",   "SLAVE_NOT_AVAILABLE",
    "SYSTEM_ERROR",    "SYSTEM_BUSY",        "SERVICE_NOT_AVAILABLE", "TOPIC_NOT_EXIST",
    "MESSAGE_ILLEGAL", "PULL_FOUND",         "PULL_NOT_FOUND",        "PULL_OFFSET_MOVED",
};
static_assert(static_cast<std::size_t>(Status::PULL_OFFSET_MOVED) + 1 == statuses.size());

constexpr std::array<std::string_view, 18> faults{
    "kill",      "stop",         "restart",      "pause", "resume",        "power_loss",
    "power_on",  "slow_disk",    "disk_normal",  "delay", "delay_over",    "partition",
    "heal_link", "append_stall", "append_go_on", "reset", "response_lost", "create_topic",
};
static_assert(static_cast<std::size_t>(FaultKind::create_topic) + 1 == faults.size());

template <std::size_t n>
std::string_view name_in(const std::array<std::string_view, n>& names, std::size_t index) {
  return index < n ? names[index] : std::string_view{};
}

}  // namespace

std::string_view to_string(RecordKind kind) { return name_in(kinds, static_cast<std::size_t>(kind)); }
std::string_view to_string(SendError error) { return name_in(errors, static_cast<std::size_t>(error)); }

std::string_view to_string(Status status) { return name_in(statuses, static_cast<std::size_t>(status)); }
std::string_view to_string(FaultKind kind) { return name_in(faults, static_cast<std::size_t>(kind)); }

std::string_view to_string(LossKind kind) {
  return kind == LossKind::uncommitted_pool ? "uncommitted_pool" : "unflushed_tail";
}

}  // namespace brokersim::model
