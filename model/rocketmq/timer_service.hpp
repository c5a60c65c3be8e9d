// TimerMessageStore (5.3): messages with a time of their own lie in rmq_sys_wheel_timer. They are enqueued
// from there into a wheel of slots, one per timerPrecisionMs, and each slot is delivered when its time is
// over.
//
//   rmq_sys_wheel_timer   0 1 2 3 | 4       `next`: enqueued so far (currQueueOffset)
//   wheel                 12 s: 0 2 | 13 s: 1 3      `read`: the slot that is delivered next (currReadTimeMs)
//
// A crash loses neither: timerlog has what was enqueued, and the wheel is made of it. But the checkpoint,
// which is forced each timerFlushIntervalMs, says where both go on: what was enqueued since is enqueued a
// second time, what was delivered since is delivered a second time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/rocketmq/service_timer.hpp"

namespace brokersim::model::rocketmq {

/// One record of timerlog.
struct TimerEntry {
  IntentId intent = no_intent;
  std::int64_t record = 0;  ///< number in the commit log: stands for offsetPy
  std::int64_t offset = 0;  ///< in rmq_sys_wheel_timer
  std::int64_t number = 0;  ///< in timerlog
  WallTime out;             ///< TIMER_OUT_MS: where it rolls to
  bool rolls = false;       ///< MAGIC_ROLL: put into rmq_sys_wheel_timer again
};

constexpr auto fields(const TimerEntry& entry) {
  const auto& [intent, record, offset, number, out, rolls] = entry;
  return std::tuple(intent, record, offset, number, SimTime{out.value}, rolls);
}

struct TimerSlot {
  WallTime at;
  std::vector<TimerEntry> entries;  ///< in the order of timerlog, in which they are delivered
  std::size_t done = 0;             ///< so many of them were, in this life of the broker
  bool is_open() const { return done < entries.size(); }
};

constexpr auto fields(const TimerSlot& slot) {
  const auto& [at, entries, done] = slot;
  return std::tuple_cat(std::tuple(SimTime{at.value}, static_cast<std::uint64_t>(done)), std::tie(entries));
}

/// No slot yet; how long ago that is does not matter.
inline constexpr WallTime no_slot{std::numeric_limits<std::int64_t>::min()};
constexpr SimTime slot_time(WallTime slot) { return slot == no_slot ? SimTime::max() : SimTime{slot.value}; }

/// TimerCheckpoint and what timerlog had when it was forced.
struct TimerCheckpoint {
  WallTime read = no_slot;     ///< lastReadTimeMs
  std::int64_t next = 0;       ///< masterTimerQueueOffset
  std::int64_t log_end = 0;    ///< records of timerlog
  std::int64_t log_last = -1;  ///< offset in rmq_sys_wheel_timer of the last of them; -1: none
};

constexpr auto fields(const TimerCheckpoint& checkpoint) {
  const auto& [read, next, log_end, log_last] = checkpoint;
  return std::tuple(slot_time(read), next, log_end, log_last);
}

/// timerlog, and the wheel that is made of it; the slots in order of time, those before the checkpoint left
/// out.
struct TimerLog {
  std::vector<TimerSlot> wheel;
  std::int64_t end = 0;
  std::int64_t last = -1;  ///< as in TimerCheckpoint
};

constexpr auto fields(const TimerLog& log) {
  const auto& [wheel, end, last] = log;
  return std::tie(wheel, end, last);
}

/// The services' own state.
struct TimerService {
  WallTime read = no_slot;
  /// currWriteTimeMs is at least that: it has followed the wall clock there, and it never goes back.
  WallTime write_least = no_slot;
  std::int64_t next = 0;
  std::int64_t backlog = 0;  ///< the queue's end when the broker started: see timer_enqueue
  /// Puts of the message in hand that the store has refused: of the queue's next, and of the wheel's.
  std::uint8_t enqueue_tries = 0, dequeue_tries = 0;
  SimTime grid = SimTime::max();  ///< of both services, which look each tenth of timerPrecisionMs
  SimTime flush_grid = SimTime::max();
  ServiceTimer enqueue_timer, dequeue_timer, flush_timer;
};

constexpr auto fields(const TimerService& service) {
  const auto& [read, write_least, next, backlog, enqueue_tries, dequeue_tries, grid, flush_grid,
               enqueue_timer, dequeue_timer, flush_timer] = service;
  return std::tuple_cat(std::tuple(slot_time(read), slot_time(write_least)),
                        std::tie(next, backlog, enqueue_tries, dequeue_tries, grid, flush_grid, enqueue_timer,
                                 dequeue_timer, flush_timer));
}

}  // namespace brokersim::model::rocketmq
