// The life of a place in rmq_sys_wheel_timer, as data, and the monitor that holds the broker to it. Fed with
// records only.
//
//   none -> waiting -> delivered -> delivered_again      (a restart: the checkpoint was behind)
//              |-----> rolled                            (too far away: it is put behind the end once more)
//              |-----> given_up                          (the store has refused it three times)
//              '-----> passed                            (enqueued into a slot that had been read)
//
// What the table forbids: a delivery of what was never stored or before its time, and a second one in the
// same life of the broker. A graceful stop forces the checkpoint, and yet a slot that was being delivered is
// not behind it. Nor are the last messages of the queue if they were put at once, for timerlog, whose last
// record says where the queue is read on, has nothing of those: but they come into slots that had been read.
#pragma once

#include <array>
#include <limits>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/broker_watch.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class Timed : std::uint8_t { none, waiting, delivered, delivered_again, rolled, given_up, passed };
enum class TimerOn : std::uint8_t { stored, over, rolled, given_up, passed };
enum class TimerGuard : std::uint8_t {
  any,
  in_time,    ///< in the life of the broker in which it was stored
  restarted,  ///< later: the message may have been enqueued, or its slot delivered, twice
  crashed,    ///< stored: the broker has crashed since the place was used
  early       ///< before its time, as far as the clock has ever been in this life of the broker
};

constexpr std::string_view name(Timed state) {
  switch (state) {
    case Timed::none: return "none";
    case Timed::waiting: return "waiting";
    case Timed::delivered: return "delivered";
    case Timed::delivered_again: return "delivered_again";
    case Timed::rolled: return "rolled";
    case Timed::given_up: return "given_up";
    case Timed::passed: return "passed";
  }
  return {};
}

constexpr std::string_view name(TimerOn on) {
  switch (on) {
    case TimerOn::stored: return "timer_stored";
    case TimerOn::over: return "timer_over";
    case TimerOn::rolled: return "timer_rolled";
    case TimerOn::given_up: return "timer_given_up";
    case TimerOn::passed: return "timer_passed";
  }
  return {};
}

constexpr std::string_view name(TimerGuard guard) {
  switch (guard) {
    case TimerGuard::any: return "any";
    case TimerGuard::in_time: return "in_time";
    case TimerGuard::restarted: return "restarted";
    case TimerGuard::crashed: return "crashed";
    case TimerGuard::early: return "early";
  }
  return {};
}

namespace timer_source {
inline constexpr std::string_view put = "HookUtils.transformTimerMessage";
inline constexpr std::string_view dequeue = "TimerMessageStore.dequeue";
inline constexpr std::string_view again =
    "TimerMessageStore.recover: the checkpoint is up to 1 s old, timerlog has not all";
inline constexpr std::string_view roll = "TimerMessageStore.doEnqueue: needRoll";
inline constexpr std::string_view refused =
    "TimerDequeuePutMessageService: timerEnableRetryUntilSuccess=false";
inline constexpr std::string_view passed =
    "TimerMessageStore.recover: currReadTimeMs is lastReadTimeMs of the checkpoint";
inline constexpr std::string_view cut = "CommitLog.recoverAbnormally: offsets are used again";
}  // namespace timer_source

inline constexpr sim::Profiles only_with_timer = 1U << static_cast<unsigned>(Profile::v5_3);

