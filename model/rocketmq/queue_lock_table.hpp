// The lock of one queue for one group at a broker (RebalanceLockManager), as data, and the monitor that holds
// brokers to it. Fed with records only.
//
//            granted              60 s without a lock of its holder
//   free  ------------->  held  ------------------------------------>  lapsed
//     ^------ released -----'------ released, or the broker died ---------'    taken_over: stays lapsed
#pragma once

#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "sim/recorder.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class LockState : std::uint8_t {
  free,
  held,   ///< of the last 60 s
  lapsed  ///< there is an entry, and it has expired
};

constexpr std::string_view name(LockState state) {
  switch (state) {
    case LockState::free: return "free";
    case LockState::held: return "held";
    case LockState::lapsed: return "lapsed";
  }
  return {};
}

/// The first six as QueueLocking.
enum class LockOn : std::uint8_t {
  granted,
  renewed,
  taken_over,
  refused,
  released,
  not_held,
  expired,  ///< 60 s have passed
  died      ///< the broker
};

constexpr std::string_view name(LockOn on) {
  switch (on) {
    case LockOn::granted: return "granted";
    case LockOn::renewed: return "renewed";
    case LockOn::taken_over: return "taken_over";
    case LockOn::refused: return "refused";
    case LockOn::released: return "released";
    case LockOn::not_held: return "not_held";
    case LockOn::expired: return "expired";
    case LockOn::died: return "died";
  }
  return {};
}

enum class LockGuard : std::uint8_t {
  any,
  holder,  ///< the client whose entry it is
  other
};

constexpr std::string_view name(LockGuard guard) {
  switch (guard) {
    case LockGuard::any: return "any";
    case LockGuard::holder: return "holder";
    case LockGuard::other: return "other";
  }
  return {};
}

namespace lock_source {
inline constexpr std::string_view lock = "RebalanceLockManager.tryLockBatch";
inline constexpr std::string_view unlock = "RebalanceLockManager.unlockBatch";
inline constexpr std::string_view expiry = "RebalanceLockManager.LockEntry.isExpired";
inline constexpr std::string_view memory = "RebalanceLockManager.mqLockTable is memory";
}  // namespace lock_source

// clang-format off
inline constexpr std::array queue_lock_rows{
    sim::Row{LockState::free,   LockOn::granted,    LockGuard::any,    LockState::held,   sim::all_profiles, lock_source::lock},
    sim::Row{LockState::held,   LockOn::renewed,    LockGuard::holder, LockState::held,   sim::all_profiles, lock_source::lock},
    sim::Row{LockState::held,   LockOn::refused,    LockGuard::other,  LockState::held,   sim::all_profiles, lock_source::lock},
    sim::Row{LockState::held,   LockOn::expired,    LockGuard::any,    LockState::lapsed, sim::all_profiles, lock_source::expiry},
    sim::Row{LockState::lapsed, LockOn::taken_over, LockGuard::any,    LockState::lapsed, sim::all_profiles, lock_source::lock,
             "lastUpdateTimestamp stays: the next who asks gets it as well, whoever has it"},
    sim::Row{LockState::held,   LockOn::released,   LockGuard::holder, LockState::free,   sim::all_profiles, lock_source::unlock},
    sim::Row{LockState::lapsed, LockOn::released,   LockGuard::holder, LockState::free,   sim::all_profiles, lock_source::unlock},
    sim::Row{LockState::free,   LockOn::not_held,   LockGuard::any,    LockState::free,   sim::all_profiles, lock_source::unlock},
    sim::Row{LockState::held,   LockOn::not_held,   LockGuard::other,  LockState::held,   sim::all_profiles, lock_source::unlock},
    sim::Row{LockState::lapsed, LockOn::not_held,   LockGuard::other,  LockState::lapsed, sim::all_profiles, lock_source::unlock},
    sim::Row{LockState::held,   LockOn::died,       LockGuard::any,    LockState::free,   sim::all_profiles, lock_source::memory,
             "its holder goes on for up to 30 s"},
    sim::Row{LockState::lapsed, LockOn::died,       LockGuard::any,    LockState::free,   sim::all_profiles, lock_source::memory},
};
// clang-format on

class QueueLockMonitor final {
 public:
  explicit QueueLockMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<queue_lock_rows>& coverage() const { return coverage_; }
  void reset() { shadows_.clear(); }

 private:
  using Key = std::tuple<std::int64_t, std::int64_t>;  ///< group; queue | broker << 16 | topic << 32
  struct Shadow {
    LockState state = LockState::free;
    std::uint32_t client = 0;
    std::int64_t life = 0;
    SimTime updated{};
  };

  void died(std::uint32_t process);
  void asked(SimTime at, const sim::Record& record);
  static std::size_t broker_of(const Key& key) {
    return static_cast<std::size_t>(std::get<1>(key) >> 16 & 0xffff);
  }
  void move(std::size_t broker, Shadow& shadow, LockOn on, LockGuard guard);

  std::vector<unsigned> profiles_;  ///< per broker
  std::map<Key, Shadow> shadows_;
  sim::Monitor<queue_lock_rows> monitor_;
  sim::RowCoverage<queue_lock_rows> coverage_;
};

}  // namespace brokersim::model::rocketmq
