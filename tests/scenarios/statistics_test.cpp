// Statistics over seeds against values worked out by hand or found in tables.
#include "scenarios/run/statistics.hpp"

#include "scenarios/report/format.hpp"
#include "tests/catch.hpp"

using namespace brokersim::scenarios;

namespace {

Histogram of(std::initializer_list<std::int64_t> values) {
  Histogram histogram;
  for (const auto value : values) histogram.add(value);
  return histogram;
}

}  // namespace

TEST_CASE("a histogram keeps order statistics, whatever the order of adding", "[statistics]") {
  const Histogram histogram = of({5, 1, 3, 3, 9});
  CHECK(histogram.total() == 5);
  CHECK(histogram.ordered(0) == 1);
  CHECK(histogram.ordered(1) == 3);
  CHECK(histogram.ordered(2) == 3);
  CHECK(histogram.ordered(4) == 9);
  CHECK(of({9, 3, 1, 5, 3}).bins() == histogram.bins());
  Histogram merged = of({5, 1});
  merged.merge(of({3, 3, 9}));
  CHECK(merged.bins() == histogram.bins());
}

TEST_CASE("a summary of five values, by hand", "[statistics]") {
  // 2 4 4 5 10: mean 5, squares of deviations 9+1+1+0+25 = 36, variance 9, standard error 3/sqrt(5) = 1.3416,
  // t(4) = 2.776: half width 3.7244.
  const Summary s = summarise(of({2, 4, 4, 5, 10}));
  CHECK(s.seeds == 5);
  CHECK(s.mean == Approx(5));
  CHECK(s.mean_low == Approx(5 - 3.7244).epsilon(1e-4));
  CHECK(s.mean_high == Approx(5 + 3.7244).epsilon(1e-4));
  CHECK(s.min == 2);
  CHECK(s.median == 4);
  CHECK(s.max == 10);
  CHECK(s.predicted_low == 2);
  CHECK(s.predicted_high == 10);
}

TEST_CASE("the prediction interval of a hundred seeds leaves out two or three at each end", "[statistics]") {
  Histogram histogram;
  for (std::int64_t i = 1; i <= 100; ++i) histogram.add(i);
  // The 2.5 % quantile is the smallest value that 2.5 of the 100 do not exceed: the third.
  CHECK(quantile(histogram, 0.025) == 3);
  CHECK(quantile(histogram, 0.975) == 98);
  CHECK(quantile(histogram, 0.5) == 50);
  CHECK(quantile(histogram, 1.0) == 100);
  CHECK(quantile(histogram, 0.0) == 1);
}

TEST_CASE("one seed has no spread, none at all gives zeros", "[statistics]") {
  const Summary one = summarise(of({7}));
  CHECK(one.mean == 7);
  CHECK(one.mean_low == 7);
  CHECK(one.mean_high == 7);
  CHECK(summarise(Histogram{}).mean == 0);
}

TEST_CASE("Student's t as the tables have it", "[statistics]") {
  CHECK(student_t_95(1) == Approx(12.706));
  CHECK(student_t_95(10) == Approx(2.228));
  CHECK(student_t_95(40) == Approx(2.0211).epsilon(1e-3));
  CHECK(student_t_95(120) == Approx(1.9799).epsilon(1e-3));
  CHECK(student_t_95(1'000'000) == Approx(1.95996).epsilon(1e-4));
}

TEST_CASE("numbers and times as people read them", "[format]") {
  CHECK(short_number(404.21) == "404.2");
  CHECK(short_number(6000) == "6000");
  CHECK(short_number(0.031) == "0.031");
  CHECK(short_number(0) == "0");
  CHECK(short_number(123456) == "123456");
  CHECK(short_time(512'300'000) == "512 ms");
  CHECK(short_time(1'340'000'000) == "1.34 s");
  CHECK(short_time(85'000) == "85 us");
  CHECK(short_time(0) == "0 s");
}
