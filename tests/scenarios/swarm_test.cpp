// A swarm: whole small configurations drawn from a seed, and what must hold in every one of them. A breach
// prints the seed and the configuration as a scenario file. (Transactions and push consumers:
// protocol_swarm_test.cpp.)
#include <algorithm>
#include <string>

#include "scenarios/read/fault_words.hpp"
#include "scenarios/read/settings.hpp"
#include "sim/random.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/swarm.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using namespace brokersim::model;
using namespace brokersim::swarm;

namespace {

/// Draws shapes of distributions, too; its draws are older than those of swarm.hpp.
class OwnDice {
 public:
  explicit OwnDice(std::uint64_t seed) : seed_(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(sim::below(sim::keyed_bits(seed_, {++asked_, 0, 0}), span));
  }
  bool chance(std::int64_t percent) { return between(1, 100) <= percent; }
  Duration span(Duration low, Duration high) { return {between(low.ns, high.ns)}; }
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return all.begin()[between(0, static_cast<std::int64_t>(all.size()) - 1)];
  }
  Distribution time(Duration high) {
    const Duration low = span({}, high);
    return chance(50) ? Distribution::constant(low) : Distribution::uniform(low, high);
  }

 private:
  std::uint64_t seed_, asked_ = 0;
};

HostConfig host(OwnDice& dice, const std::string& name) {
  HostConfig host;
  host.name = name;
  host.sync_time = dice.time(dice.one_of({1_ms, 20_ms, 300_ms}));
  host.wakeup_latency = dice.time(1_ms);
  return host;
}

BrokerConfig broker(OwnDice& dice, std::uint16_t number) {
  BrokerConfig broker;
  broker.name = "broker-" + std::to_string(number);
  broker.host = HostId(dice.chance(80) ? number : std::uint16_t{0});
  broker.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
  broker.restart_time = dice.time(2_s);
  BrokerSettings& settings = broker.settings = read::broker_defaults(broker.profile);
  settings.flushDiskType = dice.one_of({FlushDiskType::ASYNC_FLUSH, FlushDiskType::SYNC_FLUSH});
  settings.transientStorePoolEnable = dice.chance(30);
  settings.flushCommitLogTimed = dice.chance(50);
  if (broker.profile == Profile::v5_3) settings.wakeFlushWhenPutMessage = dice.chance(50);
  settings.flushCommitLogLeastPages = static_cast<std::int32_t>(dice.between(0, 4));
  settings.flushIntervalCommitLog = 1_ms * dice.between(10, 500);
  settings.syncFlushTimeout = dice.one_of({50_ms, 5_s});
  settings.sendMessageThreadPoolNums = static_cast<std::int32_t>(dice.between(1, 4));
  settings.endTransactionThreadPoolNums = static_cast<std::int32_t>(dice.between(1, 16));
  broker.check_effect_time = dice.time(1_ms);
  return broker;
}

ProducerConfig producer(OwnDice& dice, const Config& config, std::int64_t number) {
  ProducerConfig producer;
  producer.name = "producer-" + std::to_string(number);
  producer.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
  producer.topic = TopicId(static_cast<std::uint16_t>(dice.between(0, std::ssize(config.topics) - 1)));
  producer.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
  producer.send = dice.one_of({SendMode::sync, SendMode::async, SendMode::oneway});
  const bool looks = producer.send != SendMode::oneway && dice.chance(70);
  producer.on_result = looks ? OnResult::checked : OnResult::unchecked;
  producer.accepts_every_status = dice.chance(20);
  if (dice.chance(20)) producer.delay_level = static_cast<std::int32_t>(dice.between(1, 4));
  producer.threads = static_cast<std::int32_t>(dice.between(1, 5));
  producer.arrivals = dice.one_of({Arrivals::constant, Arrivals::poisson, Arrivals::bursts});
  producer.rate = static_cast<double>(dice.between(5, 500));
  producer.burst_size = static_cast<std::int32_t>(dice.between(1, 20));
  producer.burst_every = dice.span(10_ms, 1_s);
  producer.pacing = dice.one_of({Pacing::per_thread_catch_up, Pacing::per_thread_skip, Pacing::shared});
  producer.messages = dice.between(1, 150);
  producer.queue_choice = dice.one_of({QueueChoice::round_robin, QueueChoice::by_key});
  producer.restart_time = dice.time(1_s);
  ProducerSettings& settings = producer.settings = read::producer_defaults(producer.profile);
  settings.sendMsgTimeout = dice.one_of({30_ms, 500_ms, 3_s});
  settings.retryTimesWhenSendFailed = static_cast<std::int32_t>(dice.between(0, 3));
  settings.retryTimesWhenSendAsyncFailed = static_cast<std::int32_t>(dice.between(0, 3));
  settings.retryAnotherBrokerWhenNotStoreOK = dice.chance(30);
  return producer;
}

