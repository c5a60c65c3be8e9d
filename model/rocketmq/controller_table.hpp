// Controller mode as data, in two tables. The monitors are fed with records only.
//
//   a broker   fenced ----> slave <----> master          any of them dies: fenced when it is back
//   a set      shared <---> alone ----> leaderless ----> alone
//
// What the tables forbid: a broker that takes messages before the controller has told it what it is; a new
// master whose SyncStateSet is not itself alone; a set without a master that grows or shrinks.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/profiles.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

// --------------------------------------------------------------------------------- roles

enum class RoleNow : std::uint8_t { fenced, slave, master };
enum class RoleOn : std::uint8_t { started, made_slave, made_master, died };
enum class RoleGuard : std::uint8_t { any };

constexpr std::string_view name(RoleNow state) {
  constexpr std::array<std::string_view, 3> names{"fenced", "slave", "master"};
  return static_cast<std::size_t>(state) < names.size() ? names[static_cast<std::size_t>(state)]
                                                        : std::string_view{};
}
constexpr std::string_view name(RoleOn on) {
  constexpr std::array<std::string_view, 4> names{"started", "made_slave", "made_master", "died"};
  return static_cast<std::size_t>(on) < names.size() ? names[static_cast<std::size_t>(on)]
                                                     : std::string_view{};
}
constexpr std::string_view name(RoleGuard guard) {
  return guard == RoleGuard::any ? "any" : std::string_view{};
}

namespace role_source {
inline constexpr std::string_view start = "BrokerController.initialize: ReplicasManager.setFenced(true)";
inline constexpr std::string_view slave = "ReplicasManager.changeToSlave";
inline constexpr std::string_view master = "ReplicasManager.changeToMaster";
inline constexpr std::string_view death = "the role is process memory";
}  // namespace role_source

inline constexpr std::array role_table{
    sim::Row{RoleNow::fenced, RoleOn::started, RoleGuard::any, RoleNow::fenced, only_5_3, role_source::start},
    sim::Row{RoleNow::fenced, RoleOn::made_slave, RoleGuard::any, RoleNow::slave, only_5_3,
             role_source::slave},
    sim::Row{RoleNow::fenced, RoleOn::made_master, RoleGuard::any, RoleNow::master, only_5_3,
             role_source::master},
    sim::Row{RoleNow::fenced, RoleOn::died, RoleGuard::any, RoleNow::fenced, only_5_3, role_source::death},
    sim::Row{RoleNow::slave, RoleOn::made_master, RoleGuard::any, RoleNow::master, only_5_3,
             role_source::master},
    sim::Row{RoleNow::slave, RoleOn::made_slave, RoleGuard::any, RoleNow::slave, only_5_3, role_source::slave,
             "of another master, or in another epoch of its own"},
    sim::Row{RoleNow::slave, RoleOn::died, RoleGuard::any, RoleNow::fenced, only_5_3, role_source::death},
    sim::Row{RoleNow::master, RoleOn::made_slave, RoleGuard::any, RoleNow::slave, only_5_3,
             role_source::slave,
             "another one was elected while it could not be heard: it learns so only now"},
    sim::Row{RoleNow::master, RoleOn::made_master, RoleGuard::any, RoleNow::master, only_5_3,
             role_source::master, "in a new epoch (changeToMasterWhenLastRoleIsMaster)"},
    sim::Row{RoleNow::master, RoleOn::died, RoleGuard::any, RoleNow::fenced, only_5_3, role_source::death},
};

// --------------------------------------------------------------------------------- sets

enum class SetNow : std::uint8_t { shared, alone, leaderless };
enum class SetOn : std::uint8_t { elected, nobody, expanded, shrunk };
/// Of `elected`: from where; of `shrunk`: who is left; of all others `any`.
enum class SetGuard : std::uint8_t { any, clean, unclean, the_master, several };

