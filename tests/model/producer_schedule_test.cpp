// Arrivals and pacing: when a thread takes up a message. One-way delay 1 ms, connect included 4 ms for the
// first send and 2 ms for the others.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/client_lab.hpp"

namespace brokersim::model {
namespace {

std::vector<std::int64_t> milliseconds(const Log& log) {
  std::vector<std::int64_t> all;
  for (const Sent& sent : log.sends) all.push_back(sent.begun.ns / 1'000'000);
  return all;
}

/// One thread, 10 ms between two sends; the broker sleeps from 15.5 to 55 ms.
Config busy_thread(Pacing pacing) {
  Config config = lab();
  config.producers[0].messages = 8;
  config.producers[0].pacing = pacing;
  config.faults.push_back(fault_during(15'500_us, 39'500_us, FaultKind::pause, ProcessId(0)));
  return config;
}

using Times = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("catch up: late sends follow at once, the schedule stays") {
  ClientRun run(busy_thread(Pacing::per_thread_catch_up));
  // 20 waits until 56; then 30, 40, 50 are late and take 2 ms each.
  CHECK(milliseconds(run.until(1_s).log) == Times{0, 10, 20, 56, 58, 60, 62, 70});
}

TEST_CASE("skip: slots that pass meanwhile are left out") {
  ClientRun run(busy_thread(Pacing::per_thread_skip));
  CHECK(milliseconds(run.until(1_s).log) == Times{0, 10, 20, 60, 70, 80, 90, 100});
}

TEST_CASE("sleep: the pause begins when the send returns") {
  ClientRun run(busy_thread(Pacing::per_thread_sleep));
  CHECK(milliseconds(run.until(1_s).log) == Times{0, 14, 26, 66, 78, 90, 102, 114});
}

TEST_CASE("shared: arrivals wait for a free thread") {
  Config config = busy_thread(Pacing::shared);
  config.producers[0].threads = 2;
  ClientRun run(config);
  CHECK(milliseconds(run.until(1_s).log) == Times{0, 10, 20, 30, 56, 56, 60, 70});
}

TEST_CASE("threads are spread over one period, or start together one after another") {
  Config config = lab();
  config.producers[0].threads = 4;
  config.producers[0].messages = 8;
  ClientRun spread(config);
  CHECK(milliseconds(spread.until(1_s).log) == Times{0, 10, 20, 30, 40, 50, 60, 70});
  config.producers[0].threads_start_together = true;
  ClientRun together(config);
  // Thread n runs n times 0.02 to 1 ms after the first.
  const Times begun = milliseconds(together.until(1_s).log);
  REQUIRE(begun.size() == 8);
  for (std::size_t i = 0; i < 4; ++i) CHECK(begun[i] <= static_cast<std::int64_t>(i));
  for (std::size_t i = 4; i < 8; ++i) CHECK(begun[i] == begun[i - 4] + 40);
}

TEST_CASE("bursts come at once, spread over the threads") {
  Config config = lab();
  config.producers[0].arrivals = Arrivals::bursts;
  config.producers[0].burst_size = 3;
  config.producers[0].burst_every = 50_ms;
  config.producers[0].threads = 3;
  config.producers[0].messages = 7;
  ClientRun run(config);
  CHECK(milliseconds(run.until(1_s).log) == Times{0, 0, 0, 50, 50, 50, 100});
}

TEST_CASE("saturated: one round trip after the other") {
  Config config = lab();
  config.producers[0].arrivals = Arrivals::saturated;
  config.producers[0].messages = 5;
  ClientRun run(config);
  CHECK(milliseconds(run.until(1_s).log) == Times{0, 4, 6, 8, 10});
}

TEST_CASE("saturated asynchronous sends do not loop at one instant") {
  Config config = lab();
  config.producers[0].arrivals = Arrivals::saturated;
  config.producers[0].send = SendMode::async;
  config.producers[0].messages = 5;
  ClientRun run(config);
  run.until(1_s);
  CHECK(run.log.count(RecordKind::acknowledged) == 5);
  CHECK(run.log.sends[4].begun > run.log.sends[0].begun);
}

TEST_CASE("poisson arrivals have the rate, whatever the number of threads") {
  for (const std::int32_t threads : {1, 4}) {
    Config config = lab();
    config.producers[0].arrivals = Arrivals::poisson;
    config.producers[0].threads = threads;
    config.producers[0].rate = 100;
    config.producers[0].messages = 10'000;
    ClientRun run(config);
    run.until(150_s);
    // The sum of 10,000 exponential gaps of 10 ms: 100 s, standard deviation 1 s.
    const double seconds = static_cast<double>(run.log.sends.back().begun.ns) / 1e9;
    CHECK(seconds > 96);
    CHECK(seconds < 104);
  }
}

TEST_CASE("an idle instance only opens its connections") {
  Config config = lab(2);
  config.producers[0].messages = 0;
  ClientRun run(config);
  run.until(1_s);
  CHECK(run.log.count(RecordKind::connection_opened) == 2);
  CHECK(run.log.count(RecordKind::send_begun) == 0);
  CHECK(rocketmq::producer_done(run.world(), config, 0));
}

TEST_CASE("body sizes lie between the two bounds, both included") {
  Config config = lab();
  config.producers[0].messages = 200;
  config.producers[0].rate = 1000;
  config.producers[0].body_size_min = 100;
  config.producers[0].body_size_max = 103;
  ClientRun run(config);
  run.until(1_s);
  std::vector<std::int64_t> sizes;
  const auto& log = run.world().brokers[0].cache.log;
  for (std::size_t i = 1; i < log.size(); ++i) sizes.push_back(log[i].end - log[i - 1].end);
  const auto [low, high] = std::minmax_element(sizes.begin(), sizes.end());
  CHECK(*high - *low == 3);
}

}  // namespace brokersim::model
