// ScheduleMessageService: delayed messages lie in SCHEDULE_TOPIC_XXXX, one queue per level, until they are
// due. delayOffset.json says how far each level has been delivered; it is written each
// flushDelayOffsetInterval, so a crash delivers up to 10 s of them again.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/rocketmq/offsets.hpp"
#include "model/rocketmq/service_timer.hpp"

namespace brokersim::model::rocketmq {

/// What becomes of a level's task when a put throws, as it does on a disk without any room left.
enum class DelayTask : std::uint8_t {
  polls,
  waits,   ///< of a DLedger member: for a majority to have what it has put
  pauses,  ///< 5.3 begins again after DELAY_FOR_A_PERIOD
  ended    ///< 4.9 does not catch an Error: until the broker's next start
};

/// One level's task (DeliverDelayedMessageTimerTask).
struct DelayLevel {
  std::int64_t next = 0;  ///< offset in its queue of the next message to deliver
  SimTime grid{};         ///< its polls: each 100 ms
  DelayTask task = DelayTask::polls;
  ServiceTimer timer;
  /// Of a set with a stand-in: up to when the polls that found the head not due have been counted.
  SimTime counted = SimTime::max();
  bool stored = false;  ///< ... and whether offsetTable has an entry of it, which a level gets with its first
                        ///< poll that finds something
  bool refused = false;  ///< the head has been put, and no majority had it in time: it is put once more
};

constexpr auto fields(const DelayLevel& level) {
  const auto& [next, grid, task, timer, counted, stored, refused] = level;
  return std::tuple_cat(std::tie(next, timer, task),
                        std::tuple(sim::Phase<100'000'000>{grid}, counted, stored, refused));
}

struct DelayService {
  std::vector<DelayLevel>
      levels;  ///< none if no producer delays and no push consumer could send a message back
  SimTime persist_grid = SimTime::max();
  ServiceTimer persist_timer;
};

constexpr auto fields(const DelayService& service) {
  const auto& [levels, persist_grid, persist_timer] = service;
  return std::tie(levels, persist_grid, persist_timer);
}

}  // namespace brokersim::model::rocketmq
