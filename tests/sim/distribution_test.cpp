// Goal: draws follow the distributions they name, one word each, the same on every machine. Method: 1e5
// draws against the theoretical distribution function (Kolmogorov and Smirnov), the elementary functions
// against long double libm (allowed here, not in draws), and a digest of drawn bits against an independent
// transcription into Python floats.
#include "sim/distribution.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "sim/check.hpp"
#include "sim/portable_math.hpp"
#include "sim/random.hpp"
#include "tests/catch.hpp"

using namespace brokersim::sim;
using namespace brokersim::sim::literals;

namespace {

constexpr int draw_count = 100'000;
constexpr std::uint64_t last_word = ~0ULL;

std::vector<Duration> drawn(const Distribution& distribution) {
  std::vector<Duration> draws;
  for (std::uint64_t i = 0; i < draw_count; ++i)
    draws.push_back(distribution.sample(keyed_bits(11, {1, i, 0})));
  std::sort(draws.begin(), draws.end());
  return draws;
}

using Cdf = std::function<double(double ns)>;

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// sqrt(n) times the largest distance between the draws' and the theoretical distribution function. Exceeds
/// 1.95 with probability 0.001. Spans are far above 1 ns here, so rounding to whole nanoseconds does not
/// show.
double kolmogorov_smirnov(const Distribution& distribution, const Cdf& cdf) {
  const std::vector<Duration> draws = drawn(distribution);
  double distance = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double expected = cdf(static_cast<double>(draws[i].ns));
    const double below = static_cast<double>(i) / draw_count, upto = static_cast<double>(i + 1) / draw_count;
    distance = std::max({distance, expected - below, upto - expected});
  }
  return distance * std::sqrt(static_cast<double>(draw_count));
}

constexpr double suspicious = 1.95;

double mean_of_draws(const Distribution& distribution) {
  double sum = 0;
  for (const Duration draw : drawn(distribution)) sum += static_cast<double>(draw.ns);
  return sum / draw_count;
}

double deviation_of_draws(const Distribution& distribution) {
  const double mean = mean_of_draws(distribution);
  double sum = 0;
  for (const Duration draw : drawn(distribution)) sum += std::pow(static_cast<double>(draw.ns) - mean, 2);
  return std::sqrt(sum / draw_count);
}

/// Whether the mean of the draws is within five standard errors of the distribution's.
bool mean_is_right(const Distribution& distribution) {
  const double error = deviation_of_draws(distribution) / std::sqrt(static_cast<double>(draw_count));
  return std::abs(mean_of_draws(distribution) - static_cast<double>(distribution.mean().ns)) < 5 * error + 1;
}

const std::vector<Distribution>& one_of_each() {
  static const std::vector<Distribution> all{
      Distribution::constant(3_ms),     Distribution::uniform(200_us, 600_us),
      Distribution::exponential(1_h),   Distribution::normal(10_ms, 3_ms),
      Distribution::normal(1_ms, 2_ms), Distribution::lognormal(2_ms, 0.5),
      Distribution::pareto(1_ms, 2.5),  Distribution::empirical({4_ms, 1_ms, 2_ms, 9_ms, 2_ms})};
  return all;
}

/// Distance in units of the last place of a double of the expected size.
double ulps(double value, long double expected) {
  const double rounded = static_cast<double>(expected);
  const double unit =
      std::nextafter(std::abs(rounded), std::numeric_limits<double>::infinity()) - std::abs(rounded);
  return static_cast<double>(std::abs(static_cast<long double>(value) - expected)) / unit;
}

}  // namespace

TEST_CASE("draws follow the distribution they name", "[distribution]") {
  const double ms = 1e6;
  CHECK(kolmogorov_smirnov(Distribution::uniform(1_ms, 5_ms), [&](double t) { return (t - ms) / (4 * ms); }) <
        suspicious);
  CHECK(kolmogorov_smirnov(Distribution::exponential(2_ms),
                           [&](double t) { return -std::expm1(-t / (2 * ms)); }) < suspicious);
  CHECK(kolmogorov_smirnov(Distribution::normal(10_ms, 2_ms),
                           [&](double t) { return normal_cdf((t - 10 * ms) / (2 * ms)); }) < suspicious);
  CHECK(kolmogorov_smirnov(Distribution::lognormal(2_ms, 0.5),
                           [&](double t) { return normal_cdf(std::log(t / (2 * ms)) / 0.5); }) < suspicious);
  CHECK(kolmogorov_smirnov(Distribution::pareto(1_ms, 1.5),
                           [&](double t) { return 1 - std::pow(ms / t, 1.5); }) < suspicious);
}

