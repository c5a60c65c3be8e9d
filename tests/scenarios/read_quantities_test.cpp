// Numbers with units: exact, and refused where the model could not hold them.
#include "scenarios/read/quantities.hpp"
#include "tests/catch.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios::read;
using sim::Distribution;
using sim::Duration;
using namespace sim::literals;

Duration span(const char* text) {
  INFO(text);
  const auto parsed = parse_duration(text);
  REQUIRE(parsed.value);
  return *parsed.value;
}

Distribution distribution(const char* text) {
  INFO(text);
  const auto parsed = parse_distribution(text);
  REQUIRE(parsed.value);
  return *parsed.value;
}

}  // namespace

TEST_CASE("durations") {
  CHECK(span("500ms") == 500_ms);
  CHECK(span("3s") == 3_s);
  CHECK(span("1.5s") == 1500_ms);
  CHECK(span("10us") == 10_us);
  CHECK(span("2min") == 120_s);
  CHECK(span("1h") == 3600_s);
  CHECK(span("0.1us") == 100_ns);
  CHECK(span("0.000000001s") == 1_ns);
  CHECK(span("1.000000000000s") == 1_s);
  CHECK(span("0.0000000000025h") == 9_ns);  // 2.5e-12 h x 3.6e12 ns/h
  CHECK(span("-1.5s") == -1500_ms);
  CHECK(span("876000h") == longest_span);
}

TEST_CASE("what is no duration is refused") {
  for (const char* text : {"",
                           "s",
                           "-",
                           "1",
                           "1.s",
                           ".5s",
                           "1e3ms",
                           "+1s",
                           " 1s",
                           "1 s",
                           "1s ",
                           "1S",
                           "1d",
                           "0.1ns",
                           "1.0000000001s",
                           "876001h",
                           "9223372036854775807ns",
                           "99999999999999999999999999ns",
                           "nan",
                           "infs",
                           "1.5.5s",
                           "0x10ms"}) {
    INFO(text);
    const auto parsed = parse_duration(text);
    CHECK(!parsed.value);
    CHECK(!parsed.message.empty());
  }
}

TEST_CASE("units that people write otherwise are understood well enough to say the right one") {
  CHECK(parse_duration("5sec").suggestion == "did you mean \"s\"?");
  CHECK(parse_duration("5m").suggestion == "did you mean \"min\"?");
  CHECK(parse_duration("5\xc2\xb5s").suggestion == "did you mean \"us\"?");
  CHECK(parse_size("5b").suggestion == "did you mean \"B\"?");
}

TEST_CASE("distributions") {
  CHECK(distribution("3ms") == Distribution::constant(3_ms));
  CHECK(distribution("uniform(0.2ms, 0.6ms)") == Distribution::uniform(200_us, 600_us));
  CHECK(distribution("uniform(1ms,1ms)") == Distribution::uniform(1_ms, 1_ms));
  CHECK(distribution("exponential(1h)") == Distribution::exponential(1_h));
  CHECK(distribution("normal( 5ms , 1ms )") == Distribution::normal(5_ms, 1_ms));
  CHECK(distribution("lognormal(2ms, 0.5)") == Distribution::lognormal(2_ms, 0.5));
  CHECK(distribution("pareto(1ms, 2.5)") == Distribution::pareto(1_ms, 2.5));
  CHECK(distribution("empirical(3ms, 1ms)") == Distribution::empirical({1_ms, 3_ms}));
}

TEST_CASE("what a distribution is called when written reads back to it") {
  for (const char* text :
       {"0s", "uniform(200us, 600us)", "exponential(1h)", "normal(5ms, 1ms)", "lognormal(2ms, 0.5)",
        "lognormal(2ms, 0.1)", "pareto(1ns, 100)", "normal(0s, 0s)", "empirical(1ms, 2ms, 2ms)"}) {
    const Distribution first = distribution(text);
    CHECK(distribution(sim::to_string(first).c_str()) == first);
  }
}

TEST_CASE("senseless distributions are refused, not handed to the model as a bug") {
  for (const char* text : {"uniform(2ms, 1ms)",
                           "uniform(-1ms, 1ms)",
                           "exponential(-1s)",
                           "pareto(0s, 2)",
                           "pareto(1ms, 0)",
                           "lognormal(1ms, -0.5)",
                           "lognormal(1ms, nan)",
                           "lognormal(1ms, inf)",
                           "lognormal(1ms, 1e999)",
                           "lognormal(1ms, 101)",
                           "normal(1ms)",
                           "normal(1ms, 2ms, 3ms)",
                           "empirical()",
                           "()",
                           "(1ms)",
                           "uniform",
                           "uniform(",
                           "uniform)",
                           "uniform(,)",
                           "-3ms",
                           "exponential(900000h)"}) {
    INFO(text);
    CHECK(!parse_distribution(text).value);
  }
}

TEST_CASE("sizes: powers of 1,000 and of 1,024") {
  CHECK(parse_size("256B").value->max == 256);
  CHECK(parse_size("2KiB").value->max == 2048);
  CHECK(parse_size("2kB").value->max == 2000);
  CHECK(parse_size("0.5KiB").value->max == 512);
  CHECK(parse_size("1MB").value->max == 1'000'000);
  CHECK(parse_size("128MiB").value->max == 128 << 20);
  CHECK(parse_size("uniform(100B, 2KiB)").value->min == 100);
  CHECK(parse_size("uniform(100B, 2KiB)").value->max == 2048);
  CHECK(size_text({100, 2048}) == "uniform(100B, 2048B)");
  for (const char* text :
       {"256", "0B", "-1B", "0.5B", "129MiB", "uniform(2B, 1B)", "exponential(2B)", "uniform(1B)", ""}) {
    INFO(text);
    CHECK(!parse_size(text).value);
  }
}

TEST_CASE("rates") {
  CHECK(parse_rate("1500/s").value->per_second == 1500.0);
  CHECK(!parse_rate("1500/s").value->poisson);
  CHECK(parse_rate("2/ms").value->per_second == 2000.0);
  CHECK(parse_rate("90/min").value->per_second == Approx(1.5));
  CHECK(parse_rate("poisson(0.5/s)").value->poisson);
  for (const char* text : {"1500", "/s", "0/s", "-1/s", "nan/s", "inf/s", "1e99/s", "1/d", "poisson 5/s",
                           "poisson(5)", "1/s/s"}) {
    INFO(text);
    CHECK(!parse_rate(text).value);
  }
}

TEST_CASE("a rate written as its number per second reads back to the same bits") {
  for (const char* text : {"10/min", "1/h", "7/min", "0.1/s", "1500/s"}) {
    const double rate = parse_rate(text).value->per_second;
    CHECK(parse_rate(shortest(rate) + "/s").value->per_second == rate);
  }
}

}  // namespace brokersim::tests
