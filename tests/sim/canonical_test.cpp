// The canonical form: equal exactly for equal futures, at any time of day; and the digest behind it
// tells near-identical forms apart. Expected words are written out from the rules in the header.
#include "sim/canonical.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "sim/hash.hpp"
#include "sim/types.hpp"
#include "tests/catch.hpp"

namespace {

using namespace brokersim::sim;
using namespace brokersim::sim::literals;
using Words = std::vector<std::uint64_t>;

constexpr std::uint64_t minus(std::int64_t n) { return static_cast<std::uint64_t>(-n); }

enum class Mode : std::uint8_t { idle, busy };
using Offset = Strong<struct OffsetTag>;

struct Timer {
  SimTime due{};
  Mode mode = Mode::idle;
  Uncounted<std::uint32_t> generation{};
};
constexpr auto fields(const Timer& t) {
  const auto& [due, mode, generation] = t;
  return std::tie(due, mode, generation);
}

struct Broker {
  std::vector<Timer> timers;
  std::optional<Offset> acked;
};
constexpr auto fields(const Broker& b) {
  const auto& [timers, acked] = b;
  return std::tie(timers, acked);
}

/// A set whose order is an accident; its canonical form is sorted.
struct Unsorted {
  std::vector<int> members;
};
void canonical(CanonicalWriter& writer, const Unsorted& set) {
  auto sorted = set.members;
  std::sort(sorted.begin(), sorted.end());
  writer.write(sorted);
}

struct Stored {
  Offset offset{};
  std::pair<Mode, bool> flags{};
};
constexpr auto fields(const Stored& s) {
  const auto& [offset, flags] = s;
  return std::tie(offset, flags);
}

static_assert(is_time_free<Stored> && is_time_free<std::optional<Mode>> && is_time_free<Uncounted<SimTime>>);
static_assert(!is_time_free<Timer> && !is_time_free<SimTime> && !is_time_free<Since<5>> &&
              !is_time_free<Phase<5>>);
static_assert(!is_time_free<std::array<SimTime, 2>> && !is_time_free<Unsorted>);

TEST_CASE("plain values are written as they are", "[canonical]") {
  CHECK(canonical_words({9}, std::int32_t{-2}) == Words{minus(2)});
  CHECK(canonical_words({9}, true) == Words{1});
  CHECK(canonical_words({9}, Mode::busy) == Words{1});
  CHECK(canonical_words({9}, Offset{5}) == Words{5});
  CHECK(canonical_words({9}, 7_ns) == Words{7});
}

TEST_CASE("times are exact and relative to now", "[canonical]") {
  CHECK(canonical_words({100}, SimTime{130}) == Words{30});
  CHECK(canonical_words({100}, SimTime{70}) == Words{minus(30)});
}

TEST_CASE("never stays never", "[canonical]") {
  CHECK(canonical_words({100}, SimTime::max()) == canonical_words({200}, SimTime::max()));
  CHECK(canonical_words({100}, Since<50>{SimTime::max()}) ==
        canonical_words({200}, Since<50>{SimTime::max()}));
}

TEST_CASE("an age is cut at its horizon", "[canonical]") {
  CHECK(canonical_words({100}, Since<50>{{80}}) == Words{minus(20)});
  CHECK(canonical_words({100}, Since<50>{{51}}) != canonical_words({100}, Since<50>{{50}}));
  CHECK(canonical_words({100}, Since<50>{{50}}) == canonical_words({100}, Since<50>{{3}}));
  CHECK(canonical_words({100}, Since<50>{{120}}) == Words{20});
}

TEST_CASE("of a grid only the phase counts, once it has begun", "[canonical]") {
  CHECK(canonical_words({100}, Phase<10>{{93}}) == Words{minus(7)});
  CHECK(canonical_words({100}, Phase<10>{{23}}) == Words{minus(7)});
  CHECK(canonical_words({100}, Phase<10>{{90}}) == canonical_words({100}, Phase<10>{{100}}));
  CHECK(canonical_words({100}, Phase<10>{{120}}) == Words{20});
}

TEST_CASE("parts come in order, with lengths and alternatives first", "[canonical]") {
  CHECK(canonical_words({}, std::vector<int>{4, 5}) == Words{2, 4, 5});
  CHECK(canonical_words({}, std::array<int, 2>{4, 5}) == Words{4, 5});
  CHECK(canonical_words({}, std::optional<int>{}) == Words{0});
  CHECK(canonical_words({}, std::optional<int>{0}) == Words{1, 0});
  CHECK(canonical_words({}, std::variant<int, bool>{true}) == Words{1, 1});
  CHECK(canonical_words({}, std::variant<std::monostate, int>{}) == Words{0});
  CHECK(canonical_words({}, std::pair{1, 2}) == Words{1, 2});
  CHECK(canonical_words({}, std::tuple{1, true, 3}) == Words{1, 1, 3});
  CHECK(canonical_words({}, std::string("ab")) == Words{2, 0x6261});
  CHECK(canonical_words({}, std::string("abcdefghi")) == Words{9, 0x6867666564636261, 0x69});
}

TEST_CASE("neighbouring sequences do not run together", "[canonical]") {
  using Two = std::vector<std::vector<int>>;
  CHECK(canonical_words({}, Two{{1}, {2, 3}}) != canonical_words({}, Two{{1, 2}, {3}}));
  CHECK(canonical_words({}, std::string("a")) != canonical_words({}, std::string("a\0", 2)));
}

TEST_CASE("a field list is written recursively without what is uncounted", "[canonical]") {
  const Broker broker{{{{15}, Mode::busy, 77}}, Offset{4}};
  CHECK(canonical_words({10}, broker) == Words{1, 5, 1, 1, 4});
}

TEST_CASE("the same situation later has the same form", "[canonical]") {
  const Broker early{{{{15}, Mode::busy, 1}}, {}}, late{{{{1015}, Mode::busy, 2}}, {}};
  CHECK(canonical_digest({10}, early) == canonical_digest({1010}, late));
  CHECK(canonical_digest({10}, early) != canonical_digest({11}, early));
}

TEST_CASE("a type may write its own form", "[canonical]") {
  CHECK(canonical_words({}, Unsorted{{3, 1, 2}}) == Words{3, 1, 2, 3});
  CHECK(canonical_digest({}, Unsorted{{3, 1}}) == canonical_digest({}, Unsorted{{1, 3}}));
}

TEST_CASE("digest and words agree on what is different", "[canonical]") {
  StateHash hash;
  for (const std::uint64_t word : {1, 5, 1, 1, 4}) hash.word(word);
  CHECK(canonical_digest({10}, Broker{{{{15}, Mode::busy, 77}}, Offset{4}}) == hash.digest());
}

// --- the quality of the digest, with a poor hash beside it that the same tests reject ---

/// Sums words: blind to order. Each test below must see through it.
struct SummingHash {
  std::uint64_t sum = 0;
  void word(std::uint64_t w) { sum += w * mixing::pi_1; }
  Digest digest() const { return {sum, sum}; }
};

/// The two lanes without rotation and folding: differences in the top bits of two words cancel.
struct LinearHash {
  std::uint64_t low = mixing::pi_2, high = mixing::pi_4;
  void word(std::uint64_t w) {
    low = (low ^ w) * mixing::pi_3;
    high = (high ^ w) * mixing::pi_6;
  }
  Digest digest() const { return {mixing::avalanche(low), mixing::avalanche(high)}; }
};

template <class Hash>
Digest digest_of(const Words& words) {
  Hash hash;
  for (const std::uint64_t word : words) hash.word(word);
  return hash.digest();
}

/// Forms that differ in two of eight small words, as states of one small world do: 28 pairs of places
/// and 16 x 16 values, times a base that moves along. Returns how many halves of digests coincide.
template <class Hash>
std::pair<std::size_t, std::size_t> coincidences(std::size_t bases) {
  std::vector<std::uint64_t> lows, highs;
  for (std::size_t base = 0; base < bases; ++base)
    for (std::size_t i = 0; i < 8; ++i)
      for (std::size_t k = 0; k < i; ++k)
        for (std::uint64_t v = 1; v <= 16; ++v)
          for (std::uint64_t w = 1; w <= 16; ++w) {
            Words words(8, 1000 * base);
            words[i] += v;
            words[k] += w << (base % 4 * 15);
            const Digest digest = digest_of<Hash>(words);
            lows.push_back(digest.low);
            highs.push_back(digest.high);
          }
  const auto equal_neighbours = [](std::vector<std::uint64_t>& values) {
    std::sort(values.begin(), values.end());
    return values.size() -
           static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
  };
  return {equal_neighbours(lows), equal_neighbours(highs)};
}

TEST_CASE("two million near-identical forms have two million digests, in each half", "[canonical][hash]") {
  // By chance, 2.0e6^2 / 2^65 = 1e-7 coincidences are to be expected in each half.
  CHECK(coincidences<StateHash>(280) == std::pair<std::size_t, std::size_t>{0, 0});
  CHECK(coincidences<SummingHash>(2).first > 0);
}

/// How far from one half the chance is, at worst over all pairs (input bit, output bit), that flipping
/// the one flips the other.
template <class Hash>
double worst_bias(std::uint64_t trials) {
  std::vector<std::uint32_t> flips(192 * 128, 0);
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const Words words{trial, trial * 3 + 1, 7};
    const Digest plain = digest_of<Hash>(words);
    for (std::size_t bit = 0; bit < 192; ++bit) {
      Words changed = words;
      changed[bit / 64] ^= std::uint64_t{1} << (bit % 64);
      const Digest other = digest_of<Hash>(changed);
      for (std::size_t out = 0; out < 64; ++out) {
        flips[bit * 128 + out] += (plain.low ^ other.low) >> out & 1;
        flips[bit * 128 + 64 + out] += (plain.high ^ other.high) >> out & 1;
      }
    }
  }
  double worst = 0;
  for (const std::uint32_t n : flips)
    worst = std::max(worst, std::abs(n / static_cast<double>(trials) - 0.5));
  return worst;
}