TEST_CASE("a normal distribution is conditioned on not being negative", "[distribution]") {
  const double below_zero = normal_cdf(-0.5);  // of normal(1ms, 2ms)
  const Cdf conditioned = [&](double t) {
    return (normal_cdf((t - 1e6) / 2e6) - below_zero) / (1 - below_zero);
  };
  CHECK(kolmogorov_smirnov(Distribution::normal(1_ms, 2_ms), conditioned) < suspicious);
  CHECK(drawn(Distribution::normal(1_ms, 2_ms)).front().ns >= 0);
}

TEST_CASE("the test of draws notices a wrong distribution", "[distribution]") {
  const Cdf two_percent_longer = [](double t) { return -std::expm1(-t / 2.04e6); };
  CHECK(kolmogorov_smirnov(Distribution::exponential(2_ms), two_percent_longer) > suspicious);
  const Cdf uncut = [](double t) { return normal_cdf((t - 1e6) / 2e6); };
  CHECK(kolmogorov_smirnov(Distribution::normal(1_ms, 2_ms), uncut) > suspicious);
}

TEST_CASE("an empirical distribution gives each sample its share", "[distribution]") {
  const auto distribution = Distribution::empirical({4_ms, 1_ms, 2_ms, 2_ms});
  const std::vector<Duration> draws = drawn(distribution);
  const auto share = [&](Duration d) {
    return static_cast<double>(std::count(draws.begin(), draws.end(), d)) / draw_count;
  };
  CHECK(share(1_ms) == Approx(0.25).margin(0.007));  // five standard errors
  CHECK(share(2_ms) == Approx(0.5).margin(0.008));
  CHECK(share(4_ms) == Approx(0.25).margin(0.007));
  CHECK(distribution.quantile(0.25) == 1_ms);
  CHECK(distribution.quantile(0.2501) == 2_ms);
  CHECK(distribution.quantile(0.75) == 2_ms);
  CHECK(distribution.quantile(1.0) == 4_ms);
}

TEST_CASE("means and deviations are those of theory", "[distribution]") {
  for (const Distribution& distribution : one_of_each()) {
    INFO(to_string(distribution));
    CHECK(mean_is_right(distribution));
  }
  CHECK(Distribution::uniform(2_ms, 4_ms).mean() == 3_ms);
  CHECK(Distribution::pareto(1_ms, 3.0).mean() == 1500_us);
  CHECK(Distribution::pareto(1_ms, 1.0).mean() == longest_draw);
  CHECK(Distribution::empirical({1_ms, 2_ms, 6_ms}).mean() == 3_ms);
  // median * e^(sigma^2 / 2), and mean * 1 for the exponential, 4 ms / sqrt(12) for the uniform.
  CHECK(static_cast<double>(Distribution::lognormal(1_ms, 1.0).mean().ns) == Approx(1e6 * std::exp(0.5)));
  // Relative standard errors of a deviation: sqrt(8 / 4n) and less.
  CHECK(deviation_of_draws(Distribution::exponential(1_ms)) == Approx(1e6).epsilon(0.025));
  CHECK(deviation_of_draws(Distribution::uniform(1_ms, 5_ms)) == Approx(4e6 / std::sqrt(12)).epsilon(0.025));
  CHECK(deviation_of_draws(Distribution::normal(50_ms, 3_ms)) == Approx(3e6).epsilon(0.025));
}

