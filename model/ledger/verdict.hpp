// The verdict inside the world: what each producer was told, how often each effect was applied
// (counted to two: once, or more than once). Small, copied with the world, hashed. Times, causes
// and windows are evidence and live outside (ledger/evidence.hpp).
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "sim/paged_array.hpp"

namespace brokersim::model::ledger {

/// What the producer believes at the end.
enum class Told : std::uint8_t {
  nothing,  ///< the send is still open, or the producer died with it
  acknowledged,
  failed,        ///< the application was told (exception, callback, or a status that it does not accept)
  unchecked_ok,  ///< nobody looked; it had in fact been acknowledged
  unchecked,     ///< nobody looked, and nothing confirmed it: one-way, failed async without callback
  rolled_back    ///< sendMessageInTransaction returned ROLLBACK: the application knows that it is off
};

/// What the application's database holds of an intent's local transaction. It survives the process.
enum class Local : std::uint8_t {
  absent,  ///< never begun, or the process died in it
  running,
  committed,
  rolled_back
};

struct Verdict {
  sim::PagedArray<std::uint8_t> told;                  ///< per intent: Told
  std::vector<sim::PagedArray<std::uint8_t>> effects;  ///< per group, per intent: 0, 1, 2 (= more than once)
  /// Of transactional producers, grown on demand: per intent Local, and how many checks its producers have
  /// had (saturates at 255; the application counts them, whichever instance was asked).
  sim::PagedArray<std::uint8_t> local, checks;

  IntentId begin();  ///< a new intent
  void tell(IntentId intent, Told told_now);
  /// Returns how often the effect has been applied now (2: twice or more).
  int apply(GroupId group, IntentId intent);
  void set_local(IntentId intent, Local state);
  Local local_of(IntentId intent) const;  ///< absent where nothing was set
  /// One more check of this intent; how many there were, with this one.
  int count_check(IntentId intent);
  int checks_of(IntentId intent) const;
  std::size_t size() const { return told.size(); }
  Told told_of(IntentId intent) const;
};

constexpr auto fields(const Verdict& verdict) {
  const auto& [told, effects, local, checks] = verdict;
  return std::tie(told, effects, local, checks);
}

}  // namespace brokersim::model::ledger
