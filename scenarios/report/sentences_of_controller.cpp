// What is told of brokers in controller mode, and of their controller.
#include "model/record.hpp"
#include "scenarios/report/sentences.hpp"

namespace brokersim::scenarios {

using model::RecordKind;

namespace {

std::string of_role(model::RoleTaken role, std::int64_t epoch) {
  if (role == model::RoleTaken::fenced)
    return " is up, and takes nothing before the controller has told it what it is.";
  return std::string(" is a ") + (role == model::RoleTaken::master ? "master" : "slave") + " now, in epoch " +
         std::to_string(epoch) + ".";
}

}  // namespace

std::string Storyteller::of_controller(const sim::Record& record) const {
  const RecordKind kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::role_taken)
    return broker(record.subject) + of_role(static_cast<model::RoleTaken>(record.a), record.b);
  const std::string who = process(record.subject);
  if (kind == RecordKind::no_master) return who + " finds nobody whom it may make master.";
  if (kind == RecordKind::sync_set_changed)
    return who + " confirms a SyncStateSet of " + std::to_string(record.b) + ".";
  const bool clean = static_cast<model::Election>(record.b >> 32) == model::Election::clean;
  return who + " makes " + broker(record.a) + " the master" +
         (clean ? "." : ", though it was not in sync (enableElectUncleanMaster).");
}

}  // namespace brokersim::scenarios
