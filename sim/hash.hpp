// Mixing of 64-bit words. `StateHash` digests the canonical form of a state into 128 bits, word by
// word. Integer arithmetic only: the same digest on every compiler, optimisation level and
// processor. Good against chance (the visited set holds hundreds of millions of near-identical
// states), not against an adversary.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>
#include <string>

namespace brokersim::sim {

namespace mixing {

// Odd, with about as many ones as zeros; from the fractional digits of pi.
inline constexpr std::uint64_t pi_1 = 0x243f6a8885a308d3;
inline constexpr std::uint64_t pi_2 = 0x13198a2e03707345;
inline constexpr std::uint64_t pi_3 = 0xa4093822299f31d1;
inline constexpr std::uint64_t pi_4 = 0x082efa98ec4e6c89;
inline constexpr std::uint64_t pi_5 = 0x452821e638d01377;
inline constexpr std::uint64_t pi_6 = 0xbe5466cf34e90c6d;

__extension__ using Wide = unsigned __int128;

/// Both halves of the 128-bit product: every bit of the result depends on every bit of `x`.
constexpr std::uint64_t fold(std::uint64_t x, std::uint64_t y) {
  const Wide product = static_cast<Wide>(x) * y;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// A bijection that flips about half of the output for any one input bit (finaliser of MurmurHash3).
constexpr std::uint64_t avalanche(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccd;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53;
  return x ^ (x >> 33);
}

}  // namespace mixing

/// 128 bits that stand for a state.
struct Digest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend constexpr auto operator<=>(const Digest&, const Digest&) = default;
};

/// The digest of a sequence of words. Two lanes side by side: one multiplies and folds (no linear
/// structure to cancel), the other is a bijection (two sequences that differ in one word never meet).
class StateHash {
 public:
  constexpr void word(std::uint64_t w) {
    folded_ = mixing::fold(folded_ ^ w, mixing::pi_3);
    rotated_ = (std::rotl(rotated_, 27) ^ w) * mixing::pi_6;
  }

  /// May be asked at any time; more words may follow. The map from the lanes is a bijection.
  constexpr Digest digest() const {
    const std::uint64_t low = mixing::avalanche(folded_ + mixing::avalanche(rotated_ ^ mixing::pi_5));
    return {low, mixing::avalanche(rotated_ + mixing::fold(low, mixing::pi_1))};
  }

 private:
  std::uint64_t folded_ = mixing::pi_2;
  std::uint64_t rotated_ = mixing::pi_4;
};

/// Sixteen hexadecimal digits, leading zeros kept: the way a hash appears in reports and replay files.
inline std::string hexadecimal(std::uint64_t value) {
  std::string text(16, '0');
  for (unsigned digit = 0; digit < 16; ++digit)
    text[15 - digit] = "0123456789abcdef"[(value >> (4 * digit)) & 15];
  return text;
}

inline std::string hexadecimal(const Digest& digest) {
  return hexadecimal(digest.high) + hexadecimal(digest.low);
}

}  // namespace brokersim::sim
