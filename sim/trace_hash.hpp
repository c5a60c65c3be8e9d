// The trace hash: one number for everything that a run recorded, in order. Two runs of one scenario and
// seed must agree in it on every compiler, processor and thread count, run straight or forked. It covers
// recorded protocol events, never queue pops or timers, so that the engine may be changed under it.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>
#include <string>

#include "sim/hash.hpp"
#include "sim/recorder.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

/// Stands beside every written trace hash and in every replay file. Add one whenever a recorded event
/// changes its meaning, its numbers or its moment, or the digest below changes: hashes of different
/// versions cannot be compared.
inline constexpr std::uint32_t trace_version = 2;

/// A plain value; a fork continues with a copy.
class TraceHash {
 public:
  constexpr void add(SimTime at, const Record& record) {
    const auto time = static_cast<std::uint64_t>(at.ns);
    const auto what = std::uint64_t{record.subject} << 32 | record.kind;
    const auto a = static_cast<std::uint64_t>(record.a), b = static_cast<std::uint64_t>(record.b);
    // The products do not wait for the state, so only one rotate, xor and multiply is in the chain. A
    // factor of zero would hide its partner, hence the sums beside the products.
    const std::uint64_t first =
        mixing::fold(time ^ mixing::pi_1, what ^ mixing::pi_2) + std::rotl(time, 32) + what;
    const std::uint64_t second = mixing::fold(a ^ mixing::pi_3, b ^ mixing::pi_4) + std::rotl(a, 32) + b;
    state_ = (std::rotl(state_, 29) ^ (first + std::rotl(second, 17))) * mixing::pi_6;
    ++count_;
  }

  /// May be asked at any time; more records may follow.
  constexpr std::uint64_t value() const { return mixing::avalanche(state_ ^ mixing::avalanche(count_)); }
  constexpr std::uint64_t count() const { return count_; }
  std::string text() const { return hexadecimal(value()); }

  friend constexpr bool operator==(const TraceHash&, const TraceHash&) = default;

 private:
  std::uint64_t state_ = mixing::pi_5;
  std::uint64_t count_ = 0;
};

}  // namespace brokersim::sim
