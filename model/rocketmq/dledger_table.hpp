// A member of a DLedger group, as data: which role follows which, and what becomes of an entry in its log.
// Both monitors are fed with records only.
//
//   candidate <---------------> follower        absent ---appended---> stored ---committed---> committed
//      |  ^                                        ^                      |                        |
//      v  |                                        '--- truncated, lost --+------------------------'
//   leader ---serves---> master
//
// What the tables forbid: a follower of nobody, a master that was not elected, a member that serves while it
// follows; an entry committed that is not there, or twice; a log with holes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/profiles.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class Member : std::uint8_t { outside, dead, candidate, follower, leader, master };
enum class MemberOn : std::uint8_t { joined, started, stood, followed, elected, served, died };
enum class MemberGuard : std::uint8_t { any };

enum class Entry : std::uint8_t { absent, stored, committed };
enum class EntryOn : std::uint8_t { appended, committed, truncated, lost };
/// Of `appended`: who did; of all others `any`.
enum class EntryGuard : std::uint8_t { any, leader, pushed };

constexpr std::string_view name(Member state) {
  constexpr std::array<std::string_view, 6> names{"outside",  "dead",   "candidate",
                                                  "follower", "leader", "master"};
  return static_cast<std::size_t>(state) < names.size() ? names[static_cast<std::size_t>(state)]
                                                        : std::string_view{};
}
constexpr std::string_view name(MemberOn on) {
  constexpr std::array<std::string_view, 7> names{"joined",  "started", "stood", "followed",
                                                  "elected", "served",  "died"};
  return static_cast<std::size_t>(on) < names.size() ? names[static_cast<std::size_t>(on)]
                                                     : std::string_view{};
}
constexpr std::string_view name(MemberGuard guard) {
  return guard == MemberGuard::any ? std::string_view("any") : std::string_view{};
}
constexpr std::string_view name(Entry state) {
  constexpr std::array<std::string_view, 3> names{"absent", "stored", "committed"};
  return static_cast<std::size_t>(state) < names.size() ? names[static_cast<std::size_t>(state)]
                                                        : std::string_view{};
}
constexpr std::string_view name(EntryOn on) {
  constexpr std::array<std::string_view, 4> names{"appended", "committed", "truncated", "lost"};
  return static_cast<std::size_t>(on) < names.size() ? names[static_cast<std::size_t>(on)]
                                                     : std::string_view{};
}
constexpr std::string_view name(EntryGuard guard) {
  constexpr std::array<std::string_view, 3> names{"any", "leader", "pushed"};
  return static_cast<std::size_t>(guard) < names.size() ? names[static_cast<std::size_t>(guard)]
                                                        : std::string_view{};
}

namespace dledger_source {
inline constexpr std::string_view start = "MemberState: a member starts as CANDIDATE";
inline constexpr std::string_view candidate = "DLedgerLeaderElector.changeRoleToCandidate";
inline constexpr std::string_view follower = "DLedgerLeaderElector.changeRoleToFollower";
inline constexpr std::string_view leader = "DLedgerLeaderElector.changeRoleToLeader";
inline constexpr std::string_view master = "DLedgerRoleChangeHandler.changeToMaster";
inline constexpr std::string_view before = "the scenario begins";
inline constexpr std::string_view death = "the process dies";
inline constexpr std::string_view as_leader = "DLedgerMmapFileStore.appendAsLeader";
inline constexpr std::string_view as_follower = "DLedgerMmapFileStore.appendAsFollower";
inline constexpr std::string_view commit = "DLedgerMmapFileStore.updateCommittedIndex";
inline constexpr std::string_view truncate = "DLedgerMmapFileStore.truncate";
inline constexpr std::string_view recovery = "DLedgerMmapFileStore.recover";
}  // namespace dledger_source