ConsumerConfig consumer(OwnDice& dice, Config& config, std::uint16_t number) {
  ConsumerConfig consumer;
  consumer.name = "consumer-" + std::to_string(number);
  config.groups.push_back(consumer.name);
  consumer.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
  consumer.group = GroupId(number);
  consumer.topic = TopicId(static_cast<std::uint16_t>(dice.between(0, std::ssize(config.topics) - 1)));
  consumer.start_at = dice.span({}, 2_s);
  consumer.work_time = dice.time(5_ms);
  return consumer;
}

FaultAction action(OwnDice& dice, const Config& config) {
  FaultAction action;
  action.kind = static_cast<FaultKind>(dice.between(0, static_cast<std::int64_t>(FaultKind::create_topic)));
  const std::int64_t brokers = std::ssize(config.brokers);
  const bool of_broker = action.kind == FaultKind::append_stall || action.kind == FaultKind::append_go_on ||
                         action.kind == FaultKind::response_lost || action.kind == FaultKind::create_topic ||
                         dice.chance(70);
  action.topic = TopicId(static_cast<std::uint16_t>(dice.between(0, std::ssize(config.topics) - 1)));
  action.files = dice.one_of(
      {UnsyncedFiles::draw, UnsyncedFiles::old_version, UnsyncedFiles::new_version, UnsyncedFiles::empty});
  const std::int64_t processes = brokers + std::ssize(config.producers) + std::ssize(config.consumers);
  action.process =
      ProcessId(static_cast<std::uint16_t>(dice.between(0, (of_broker ? brokers : processes) - 1)));
  action.host = HostId(static_cast<std::uint16_t>(dice.between(0, brokers - 1)));
  action.other_host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
  action.silent = dice.chance(30);
  action.factor = static_cast<double>(dice.between(2, 200));
  action.duration = dice.time(500_ms);
  return action;
}

FaultConfig fault(OwnDice& dice, const Config& config) {
  FaultConfig fault;
  fault.action = action(dice, config);
  FaultTrigger& trigger = fault.trigger;
  trigger.time = dice.time(3_s);
  trigger.nth = dice.between(1, 60);
  if (fault.action.kind == FaultKind::response_lost) {
    trigger.kind = TriggerKind::on_event;
    trigger.event = static_cast<std::uint16_t>(EventName::broker_send_request);
    return fault;
  }
  trigger.kind = dice.one_of({TriggerKind::at_time, TriggerKind::on_event, TriggerKind::process});
  trigger.event = static_cast<std::uint16_t>(
      dice.one_of({EventName::broker_send_request, EventName::producer_send, EventName::broker_flushed,
                   EventName::producer_send_response, EventName::connection_opened}));
  trigger.before = dice.chance(50);
  if (trigger.kind == TriggerKind::process) trigger.time = Distribution::exponential(dice.span(300_ms, 3_s));
  trigger.until = 5_s;
  fault.delay = dice.time(100_ms);
  fault.restores = dice.chance(80) && read::word_of(fault.action.kind).undone_by != "";
  fault.restore_after = dice.time(2_s);
  return fault;
}

