// Which broker serves a replica set as its master, as the records tell it. A broker serves from the moment at
// which it takes the role itself, not from the word of a controller or the votes of its group, which come up
// to seconds before.
//
//   controller mode         role_taken as master
//   DLedger                 member_serves
//   slave as acting master  stood_in: acting serves, until it yields or the master is online again
//
// One that was deposed and does not know yet may go on beside it: here the newest counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model {

/// The broker that an election makes the master from this record on; nothing: it is about no election.
constexpr std::optional<std::size_t> who_serves(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  const bool is_elected =
      kind == RecordKind::role_taken && static_cast<RoleTaken>(record.a) == RoleTaken::master;
  if (is_elected || kind == RecordKind::member_serves) return record.subject;
  return std::nullopt;
}

class WhoServes {
 public:
  WhoServes() = default;
  explicit WhoServes(const Config& config) { reset(config); }

  /// Before the first record each set is served by the broker that begins as its master.
  void reset(const Config& config) {
    sets_.clear();
    for (std::size_t b = 0; b < config.brokers.size(); ++b) sets_.push_back(Set{master_of(config, b), b});
    taken_.assign(sets_.size(), SimTime{-1});
  }

  /// Whether the set of a broker is served by another one from this record on.
  bool on(SimTime at, const sim::Record& record) {
    const std::optional<std::size_t> now = named_by(record);
    if (!now) return false;
    taken_[*now] = at;
    Set& set = sets_[set_of(*now)];
    if (set.serving == *now) return false;
    set.serving = *now;
    set.since = at;
    ++set.changes;
    return true;
  }

  // Of the set that this broker belongs to:
  std::size_t serving(std::size_t broker) const { return sets_[set_of(broker)].serving; }
  /// -1: the first still serves.
  SimTime since(std::size_t broker) const { return sets_[set_of(broker)].since; }
  /// How often another one than before has begun to serve.
  std::uint32_t changes(std::size_t broker) const { return sets_[set_of(broker)].changes; }

  /// When this broker has taken the role last, as a new master or once more; -1: it has not.
  SimTime taken(std::size_t broker) const { return taken_[broker]; }
  std::size_t set_of(std::size_t broker) const { return sets_[broker].number; }

 private:
  struct Set {
    std::size_t number;   ///< of the set: that of the broker that begins as its master
    std::size_t serving;  ///< these three count in the entry of that broker
    SimTime since{-1};
    std::uint32_t changes = 0;
  };

  /// Who serves now, if the record is about that.
  std::optional<std::size_t> named_by(const sim::Record& record) const {
    if (const auto elected = who_serves(record)) return elected;
    if (static_cast<RecordKind>(record.kind) != RecordKind::stood_in) return std::nullopt;
    const std::size_t broker = record.subject;
    const auto what = static_cast<StandIn>(record.a);
    if (what == StandIn::acting) return broker;
    const bool is_master = broker == set_of(broker);
    const bool gives_back = what == StandIn::yielded && serving(broker) == broker;
    const bool is_back = what == StandIn::online && is_master;
    return gives_back || is_back ? std::optional{set_of(broker)} : std::nullopt;
  }

  std::vector<Set> sets_;       ///< per broker
  std::vector<SimTime> taken_;  ///< per broker
};

}  // namespace brokersim::model
