// Random words by key instead of by order: `keyed_bits(seed, key)` is a pure function, so one more question
// leaves the answers to all others alone and copying a generator is copying a seed (docs/architecture.md,
// rule 7).
//
// keyed_bits absorbs the key in two steps, each followed by a full mixing round (Pelle Evensen's `moremur`:
// three xor-shifts, two multiplications, a bijection with better avalanche on counters than the splitmix64
// finaliser):  mix(mix(seed * golden + subject) + (purpose * golden + attempt) * stride).
//   - One round is not enough: the whole key would be one sum, and different keys with equal sums would
//     share a word. The second step adds to a number that is already scattered.
//   - Multiples of the golden ratio keep away from small numbers: (seed, subject) pairs never coincide
//     while both parts differ by less than 2^30, nor do (purpose, attempt) pairs. So no run shifts into
//     another's words.
//   - For a given seed, purpose and attempt each round is a bijection: distinct subjects give distinct words.
// This is sound for simulation (tests/sim/random_test.cpp says in which respects) and not cryptographic.
#pragma once

#include <cstdint>
#include <type_traits>

namespace brokersim::sim {

/// What is being asked, of whom, and for which time: (network delay, connection 7, segment 3).
struct DrawKey {
  std::uint64_t purpose = 0;
  std::uint64_t subject = 0;
  std::uint64_t attempt = 0;

  /// A model lists its purposes in an enum of its own: `DrawKey::of(Purpose::flush_time, tick)`.
  template <class Purpose>
    requires std::is_enum_v<Purpose>
  static constexpr DrawKey of(Purpose purpose, std::uint64_t subject, std::uint64_t attempt = 0) {
    return {static_cast<std::uint64_t>(purpose), subject, attempt};
  }
  friend constexpr bool operator==(const DrawKey&, const DrawKey&) = default;
};

/// A bijection on 64-bit words in which each bit of the argument reaches every bit of the result.
constexpr std::uint64_t mixed(std::uint64_t word) {
  word = (word ^ word >> 27) * 0x3C79AC492BA7B653;
  word = (word ^ word >> 33) * 0x1C69B3F74AC4AE35;
  return word ^ word >> 27;
}

/// 2^64 divided by the golden ratio, made odd.
inline constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;

/// 64 random bits that depend on the seed and the key and on nothing else.
constexpr std::uint64_t keyed_bits(std::uint64_t seed, const DrawKey& key) {
  constexpr std::uint64_t stride = 0xD1342543DE82EF95;  // odd, with bits set all over
  const std::uint64_t scattered = mixed(seed * golden + key.subject);
  return mixed(scattered + (key.purpose * golden + key.attempt) * stride);
}

/// Two ids as one subject; (a, b) and (b, a) are different subjects. Nests: `subject(a, subject(b, c))`.
/// For one `a` all `b` stay distinct. Also the way to make a salt, which must not be a small number.
constexpr std::uint64_t subject(std::uint64_t a, std::uint64_t b) { return mixed(mixed(a + golden) + b); }

/// The upper 53 bits as a number in [0, 1): exact, every value a multiple of 2^-53.
constexpr double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

/// A number in (0, 1) for logarithms: the middle of one of 2^52 equal cells, so `1 - open_unit(bits)` is
/// exact and never 0. (With 53 bits the last middle would round to 1.)
constexpr double open_unit(std::uint64_t bits) { return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52; }

__extension__ using Wide = unsigned __int128;  // the extension of gcc and clang that this needs

/// One of 0 .. n-1 (n > 0), increasing in the bits. Each value owns floor or ceil(2^64 / n) of the 2^64
/// words, so no probability is off by more than 2^-64: to see it with n = 1e6 one would need some 1e32
/// draws.
constexpr std::uint64_t below(std::uint64_t bits, std::uint64_t n) {
  return static_cast<std::uint64_t>(static_cast<Wide>(bits) * n >> 64);
}

}  // namespace brokersim::sim
