// The life of a broker with enableSlaveActingMaster, as data, and the monitor that holds runs to it. Fed with
// records only.
//
//   down -> isolated -> online <-> acting
//     `------------------^
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/profiles.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class Stand : std::uint8_t { down, isolated, online, acting };
enum class StandOn : std::uint8_t { started, compared, went_online, took_over, yielded, died };
/// Of `started`: how; of `compared`: what came of it; of all others `any`.
enum class StandGuard : std::uint8_t {
  any,
  late,
  at_once,
  offsets_taken,
  offsets_kept,
  delays_taken,
  delays_kept
};

constexpr std::string_view name(Stand state) {
  constexpr std::array<std::string_view, 4> names{"down", "isolated", "online", "acting"};
  return static_cast<std::size_t>(state) < names.size() ? names[static_cast<std::size_t>(state)]
                                                        : std::string_view{};
}
constexpr std::string_view name(StandOn on) {
  constexpr std::array<std::string_view, 6> names{"started",   "compared", "went_online",
                                                  "took_over", "yielded",  "died"};
  return static_cast<std::size_t>(on) < names.size() ? names[static_cast<std::size_t>(on)]
                                                     : std::string_view{};
}
constexpr std::string_view name(StandGuard guard) {
  constexpr std::array<std::string_view, 7> names{
      "any", "late", "at_once", "offsets_taken", "offsets_kept", "delays_taken", "delays_kept"};
  return static_cast<std::size_t>(guard) < names.size() ? names[static_cast<std::size_t>(guard)]
                                                        : std::string_view{};
}

namespace stand_source {
inline constexpr std::string_view late = "BrokerController.start: isIsolated, totalReplicas above 1";
inline constexpr std::string_view start = "BrokerController.start";
inline constexpr std::string_view compare = "BrokerPreOnlineService.syncMetadataReverse: DataVersion.compare";
inline constexpr std::string_view online = "BrokerController.startService";
inline constexpr std::string_view change = "BrokerController.onMinBrokerChange, changeSpecialServiceStatus";
inline constexpr std::string_view death = "what it is is process memory";
}  // namespace stand_source

inline constexpr std::array stand_table{
    sim::Row{Stand::down, StandOn::started, StandGuard::late, Stand::isolated, only_5_3, stand_source::late},
    sim::Row{Stand::down, StandOn::started, StandGuard::at_once, Stand::online, only_5_3, stand_source::start,
             "offsets that were committed elsewhere do not come back"},
    sim::Row{Stand::isolated, StandOn::compared, StandGuard::offsets_taken, Stand::isolated, only_5_3,
             stand_source::compare},
    sim::Row{Stand::isolated, StandOn::compared, StandGuard::offsets_kept, Stand::isolated, only_5_3,
             stand_source::compare, "the slave's are newer, their version is not"},
    sim::Row{Stand::isolated, StandOn::compared, StandGuard::delays_taken, Stand::isolated, only_5_3,
             stand_source::compare,
             "with the slave's copy from its last SlaveSynchronize, if it delivered nothing"},
    sim::Row{Stand::isolated, StandOn::compared, StandGuard::delays_kept, Stand::isolated, only_5_3,
             stand_source::compare},
    sim::Row{Stand::isolated, StandOn::went_online, StandGuard::any, Stand::online, only_5_3,
             stand_source::online},
    sim::Row{Stand::isolated, StandOn::died, StandGuard::any, Stand::down, only_5_3, stand_source::death},
    sim::Row{Stand::online, StandOn::took_over, StandGuard::any, Stand::acting, only_5_3,
             stand_source::change},
    sim::Row{Stand::online, StandOn::died, StandGuard::any, Stand::down, only_5_3, stand_source::death},
    sim::Row{Stand::acting, StandOn::yielded, StandGuard::any, Stand::online, only_5_3, stand_source::change},
    sim::Row{Stand::acting, StandOn::died, StandGuard::any, Stand::down, only_5_3, stand_source::death},
};

class StandInMonitor final {
 public:
  explicit StandInMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<stand_table>& coverage() const { return coverage_; }
  void reset();

 private:
  void move(std::size_t broker, StandOn on, StandGuard guard, Stand next);
  void on_told(std::size_t broker, StandIn what);

  const Config& config_;
  std::vector<Stand> states_;  ///< per broker
  sim::RowCoverage<stand_table> coverage_;
};

}  // namespace brokersim::model::rocketmq
