// A DLedger group of three in small: hosts 0 to 2 are the members', then the producer's, the name server's.
// Broker 0 has been the leader for long, every one-way delay is 1 ms, one producer with one thread sends each
// 100 ms.
#pragma once

#include <cstdint>

#include "model/rocketmq/dledger_settings.hpp"
#include "tests/model/small_cluster.hpp"

namespace brokersim::model {

inline constexpr std::uint16_t members = 3;

inline BrokerConfig group_member(BrokerConfig member, Profile profile) {
  member.profile = profile;
  member.settings.enableDLegerCommitLog = true;
  member.settings.brokerName = "group";
  rocketmq::fix_by_dledger(member.settings);
  return member;
}

inline Config group_of_three(Profile profile = Profile::v5_3) {
  Config config = small_cluster();
  config.hosts.assign(members + 2, config.hosts[0]);
  config.brokers.assign(members, group_member(config.brokers[0], profile));
  for (std::uint16_t i = 0; i < members; ++i) {
    BrokerConfig& member = config.brokers[i];
    member.host = HostId(i);
    member.set = i == 0 ? own_set : std::uint16_t{0};
    member.settings.brokerId = i + 1;
  }
  config.producers[0].host = HostId(members);
  config.producers[0].profile = profile;
  config.name_servers.push_back({"names", HostId(members + 1), profile, {}, Distribution::constant(1_s)});
  take_no_own_time(config);
  return config;
}

}  // namespace brokersim::model
