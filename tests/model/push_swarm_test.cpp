// Swarm: configurations and faults drawn from the seed. Whatever processes are killed, stopped or paused, a
// group that works before it acknowledges processes every message that a broker holds at least once; the
// monitor sees no transition that its table does not know; and in the end everybody is idle.
#include <algorithm>
#include <string>

#include "model/dispatch.hpp"
#include "model/rocketmq/queue_lock_table.hpp"
#include "sim/random.hpp"
#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {

namespace {

/// Draws for configurations: (seed, which question).
class Knobs {
 public:
  explicit Knobs(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t below(std::uint64_t n) { return sim::below(sim::keyed_bits(seed_, {77, ++asked_, 0}), n); }
  bool maybe() { return below(2) == 1; }

 private:
  std::uint64_t seed_, asked_ = 0;
};

Duration milliseconds(std::uint64_t n) { return 1_ms * static_cast<std::int64_t>(n); }

WorkConfig any_work(Knobs& knobs) {
  WorkConfig work;
  const std::int64_t longest[] = {2, 50, 3'000};
  work.time = Distribution::uniform(1_ms, 1_ms * longest[knobs.below(3)]);
  work.fail_chance = knobs.maybe() ? 0.05 : 0;
  work.fails_first = static_cast<std::int32_t>(knobs.below(3));
  const FailResult results[] = {FailResult::reconsume_later, FailResult::exception, FailResult::null,
                                FailResult::ack_index, FailResult::never};
  // A thread that never returns is lost for good, and each redelivery may take another: not too many.
  work.fail_result = work.fail_chance > 0 ? results[knobs.below(4)] : results[knobs.below(5)];
  work.delay_level = knobs.maybe() ? 0 : 1 + static_cast<std::int32_t>(knobs.below(4));
  if (work.fail_result == FailResult::never) work.fails_first = std::min(work.fails_first, 1);
  work.applied_when_failing = knobs.maybe();
  return work;
}

FaultConfig any_fault(Knobs& knobs, std::size_t processes) {
  const FaultKind kinds[] = {FaultKind::kill, FaultKind::stop, FaultKind::pause, FaultKind::kill};
  const auto process = static_cast<std::uint16_t>(knobs.below(processes));
  FaultConfig fault =
      PushLab::fault(milliseconds(4'000 + knobs.below(26'000)), kinds[knobs.below(4)], ProcessId(process));
  return restoring(fault, milliseconds(100 + knobs.below(12'000)));
}

Config any_config(std::uint64_t seed) {
  Knobs knobs(seed);
  Config config = PushLab::config(1 + knobs.below(3), 100, 1 + static_cast<std::int32_t>(knobs.below(4)));
  config.network.delay = Distribution::uniform(100_us, 3_ms);
  if (knobs.maybe()) config.brokers.push_back(config.brokers[0]);
  const Profile profile = knobs.maybe() ? Profile::v5_3 : Profile::v4_9;
  for (BrokerConfig& broker : config.brokers) broker.profile = profile;
  const WorkConfig work = any_work(knobs);
  for (PushConsumerConfig& consumer : config.push_consumers) {
    consumer.profile = profile;
    consumer.work = work;
    consumer.settings.consumeThreadMin =
        work.fail_result == FailResult::never ? 500 : 1 + static_cast<int>(knobs.below(20));
    consumer.settings.consumeMessageBatchMaxSize = knobs.maybe() ? 1 : 4;
    consumer.settings.consumeTimeout = 60_s;
    consumer.settings.pullThresholdForQueue = knobs.maybe() ? 1000 : 5;
  }
  const std::size_t processes = config.brokers.size() + 1 + config.push_consumers.size();
  for (std::uint64_t i = knobs.below(5); i > 0; --i) config.faults.push_back(any_fault(knobs, processes));
  return config;
}

/// The same with listeners that consume in order: one that never returned would hold its queue up for ever.
Config any_orderly_config(std::uint64_t seed) {
  Config config = any_config(seed);
  Knobs knobs(seed + 10'000);
  const FailResult results[] = {FailResult::suspend, FailResult::exception, FailResult::null};
  const FailResult result = results[knobs.below(3)];
  const Duration suspended = milliseconds(knobs.below(2'000));
  for (PushConsumerConfig& consumer : config.push_consumers) {
    consumer.listener = Listener::orderly;
    consumer.work.fail_result = result;
    consumer.work.time = Distribution::uniform(1_ms, 200_ms);
    consumer.settings.suspendCurrentQueueTimeMillis = suspended;
  }
  return config;
}

/// What is recorded of locks is what the table of locks allows.
void watch_locks(const PushLab& lab) {
  rocketmq::QueueLockMonitor monitor(lab.run.simulation.config());
  for (const sim::StampedRecord& r : lab.run.recorder.records()) monitor.on(r.at, r.record);
}

/// Intents of which some broker holds a copy.
std::vector<std::uint32_t> stored(const World& world) {
  std::vector<std::uint32_t> intents;
  for (const rocketmq::Broker& broker : world.brokers) {
    for (std::size_t i = 0; i < broker.cache.log.size(); ++i)
      intents.push_back(broker.cache.log[i].intent.value);
  }
  std::sort(intents.begin(), intents.end());
  intents.erase(std::unique(intents.begin(), intents.end()), intents.end());
  return intents;
}

/// What no listener has processed.
std::string missing_of(const PushLab& lab) {
  const auto effects = lab.effects();
  std::string missing;
  for (const std::uint32_t intent : stored(lab.world())) {
    if (effects.count(intent) == 0) missing += std::to_string(intent) + " ";
  }
  return missing;
}

}  // namespace

TEST_CASE("push: swarm: at least once, whatever dies") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    PushLab lab(any_config(seed), 60_s, seed);
    heal(lab.run);
    lab.run.until(1200_s);
    REQUIRE_NOTHROW(lab.watch());
    CHECK(missing_of(lab) == "");
    CHECK(drained(lab.world(), lab.run.simulation.config()));
  }
}

TEST_CASE("push: swarm: orderly listeners process everything, whatever dies") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    PushLab lab(any_orderly_config(seed), 60_s, seed);
    heal(lab.run);
    lab.run.until(1200_s);
    REQUIRE_NOTHROW(lab.watch());
    REQUIRE_NOTHROW(watch_locks(lab));
    CHECK(missing_of(lab) == "");
    CHECK(drained(lab.world(), lab.run.simulation.config()));
  }
}

}  // namespace brokersim::model
