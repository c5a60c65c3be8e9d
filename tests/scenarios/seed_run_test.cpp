// One seed from start to verdict.
#include "scenarios/run/seed_run.hpp"

#include "sim/trace_hash.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/small_runs.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using namespace sim::literals;

namespace {

std::shared_ptr<const model::Config> shared(model::Config config) {
  return std::make_shared<const model::Config>(std::move(config));
}

SeedResult fresh(const std::shared_ptr<const model::Config>& config, std::uint64_t seed) {
  return SeedRunner(config).run(sim::Seed(seed));
}

void check_same(const SeedResult& a, const SeedResult& b) {
  CHECK(a.seed == b.seed);
  CHECK(a.strikes == b.strikes);
  CHECK(a.drained == b.drained);
  CHECK(a.ended == b.ended);
  CHECK(a.events == b.events);
  CHECK(a.trace_hash == b.trace_hash);
  REQUIRE(a.groups.size() == b.groups.size());
  for (std::size_t g = 0; g < a.groups.size(); ++g) {
    CHECK(a.groups[g].counts == b.groups[g].counts);
    CHECK(a.groups[g].causes == b.groups[g].causes);
    CHECK(a.groups[g].window_min == b.groups[g].window_min);
    CHECK(a.groups[g].window_max == b.groups[g].window_max);
  }
}

model::Config killed_for_good(model::FlushDiskType flush) {
  model::Config config = tests::power_loss_while_read();
  config.brokers[0].settings.flushDiskType = flush;
  config.faults[0].action.kind = model::FaultKind::kill;
  config.faults[0].restores = false;
  return config;
}

/// Asks for the end as soon as the first order is on its way.
class Impatient final : public sim::Recorder {
 public:
  void on(sim::SimTime, const sim::Record& record) override {
    cancel = cancel || static_cast<model::RecordKind>(record.kind) == model::RecordKind::send_begun;
  }
  std::atomic<bool> cancel{false};
};

}  // namespace

TEST_CASE("a recycled runner gives what a fresh one gives", "[seed_run]") {
  model::Config config = tests::power_loss_while_read();
  // Ended in the middle of random arrivals, so that the seeds differ in how many orders they begin.
  config.producers[0].arrivals = model::Arrivals::poisson;
  config.producers[0].messages = 1'000'000;
  config.duration_max = 2_s;
  config.drain_timeout = 1_s;
  const auto whole = shared(config);
  SeedRunner recycled(whole);
  std::int64_t fewest = 1000, most = 0;
  for (const std::uint64_t seed : {5, 3, 9, 1, 3, 7, 2, 5}) {
    CAPTURE(seed);
    const SeedResult result = recycled.run(sim::Seed(seed));
    check_same(result, fresh(whole, seed));
    fewest = std::min(fewest, result.groups[0][Count::intents]);
    most = std::max(most, result.groups[0][Count::intents]);
  }
  CHECK(fewest < most);
}

