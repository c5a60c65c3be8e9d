// A swarm of transactional producers and push consumers: small configurations drawn from a seed, and what
// must hold in every one of them. A breach prints the seed and the configuration as a scenario file.
#include <algorithm>
#include <map>
#include <string>

#include "scenarios/read/settings.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/swarm.hpp"

using namespace brokersim;
using namespace brokersim::scenarios;
using namespace brokersim::model;
using namespace brokersim::swarm;

namespace {

BrokerConfig broker(Dice& dice, std::uint16_t number) {
  BrokerConfig broker;
  broker.name = "broker-" + std::to_string(number);
  broker.host = HostId(number);
  broker.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
  broker.restart_time = dice.up_to(2_s);
  BrokerSettings& settings = broker.settings = read::broker_defaults(broker.profile);
  settings.flushDiskType = dice.one_of({FlushDiskType::ASYNC_FLUSH, FlushDiskType::SYNC_FLUSH});
  settings.syncFlushTimeout = dice.one_of({300_ms, 5_s});
  settings.transactionCheckInterval = dice.one_of({1_s, 3_s, 10_s});
  settings.transactionTimeOut = dice.one_of({500_ms, 2_s, 6_s});
  settings.transactionCheckMax = dice.one_of({1, 2, 4, 15});
  return broker;
}

TransactionConfig transaction(Dice& dice) {
  TransactionConfig transaction;
  transaction.local_time = dice.up_to(dice.one_of({5_ms, 4_s, 15_s}));
  transaction.rollback_chance = dice.one_of({0.0, 0.25, 0.25});
  transaction.returns_unknown = dice.once_in(3);
  transaction.check_answer = dice.one_of({CheckAnswer::local_state, CheckAnswer::local_state,
                                          CheckAnswer::commit, CheckAnswer::rollback, CheckAnswer::unknown});
  transaction.check_answers_from = dice.one_of({1, 1, 2, 5});
  transaction.check_absent_is_rollback =
      transaction.check_answer == CheckAnswer::local_state && dice.once_in(3);
  transaction.check_time = dice.up_to(dice.one_of({2_ms, 3_s}));
  transaction.check_immunity_seconds = dice.one_of({0, 0, 1, 5, 20});
  transaction.checkRequestHoldMax = dice.one_of({1, 2000});
  return transaction;
}

/// Some send half messages, some send plainly, some only connect.
ProducerConfig producer(Dice& dice, const Config& config, std::int64_t number) {
  ProducerConfig producer;
  producer.name = "shop-" + std::to_string(number);
  producer.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
  producer.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
  producer.threads = static_cast<std::int32_t>(1 + dice.below(4));
  producer.rate = static_cast<double>(2 + dice.below(50));
  producer.messages = number > 0 && dice.once_in(4) ? 0 : 1 + dice.below(25);
  producer.restart_time = dice.up_to(3_s);
  producer.settings = read::producer_defaults(producer.profile);
  if (!dice.once_in(5)) producer.transaction = transaction(dice);
  if (!producer.transaction && dice.once_in(2))
    producer.delay_level = static_cast<std::int32_t>(1 + dice.below(4));
  const bool all_5_3 = std::all_of(config.brokers.begin(), config.brokers.end(),
                                   [](const BrokerConfig& b) { return b.profile == Profile::v5_3; });
  if (all_5_3 && producer.profile == Profile::v5_3 && !producer.transaction && dice.once_in(2)) {
    producer.delay_level = 0;
    producer.delay = dice.up_to(20_s);
  }
  return producer;
}

WorkConfig work(Dice& dice) {
  WorkConfig work;
  work.time = dice.up_to(dice.one_of({2_ms, 200_ms, 2_s}));
  work.acknowledge = dice.one_of({Acknowledge::after_work, Acknowledge::before_work, Acknowledge::hand_off});
  work.fail_chance = dice.one_of({0.0, 0.1});
  work.poison_chance = dice.one_of({0.0, 0.1});
  work.fails_first = static_cast<std::int32_t>(dice.below(3));
  work.fail_result = dice.one_of({FailResult::reconsume_later, FailResult::exception, FailResult::null});
  work.applied_when_failing = dice.once_in(4);
  return work;
}

void add_group(Dice& dice, Config& config, const std::string& name) {
  const GroupId group(static_cast<std::uint16_t>(config.groups.size()));
  config.groups.push_back(name);
  WorkConfig its_work = work(dice);
  const Listener listener = dice.one_of({Listener::concurrently, Listener::concurrently, Listener::orderly});
  const bool orderly = listener == Listener::orderly;
  if (orderly) its_work.fail_result = FailResult::suspend;
  if (orderly && its_work.acknowledge == Acknowledge::before_work)
    its_work.acknowledge = Acknowledge::after_work;
  const auto members = 1 + dice.below(3);
  for (std::int64_t i = 0; i < members; ++i) {
    PushConsumerConfig member;
    member.name = name + "-" + std::to_string(i);
    member.host = HostId(static_cast<std::uint16_t>(config.hosts.size() - 1));
    member.group = group;
    member.profile = dice.one_of({Profile::v5_3, Profile::v4_9});
    member.topics = {TopicId(0)};
    member.start_at = 1_s * dice.below(8);
    member.listener = listener;
    member.work = its_work;
    member.settings.maxReconsumeTimes = static_cast<std::int32_t>(dice.below(4));
    config.push_consumers.push_back(std::move(member));
  }
}

FaultConfig fault(Dice& dice, const Config& config) {
  FaultConfig fault;
  fault.trigger.time = Distribution::uniform(100_ms, dice.one_of({2_s, 20_s, 60_s}));
  fault.action.kind =
      dice.one_of({FaultKind::kill, FaultKind::stop, FaultKind::pause, FaultKind::power_loss});
  const std::size_t processes =
      config.brokers.size() + config.producers.size() + config.push_consumers.size();
  fault.action.process =
      ProcessId(static_cast<std::uint16_t>(dice.below(static_cast<std::int64_t>(processes))));
  fault.action.host = HostId(static_cast<std::uint16_t>(dice.below(std::ssize(config.brokers))));
  const bool of_producer = fault.action.kind == FaultKind::kill &&
                           fault.action.process.value >= config.brokers.size() &&
                           fault.action.process.value < config.brokers.size() + config.producers.size();
  if (of_producer && dice.once_in(2)) {  // between two steps of its transaction
    fault.trigger.kind = TriggerKind::on_event;
    fault.trigger.event = static_cast<std::uint16_t>(
        dice.one_of({EventName::producer_local_transaction, EventName::producer_end_transaction}));
    fault.trigger.any_actor = false;
    fault.trigger.actor = fault.action.process;
    fault.trigger.nth = 1 + dice.below(3);
  }
  fault.never_restored = of_producer && dice.once_in(3);
  fault.restores = !fault.never_restored;
  if (fault.restores) fault.restore_after = dice.up_to(dice.one_of({1_s, 12_s}));
  return fault;
}

Config drawn(std::uint64_t seed) {
  Dice dice(seed, 79);
  Config config;
  const auto brokers = static_cast<std::uint16_t>(1 + dice.below(2));
  for (std::uint16_t b = 0; b <= brokers; ++b) {
    HostConfig& host = config.hosts.emplace_back();
    host.sync_time = dice.up_to(dice.one_of({5_ms, 5_ms, 3_s}));
    host.name = b == brokers ? "clients" : "host-" + std::to_string(b);
  }
  config.network.delay = dice.up_to(5_ms);
  for (std::uint16_t b = 0; b < brokers; ++b) config.brokers.push_back(broker(dice, b));
  config.topics.push_back({.name = "orders", .queues = static_cast<std::int32_t>(1 + dice.below(4))});
  config.producer_groups = {"shop"};
  const auto producers = 1 + dice.below(3);
  for (std::int64_t p = 0; p < producers; ++p) config.producers.push_back(producer(dice, config, p));
  const auto groups = dice.below(3);
  for (std::int64_t g = 0; g < groups; ++g) add_group(dice, config, "group-" + std::to_string(g));
  for (auto f = dice.below(3); f > 0; --f) config.faults.push_back(fault(dice, config));
  config.duration_max = 5_min;
  config.drain_timeout = 2_h;
  return config;
}

// ------------------------------------------------------------------------------- what must hold

/// What was said of each intent, in the order of the run.
struct Heard final : sim::Recorder {
  std::map<std::uint32_t, std::int64_t> halves, half_records, commits, finals;
  std::string effect_of_nothing;

