// What is told of faults, and of the processes and brokers that they strike.
#include "model/record.hpp"
#include "scenarios/read/fault_words.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/sentences.hpp"

namespace brokersim::scenarios {

namespace {

using model::RecordKind;

std::string end_of_life(std::int64_t kind) {
  const auto fault = static_cast<model::FaultKind>(kind);
  if (fault == model::FaultKind::stop) return " is shut down.";
  return fault == model::FaultKind::power_loss ? " goes down with its host." : " is killed.";
}

}  // namespace

/// `; the last flush of broker-a ended 412 ms before`
std::string Storyteller::last_flushes(sim::SimTime at, std::size_t host_number) const {
  std::string text;
  for (std::size_t b = 0; b < config_.brokers.size(); ++b) {
    if (config_.brokers[b].host.value != host_number || flushed_[b].ns < 0) continue;
    text += "; the last flush of " + config_.brokers[b].name + " ended " + short_time((at - flushed_[b]).ns) +
            " before";
  }
  return text;
}

std::string Storyteller::of_process(sim::SimTime at, const sim::Record& record) const {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::process_died) return process(record.subject) + end_of_life(record.a);
  if (kind == RecordKind::process_served) return process(record.subject) + " serves again.";
  if (kind == RecordKind::process_paused) return process(record.subject) + " is paused.";
  if (kind == RecordKind::process_resumed) return process(record.subject) + " goes on.";
  if (kind == RecordKind::host_powered) return host(record.subject) + " is up again.";
  if (kind == RecordKind::clock_set)
    return "The wall clock of " + host(record.subject) + " is set " + (record.a < 0 ? "back" : "forward") +
           " by " + sim::to_string(model::Duration{record.a < 0 ? -record.a : record.a}) + ".";
  if (kind == RecordKind::host_lost_power)
    return host(record.subject) + " loses its power" + last_flushes(at, record.subject) + ".";
  return "";
}

std::string Storyteller::of_fault(const sim::Record& record) const {
  const auto kind = static_cast<RecordKind>(record.kind);
  const std::string fault = "fault " + std::to_string(record.subject) + " of the scenario";
  if (kind == RecordKind::fault_struck)
    return "Here " + fault +
           " strikes: " + std::string(read::word_of(static_cast<model::FaultKind>(record.a)).text) +
           struck(record) + ".";
  if (kind == RecordKind::fault_restored) return "Here " + fault + " is undone.";
  if (kind == RecordKind::healed && record.a != 0) return "The operator repairs and restarts everything.";
  return "";
}

/// Of a campaign, which draws: whom it strikes.
std::string Storyteller::struck(const sim::Record& record) const {
  if (record.b == 0) return "";
  const auto& actions = config_.faults.at(record.subject).campaign.actions;
  const model::FaultAction& action = actions.at(static_cast<std::size_t>(record.b - 1));
  const read::Target target = read::word_of(action.kind).target;
  const bool of_process = target == read::Target::process || target == read::Target::broker;
  return " " + (of_process ? process(action.process.value) : host(action.host.value));
}

std::string Storyteller::of_broker(const sim::Record& record) const {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::files_deleted)
    return broker(record.subject) + " deletes files of its log, with " + std::to_string(record.a) +
           " messages.";
  if (kind == RecordKind::disk_full)
    return broker(record.subject) +
           (record.a != 0 ? " takes its disk for full and refuses what is sent." : " takes messages again.");
  if (kind == RecordKind::log_truncated)
    return broker(record.subject) + " has lost the last " + std::to_string(record.b) + " records of its log.";
  if (kind == RecordKind::topics_lost)
    return broker(record.subject) + " has an old or empty topics.json: it knows " + std::to_string(record.a) +
           " topics.";
  if (kind == RecordKind::topic_created && record.a == config_.producers[producer_].topic.value)
    return "The topic is created at " + broker(record.subject) + ".";
  if (kind == RecordKind::broker_registered)
    return process(record.subject) + " knows " + broker(record.a) + " now.";
  if (kind == RecordKind::broker_forgotten) {
    const bool idle = record.b == static_cast<std::int64_t>(model::Forgotten::idle);
    const bool replaced = record.b == static_cast<std::int64_t>(model::Forgotten::replaced);
    const bool beats = config_.brokers.at(static_cast<std::size_t>(record.a)).has_stand_in();
    return process(record.subject) + " forgets " + broker(record.a) +
           (idle && beats ? ", of which it has heard nothing for brokerNotActiveTimeoutMillis."
            : idle        ? ", of which it has heard nothing for 120 s."
            : replaced    ? ": another one has registered as the master, in a newer epoch."
                          : ", whose connection is closed.");
  }
  if (kind == RecordKind::role_taken || kind == RecordKind::master_elected || kind == RecordKind::no_master ||
      kind == RecordKind::sync_set_changed)
    return of_controller(record);
  if (kind == RecordKind::member_serves)
    return broker(record.subject) + " is the master of its group now, in term " + std::to_string(record.a) +
           ".";
  if (kind == RecordKind::entry_truncated)
    return broker(record.subject) + " cuts off the last " + std::to_string(record.b) +
           " entries of its log: its new leader does not have them.";
  if (kind == RecordKind::stood_in) return of_stand_in(record);
  if (kind != RecordKind::offsets_back) return "";
  const bool of_checks = record.a == static_cast<std::int64_t>(config_.groups.size());
  if (of_checks ? !is_transactional() : !concerns_group(record.a)) return "";
  return broker(record.subject) + " has forgotten offsets: " + group_name(record.a) + " is set back by " +
         std::to_string(record.b) + ".";
}

}  // namespace brokersim::scenarios