inline constexpr std::array member_table{
    sim::Row{Member::outside, MemberOn::joined, MemberGuard::any, Member::follower, both_profiles,
             dledger_source::before},
    sim::Row{Member::outside, MemberOn::elected, MemberGuard::any, Member::leader, both_profiles,
             dledger_source::before},
    sim::Row{Member::dead, MemberOn::started, MemberGuard::any, Member::candidate, both_profiles,
             dledger_source::start},
    sim::Row{Member::candidate, MemberOn::stood, MemberGuard::any, Member::candidate, both_profiles,
             dledger_source::candidate, "somebody has told it a higher term"},
    sim::Row{Member::candidate, MemberOn::followed, MemberGuard::any, Member::follower, both_profiles,
             dledger_source::follower, "a heartbeat in its own term"},
    sim::Row{Member::candidate, MemberOn::elected, MemberGuard::any, Member::leader, both_profiles,
             dledger_source::leader, "a majority has voted for it"},
    sim::Row{Member::follower, MemberOn::stood, MemberGuard::any, Member::candidate, both_profiles,
             dledger_source::candidate, "no heartbeat for more than 6 s, or a higher term"},
    sim::Row{Member::leader, MemberOn::served, MemberGuard::any, Member::master, both_profiles,
             dledger_source::master, "all of its entries are committed and dispatched"},
    sim::Row{Member::leader, MemberOn::stood, MemberGuard::any, Member::candidate, both_profiles,
             dledger_source::candidate},
    sim::Row{Member::master, MemberOn::stood, MemberGuard::any, Member::candidate, both_profiles,
             dledger_source::candidate, "no majority for more than 6 s, or a higher term"},
    sim::Row{Member::candidate, MemberOn::died, MemberGuard::any, Member::dead, both_profiles,
             dledger_source::death},
    sim::Row{Member::follower, MemberOn::died, MemberGuard::any, Member::dead, both_profiles,
             dledger_source::death},
    sim::Row{Member::leader, MemberOn::died, MemberGuard::any, Member::dead, both_profiles,
             dledger_source::death},
    sim::Row{Member::master, MemberOn::died, MemberGuard::any, Member::dead, both_profiles,
             dledger_source::death},
    sim::Row{Member::dead, MemberOn::died, MemberGuard::any, Member::dead, both_profiles,
             dledger_source::death, "while it starts"},
};

inline constexpr std::array entry_table{
    sim::Row{Entry::absent, EntryOn::appended, EntryGuard::leader, Entry::stored, both_profiles,
             dledger_source::as_leader, "into the page cache; a put waits for a majority"},
    sim::Row{Entry::absent, EntryOn::appended, EntryGuard::pushed, Entry::stored, both_profiles,
             dledger_source::as_follower, "into the page cache, which its acknowledgement says"},
    sim::Row{Entry::stored, EntryOn::committed, EntryGuard::any, Entry::committed, both_profiles,
             dledger_source::commit, "visible, and the put is answered"},
    sim::Row{Entry::stored, EntryOn::truncated, EntryGuard::any, Entry::absent, both_profiles,
             dledger_source::truncate, "its leader has another entry here, or none"},
    sim::Row{Entry::committed, EntryOn::truncated, EntryGuard::any, Entry::absent, both_profiles,
             dledger_source::truncate, "after others have lost it with their unflushed tails"},
    sim::Row{Entry::stored, EntryOn::lost, EntryGuard::any, Entry::absent, both_profiles,
             dledger_source::recovery, "not flushed when the power failed"},
    sim::Row{Entry::committed, EntryOn::lost, EntryGuard::any, Entry::absent, both_profiles,
             dledger_source::recovery, "not flushed when the power failed"},
};

class DLedgerMonitor final {
 public:
  explicit DLedgerMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<member_table>& members() const { return member_coverage_; }
  const sim::RowCoverage<entry_table>& entries() const { return entry_coverage_; }
  void reset();

 private:
  /// A member's log: how many entries there are, and how many of them are committed.
  struct Log {
    std::int64_t end = 0, committed = 0;
  };
  bool is_member(std::uint32_t broker) const;
  void on_role(std::uint32_t broker, std::int64_t role);
  void move(std::uint32_t broker, MemberOn on, Member next);
  void take(std::uint32_t broker, Entry from, EntryOn on, EntryGuard guard, Entry next);
  void on_appended(const sim::Record& record);
  void on_committed(const sim::Record& record);
  void on_cut(const sim::Record& record, EntryOn on);

  const Config& config_;
  std::vector<Member> members_;  ///< per broker
  std::vector<Log> logs_;        ///< per broker
  sim::RowCoverage<member_table> member_coverage_;
  sim::RowCoverage<entry_table> entry_coverage_;
};

}  // namespace brokersim::model::rocketmq