TEST_CASE("a run that failed leaves nothing behind in its runner", "[seed_run]") {
  const auto config = shared(tests::quiet(20'000));
  SeedRunner runner(config);
  Impatient listener;
  CHECK_THROWS_AS(runner.run(sim::Seed(1), listener, &listener.cancel), sim::Cancelled);
  check_same(runner.run(sim::Seed(2)), fresh(config, 2));
}

TEST_CASE("a listener hears every record and changes nothing", "[seed_run]") {
  const auto config = shared(tests::power_loss_while_read());
  sim::VectorRecorder recorder;
  const SeedResult heard = SeedRunner(config).run(sim::Seed(4), recorder);
  check_same(heard, fresh(config, 4));
  sim::TraceHash hash;
  for (const auto& stamped : recorder.records()) hash.add(stamped.at, stamped.record);
  CHECK(hash.value() == heard.trace_hash);
}

TEST_CASE("a quiet run processes everything once and has nothing to report", "[seed_run]") {
  const SeedResult result = fresh(shared(tests::quiet(100)), 1);
  REQUIRE(result.groups.size() == 1);
  const GroupCounts& counts = result.groups[0];
  for (std::size_t c = 0; c < count_kinds; ++c) {
    const auto count = static_cast<Count>(c);
    CAPTURE(std::string(to_string(count)));
    const bool all = count == Count::intents || count == Count::acknowledged || count == Count::stored ||
                     count == Count::processed;
    CHECK(counts[count] == (all ? 100 : 0));
    for (std::size_t k = 1; k < cause_kinds; ++k) CHECK(counts.causes[c][k] == 0);
  }
  for (const auto window : counts.window_max) CHECK(window == -1);
  CHECK(result.drained);
  CHECK(result.strikes.empty());
}

TEST_CASE("loss is judged after the operator has repaired everything", "[seed_run]") {
  // ASYNC_FLUSH: what a killed process has acknowledged is in the page cache and comes back with it.
  const model::Config config = killed_for_good(model::FlushDiskType::ASYNC_FLUSH);
  const SeedResult result = fresh(shared(config), 1);
  const GroupCounts& counts = result.groups.at(0);
  CHECK(result.drained);
  CHECK(result.strikes == std::vector<std::uint32_t>{1});
  CHECK(counts[Count::told_failed] > 0);
  CHECK(counts[Count::lost] == 0);
  CHECK(counts[Count::vanished] == 0);
  CHECK(counts[Count::processed] == counts[Count::stored]);
}

TEST_CASE("what waits for the operator is processed late, not lost", "[seed_run]") {
  model::Config config = killed_for_good(model::FlushDiskType::ASYNC_FLUSH);
  config.consumers[0].start_at = 3_s;  // after the last send: everything still has to be read
  config.faults[0].trigger.time = sim::Distribution::constant(2500_ms);
  const SeedResult result = fresh(shared(config), 1);
  CHECK(result.groups.at(0)[Count::processed] == 200);
  CHECK(result.groups.at(0)[Count::late] == 200);
}

TEST_CASE("a fault tied to an event waits for what consumers still have to do", "[seed_run]") {
  model::Config config = tests::power_loss_while_read();
  config.consumers[0].work_time = sim::Distribution::constant(1_s);  // the 200th of two queues comes at 100 s
  model::FaultConfig& fault = config.faults[0];
  fault = {};
  fault.trigger.kind = model::TriggerKind::on_event;
  fault.trigger.event = static_cast<std::uint16_t>(model::EventName::consumer_worked);
  fault.action.kind = model::FaultKind::kill;
  fault.action.process = model::consumer_process(config, 0);
  fault.restores = true;
  const bool ever = GENERATE(true, false);
  fault.trigger.nth = ever ? 150 : 250;
  const SeedResult result = fresh(shared(config), 1);
  CHECK(result.strikes == std::vector<std::uint32_t>{ever ? 1U : 0U});
  CHECK(result.drained);
  CHECK(result.groups.at(0)[Count::processed] == 200);
}

TEST_CASE("what is still pending at drain_timeout is stuck", "[seed_run]") {
  model::Config config = tests::power_loss_while_read();
  config.faults.clear();
  config.consumers[0].work_time = sim::Distribution::constant(1_s);
  config.drain_timeout = 10_s;
  const SeedResult result = fresh(shared(config), 1);
  const GroupCounts& counts = result.groups.at(0);
  CHECK_FALSE(result.drained);
  CHECK(counts[Count::stuck] > 0);
  CHECK(counts[Count::lost] == 0);
  CHECK(counts[Count::processed] + counts[Count::stuck] == 200);
  // Two queues are worked on side by side, one order a second, for 2 s of sends and 10 s of draining.
  CHECK(counts[Count::processed] >= 20);
  CHECK(counts[Count::processed] <= 24);
}

TEST_CASE("duration_max begins the repair of what is not over by itself", "[seed_run]") {
  model::Config config = tests::quiet(100);
  config.duration_max = 3_s;
  SECTION("an endless workload") { config.producers[0].messages = 1'000'000; }
  SECTION("a fault that is still to come") {
    model::FaultConfig& fault = config.faults.emplace_back();
    fault.trigger.time = sim::Distribution::constant(1_h);
    fault.action.kind = model::FaultKind::reset;
  }
  config.drain_timeout = 2_s;
  sim::VectorRecorder recorder;
  const SeedResult result = SeedRunner(shared(config)).run(sim::Seed(1), recorder);
  std::vector<sim::SimTime> healed;
  for (const auto& stamped : recorder.records()) {
    if (static_cast<model::RecordKind>(stamped.record.kind) == model::RecordKind::healed)
      healed.push_back(stamped.at);
  }
  CHECK(healed == std::vector<sim::SimTime>{sim::SimTime{} + 3_s});
  CHECK(result.ended <= sim::SimTime{} + 5_s);
  CHECK(result.groups.at(0)[Count::lost] == 0);
  CHECK(result.groups.at(0)[Count::failed] == 0);
  for (const auto struck : result.strikes) CHECK(struck == 0);
}

TEST_CASE("a send that is open at the end is stuck, its producer lives", "[seed_run]") {
  model::Config config = tests::quiet(1'000'000);
  config.network.delay = sim::Distribution::constant(10_ms);  // so that one is surely under way
  config.brokers[0].answer_time = sim::Distribution::constant({});
  config.duration_max = 3_s;
  config.drain_timeout = 1005_ms;
  const SeedResult result = fresh(shared(config), 1);
  const GroupCounts& counts = result.groups.at(0);
  CHECK_FALSE(result.drained);
  CHECK(counts[Count::unanswered] > 0);
  CHECK(counts[Count::failed] == 0);
  CHECK(counts[Count::lost] == 0);
  CHECK(counts[Count::stuck] + counts[Count::processed] == counts[Count::intents]);
  CHECK(counts[Count::stuck] <= 2);  // The producer has two threads.
}

TEST_CASE("a group counts the intents of its topics, the log those that nobody reads", "[seed_run]") {
  model::Config config = tests::power_loss_while_read();
  config.faults.clear();
  config.topics.push_back({.name = "logs", .queues = 1});
  model::ProducerConfig logger = config.producers[0];
  logger.name = "logger";
  logger.topic = model::TopicId(1);
  logger.messages = 70;
  config.producers.push_back(logger);
  const SeedResult result = fresh(shared(config), 1);
  REQUIRE(result.groups.size() == 2);
  CHECK(result.groups[0][Count::intents] == 200);
  CHECK(result.groups[0][Count::processed] == 200);
  CHECK(result.groups[0][Count::stored] == 200);
  CHECK(result.groups[1][Count::intents] == 70);
  CHECK(result.groups[1][Count::processed] == 70);
  CHECK(result.groups[1][Count::stuck] == 0);
}

TEST_CASE("an order that was processed and has vanished since has its cause there alone", "[seed_run]") {
  const auto config = shared(tests::power_loss_while_read());
  SeedRunner runner(config);
  std::int64_t vanished = 0, both = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const GroupCounts counts = runner.run(sim::Seed(seed)).groups.at(0);
    const auto of = [&](Count count, model::ledger::Cause cause) {
      return counts.causes[static_cast<std::size_t>(count)][static_cast<std::size_t>(cause)];
    };
    CHECK(of(Count::vanished, model::ledger::Cause::storage_unflushed_tail) == counts[Count::vanished]);
    CHECK(of(Count::processed, model::ledger::Cause::none) == counts[Count::processed]);
    vanished += counts[Count::vanished];
    both += counts[Count::vanished] - counts[Count::lost];
  }
  CHECK(vanished > 0);
  CHECK(both > 0);  // The reader is quicker than the flush.
}

TEST_CASE("every verdict UNKNOW: five messages as they were measured", "[seed_run]") {
  // facts/measured-rocketmq.md: exactly 15 checks each, 80 records in the half topic, discarded at 437 s.
  model::Config config = tests::quiet(5);
  config.producers[0].transaction.emplace();
  config.producers[0].transaction->returns_unknown = true;
  config.producers[0].transaction->check_answer = model::CheckAnswer::unknown;
  config.producer_groups = {"shop"};
  config.brokers[0].up_for = 14_s;
  config.drain_timeout = 1_h;
  const SeedResult result = fresh(shared(config), 1);
  const GroupCounts& counts = result.groups.at(0);
  CHECK(counts[Count::half_records] == 80);
  CHECK(counts[Count::checks] == 75);
  CHECK(counts[Count::discarded] == 5);
  CHECK(counts[Count::op_records] == 0);
  CHECK(counts[Count::stored] == 0);
  CHECK(counts[Count::lost] == 5);
  const auto spent = static_cast<std::size_t>(model::ledger::Cause::transaction_checks_spent);
  CHECK(counts.causes[static_cast<std::size_t>(Count::lost)][spent] == 5);
  CHECK(counts.window_min[spent] > (430_s).ns);
  CHECK(counts.window_max[spent] < (440_s).ns);
}

TEST_CASE("deliveries are those of the group, a quiet reader gets each order once", "[seed_run]") {
  model::Config config = tests::power_loss_while_read();
  config.faults.clear();
  const SeedResult result = fresh(shared(config), 1);
  CHECK(result.groups.at(0)[Count::deliveries] == 200);
}

TEST_CASE("what a consumer had handed off when it died is lost, for no longer than its work takes",
          "[seed_run]") {
  model::Config config = tests::power_loss_while_read();
  config.consumers.clear();
  model::PushConsumerConfig& listener = config.push_consumers.emplace_back();
  listener.name = "billing-1";
  listener.host = model::HostId(1);
  listener.topics = {model::TopicId(0)};
  listener.work.time = sim::Distribution::constant(300_ms);
  listener.work.acknowledge = model::Acknowledge::hand_off;
  config.producers[0].messages = 400;  // 100/s: for 4 s
  config.faults[0].trigger.time = sim::Distribution::constant(3_s);
  config.faults[0].action.kind = model::FaultKind::kill;
  config.faults[0].action.process = model::push_consumer_process(config, 0);
  const SeedResult result = fresh(shared(config), 1);
  const GroupCounts& counts = result.groups.at(0);
  const auto early = static_cast<std::size_t>(model::ledger::Cause::consumption_acknowledged_before_work);
  // Some 300 ms x 100/s are in work at any time.
  CHECK(counts[Count::lost] >= 25);
  CHECK(counts[Count::lost] <= 35);
  CHECK(counts.causes[static_cast<std::size_t>(Count::lost)][early] == counts[Count::lost]);
  CHECK(counts.window_max[early] <= (300_ms).ns);
  CHECK(counts[Count::processed] + counts[Count::lost] == 400);
}

TEST_CASE("of each count and cause the first intent is remembered, of a quiet run none", "[seed_run]") {
  const auto config = shared(tests::power_loss_while_read());
  const SeedResult result = fresh(config, 4);
  const GroupCounts& counts = result.groups.at(0);
  for (std::size_t c = 0; c < count_kinds; ++c) {
    std::uint32_t first = 0;
    for (const std::uint32_t intent : counts.first[c]) first = std::max(first, intent);
    CAPTURE(std::string(to_string(static_cast<Count>(c))));
    const bool of_all = static_cast<Count>(c) == Count::deliveries;  // of the group, not of an intent
    if (!of_all) CHECK((first > 0) == (counts.counts[c] > 0));
    CHECK(first <= 200);
  }
  CHECK(counts.first[static_cast<std::size_t>(Count::intents)][0] == 1);
}
