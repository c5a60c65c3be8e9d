// A slave's copy of its master's log, as data: when it grows, when it stops, and when nothing reads it any
// more. The monitor is fed with records only.
//
//   apart  <---------------->  copying            garbled  <--------------->  garbled_apart
//            lost, silent,          '--- what follows is no record ---^
//            died                          a restart of the slave truncates it: apart
//
// What the table forbids: a copy while there is no connection, or behind bytes that are no records.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/profiles.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class Replica : std::uint8_t { apart, copying, garbled, garbled_apart };
enum class ReplicaOn : std::uint8_t { connected, copied, garbled, parted, died };
/// Of `parted`: why; of all others `any`.
enum class ReplicaGuard : std::uint8_t { any, lost, silence };

constexpr std::string_view name(Replica state) {
  constexpr std::array<std::string_view, 4> names{"apart", "copying", "garbled", "garbled_apart"};
  return static_cast<std::size_t>(state) < names.size() ? names[static_cast<std::size_t>(state)]
                                                        : std::string_view{};
}
constexpr std::string_view name(ReplicaOn on) {
  constexpr std::array<std::string_view, 5> names{"connected", "copied", "garbled", "parted", "died"};
  return static_cast<std::size_t>(on) < names.size() ? names[static_cast<std::size_t>(on)]
                                                     : std::string_view{};
}
constexpr std::string_view name(ReplicaGuard guard) {
  constexpr std::array<std::string_view, 3> names{"any", "lost", "silence"};
  return static_cast<std::size_t>(guard) < names.size() ? names[static_cast<std::size_t>(guard)]
                                                        : std::string_view{};
}

namespace replica_source {
inline constexpr std::string_view connect = "DefaultHAClient.connectMaster (4.9: HAService.HAClient)";
inline constexpr std::string_view append = "DefaultHAClient.dispatchReadRequest, CommitLog.appendData";
inline constexpr std::string_view reput = "DefaultMessageStore.ReputMessageService.doReput";
inline constexpr std::string_view close = "DefaultHAClient.closeMaster";
inline constexpr std::string_view housekeeping = "DefaultHAClient.run: haHousekeepingInterval";
inline constexpr std::string_view recovery = "CommitLog.recoverAbnormally";
}  // namespace replica_source

inline constexpr std::array replica_table{
    sim::Row{Replica::apart, ReplicaOn::connected, ReplicaGuard::any, Replica::copying, both_profiles,
             replica_source::connect},
    sim::Row{Replica::copying, ReplicaOn::copied, ReplicaGuard::any, Replica::copying, both_profiles,
             replica_source::append},
    sim::Row{Replica::copying, ReplicaOn::parted, ReplicaGuard::lost, Replica::apart, both_profiles,
             replica_source::close, "the master is gone, or has closed it"},
    sim::Row{Replica::copying, ReplicaOn::parted, ReplicaGuard::silence, Replica::apart, only_5_3,
             replica_source::housekeeping},
    sim::Row{Replica::copying, ReplicaOn::garbled, ReplicaGuard::any, Replica::garbled, both_profiles,
             replica_source::reput, "the master's log has another record here"},
    sim::Row{Replica::copying, ReplicaOn::died, ReplicaGuard::any, Replica::apart, both_profiles,
             replica_source::recovery},
    sim::Row{Replica::apart, ReplicaOn::died, ReplicaGuard::any, Replica::apart, both_profiles,
             replica_source::recovery},
    sim::Row{Replica::garbled, ReplicaOn::parted, ReplicaGuard::lost, Replica::garbled_apart, both_profiles,
             replica_source::close},
    sim::Row{Replica::garbled, ReplicaOn::parted, ReplicaGuard::silence, Replica::garbled_apart, only_5_3,
             replica_source::housekeeping},
    sim::Row{Replica::garbled, ReplicaOn::died, ReplicaGuard::any, Replica::apart, both_profiles,
             replica_source::recovery, "truncated to its last whole record"},
    sim::Row{Replica::garbled_apart, ReplicaOn::connected, ReplicaGuard::any, Replica::garbled, both_profiles,
             replica_source::connect},
    sim::Row{Replica::garbled_apart, ReplicaOn::died, ReplicaGuard::any, Replica::apart, both_profiles,
             replica_source::recovery},
};

class ReplicaMonitor final {
 public:
  explicit ReplicaMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<replica_table>& coverage() const { return coverage_; }
  void reset();

 private:
  void move(std::uint32_t broker, ReplicaOn on, ReplicaGuard guard, Replica next);
  bool is_slave(std::uint32_t process) const;
  bool is_garbled(std::uint32_t broker) const { return states_[broker] >= Replica::garbled; }

  const Config& config_;
  std::vector<Replica> states_;  ///< per broker
  sim::RowCoverage<replica_table> coverage_;
};

}  // namespace brokersim::model::rocketmq
