// DLedger groups: which brokers are members of one, and what of a scenario a group does not go with.
#pragma once

#include <string>
#include <vector>

#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {

/// A broker and where it stands in the file.
struct PlacedBroker {
  std::string pointer;
  model::BrokerConfig broker;
};

/// Of a broker with enableDLegerCommitLog: its brokerId, and the settings that DLedger does not heed.
void read_member(Fields& fields, model::BrokerConfig& broker, Problems& problems);
/// The first member of each group in the file has the number of the set; the others are marked as later ones.
void mark_groups(std::vector<PlacedBroker>& brokers);
/// Masters and first members stand first.
void join_groups(std::vector<PlacedBroker>& brokers, Problems& problems);
/// Once everything is read: what the model has no group with.
void check_groups(Fields& file, Draft& draft);

}  // namespace brokersim::scenarios::read
