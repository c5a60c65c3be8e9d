// Transactions of a set whose slave acts for its master: what its check passes make of half messages, and who
// is asked about them (TransactionalMessageServiceImpl.check on a slave). In counts:
// library/rocketmq/acting-master-transactions-*.
//
// The brokers a (0), b (1) and a's slave (2) start with the run, so that no pass and no SlaveSynchronize has
// been before. The producer sends half messages to both sets in turn, each 100 ms until 18.9 s; a dies at
// 20.05 s, and its slave acts within 1.01 s. Each interval of a check service is 30 s.
#include <set>

#include "model/rocketmq/monitors.hpp"
#include "tests/catch.hpp"
#include "tests/model/acting_set.hpp"
#include "tests/model/purity.hpp"

namespace brokersim::model {
namespace {

constexpr std::uint32_t a = 0, b = 1, acting = 2;
constexpr Duration dies = 20'050_ms, interval = 30_s;
constexpr std::size_t at_each = 95;   ///< half messages
constexpr std::size_t per_pass = 10;  ///< given up in the minute of a pass

Config with_transactions() {
  Config config = standing_in(3);
  BrokerConfig& other = config.brokers[b];
  other.name = other.settings.brokerName = "broker-b";
  other.settings.brokerId = 0;
  other.settings.brokerRole = BrokerRole::ASYNC_MASTER;
  other.settings.enableSlaveActingMaster = false;
  other.settings.totalReplicas = 1;
  other.set = own_set;
  for (BrokerConfig& broker : config.brokers) broker.up_for = Duration{};
  for (const std::uint32_t of_set : {a, acting}) config.brokers[of_set].settings.enableRemoteEscape = true;
  ProducerConfig& producer = config.producers[0];
  producer.messages = 2 * at_each;
  producer.transaction = TransactionConfig{};
  producer.transaction->local_time = Distribution::constant(1_ms);
  producer.transaction->check_time = Distribution::constant(1_ms);
  producer.transaction->returns_unknown = true;
  return config;
}

Config without_escape(Config config) {
  for (BrokerConfig& broker : config.brokers) broker.settings.enableRemoteEscape = false;
  return config;
}

Config dying(Config config, Duration back_after = {}) {
  const FaultConfig kill = of_broker(dies, FaultKind::kill, a);
  config.faults.push_back(back_after > Duration{} ? restoring(kill, back_after) : for_ever(kill));
  return config;
}

struct Told {
  Duration at;
  std::uint32_t subject;
  std::int64_t a, b;
};

/// All records of a kind whose lowest 16 bits of `a` name this broker.
std::vector<Told> by(const Run& run, RecordKind kind, std::uint32_t broker) {
  std::vector<Told> found;
  for (const auto& r : run.recorder.records()) {
    if (r.record.kind != static_cast<std::uint32_t>(kind) || (r.record.a & 0xffff) != broker) continue;
    found.push_back({r.at - SimTime{}, r.record.subject, r.record.a, r.record.b});
  }
  return found;
}

std::set<std::uint32_t> intents(const std::vector<Told>& told) {
  std::set<std::uint32_t> found;
  for (const Told& one : told) found.insert(one.subject);
  return found;
}

std::vector<Told> given_up(const Run& run) {
  std::vector<Told> found = by(run, RecordKind::half_escape_over, acting);
  std::erase_if(found,
                [](const Told& one) { return static_cast<HalfEscape>(one.a >> 16) != HalfEscape::given_up; });
  return found;
}

/// Where the slave's passes began and ended.
std::vector<Told> passes(const Run& run, RecordKind kind) {
  std::vector<Told> found;
  for (const auto& r : run.recorder.records()) {
    if (r.record.kind == static_cast<std::uint32_t>(kind) && r.record.subject == acting)
      found.push_back({r.at - SimTime{}, acting, r.record.a, r.record.b});
  }
  return found;
}

}  // namespace

TEST_CASE("acting transactions: each half message goes to the other set, which asks", "[acting]") {
  Config config = dying(with_transactions());
  // However young to its own set.
  for (const std::uint32_t of_set : {a, acting}) config.brokers[of_set].settings.transactionTimeOut = 3600_s;
  const Run run(config, 85_s);
  REQUIRE(by(run, RecordKind::half_stored, a).size() == at_each);
  CHECK(by(run, RecordKind::half_escaped, acting).size() == at_each);
  CHECK(by(run, RecordKind::half_escape_over, acting).size() == at_each);
  CHECK(given_up(run).empty());
  CHECK(by(run, RecordKind::half_stored, b).size() == 2 * at_each);
  CHECK(by(run, RecordKind::check_asked, acting).empty());
  // In b's passes: the next one is 30 s behind the one before, whose half messages are older than 6 s.
  CHECK(by(run, RecordKind::check_asked, b).size() == 2 * at_each);
  const auto appended = run.subjects(RecordKind::appended);
  CHECK(appended.size() == 2 * at_each);
  CHECK(std::set<std::uint32_t>(appended.begin(), appended.end()).size() == 2 * at_each);
}

TEST_CASE("acting transactions: its service sleeps an interval first, and a put takes a round trip",
          "[acting]") {
  const Run run(dying(with_transactions()), 60_s);
  const auto begun = passes(run, RecordKind::pass_begun);
  const auto puts = by(run, RecordKind::half_escape_over, acting);
  REQUIRE(begun.size() == 1);
  REQUIRE(puts.size() == at_each);
  CHECK(begun[0].at == stood(run, acting, StandIn::acting)[0] + interval);
  // The first asks for the route and opens a channel.
  CHECK(puts[0].at == begun[0].at + 6_ms);
  CHECK(puts.back().at == puts[0].at + 2_ms * (at_each - 1));
}

TEST_CASE("acting transactions: without enableRemoteEscape half messages are given up", "[acting]") {
  const Run run(without_escape(dying(with_transactions())), 115_s);
  const auto lost = given_up(run);
  const auto begun = passes(run, RecordKind::pass_begun), ended = passes(run, RecordKind::pass_ended);
  // It fails at once, and sleeps 100 ms times 3, 0, 1, 6, 7, 4, 5, 10, 11 and 8 in between: 2 ^ n in Java. A
  // pass that has lasted for more than a minute ends: here before the eleventh try of its eleventh.
  REQUIRE(lost.size() == per_pass);
  REQUIRE(ended.size() == 1);
  for (std::size_t i = 0; i < lost.size(); ++i)
    CHECK(lost[i].at == begun[0].at + 5500_ms * static_cast<std::int64_t>(i + 1));
  CHECK(ended[0].at == lost.back().at + 5500_ms);
  CHECK(ended[0].a == static_cast<std::int64_t>(per_pass));
  CHECK(by(run, RecordKind::half_escaped, acting).empty());
}

TEST_CASE("acting transactions: a master that takes the offsets back never asks about those", "[acting]") {
  for (const bool takes : {true, false}) {
    Config config = without_escape(dying(with_transactions(), 100_s));
    if (!takes) config = without_pre_online(config);
    // Up at 123.05 s, between two passes of its slave. It yields, and its last pass gives up as many more, of
    // which its master hears nothing.
    const Run run(config, 220_s);
    INFO("it takes them " << takes);
    CHECK(stood(run, a, StandIn::offsets_taken).size() == (takes ? 1 : 0));
    CHECK(given_up(run).size() == 2 * per_pass);
    const std::set<std::uint32_t> asked = intents(by(run, RecordKind::check_asked, a));
    CHECK(asked.size() == (takes ? at_each - per_pass : at_each));
    CHECK(by(run, RecordKind::half_stepped_over, a).size() == (takes ? per_pass : 0));
  }
}

TEST_CASE("acting transactions: a pass that its master interrupts has been for nothing", "[acting]") {
  // The pass begins at 51 s and sleeps 5.5 s for each; its master is up at 63.05 s.
  const Run run(without_escape(dying(with_transactions(), 40_s)), 130_s);
  CHECK(!given_up(run).empty());
  CHECK(passes(run, RecordKind::pass_begun).size() == 1);
  CHECK(passes(run, RecordKind::pass_ended).empty());
  CHECK(by(run, RecordKind::half_stepped_over, a).empty());
  CHECK(intents(by(run, RecordKind::check_asked, a)).size() == at_each);
}

TEST_CASE("acting transactions: it reads 32 op records, and puts what the others name elsewhere",
          "[acting]") {
  Config config = with_transactions();
  config.producers[0].transaction->returns_unknown = false;
  for (BrokerConfig& broker : config.brokers) broker.settings.transactionOpMsgMaxSize = 1;
  const Run run(dying(config), 90_s);
  REQUIRE(by(run, RecordKind::op_stored, a).size() == at_each);
  CHECK(by(run, RecordKind::half_resolved, acting).size() == 32);
  CHECK(by(run, RecordKind::half_escaped, acting).size() == at_each - 32);
  // All of them are committed already, and once more now.
  CHECK(run.times(RecordKind::appended).size() == 2 * at_each + at_each - 32);
}

TEST_CASE("acting transactions: it refuses verdicts", "[acting]") {
  Config config = dying(with_transactions());
  config.producers[0].transaction->returns_unknown = false;
  config.producers[0].transaction->local_time = Distribution::constant(40_s);
  config.producers[0].threads = 20;
  // The first 20 are stored before 2 s. The client's look at the route at 30.01 s gives it the slave's
  // address.
  const Run run(config, 48_s);
  const auto refused = by(run, RecordKind::end_refused, acting);
  CHECK(!refused.empty());
  CHECK(refused.size() == by(run, RecordKind::half_stored, a).size());
  for (const Told& one : refused) CHECK(one.b == static_cast<std::int64_t>(EndRefusal::slave));
}

TEST_CASE("acting transactions: its last pass puts elsewhere what has come with its master", "[acting]") {
  std::size_t late = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Config config = with_transactions();
    config.producers[0].messages = 201;
    config.faults.push_back(restoring(of_broker(20'002_ms, FaultKind::kill, a), 60_s));
    // The last of those at a is stored at 20.001 s or 19.901 s, and a slave is up to 100 ms late.
    const Run run(config, 140_s, seed);
    const Duration yielded = stood(run, acting, StandIn::yielded).at(0);
    for (const Told& put : by(run, RecordKind::half_escaped, acting)) {
      if (put.at < yielded) continue;
      ++late;
      // Both sets ask, and both commit it.
      CHECK(intents(by(run, RecordKind::check_asked, a)).contains(put.subject));
      CHECK(intents(by(run, RecordKind::check_asked, b)).contains(put.subject));
      CHECK(run.times(RecordKind::appended, put.subject).size() == 2);
    }
  }
  CHECK(late > 0);
}

TEST_CASE("acting transactions: nobody takes them while the other set is silent", "[acting]") {
  Config config = dying(with_transactions());
  FaultConfig pause = for_ever(fault_at(40_s, FaultKind::pause));
  pause.action.process = broker_process(b);
  config.faults.push_back(pause);
  const Run run(config, 115_s);
  // The pass begins at 51 s. Each try waits 3 s, so that one half message takes 38.5 s; the second one's last
  // tries come when its minute is over.
  CHECK(given_up(run).size() == 1);
  CHECK(passes(run, RecordKind::pass_ended).size() == 1);
  CHECK(by(run, RecordKind::half_escaped, acting).empty());
}

TEST_CASE("acting transactions: steps depend on their arguments alone", "[acting]") {
  Config config = with_transactions();
  config.producers[0].messages = 20;
  CHECK(run_on_copies(dying(config, 40_s), sim::Seed(1), SimTime{} + 130_s) > 500);
  CHECK(run_on_copies(without_escape(dying(config, 40_s)), sim::Seed(1), SimTime{} + 130_s) > 500);
}

}  // namespace brokersim::model
