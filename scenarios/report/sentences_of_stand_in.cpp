// What is told of brokers with enableSlaveActingMaster.
#include "model/record.hpp"
#include "scenarios/report/sentences.hpp"

namespace brokersim::scenarios {

using model::StandIn;

/// Of one that has been put the other set tells.
std::string Storyteller::of_escape(const sim::Record& record) const {
  if (static_cast<model::HalfEscape>(record.a >> 16) == model::HalfEscape::put) return "";
  return broker(record.a & 0xffff) + ", which acts for its master, cannot put half message " +
         std::to_string(record.b) + " into another set and goes past it.";
}

std::string Storyteller::of_stand_in(const sim::Record& record) const {
  const std::string who = broker(record.subject);
  switch (static_cast<StandIn>(record.a)) {
    case StandIn::isolated:
      return who + " is up, and not registered before it has found the others of its set.";
    case StandIn::online: return who + " is online.";
    case StandIn::acting:
      return who + " acts as master: no broker of its set with a lower brokerId is registered.";
    case StandIn::yielded: return who + " acts as master no longer.";
    case StandIn::offsets_taken: return who + " takes a slave's consumer offsets.";
    case StandIn::offsets_kept:
      return who + " keeps its own consumer offsets: their version is higher than the slave's.";
    case StandIn::delays_taken: return who + " takes a slave's offsets of the delay levels.";
    case StandIn::delays_kept: return who + " keeps its own offsets of the delay levels.";
  }
  return "";
}

}  // namespace brokersim::scenarios