constexpr std::string_view name(SetNow state) {
  constexpr std::array<std::string_view, 3> names{"shared", "alone", "leaderless"};
  return static_cast<std::size_t>(state) < names.size() ? names[static_cast<std::size_t>(state)]
                                                        : std::string_view{};
}
constexpr std::string_view name(SetOn on) {
  constexpr std::array<std::string_view, 4> names{"elected", "nobody", "expanded", "shrunk"};
  return static_cast<std::size_t>(on) < names.size() ? names[static_cast<std::size_t>(on)]
                                                     : std::string_view{};
}
constexpr std::string_view name(SetGuard guard) {
  constexpr std::array<std::string_view, 5> names{"any", "clean", "unclean", "the_master", "several"};
  return static_cast<std::size_t>(guard) < names.size() ? names[static_cast<std::size_t>(guard)]
                                                        : std::string_view{};
}

namespace set_source {
inline constexpr std::string_view elect = "ReplicasInfoManager.electMaster, DefaultElectPolicy.elect";
inline constexpr std::string_view unclean = "DefaultElectPolicy.elect: enableElectUncleanMaster";
inline constexpr std::string_view nobody = "ReplicasInfoManager.handleElectMaster: no master was elected";
inline constexpr std::string_view alter = "ReplicasInfoManager.alterSyncStateSet";
}  // namespace set_source

inline constexpr std::array set_table{
    sim::Row{SetNow::shared, SetOn::elected, SetGuard::clean, SetNow::alone, only_5_3, set_source::elect},
    sim::Row{SetNow::shared, SetOn::elected, SetGuard::unclean, SetNow::alone, only_5_3, set_source::unclean,
             "all its members are gone, and another replica lives"},
    sim::Row{SetNow::shared, SetOn::nobody, SetGuard::any, SetNow::leaderless, only_5_3, set_source::nobody},
    sim::Row{SetNow::shared, SetOn::expanded, SetGuard::any, SetNow::shared, only_5_3, set_source::alter},
    sim::Row{SetNow::shared, SetOn::shrunk, SetGuard::several, SetNow::shared, only_5_3, set_source::alter},
    sim::Row{SetNow::shared, SetOn::shrunk, SetGuard::the_master, SetNow::alone, only_5_3, set_source::alter},
    sim::Row{SetNow::alone, SetOn::expanded, SetGuard::any, SetNow::shared, only_5_3, set_source::alter},
    sim::Row{SetNow::alone, SetOn::elected, SetGuard::unclean, SetNow::alone, only_5_3, set_source::unclean,
             "what its slaves did not have is lost"},
    sim::Row{SetNow::alone, SetOn::nobody, SetGuard::any, SetNow::leaderless, only_5_3, set_source::nobody,
             "its slaves live, but none of them is in sync"},
    sim::Row{SetNow::leaderless, SetOn::elected, SetGuard::clean, SetNow::alone, only_5_3, set_source::elect,
             "a member of the set is back"},
    sim::Row{SetNow::leaderless, SetOn::elected, SetGuard::unclean, SetNow::alone, only_5_3,
             set_source::unclean, "a replica that is no member is back first"},
};

class ControllerMonitor final {
 public:
  explicit ControllerMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<role_table>& roles() const { return role_coverage_; }
  const sim::RowCoverage<set_table>& sets() const { return set_coverage_; }
  void reset();

 private:
  void move_role(std::size_t broker, RoleOn on, RoleNow next);
  void move_set(std::size_t set, SetOn on, SetGuard guard, SetNow next);
  void on_role(const sim::Record& record);
  void on_set(const sim::Record& record);

  const Config& config_;
  std::vector<RoleNow> roles_;  ///< per broker
  std::vector<SetNow> sets_;    ///< per broker, of the set with that number
  sim::RowCoverage<role_table> role_coverage_;
  sim::RowCoverage<set_table> set_coverage_;
};

}  // namespace brokersim::model::rocketmq
