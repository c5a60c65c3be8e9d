// The state of orderly consumption in a push consumer: ConsumeMessageOrderlyService and what a ProcessQueue
// has for it.
//
//   pull -> process queue -> one ConsumeRequest, on one thread -> listener -> SUCCESS: the offset goes on
//                             ^   ^                                '-> SUSPEND...: the same again, 1 s later
//                             |   '--- tryLockLaterAndReconsume: its lock is gone, or older than 30 s
//                             '------- putMessage, if none is under way
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/rocketmq/service_timer.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// Where the one ConsumeRequest of a process queue is (ProcessQueue.consuming: it is anywhere).
enum class OrderlyRun : std::uint8_t {
  idle,
  queued,   ///< in the pool's queue
  running,  ///< a thread has it
  later     ///< tryLockLaterAndReconsume or submitConsumeRequestLater has it
};

/// Of a ProcessQueue, for an orderly listener.
struct OrderlyQueue {
  bool dropped = false;            ///< given up, and its lock not yet
  bool locked = false;             ///< what the client believes
  bool previously_locked = false;  ///< PullRequest: its offset has been asked for again
  bool tried = false;              ///< this rebalance could not release it
  OrderlyRun run = OrderlyRun::idle;
  SimTime locked_at = SimTime::max();  ///< lastLockTimestamp
  SimTime pulled_at = SimTime::max();  ///< lastPullTimestamp: of one that is dropped it is asked
};

/// REBALANCE_LOCK_MAX_LIVE_TIME is 30 s, PULL_MAX_IDLE_TIME 120 s.
constexpr auto fields(const OrderlyQueue& queue) {
  const auto& [dropped, locked, previously_locked, tried, run, locked_at, pulled_at] = queue;
  return std::tuple(dropped, locked, previously_locked, tried, run, sim::Since<30'000'000'001>{locked_at},
                    sim::Since<120'000'000'001>{dropped ? pulled_at : SimTime::max()});
}

enum class OrderlyJob : std::uint8_t {
  lock_all,  ///< lockMQPeriodically
  lock,      ///< tryLockLaterAndReconsume: lockOneMQ
  consume,   ///< submitConsumeRequestLater
  unlock     ///< unlockDelay (4.9), on the thread of the client instance
};

/// Something that a scheduled thread is to do. A queue is known by its name: what is to be locked is so, also
/// if it has been given up meanwhile.
struct OrderlyTask {
  bool used = false;
  OrderlyJob job = OrderlyJob::lock_all;
  TopicId topic;
  std::uint16_t broker = 0, queue = 0;
  std::uint32_t slot = 0, generation = 0;  ///< of the process queue
  std::uint32_t ticket = 0;                ///< tells the users of a slot of `later` apart
  sim::TimerId timer;
};

/// All free slots are alike.
constexpr auto fields(const OrderlyTask& task) {
  const auto& [used, job, topic, broker, queue, slot, generation, ticket, timer] = task;
  return std::tuple(used, used ? job : OrderlyJob::lock_all, used ? topic : TopicId{}, used ? broker : 0,
                    used ? queue : 0, used ? slot : 0U);
}

/// ConsumeMessageOrderlyService.scheduledExecutorService: one thread, which awaits its LOCK_BATCH_MQs; what
/// comes due meanwhile waits.
struct OrderlyService {
  bool waits = false;
  OrderlyTask task;               ///< that it is at
  std::uint16_t broker = 0;       ///< lockAll: the broker that is asked
  std::vector<OrderlyTask> held;  ///< due, in order
  std::vector<OrderlyTask> later;
  ServiceTimer lock_timer;
  std::uint32_t next_ticket = 1;
};

constexpr auto fields(const OrderlyService& service) {
  const auto& [waits, task, broker, held, later, lock_timer, next_ticket] = service;
  return std::tuple_cat(std::tuple(waits), std::tie(task, broker, held, later, lock_timer));
}

}  // namespace brokersim::model::rocketmq
