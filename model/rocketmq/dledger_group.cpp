// A DLedger group as others see it: who is its master, and whether anything is still on its way within it.
#include "model/dispatch.hpp"
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// DLedgerLeaderElector.handleVote: the later term counts, then the longer log.
bool is_further(const Broker& a, const Broker& b) {
  const std::int32_t term_a = end_term(a), term_b = end_term(b);
  return term_a != term_b ? term_a > term_b : a.cache.log.size() > b.cache.log.size();
}

bool follows(const Broker& member, const Broker& master) {
  const auto end = static_cast<std::int64_t>(master.cache.log.size());
  return static_cast<std::int64_t>(member.cache.log.size()) == end && end_term(member) == end_term(master) &&
         member.memory.dledger.committed == end && member.memory.dispatched == end;
}

}  // namespace

std::int32_t group_master(const World& world, const Config& config, std::size_t set) {
  std::int32_t found = -1, term = -1;
  for (const std::uint16_t member : members_of(config, set)) {
    const DLedgerMember& state = world.brokers[member].memory.dledger;
    if (!state.serves || state.term <= term) continue;
    found = member;
    term = state.term;
  }
  return found;
}

std::size_t furthest_member(const World& world, const std::vector<std::uint16_t>& members) {
  std::size_t found = members.front();
  for (const std::uint16_t member : members) {
    if (is_further(world.brokers[member], world.brokers[found])) found = member;
  }
  return found;
}

/// A candidate that has raised its term while its log is behind: its votes are refused for its log before
/// anybody looks at their term, and the leader, which has its majority, does not heed that its heartbeats are
/// refused for theirs. It stays outside until another leader is elected.
bool stands_outside(const Broker& member, const Broker& master) {
  return member.memory.dledger.role == MemberRole::candidate &&
         member.memory.dledger.term > master.memory.dledger.term;
}

/// Without a majority nothing more will happen.
bool group_idle(const World& world, const Config& config, std::size_t set) {
  const std::vector<std::uint16_t> members = members_of(config, set);
  std::vector<std::uint16_t> alive;
  for (const std::uint16_t member : members) {
    if (!faults::stays_dead(world, config, broker_process(member))) alive.push_back(member);
  }
  if (alive.size() < members.size() / 2 + 1) return true;
  const std::int32_t master = group_master(world, config, set);
  if (master < 0) return false;
  const Broker& leader = world.brokers[static_cast<std::size_t>(master)];
  return std::all_of(alive.begin(), alive.end(), [&](std::uint16_t member) {
    const Broker& broker = world.brokers[member];
    return follows(broker, leader) || stands_outside(broker, leader);
  });
}

}  // namespace brokersim::model::rocketmq