Config drawn(std::uint64_t seed) {
  OwnDice dice(seed);
  Config config;
  const auto brokers = static_cast<std::uint16_t>(dice.between(1, 2));
  for (std::uint16_t b = 0; b < brokers; ++b) config.hosts.push_back(host(dice, "host-" + std::to_string(b)));
  config.hosts.push_back(host(dice, "clients"));
  config.network.delay = dice.time(5_ms);
  for (std::uint16_t b = 0; b < brokers; ++b) config.brokers.push_back(broker(dice, b));
  const auto topics = dice.between(1, 2);
  for (std::int64_t t = 0; t < topics; ++t) {
    config.topics.push_back({.name = "topic-" + std::to_string(t),
                             .queues = static_cast<std::int32_t>(dice.between(1, 4)),
                             .created_at = dice.chance(70) ? Duration{-1} : Duration{}});
  }
  const auto producers = dice.between(1, 3);
  config.producer_groups = {"producers"};
  for (std::int64_t p = 0; p < producers; ++p) config.producers.push_back(producer(dice, config, p));
  const auto consumers = static_cast<std::uint16_t>(dice.between(0, 3));
  for (std::uint16_t c = 0; c < consumers; ++c) config.consumers.push_back(consumer(dice, config, c));
  const auto faults = dice.between(0, 4);
  for (std::int64_t f = 0; f < faults; ++f) config.faults.push_back(fault(dice, config));
  config.duration_max = 2_min;
  config.drain_timeout = 3_min;
  return config;
}

// ------------------------------------------------------------------------------- what must hold

void check_counts(const GroupCounts& n, Breaches& breaches) {
  check_sums(n, {Count::lost, Count::failed, Count::vanished, Count::duplicated}, breaches);
  breaches.unless(
      n[Count::acknowledged] + n[Count::told_failed] + n[Count::unchecked] + n[Count::unanswered] ==
          n[Count::intents],
      "each producer believes one thing of each intent");
  breaches.unless(n[Count::ghost] + n[Count::dead_lettered] + n[Count::rolled_back] == 0,
                  "plain sends and readers roll nothing back and have no dead letters");
}

void check_sense(const GroupCounts& n, bool by_log, bool drained, Breaches& breaches) {
  breaches.unless(n[Count::vanished] <= n[Count::acknowledged], "only what was acknowledged vanishes");
  breaches.unless(n[Count::threw_yet_stored] <= std::min(n[Count::told_failed], n[Count::stored]),
                  "what threw yet is stored, threw and is stored");
  breaches.unless(n[Count::failed] <= n[Count::told_failed] + n[Count::unanswered], "who failed was told");
  breaches.unless(n[Count::lost] <= n[Count::acknowledged] + n[Count::unchecked],
                  "what is lost was believed safe");
  for (const Count flag : {Count::duplicated, Count::late, Count::reordered})
    breaches.unless(n[flag] <= n[Count::processed], std::string(to_string(flag)) + " was processed");
  breaches.unless(n[Count::duplicated] <= n[Count::redelivered] || by_log, "a duplicate came twice");
  if (by_log) {
    breaches.unless(n[Count::processed] <= n[Count::stored], "the log processes what it holds");
    breaches.unless(n[Count::duplicated] <= n[Count::extra_copies], "the log doubles what it holds twice");
    breaches.unless(n[Count::redelivered] + n[Count::reordered] + n[Count::late] == 0, "nobody reads");
  }
  const std::int64_t unreachable =
      n.causes[static_cast<std::size_t>(Count::stuck)]
              [static_cast<std::size_t>(ledger::Cause::storage_topic_configuration_lost)];
  breaches.unless(!drained || n[Count::stuck] == unreachable,
                  "what is drained leaves nothing on its way but what no queue leads to");
}