TEST_CASE("a larger word never gives a shorter span", "[distribution]") {
  for (const Distribution& distribution : one_of_each()) {
    INFO(to_string(distribution));
    Duration previous = distribution.sample(0);
    for (std::uint64_t step = 1; step < 100'000; ++step) {
      const Duration next = distribution.sample(step * (last_word / 100'000));
      REQUIRE(previous <= next);
      previous = next;
    }
    CHECK(previous <= distribution.sample(last_word));
  }
}

TEST_CASE("an exponential draw increases even between neighbouring words", "[distribution]") {
  const auto hourly = Distribution::exponential(1_h);
  for (const std::uint64_t start : {0ULL, 1ULL << 62, 1ULL << 63, 3ULL << 62, last_word - (20'000ULL << 12)})
    for (std::uint64_t i = 0; i < 19'000; ++i)
      REQUIRE(hourly.sample(start + (i << 12)) <= hourly.sample(start + ((i + 1) << 12)));
}

TEST_CASE("the first and the last word give sensible spans", "[distribution]") {
  CHECK(Distribution::uniform(1_ms, 2_ms).sample(0) == 1_ms);
  CHECK(Distribution::uniform(1_ms, 2_ms).sample(last_word) == 2_ms);
  CHECK(Distribution::uniform(1_ms, 1_ms).sample(last_word) == 1_ms);
  CHECK(Distribution::exponential(1_s).sample(0) == 0_ns);
  CHECK(static_cast<double>(Distribution::exponential(1_s).sample(last_word).ns) ==
        Approx(53e9 * std::log(2.0)));
  CHECK(Distribution::exponential(0_ns).sample(last_word) == 0_ns);
  CHECK(Distribution::normal(5_ms, 0_ns).sample(last_word) == 5_ms);
  CHECK(Distribution::normal(0_ns, 1_ms).sample(0) == 0_ns);
  CHECK(Distribution::pareto(1_ms, 2.0).sample(0) == 1_ms);
  CHECK(Distribution::empirical({2_ms, 1_ms}).sample(0) == 1_ms);
  CHECK(Distribution::empirical({2_ms, 1_ms}).sample(last_word) == 2_ms);
  CHECK(Distribution().sample(last_word) == 0_ns);
}

TEST_CASE("heavy tails saturate at a hundred years", "[distribution]") {
  CHECK(longest_draw == 24_h * 36525);
  CHECK(Distribution::pareto(1_ms, 0.1).sample(last_word) == longest_draw);
  CHECK(Distribution::lognormal(1_ms, 1e6).sample(last_word) == longest_draw);
  CHECK(Distribution::lognormal(1_ms, 1e6).sample(0) == 0_ns);
  CHECK(Distribution::exponential(longest_draw).sample(last_word) == longest_draw);
}

TEST_CASE("senseless parameters are bugs here, because files were checked when read", "[distribution]") {
  CHECK_THROWS_AS(Distribution::constant(Duration{-1}), BugError);
  CHECK_THROWS_AS(Distribution::uniform(2_ms, 1_ms), BugError);
  CHECK_THROWS_AS(Distribution::exponential(Duration::max()), BugError);
  CHECK_THROWS_AS(Distribution::lognormal(1_ms, std::nan("")), BugError);
  CHECK_THROWS_AS(Distribution::pareto(1_ms, 0.0), BugError);
  CHECK_THROWS_AS(Distribution::empirical({}), BugError);
  CHECK_THROWS_AS(Distribution::exponential(1_ms).quantile(1.5), BugError);
}

TEST_CASE("enumeration sees a constant or the low, middle and high quantile", "[distribution]") {
  CHECK(Distribution::constant(3_ms).representative() == std::vector{3_ms});
  CHECK(Distribution::uniform(0_ms, 100_ms).representative() == std::vector{5_ms, 50_ms, 95_ms});
  CHECK(Distribution::uniform(7_ms, 7_ms).representative() == std::vector{7_ms});
  CHECK(Distribution::empirical({1_ms, 1_ms, 8_ms}).representative() == std::vector{1_ms, 8_ms});
  const std::vector<Duration> exponential = Distribution::exponential(1_s).representative();
  REQUIRE(exponential.size() == 3);
  CHECK(static_cast<double>(exponential[0].ns) == Approx(-1e9 * std::log(0.95)));
  CHECK(static_cast<double>(exponential[1].ns) == Approx(1e9 * std::log(2)));
  CHECK(static_cast<double>(exponential[2].ns) == Approx(-1e9 * std::log(0.05)));
}

TEST_CASE("equal distributions compare equal", "[distribution]") {
  CHECK(Distribution::uniform(1_ms, 2_ms) == Distribution::uniform(1_ms, 2_ms));
  CHECK(Distribution::uniform(1_ms, 2_ms) != Distribution::normal(1_ms, 2_ms));
  CHECK(Distribution::lognormal(1_ms, 0.5) != Distribution::lognormal(1_ms, 0.25));
  CHECK(Distribution::empirical({1_ms, 2_ms}) == Distribution::empirical({2_ms, 1_ms}));
}

TEST_CASE("a span is written exactly and short", "[distribution]") {
  CHECK(to_string(250_us) == "250us");
  CHECK(to_string(200_us) == "0.2ms");
  CHECK(to_string(1500_us) == "1.5ms");
  CHECK(to_string(3_s) == "3s");
  CHECK(to_string(90_s) == "90s");
  CHECK(to_string(60_s) == "1min");
  CHECK(to_string(10_min) == "10min");
  CHECK(to_string(1_h) == "1h");
  CHECK(to_string(0_ns) == "0s");
  CHECK(to_string(-1500_us) == "-1.5ms");
  CHECK(to_string(1234567_ns) == "1234567ns");
  CHECK(to_string(Duration::max()) == "9223372036854775807ns");
  CHECK(to_string(Duration{std::numeric_limits<std::int64_t>::min()}) == "-9223372036854775808ns");
}

TEST_CASE("a distribution is written as scenario files spell it", "[distribution]") {
  CHECK(to_string(Distribution::constant(3_s)) == "3s");
  CHECK(to_string(Distribution::uniform(200_us, 600_us)) == "uniform(0.2ms, 0.6ms)");
  CHECK(to_string(Distribution::exponential(1_h)) == "exponential(1h)");
  CHECK(to_string(Distribution::normal(5_ms, 1_ms)) == "normal(5ms, 1ms)");
  CHECK(to_string(Distribution::lognormal(2_ms, 0.5)) == "lognormal(2ms, 0.5)");
  CHECK(to_string(Distribution::pareto(1_ms, 2.0)) == "pareto(1ms, 2)");
  CHECK(to_string(Distribution::empirical({4_ms, 1_ms})) == "empirical(1ms, 4ms)");
}

TEST_CASE("the portable logarithm and exponential are within two units of the last place",
          "[portable_math]") {
  double worst_log = 0, worst_exp = 0;
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const std::uint64_t word = keyed_bits(5, {1, i, 0});
    const double tail = open_unit(word);
    const double wide = std::ldexp(1 + tail, static_cast<int>(i % 2000) - 1000);
    const double near_one = 1 + (tail - 0.5) * 0x1p-10;
    for (const double x : {tail, wide, near_one})
      worst_log = std::max(worst_log, ulps(portable::log(x), std::log(static_cast<long double>(x))));
    for (const double x : {(tail - 0.5) * 1400, (tail - 0.5) * 4, (tail - 0.5) * 0x1p-20})
      worst_exp = std::max(worst_exp, ulps(portable::exp(x), std::exp(static_cast<long double>(x))));
  }
  CAPTURE(worst_log, worst_exp);
  CHECK(worst_log < 2);
  CHECK(worst_exp < 2);
  CHECK(portable::log(1.0) == 0.0);
  CHECK(portable::exp(0.0) == 1.0);
  CHECK(portable::exp(-1000) == 0.0);
  CHECK(portable::exp(1000) == std::numeric_limits<double>::infinity());
}

TEST_CASE("the portable normal distribution agrees with the error function", "[portable_math]") {
  double worst_cdf = 0, worst_inverse = 0;
  const long double root_two = std::sqrt(2.0L);
  for (int i = 0; i <= 9000; ++i) {
    const double x = i * 0.001;
    worst_cdf = std::max(worst_cdf, ulps(portable::normal_cdf(x), std::erfc(-x / root_two) / 2));
  }
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double p = std::ldexp(open_unit(keyed_bits(6, {1, i, 0})), -static_cast<int>(i % 50));
    // One Newton step in long double from the double result gives the error of that result.
    const long double x = portable::inverse_normal_cdf(p);
    const long double density = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0L));
    const long double error = (std::erfc(-x / root_two) / 2 - p) / density;
    worst_inverse =
        std::max(worst_inverse, static_cast<double>(std::abs(error) / std::max(0.1L, std::abs(x))));
  }
  CAPTURE(worst_cdf, worst_inverse * 1e15);
  CHECK(worst_cdf < 32);
  CHECK(worst_inverse * 1e15 < 2);
  CHECK(portable::inverse_normal_cdf(0.5) == 0.0);
  CHECK(portable::inverse_normal_cdf(0.975) == Approx(1.959963984540054).epsilon(1e-15));
}

// An exponential draw is monotone because neighbouring tails (2^-52 apart) have logarithms at least two
// units of the last place apart, of which log() may err by less *within* a part of its table; here all
// borders between parts.
TEST_CASE("the portable logarithm increases across the borders of its table", "[portable_math]") {
  const std::uint64_t first_border = std::bit_cast<std::uint64_t>(open_unit(0));
  const std::uint64_t part = 1ULL << 44;  // half a part, because borders lie on odd multiples
  for (std::uint64_t border = first_border / part * part; border < std::bit_cast<std::uint64_t>(1.0);
       border += part) {
    const double x = std::bit_cast<double>(border);
    const double before = std::max(x - 0x1p-52, 0x1p-53);
    REQUIRE(portable::log(before) <= portable::log(std::max(x, 0x1p-53)));
    REQUIRE(portable::log(std::max(x, 0x1p-53)) <= portable::log(x + 0x1p-52));
  }
}

// The digest was computed by a transcription of the formulas into Python, whose floats are IEEE doubles
// that are never contracted, kept in wider registers or reordered (the exponential one into its exact
// integers). A build that does one of these (gcc for
// arm64 without -ffp-contract=off, for one) gets other draws and fails here. A changed formula changes all
// simulations: raise trace_version with it.
TEST_CASE("draws are the same to the last bit on every machine", "[distribution]") {
  const std::array<Distribution, 4> distributions{
      Distribution::exponential(1_h), Distribution::normal(500'000_s, 50'000_s),
      Distribution::lognormal(1_h, 0.5), Distribution::pareto(1_min, 1.5)};
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < 1000; ++i)
    for (const Distribution& distribution : distributions)
      digest = mixed(digest ^ static_cast<std::uint64_t>(distribution.sample(keyed_bits(1, {2, i, 0})).ns));
  CHECK(digest == 0xDF9A47CEBC744550);
}