inline constexpr std::array timer_table{
    sim::Row{Timed::none, TimerOn::stored, TimerGuard::any, Timed::waiting, only_with_timer,
             timer_source::put},
    sim::Row{Timed::waiting, TimerOn::over, TimerGuard::in_time, Timed::delivered, only_with_timer,
             timer_source::dequeue},
    sim::Row{Timed::waiting, TimerOn::over, TimerGuard::restarted, Timed::delivered, only_with_timer,
             timer_source::dequeue, "overdue ones at once"},
    sim::Row{Timed::delivered, TimerOn::over, TimerGuard::restarted, Timed::delivered_again, only_with_timer,
             timer_source::again},
    sim::Row{Timed::delivered_again, TimerOn::over, TimerGuard::restarted, Timed::delivered_again,
             only_with_timer, timer_source::again},
    sim::Row{Timed::waiting, TimerOn::rolled, TimerGuard::any, Timed::rolled, only_with_timer,
             timer_source::roll},
    sim::Row{Timed::rolled, TimerOn::rolled, TimerGuard::restarted, Timed::rolled, only_with_timer,
             timer_source::again, "rolled a second time"},
    sim::Row{Timed::delivered, TimerOn::rolled, TimerGuard::restarted, Timed::rolled, only_with_timer,
             timer_source::again, "it was enqueued twice: once to roll, and that put was held up"},
    sim::Row{Timed::delivered_again, TimerOn::rolled, TimerGuard::restarted, Timed::rolled, only_with_timer,
             timer_source::again, "likewise"},
    sim::Row{Timed::given_up, TimerOn::rolled, TimerGuard::restarted, Timed::rolled, only_with_timer,
             timer_source::again, "likewise"},
    sim::Row{Timed::rolled, TimerOn::over, TimerGuard::restarted, Timed::delivered, only_with_timer,
             timer_source::again, "enqueued once more when it was near enough"},
    sim::Row{Timed::waiting, TimerOn::given_up, TimerGuard::any, Timed::given_up, only_with_timer,
             timer_source::refused, "the message is lost"},
    sim::Row{Timed::given_up, TimerOn::over, TimerGuard::restarted, Timed::delivered, only_with_timer,
             timer_source::again, "its slot is read again"},
    sim::Row{Timed::given_up, TimerOn::given_up, TimerGuard::restarted, Timed::given_up, only_with_timer,
             timer_source::refused},
    sim::Row{Timed::delivered, TimerOn::given_up, TimerGuard::restarted, Timed::delivered, only_with_timer,
             timer_source::refused, "the second delivery"},
    sim::Row{Timed::delivered_again, TimerOn::given_up, TimerGuard::restarted, Timed::delivered_again,
             only_with_timer, timer_source::refused},
    sim::Row{Timed::rolled, TimerOn::given_up, TimerGuard::restarted, Timed::rolled, only_with_timer,
             timer_source::refused, "the second time"},
    sim::Row{Timed::waiting, TimerOn::passed, TimerGuard::any, Timed::passed, only_with_timer,
             timer_source::passed, "at a start, its clock set back or the message over: it is lost"},
    sim::Row{Timed::waiting, TimerOn::stored, TimerGuard::crashed, Timed::waiting, only_with_timer,
             timer_source::cut, "the message that lay there is lost"},
    sim::Row{Timed::delivered, TimerOn::stored, TimerGuard::crashed, Timed::waiting, only_with_timer,
             timer_source::cut},
    sim::Row{Timed::delivered_again, TimerOn::stored, TimerGuard::crashed, Timed::waiting, only_with_timer,
             timer_source::cut},
    sim::Row{Timed::rolled, TimerOn::stored, TimerGuard::crashed, Timed::waiting, only_with_timer,
             timer_source::cut},
    sim::Row{Timed::given_up, TimerOn::stored, TimerGuard::crashed, Timed::waiting, only_with_timer,
             timer_source::cut},
    sim::Row{Timed::passed, TimerOn::stored, TimerGuard::crashed, Timed::waiting, only_with_timer,
             timer_source::cut},
};

class TimerMonitor final {
 public:
  explicit TimerMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<timer_table>& coverage() const { return coverage_; }
  void reset();

 private:
  using Place = std::pair<std::int64_t, std::int64_t>;  ///< broker, offset
  struct Shadow {
    Timed state = Timed::none;
    std::uint32_t deaths = 0, crashes = 0;  ///< of the broker when it was stored
    SimTime due{};                          ///< not before, by the broker's wall clock
  };

  /// Where a wall clock was when it was set. Set back, slots that were over stay so.
  struct Furthest {
    std::uint32_t deaths = 0;
    SimTime wall{std::numeric_limits<std::int64_t>::min()};
  };

  void see_clocks(SimTime at);
  SimTime furthest_wall(std::size_t broker, SimTime at) const;
  void pass(SimTime at, const sim::Record& record);
  void move(SimTime at, const sim::Record& record, TimerOn on);
  TimerGuard guard_of(std::size_t broker, SimTime wall, const Shadow& shadow, TimerOn on) const;

  BrokerWatch watch_;
  std::map<Place, Shadow> shadows_;
  std::vector<Furthest> furthest_;  ///< per broker
  sim::Monitor<timer_table> monitor_{static_cast<unsigned>(Profile::v5_3)};
  sim::RowCoverage<timer_table> coverage_;
};

}  // namespace brokersim::model::rocketmq