TEST_CASE("each bit of the input moves each bit of the digest half of the time", "[canonical][hash]") {
  // 2,048 trials: one standard deviation is 0.011. Of 24,576 pairs the worst is expected near 4.1 of
  // them; 6 leave a chance of 5e-5.
  CHECK(worst_bias<StateHash>(2048) < 0.067);
  CHECK(worst_bias<SummingHash>(64) > 0.4);
}

/// How many of all pairs of flipped bits in two neighbouring words leave the digest as it was.
template <class Hash>
std::size_t cancelling_pairs() {
  const Digest plain = digest_of<Hash>({5, 6, 7});
  std::size_t cancelled = 0;
  for (std::size_t i = 0; i < 64; ++i)
    for (std::size_t k = 0; k < 64; ++k)
      cancelled += digest_of<Hash>({5 ^ std::uint64_t{1} << i, 6 ^ std::uint64_t{1} << k, 7}) == plain;
  return cancelled;
}

TEST_CASE("flipped bits in neighbouring words do not cancel", "[canonical][hash]") {
  CHECK(cancelling_pairs<StateHash>() == 0);
  CHECK(cancelling_pairs<LinearHash>() > 0);
}

TEST_CASE("order, length and zero words count", "[hash]") {
  CHECK(digest_of<StateHash>({1, 2}) != digest_of<StateHash>({2, 1}));
  CHECK(digest_of<StateHash>({}) != digest_of<StateHash>({0}));
  CHECK(digest_of<StateHash>({0}) != digest_of<StateHash>({0, 0}));
}

TEST_CASE("hashes are printed with all their digits", "[hash]") {
  CHECK(hexadecimal(std::uint64_t{0}) == "0000000000000000");
  CHECK(hexadecimal(0x0123456789abcdef) == "0123456789abcdef");
  CHECK(hexadecimal(Digest{1, 2}) == "00000000000000020000000000000001");
}

}  // namespace
