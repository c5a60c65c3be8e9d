// The life of a place in a level's queue of SCHEDULE_TOPIC_XXXX, as data, and the monitor that holds the
// broker to it. Fed with records only.
//
//   none -> waiting -> delivered -> delivered_again      (a crash: delayOffset.json was behind)
//             ^------------'------------'                (a crash cut the log: the place is used anew)
//
// Where the master is elected, the new one goes on with what the one before it had: its election is to it
// what a crash is, for its log may be shorter, and its delayOffset.json older. The old one, if it lives and
// does not know yet, has its own.
//
// What the table forbids: a delivery of what was never scheduled or before its level's delay is over, a
// second one without a crash or another broker at work (a graceful stop writes the file), a place used twice
// without one.
#pragma once

#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/broker_watch.hpp"
#include "model/rocketmq/profiles.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class Delayed : std::uint8_t { none, waiting, delivered, delivered_again };
enum class DelayOn : std::uint8_t { scheduled, delay_over };
enum class DelayGuard : std::uint8_t {
  any,
  in_time,   ///< the same life of the broker as before, or one after a graceful stop; a delivery: it is due
  crashed,   ///< the broker has crashed since, or was elected; a delivery: it is due
  early,     ///< a delivery before its time
  elsewhere  ///< a slave has acted for the broker since, or escapes the message now (5.3)
};

constexpr std::string_view name(Delayed state) {
  switch (state) {
    case Delayed::none: return "none";
    case Delayed::waiting: return "waiting";
    case Delayed::delivered: return "delivered";
    case Delayed::delivered_again: return "delivered_again";
  }
  return {};
}

constexpr std::string_view name(DelayOn on) {
  switch (on) {
    case DelayOn::scheduled: return "scheduled";
    case DelayOn::delay_over: return "delay_over";
  }
  return {};
}

constexpr std::string_view name(DelayGuard guard) {
  switch (guard) {
    case DelayGuard::any: return "any";
    case DelayGuard::in_time: return "in_time";
    case DelayGuard::crashed: return "crashed";
    case DelayGuard::early: return "early";
    case DelayGuard::elsewhere: return "elsewhere";
  }
  return {};
}

namespace delay_source {
inline constexpr std::string_view put = "HookUtils.transformDelayLevelMessage";
inline constexpr std::string_view poll = "ScheduleMessageService.executeOnTimeUp";
inline constexpr std::string_view file =
    "ScheduleMessageService.load: delayOffset.json is up to 10 s old; SlaveSynchronize: up to 12 s";
inline constexpr std::string_view acting =
    "ScheduleMessageService of an acting master, EscapeBridge.asyncPutMessage";
inline constexpr std::string_view cut = "CommitLog.recoverAbnormally: offsets are used again";
}  // namespace delay_source

inline constexpr std::array delay_table{
    sim::Row{Delayed::none, DelayOn::scheduled, DelayGuard::any, Delayed::waiting, sim::all_profiles,
             delay_source::put},
    sim::Row{Delayed::waiting, DelayOn::delay_over, DelayGuard::in_time, Delayed::delivered,
             sim::all_profiles, delay_source::poll},
    sim::Row{Delayed::waiting, DelayOn::delay_over, DelayGuard::crashed, Delayed::delivered,
             sim::all_profiles, delay_source::poll, "overdue ones at once"},
    sim::Row{Delayed::delivered, DelayOn::delay_over, DelayGuard::crashed, Delayed::delivered_again,
             sim::all_profiles, delay_source::file},
    sim::Row{Delayed::delivered_again, DelayOn::delay_over, DelayGuard::crashed, Delayed::delivered_again,
             sim::all_profiles, delay_source::file},
    sim::Row{Delayed::waiting, DelayOn::scheduled, DelayGuard::crashed, Delayed::waiting, sim::all_profiles,
             delay_source::cut, "the message that lay there is lost"},
    sim::Row{Delayed::delivered, DelayOn::scheduled, DelayGuard::crashed, Delayed::waiting, sim::all_profiles,
             delay_source::cut},
    sim::Row{Delayed::delivered_again, DelayOn::scheduled, DelayGuard::crashed, Delayed::waiting,
             sim::all_profiles, delay_source::cut},
    sim::Row{Delayed::waiting, DelayOn::delay_over, DelayGuard::elsewhere, Delayed::delivered, only_5_3,
             delay_source::acting, "put into another set, or by the master once it is back"},
    sim::Row{Delayed::delivered, DelayOn::delay_over, DelayGuard::elsewhere, Delayed::delivered_again,
             only_5_3, delay_source::acting, "a slave's delayOffset.json is up to 63 s old"},
    sim::Row{Delayed::delivered_again, DelayOn::delay_over, DelayGuard::elsewhere, Delayed::delivered_again,
             only_5_3, delay_source::acting},
};

class DelayMonitor final {
 public:
  explicit DelayMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<delay_table>& coverage() const { return coverage_; }
  void reset();

 private:
  /// broker | level << 16, and the offset in the level's queue.
  using Place = std::tuple<std::int64_t, std::int64_t>;
  struct Shadow {
    Delayed state = Delayed::none;
    std::uint32_t crashes = 0;  ///< of the broker when it got there
    SimTime since{};            ///< when it was scheduled, by the broker's wall clock
    std::uint32_t moves = 0;    ///< of the set's services when it got there
  };

  /// How often the services of a set have moved, and who has them.
  struct Moves {
    std::uint32_t count = 0;
    std::uint32_t master = 0;
  };

  void move(SimTime at, const sim::Record& record, DelayOn on);
  DelayGuard guard_of(SimTime wall, const Shadow& shadow, std::int64_t place, DelayOn on) const;
  Duration delay_of(std::int64_t place) const;
  void on_move(const sim::Record& record);
  void on_election(std::size_t broker, bool begins_anew);
  std::uint32_t moves_by(std::size_t broker) const;

  const Config& config_;
  BrokerWatch watch_;
  std::map<Place, Shadow> shadows_;
  std::vector<Moves> moves_;  ///< per set
  bool escapes_ = false;      ///< the delivery that follows is an escape
  sim::RowCoverage<delay_table> coverage_;
};

}  // namespace brokersim::model::rocketmq