  void on(SimTime, const sim::Record& record) override {
    const auto kind = static_cast<RecordKind>(record.kind);
    if (kind == RecordKind::half_stored) ++halves[record.subject];
    if (kind == RecordKind::half_stored || kind == RecordKind::copy_stored) ++half_records[record.subject];
    if (kind == RecordKind::half_lost) --half_records[record.subject];
    if (kind == RecordKind::appended) ++finals[record.subject];
    if (kind == RecordKind::end_executed &&
        static_cast<TransactionVerdict>(record.a >> 16 & 0xff) == TransactionVerdict::commit)
      ++commits[record.subject];
    if (kind == RecordKind::processed && finals[record.subject] == 0)
      effect_of_nothing += " " + std::to_string(record.subject);
  }
};

void check_counts(const GroupCounts& n, Breaches& breaches) {
  check_sums(n, {Count::lost, Count::ghost, Count::dead_lettered, Count::duplicated, Count::failed},
             breaches);
  breaches.unless(
      n[Count::acknowledged] + n[Count::told_failed] + n[Count::unchecked] + n[Count::unanswered] <=
          n[Count::intents],
      "each producer believes at most one thing of each intent");
  breaches.unless(n[Count::duplicated] <= n[Count::processed] + n[Count::ghost], "a duplicate was applied");
}

void check_transactions(const Config& config, const SeedResult& result, const Heard& heard,
                        Breaches& breaches) {
  for (const auto& [intent, halves] : heard.halves) {
    const auto of = [i = intent](const auto& map) { return map.count(i) == 0 ? 0 : map.at(i); };
    breaches.unless(of(heard.finals) == of(heard.commits),
                    "one final message for each COMMIT, none without: intent " + std::to_string(intent));
  }
  breaches.unless(heard.effect_of_nothing.empty(), "processed without a copy:" + heard.effect_of_nothing);
  std::int64_t half_records = 0;  // of each message the ledger counts up to 255
  for (const auto& [intent, records] : heard.half_records)
    half_records += std::min<std::int64_t>(records, 255);
  breaches.unless(result.groups.at(0)[Count::half_records] == half_records,
                  "half records are half messages and copies that no crash took");
  const bool says_commit = std::any_of(config.producers.begin(), config.producers.end(), [](const auto& p) {
    return p.transaction && p.transaction->check_answer == CheckAnswer::commit;
  });
  // After a truncation a late COMMIT may meet the half message of another intent in its place.
  const bool truncates = std::any_of(config.faults.begin(), config.faults.end(), [](const auto& fault) {
    return fault.action.kind == FaultKind::power_loss;
  });
  for (const GroupCounts& n : result.groups)
    breaches.unless(says_commit || truncates || n[Count::ghost] == 0,
                    "only a handler that says COMMIT makes ghosts");
}

/// Tells what happened in the swarm, so that its rules are not kept for want of trouble.
std::map<Count, std::int64_t> seen;

void check_one(const std::shared_ptr<const Config>& config, std::uint64_t seed, Breaches& breaches) {
  SeedRunner runner(config);
  Heard heard;
  const SeedResult result = runner.run(sim::Seed(seed), heard);
  for (const GroupCounts& n : result.groups) check_counts(n, breaches);
  check_transactions(*config, result, heard, breaches);
  const SeedResult again = runner.run(sim::Seed(seed));
  breaches.unless(again.trace_hash == result.trace_hash, "a run can be repeated");
  check_its_file(*config, seed, result.trace_hash, breaches);
  for (std::size_t count = 0; count < count_kinds; ++count)
    for (const GroupCounts& n : result.groups) seen[static_cast<Count>(count)] += n.counts[count];
}

}  // namespace

TEST_CASE("in 400 worlds of transactions and push consumers the ledger adds up", "[swarm]") {
  check_seeds(1, 400, drawn, check_one);
  for (const Count count :
       {Count::ghost, Count::dead_lettered, Count::lost, Count::failed, Count::rolled_back, Count::duplicated,
        Count::redelivered, Count::discarded, Count::checks})
    CHECK(seen[count] > 0);
}
