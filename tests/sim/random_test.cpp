// Goal: keyed words are as good as independent random words along every way in which a simulation walks
// through its keys, and not only on average. Method: each test is a function of the generator, with a
// threshold from theory (z-scores beyond 6 have probability 2e-9); it must pass keyed_bits and must *fail*
// a generator known to be bad, or it proves nothing. Seeds are fixed, so a verdict never changes by chance.
#include "sim/random.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "tests/catch.hpp"

using namespace brokersim::sim;

namespace {

using Words = std::vector<std::uint64_t>;
using Generator = std::uint64_t (*)(std::uint64_t seed, DrawKey key);

// The bad ones. A linear congruence (a sum with odd factors), without anything behind it.
std::uint64_t linear(std::uint64_t seed, DrawKey key) {
  return seed * 0xD1342543DE82EF95 + key.purpose * 0xAF251AF3B0F025B5 + key.subject * 6364136223846793005 +
         key.attempt * 0x9E3779B97F4A7C15 + 1442695040888963407;
}

// What one writes first: the sum of all parts through one splitmix64 finaliser (Steele, Lea and Flood
// 2014).
std::uint64_t one_finaliser(std::uint64_t seed, DrawKey key) {
  std::uint64_t z = seed + key.purpose * 0x100 + key.subject + key.attempt * 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

// Better: odd factors that keep small keys apart, then one round of our own mixer. Statistically it is hard
// to fault; what it lacks is that the parts of the key are absorbed one after the other.
std::uint64_t one_round(std::uint64_t seed, DrawKey key) { return mixed(linear(seed, key)); }

// A finaliser with one multiplication only.
std::uint64_t half_mixed(std::uint64_t seed, DrawKey key) {
  const std::uint64_t sum = linear(seed, key);
  return (sum ^ sum >> 32) * 0xBF58476D1CE4E5B9;
}

// A sound word of which one bit is stuck with probability 1/16, and one whose neighbours are alike.
std::uint64_t sticky_bit(std::uint64_t seed, DrawKey key) {
  const std::uint64_t word = keyed_bits(seed, key);
  return word % 16 == 0 ? word | 1ULL << 40 : word;
}
std::uint64_t alike(std::uint64_t seed, DrawKey key) {
  key.attempt /= 2, key.subject /= 2, key.purpose /= 2;
  return keyed_bits(seed / 2, key);
}

/// A way through the keys: the i-th word that a model could ask for.
struct Walk {
  const char* name;
  std::uint64_t (*word)(Generator generator, std::uint64_t i);
};

constexpr std::array<Walk, 8> walks{{
    {"subjects", [](Generator g, std::uint64_t i) { return g(1, {2, i, 0}); }},
    {"attempts", [](Generator g, std::uint64_t i) { return g(1, {2, 3, i}); }},
    {"purposes", [](Generator g, std::uint64_t i) { return g(1, {i, 3, 0}); }},
    {"seeds", [](Generator g, std::uint64_t i) { return g(i, {2, 3, 0}); }},
    {"subjects, four attempts each", [](Generator g, std::uint64_t i) { return g(1, {2, i / 4, i % 4}); }},
    {"a grid of seeds and subjects",
     [](Generator g, std::uint64_t i) { return g(i % 256, {2, i / 256, 0}); }},
    {"subjects in the upper half", [](Generator g, std::uint64_t i) { return g(1, {2, i << 32, 0}); }},
    {"pairs of ids", [](Generator g, std::uint64_t i) { return g(1, {2, subject(i % 64, i / 64), 0}); }},
}};

constexpr std::size_t word_count = 1 << 16;

Words walked(const Walk& walk, Generator generator, std::size_t count = word_count) {
  Words words(count);
  for (std::size_t i = 0; i < count; ++i) words[i] = walk.word(generator, i);
  return words;
}

/// Deviation of equally likely counts from their expectation, in standard deviations of chi-square. Too
/// even a distribution is as suspicious as too uneven a one.
double chi_square_score(const std::vector<double>& counts) {
  double total = 0, sum = 0;
  for (const double count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  const double freedom = static_cast<double>(counts.size()) - 1;
  return std::abs(sum - freedom) / std::sqrt(2 * freedom);
}

bool uniform_bytes(const Words& words) {
  for (int shift = 0; shift < 64; shift += 8) {
    std::vector<double> counts(256);
    for (const std::uint64_t word : words) ++counts[word >> shift & 255];
    if (chi_square_score(counts) > 6) return false;
  }
  return true;
}

/// The upper (or lower) four bits of neighbours, as pairs; and the same of the differences between
/// neighbours, which are constant for a linear generator.
bool independent_neighbours(const Words& words) {
  for (const int shift : {60, 30, 0}) {
    std::vector<double> pairs(256), differences(256);
    for (std::size_t i = 0; i + 1 < words.size(); i += 2)
      ++pairs[(words[i] >> shift & 15) * 16 + (words[i + 1] >> shift & 15)];
    for (std::size_t i = 0; i + 2 < words.size(); i += 3)
      ++differences[((words[i + 1] - words[i]) >> shift & 15) * 16 +
                    ((words[i + 2] - words[i + 1]) >> shift & 15)];
    if (chi_square_score(pairs) > 6 || chi_square_score(differences) > 6) return false;
  }
  return true;
}

bool uncorrelated(const Words& words) {
  for (const std::size_t lag : {1U, 2U, 3U, 4U, 64U, 256U}) {
    double sum = 0;
    for (std::size_t i = 0; i + lag < words.size(); ++i)
      sum += (unit(words[i]) - 0.5) * (unit(words[i + lag]) - 0.5);
    // Each term has mean 0 and variance 1/12^2.
    if (std::abs(sum) * 12 / std::sqrt(static_cast<double>(words.size() - lag)) > 6) return false;
  }
  return true;
}

/// Per bit plane: how many ones there are, and how often the bit changes from one word to the next.
bool fair_bit_planes(const Words& words) {
  for (int bit = 0; bit < 64; ++bit) {
    double ones = 0, changes = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      ones += static_cast<double>(words[i] >> bit & 1);
      if (i > 0) changes += static_cast<double>((words[i] ^ words[i - 1]) >> bit & 1);
    }
    const double count = static_cast<double>(words.size());
    if (std::abs(ones - count / 2) > 6 * std::sqrt(count) / 2) return false;
    if (std::abs(changes - (count - 1) / 2) > 6 * std::sqrt(count) / 2) return false;
  }
  return true;
}

double equal_neighbours(std::vector<std::uint32_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  double equal = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) equal += numbers[i] == numbers[i - 1] ? 1 : 0;
  return equal;
}

/// 2^19 numbers of 32 bits collide 2^38 / 2^33 = 32 times on average (Poisson, deviation 5.7).
bool plausible_collisions(const Walk& walk, Generator generator) {
  const Words words = walked(walk, generator, 1 << 19);
  for (const int shift : {32, 16, 0}) {
    std::vector<std::uint32_t> parts;
    for (const std::uint64_t word : words) parts.push_back(static_cast<std::uint32_t>(word >> shift));
    const double collisions = equal_neighbours(std::move(parts));
    if (collisions < 5 || collisions > 67) return false;
  }
  return true;
}

/// Birthday spacings (Marsaglia): 2^13 days in a year of 2^32 have 2^39 / 2^34 = 32 equal spacings on
/// average.
bool plausible_spacings(const Words& words) {
  for (const int shift : {32, 16, 0}) {
    std::vector<std::uint32_t> days;
    for (std::size_t i = 0; i < 1 << 13; ++i) days.push_back(static_cast<std::uint32_t>(words[i] >> shift));
    std::sort(days.begin(), days.end());
    for (std::size_t i = days.size() - 1; i > 0; --i) days[i] -= days[i - 1];
    const double equal = equal_neighbours(std::move(days));
    if (equal < 5 || equal > 67) return false;
  }
  return true;
}

/// Flipping any one bit of the seed or the key flips each bit of the word in half of the cases; the keys
/// around which bits are flipped are small numbers, as in real use.
bool avalanches(Generator generator) {
  constexpr int samples = 1 << 14;
  for (int input = 0; input < 256; ++input) {
    std::array<int, 64> flips{};
    for (std::uint64_t i = 0; i < samples; ++i) {
      std::array<std::uint64_t, 4> parts{i % 16, i / 16 % 8, i / 128,
                                         i % 4};  // seed, purpose, subject, attempt
      const std::uint64_t before = generator(parts[0], {parts[1], parts[2], parts[3]});
      parts[static_cast<std::size_t>(input / 64)] ^= 1ULL << input % 64;
      std::uint64_t changed = before ^ generator(parts[0], {parts[1], parts[2], parts[3]});
      for (; changed != 0; changed &= changed - 1)
        ++flips[static_cast<std::size_t>(std::countr_zero(changed))];
    }
    // Standard deviation 64. The 256 x 64 cells are not all of independent samples, so the bound is 7 of
    // them.
    for (const int flipped : flips)
      if (std::abs(flipped - samples / 2) > 7 * 64) return false;
  }
  return true;
}

/// A million keys of few seeds, purposes, subjects and attempts have a million different words.
bool distinct(Generator generator) {
  Words words;
  for (std::uint64_t i = 0; i < 1 << 20; ++i)
    words.push_back(generator(i % 16, {i / 16 % 16, i / 256 % 512, i / 131'072}));
  std::sort(words.begin(), words.end());
  return std::adjacent_find(words.begin(), words.end()) == words.end();
}

/// A change of seed or subject is never undone by one of purpose or attempt: one flipped bit (or none) on
/// either side gives 65 x 65 different words. In a single sum, the highest bits of two parts always cancel.
bool absorbs_in_steps(Generator generator) {
  const auto flipped = [](std::uint64_t bit) { return bit < 64 ? 1ULL << bit : 0; };
  for (int sides = 0; sides < 4; ++sides) {
    Words words;
    for (std::uint64_t i = 0; i <= 64; ++i) {
      for (std::uint64_t j = 0; j <= 64; ++j) {
        const std::uint64_t first = flipped(i), second = flipped(j);
        const bool of_seed = sides % 2 == 0, of_purpose = sides / 2 == 0;
        words.push_back(generator(of_seed ? first : 0,
                                  {of_purpose ? second : 0, of_seed ? 0 : first, of_purpose ? 0 : second}));
      }
    }
    std::sort(words.begin(), words.end());
    if (std::adjacent_find(words.begin(), words.end()) != words.end()) return false;
  }
  return true;
}

bool passes_on_all_walks(bool (*test)(const Words&), Generator generator) {
  return std::all_of(walks.begin(), walks.end(),
                     [&](const Walk& walk) { return test(walked(walk, generator)); });
}

std::uint64_t good(std::uint64_t seed, DrawKey key) { return keyed_bits(seed, key); }

}  // namespace

TEST_CASE("words are uniform in each byte", "[random]") {
  for (const Walk& walk : walks) {
    INFO(walk.name);
    CHECK(uniform_bytes(walked(walk, good)));
  }
  CHECK_FALSE(passes_on_all_walks(uniform_bytes, linear));
  CHECK_FALSE(passes_on_all_walks(uniform_bytes, sticky_bit));
}

TEST_CASE("neighbouring keys have independent words", "[random]") {
  for (const Walk& walk : walks) {
    INFO(walk.name);
    CHECK(independent_neighbours(walked(walk, good)));
    CHECK(uncorrelated(walked(walk, good)));
  }
  CHECK_FALSE(passes_on_all_walks(independent_neighbours, linear));
  CHECK_FALSE(passes_on_all_walks(independent_neighbours, alike));
  CHECK_FALSE(passes_on_all_walks(uncorrelated, linear));
  CHECK_FALSE(passes_on_all_walks(uncorrelated, alike));
}

TEST_CASE("runs of neighbouring seeds do not repeat each other's words", "[random]") {
  CHECK(distinct(good));
  CHECK_FALSE(distinct(one_finaliser));  // seed 1 asked about subject 2 is seed 2 asked about subject 1
}

TEST_CASE("no part of a key undoes a change of a part absorbed in the other step", "[random]") {
  CHECK(absorbs_in_steps(good));
  CHECK_FALSE(absorbs_in_steps(one_finaliser));
  CHECK_FALSE(absorbs_in_steps(one_round));
}

TEST_CASE("each bit plane is fair and changes half of the time", "[random]") {
  for (const Walk& walk : walks) {
    INFO(walk.name);
    CHECK(fair_bit_planes(walked(walk, good)));
  }
  CHECK_FALSE(passes_on_all_walks(fair_bit_planes, linear));
  CHECK_FALSE(passes_on_all_walks(fair_bit_planes, sticky_bit));
  CHECK_FALSE(passes_on_all_walks(fair_bit_planes, alike));
}

TEST_CASE("words collide and are spaced as often as chance has it", "[random]") {
  for (const Walk& walk : walks) {
    INFO(walk.name);
    CHECK(plausible_collisions(walk, good));
    CHECK(plausible_spacings(walked(walk, good)));
  }
  CHECK_FALSE(plausible_collisions(walks[0], linear));
  CHECK_FALSE(plausible_collisions(walks[5], one_finaliser));
  CHECK_FALSE(passes_on_all_walks(plausible_spacings, linear));
}

TEST_CASE("one flipped bit of the key flips half of the word", "[random]") {
  CHECK(avalanches(good));
  CHECK_FALSE(avalanches(linear));
  CHECK_FALSE(avalanches(half_mixed));
}

TEST_CASE("a word depends on every part of its key and on nothing else", "[random]") {
  constexpr std::uint64_t word = keyed_bits(1, {2, 3, 4});  // also at compile time
  CHECK(keyed_bits(1, {2, 3, 4}) == word);
  CHECK(keyed_bits(2, {2, 3, 4}) != word);
  CHECK(keyed_bits(1, {3, 3, 4}) != word);
  CHECK(keyed_bits(1, {2, 4, 4}) != word);
  CHECK(keyed_bits(1, {2, 3, 5}) != word);
  CHECK(subject(1, 2) != subject(2, 1));
  enum class Purpose { delay = 2 };
  CHECK(DrawKey::of(Purpose::delay, 3, 4) == DrawKey{2, 3, 4});
}

TEST_CASE("numbers keep to their intervals", "[random]") {
  CHECK(unit(0) == 0.0);
  CHECK(unit(~0ULL) == 1.0 - 0x1p-53);
  CHECK(open_unit(0) == 0x1p-53);
  CHECK(open_unit(~0ULL) == 1.0 - 0x1p-53);
  CHECK(below(0, 10) == 0);
  CHECK(below(~0ULL, 10) == 9);
  CHECK(below(~0ULL, 1) == 0);
  CHECK(below(~0ULL, ~0ULL) == ~0ULL - 1);
  CHECK(below(1ULL << 63, 10) == 5);
  CHECK(below((1ULL << 63) - 1, 10) == 4);
}