/// SYNC_FLUSH answers SEND_OK once it is on disk, and no fault takes disks. Without a pool a put is in the
/// page cache at once, which only a power loss takes.
void check_promises(const Config& config, const GroupCounts& n, Breaches& breaches) {
  const auto syncs = [](const BrokerConfig& b) {
    return b.settings.flushDiskType == FlushDiskType::SYNC_FLUSH;
  };
  const auto pools = [](const BrokerConfig& b) { return b.settings.transientStorePoolEnable; };
  const auto lenient = [](const ProducerConfig& p) { return p.accepts_every_status; };
  const auto power = [](const FaultConfig& f) { return f.action.kind == FaultKind::power_loss; };
  // What leaves a delay level does not wait for its flush, and delayOffset.json may survive it by 10 ms.
  const auto delays = [](const ProducerConfig& p) { return p.delay_level > 0; };
  const bool delayed = std::any_of(config.producers.begin(), config.producers.end(), delays);
  const auto& brokers = config.brokers;
  if (!delayed && std::all_of(brokers.begin(), brokers.end(), syncs) &&
      std::none_of(config.producers.begin(), config.producers.end(), lenient))
    breaches.unless(n[Count::vanished] == 0, "SYNC_FLUSH keeps what it has acknowledged");
  if (std::none_of(brokers.begin(), brokers.end(), pools) &&
      std::none_of(config.faults.begin(), config.faults.end(), power))
    breaches.unless(n[Count::vanished] == 0, "the page cache survives the death of a process");
  if (config.faults.empty()) {
    breaches.unless(n[Count::vanished] + n[Count::unanswered] == 0, "without faults nothing vanishes");
    breaches.unless(n[Count::late] == 0, "without faults nothing has to be repaired");
  }
}

void check_result(const Config& config, const SeedResult& result, Breaches& breaches) {
  breaches.unless(result.strikes.size() == config.faults.size(), "each fault is counted");
  std::int64_t messages = 0, intents = 0;
  for (const ProducerConfig& producer : config.producers) messages += producer.messages;
  for (std::size_t g = 0; g < result.groups.size(); ++g) {
    const GroupCounts& counts = result.groups[g];
    check_counts(counts, breaches);
    check_sense(counts, ledger::is_log(config, g), result.drained, breaches);
    check_promises(config, counts, breaches);
    intents = std::max(intents, counts[Count::intents]);
    breaches.unless(counts[Count::intents] <= messages, "no more intents than messages");
  }
  breaches.unless(intents > 0, "somebody has sent something");
}

/// Tells what happened in the swarm, so that its rules are not kept for want of trouble.
struct Seen {
  std::int64_t vanished = 0, lost = 0, failed = 0, duplicated = 0, late = 0, reordered = 0, unanswered = 0;
  std::int64_t struck = 0, stuck = 0, not_drained = 0;

  void add(const SeedResult& result) {
    not_drained += result.drained ? 0 : 1;
    for (const auto times : result.strikes) struck += times;
    for (const GroupCounts& n : result.groups) {
      vanished += n[Count::vanished], lost += n[Count::lost], failed += n[Count::failed];
      duplicated += n[Count::duplicated], late += n[Count::late], reordered += n[Count::reordered];
      unanswered += n[Count::unanswered], stuck += n[Count::stuck];
    }
  }
};

void check_one(const std::shared_ptr<const Config>& config, std::uint64_t seed, Breaches& breaches,
               Seen& seen) {
  SeedRunner runner(config);
  const SeedResult result = runner.run(sim::Seed(seed));
  check_result(*config, result, breaches);
  const SeedResult again = runner.run(sim::Seed(seed));
  breaches.unless(again.trace_hash == result.trace_hash && again.events == result.events,
                  "a run can be repeated");
  check_its_file(*config, seed, result.trace_hash, breaches);
  seen.add(result);
}

}  // namespace

TEST_CASE("in 300 configurations drawn from a seed the ledger adds up", "[swarm]") {
  Seen seen;
  check_seeds(1, 300, drawn, [&seen](const auto& config, std::uint64_t seed, Breaches& breaches) {
    check_one(config, seed, breaches, seen);
  });
  CHECK(seen.struck > 300);
  for (const auto count : {seen.vanished, seen.lost, seen.failed, seen.duplicated, seen.late, seen.reordered,
                           seen.unanswered, seen.stuck})
    CHECK(count > 0);
  CHECK(seen.not_drained < 30);
}
