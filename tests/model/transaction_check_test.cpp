// Check passes: when they come, whom they ask, how often, and what their copies do to late verdicts.
#include "tests/model/transaction_bench.hpp"

#include "sim/canonical.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

using Times = std::vector<SimTime>;

constexpr auto commits = TransactionVerdict::commit;
constexpr Duration effect = 250_us;  ///< what one copy takes a pass (check_pass.cpp)

/// Answers all questions that have not been answered yet.
void reply_from(TransactionBench& bench, std::size_t& answered, TransactionVerdict verdict) {
  for (; answered < bench.questions().size(); ++answered)
    bench.reply(bench.questions()[answered].payload, verdict);
}

std::vector<std::int64_t> check_times(const TransactionBench& bench) {
  std::vector<std::int64_t> found;
  for (const auto& r : bench.all(RecordKind::copy_stored)) found.push_back(r.record.a >> 16);
  return found;
}

}  // namespace

TEST_CASE("transaction check: every verdict UNKNOWN, five messages, default settings (measured)") {
  TransactionBench bench;
  bench.know_producer();
  bench.run_to(at_seconds(15));  // 14 s after the broker
  for (int i = 0; i < 5; ++i) bench.half();
  bench.run_to(at_seconds(2000));
  // The pass at 30 s of its life is the first, 16 s after birth (measured: 16.2 s).
  const auto asked = bench.all(RecordKind::check_asked);
  REQUIRE(asked.size() == 75);  // 15 checks of each
  CHECK(asked[0].at == at_seconds(31));
  CHECK(asked[0].record.b == 1);
  // A pass lasts five copies, and the next begins 30 s after its end.
  const Duration period = 30_s + effect * 5;
  for (std::int64_t k = 0; k < 15; ++k) {
    for (std::int64_t m = 0; m < 5; ++m)
      CHECK(asked[static_cast<std::size_t>(5 * k + m)].at == at_seconds(31) + period * k + effect * m);
  }
  CHECK(bench.half_records() == 80);
  // 436 s after birth and in the pass of check 15 (measured: 437 s).
  const auto discarded = bench.all(RecordKind::half_discarded);
  REQUIRE(discarded.size() == 5);
  CHECK(discarded[0].at == at_seconds(31) + period * 14 + effect * 5);
  CHECK(discarded[4].at < at_seconds(451.1));
  CHECK(bench.count(RecordKind::pass_begun) == 15);
  CHECK(queue_of(bench.broker(), discarded_topic(bench.config), 0).next_offset == 5);
  CHECK(bench.idle());
  CHECK(bench.questions().size() == 75);
  CHECK(bench.monitored().state(0, 79) == HalfState::discarded);
}

TEST_CASE("transaction check: a single message's last copy may be read too early, and goes 30 s later") {
  TransactionBench bench;
  bench.half();
  bench.run_to(at_seconds(1000));
  // Copies are readable with the millisecond after them; the pass looks 250 us after it has written. Pass 15
  // begins 14 x 250 us into a millisecond's grid, that is at its half: too early. The discard comes 30.00025
  // s after the pass.
  REQUIRE(bench.count(RecordKind::half_discarded) == 1);
  CHECK(bench.count(RecordKind::copy_stored) == 15);
  CHECK(bench.times(RecordKind::half_discarded)[0] == at_seconds(31) + (30_s + effect) * 15);
  CHECK(bench.count(RecordKind::check_unasked) ==
        15);  // nobody is connected; the checks are spent all the same
}

TEST_CASE("transaction check: younger than transactionTimeOut ends the pass") {
  TransactionBench bench;
  bench.run_to(at_seconds(25.1));  // 5.9 s old at 31 s
  bench.half();
  bench.run_to(at_seconds(62));
  CHECK(bench.times(RecordKind::pass_begun) == Times{at_seconds(31), at_seconds(61)});
  CHECK(bench.times(RecordKind::copy_stored) == Times{at_seconds(61)});
}

TEST_CASE("transaction check: 4.9 checks each 60 s") {
  TransactionBench bench(TransactionBench::transactional(Profile::v4_9));
  bench.know_producer();
  bench.half();
  bench.run_to(at_seconds(130));
  CHECK(bench.times(RecordKind::check_asked) == Times{at_seconds(61), at_seconds(121) + effect});
}

TEST_CASE("transaction check: an op in memory does not help: asked again, delivered twice") {
  TransactionBench bench;
  bench.know_producer();
  bench.run_to(at_seconds(20));
  const std::uint32_t record = bench.half();
  bench.run_to(at_seconds(30));
  bench.commit(0, record, 0);  // its op goes out at 34 s, 4 s after the context began
  bench.run_to(at_seconds(32));
  REQUIRE(bench.questions().size() == 1);
  const Payload question = bench.questions()[0].payload;
  CHECK(bench.questions()[0].at == at_seconds(31));
  CHECK(question.offset == 1);  // the copy's
  CHECK(bench.broker().cache.log[question.record].queue_offset == 1);
  CHECK(question.intent == IntentId(0));
  bench.reply(question, commits);
  CHECK(bench.count(RecordKind::appended) == 2);
  bench.run(60_s);
  CHECK(bench.times(RecordKind::op_record) == Times{at_seconds(34)});
  CHECK(bench.all(RecordKind::op_record)[0].record.a == 2);
  CHECK(bench.count(RecordKind::half_resolved) == 1);  // the copy; the original is behind the pass
  CHECK(bench.all(RecordKind::pass_ended).back().record.b == 1);
  CHECK(bench.idle());
  const TransactionMonitor monitor = bench.monitored();
  CHECK(monitor.state(0, 0) == HalfState::superseded);
  CHECK(monitor.state(0, 1) == HalfState::resolved);
}

TEST_CASE("transaction check: an op of the last 3 s, interval 2 s: each message twice (measured)") {
  // Measured: 20 messages committed locally, the producer dies before endTransaction; the peer is asked 7.2
  // to 7.5 s after birth, twice, 2 s apart; 40 copies of 20 messages. Here the first op of the life is
  // buffered at the first check, so it goes out 3 to 6 s later: after two checks at the least, three at the
  // most.
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.transactionCheckInterval = 2_s;
  TransactionBench bench(config);
  bench.know_producer();
  bench.run_to(at_seconds(1.2));
  for (int i = 0; i < 20; ++i) bench.half();
  std::size_t answered = 0;
  for (double t = 7; t < 30; t += 0.1) {
    bench.run_to(at_seconds(t));
    reply_from(bench, answered, commits);
  }
  // The passes at 3, 5 and 7 s find them too young (5.8 s at the last); they are checked at 9 and 11.005 s.
  // The first op is buffered behind 9 s, so the batch goes out at 13 s (at 10 s the context is too young),
  // just before the pass at 13.01 s, which resolves the copies of the second check.
  const auto asked = bench.times(RecordKind::check_asked);
  REQUIRE(asked.size() == 40);
  CHECK(asked[0] == at_seconds(9));
  CHECK(asked[20] == at_seconds(11) + effect * 20);
  CHECK(bench.count(RecordKind::appended) == asked.size());
  CHECK(bench.times(RecordKind::op_record)[0] == at_seconds(13));
  bench.monitored();
}

TEST_CASE("transaction check: with ops read and one half message open the pass sleeps a second (5.x)") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    TransactionBench bench(TransactionBench::transactional(profile));
    bench.know_producer();
    const std::uint32_t settled = bench.half();
    bench.half();
    bench.commit(0, settled, 0);
    bench.run_to(at_seconds(200));
    const SimTime pass = bench.times(RecordKind::pass_begun)[0];
    const bool sleeps = profile == Profile::v5_3;
    CHECK(bench.times(RecordKind::half_resolved) == Times{pass});
    CHECK(bench.times(RecordKind::check_asked)[0] == pass + (sleeps ? 1_s : 0_s));
    // The next pass begins an interval after this one's end.
    const Duration interval = bench.config.brokers[0].settings.transactionCheckInterval;
    CHECK(bench.times(RecordKind::pass_begun)[1] == pass + (sleeps ? 1_s : 0_s) + effect + interval);
    bench.monitored();
  }
}

TEST_CASE("transaction check: a late COMMIT of a copied half message is delivered, and so is its copy") {
  TransactionBench bench;
  bench.know_producer();
  const std::uint32_t record = bench.half();
  bench.run_to(at_seconds(40));
  REQUIRE(bench.questions().size() == 1);  // unanswered
  bench.commit(0, record, 0);
  CHECK(bench.count(RecordKind::appended) == 1);
  bench.run_to(at_seconds(65));
  // Its op is below the pass's first offset; the pass has read an op, so it sleeps before it checks the copy.
  REQUIRE(bench.questions().size() == 2);
  CHECK(bench.questions()[1].at == at_seconds(62) + effect);
  CHECK(bench.questions()[1].payload.offset == 2);
  bench.reply(bench.questions()[1].payload, commits);
  bench.run(60_s);
  CHECK(bench.count(RecordKind::appended) == 2);
  CHECK(bench.idle());
  CHECK(bench.monitored().state(0, 0) == HalfState::superseded);
}

TEST_CASE("transaction check: an immunity longer than the interval copies, counts and asks nobody") {
  TransactionBench bench;
  bench.know_producer();
  bench.run_to(at_seconds(2));
  const std::uint32_t record = bench.half(100);
  bench.run_to(at_seconds(40));
  CHECK(bench.count(RecordKind::half_copied) == 1);  // 29 s old at 31 s
  bench.commit(0, record, 0);                        // accepted: 38 s is within the 100 s
  CHECK(bench.count(RecordKind::end_executed) == 1);
  bench.run_to(at_seconds(125));
  // 29, 59, 89 s old: immune copies. 119 s: asked, with the fourth count.
  CHECK(check_times(bench) == std::vector<std::int64_t>{1, 2, 3, 4});
  REQUIRE(bench.questions().size() == 1);
  CHECK(bench.questions()[0].payload.offset == 4);
  const auto copies = bench.all(RecordKind::half_copied);
  CHECK(copies[2].record.a >> 16 == static_cast<std::int64_t>(HalfCopy::immune));
  CHECK(copies[3].record.a >> 16 == static_cast<std::int64_t>(HalfCopy::to_check));
  bench.reply(bench.questions()[0].payload, commits);
  bench.run(60_s);
  CHECK(bench.count(RecordKind::appended) == 2);  // the op of the original was below the pass's offset
  const LogRecord* copy = record_at(bench.broker(), half_topic(bench.config), 0, 3);
  REQUIRE(copy != nullptr);
  CHECK(copy->prepared_offset == 0);  // of the first original, through all copies
  bench.monitored();
}

TEST_CASE("transaction check: an immunity beyond 15 passes discards without ever asking") {
  TransactionBench bench;
  bench.know_producer();
  bench.half(3600);
  bench.run_to(at_seconds(1000));
  CHECK(bench.questions().empty());
  CHECK(bench.count(RecordKind::half_copied) == 15);
  CHECK(bench.count(RecordKind::half_discarded) == 1);
  bench.monitored();
}

TEST_CASE("transaction check: older than fileReservedTime is skipped, not asked") {
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.fileReservedTime = 20_s;
  TransactionBench bench(config);
  bench.half();
  bench.run_to(at_seconds(32));
  REQUIRE(bench.count(RecordKind::half_discarded) == 1);
  CHECK(bench.all(RecordKind::half_discarded)[0].record.a >> 16 ==
        static_cast<std::int64_t>(DiscardReason::too_old));
  CHECK(bench.count(RecordKind::copy_stored) == 0);
}

TEST_CASE("transaction check: more than 32 ops are read as the pass needs them") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    TransactionBench bench(TransactionBench::transactional(profile));
    for (std::uint32_t i = 0; i < 100; ++i) bench.commit(i, bench.half(), i);
    bench.run_to(at_seconds(100));
    CHECK(bench.count(RecordKind::half_resolved) == 100);
    CHECK(bench.count(RecordKind::pass_begun) == 1);
    CHECK(bench.all(RecordKind::pass_ended)[0].record.a == 100);
    CHECK(bench.all(RecordKind::pass_ended)[0].record.b == (profile == Profile::v4_9 ? 100 : 1));
  }
}

TEST_CASE("transaction check: with SYNC_FLUSH a copy is readable after its flush (5.3)") {
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  config.brokers[0].settings.transactionCheckMax = 1;
  config.hosts[0].sync_time = Distribution::constant(5_ms);
  TransactionBench bench(config);
  for (int i = 0; i < 8; ++i) bench.half();
  bench.run_to(at_seconds(100));
  // With ASYNC_FLUSH eight copies, two milliseconds, would be met and discarded in the pass that made them.
  // Their flush takes longer: here they wait for the next pass.
  REQUIRE(bench.count(RecordKind::half_discarded) == 8);
  CHECK(bench.times(RecordKind::half_discarded)[0] > at_seconds(61));
}

TEST_CASE("transaction check: offsets that a crash sets back bring everything again") {
  TransactionBench bench;
  bench.know_producer();
  const std::uint32_t record = bench.half();
  bench.half();
  bench.run_to(at_seconds(31.001));  // both copied, the offsets stored in memory only
  CHECK(bench.count(RecordKind::copy_stored) == 2);
  bench.commit(0, record, 0);
  bench.die();
  bench.restart();
  bench.know_producer();
  bench.run_to(at_seconds(62));
  // Two originals and two copies.
  CHECK(bench.count(RecordKind::copy_stored) == 6);
  bench.monitored();
}

TEST_CASE("transaction check: an offset beyond the queue goes back to its end, and what regrew is skipped") {
  TransactionBench bench;
  for (std::uint32_t i = 0; i < 3; ++i) bench.commit(i, bench.half(), i);
  bench.run_to(at_seconds(60));  // resolved at 31 s, and the file written 5 s later
  REQUIRE(bench.count(RecordKind::half_resolved) == 3);
  REQUIRE(bench.count(RecordKind::flushed) > 0);
  bench.broker().disk.synced = {};  // as if no page of it had reached the disk
  bench.lose_all_power(UnsyncedFiles::new_version);
  bench.restart();
  bench.half();  // at offset 0, below the three of consumerOffset.json
  bench.run_to(at_seconds(100));
  CHECK(bench.count(RecordKind::copy_stored) == 0);
  CHECK(bench.all(RecordKind::pass_ended).back().record.a == 1);
  CHECK(bench.idle());  // nobody will ever ask about it
  REQUIRE(bench.count(RecordKind::half_stepped_over) == 1);
  CHECK(bench.all(RecordKind::half_stepped_over)[0].record.subject == 3);
  bench.monitored();
}

TEST_CASE("transaction check: a half message whose copy went with the tail is behind the offset for good") {
  TransactionBench bench;
  bench.half();  // copied at 31 s
  const std::uint32_t second = bench.half();
  bench.commit(1, second, 1);  // its op stays
  bench.run_to(at_seconds(60));
  REQUIRE(bench.count(RecordKind::copy_stored) == 1);
  const auto& log = bench.broker().cache.log;
  const auto copies = static_cast<std::int64_t>(log.size() - 1);
  bench.broker().disk.synced = {copies, log[static_cast<std::size_t>(copies - 1)].end};
  bench.lose_all_power(UnsyncedFiles::new_version);
  REQUIRE(bench.count(RecordKind::half_lost) == 1);
  bench.restart();
  REQUIRE(bench.count(RecordKind::half_stepped_over) == 1);
  CHECK(bench.all(RecordKind::half_stepped_over)[0].record.subject == 0);
  CHECK(bench.all(RecordKind::half_stepped_over)[0].record.b == 0);
  bench.know_producer();
  bench.run_to(at_seconds(200));
  CHECK(bench.count(RecordKind::copy_stored) == 1);
  bench.monitored();
}

TEST_CASE("transaction check: a restart that has lost nothing steps over nothing") {
  TransactionBench bench;
  bench.half(60);  // an immune copy at 31 s, checked from 61 s on
  bench.commit(1, bench.half(), 1);
  bench.run_to(at_seconds(59));
  bench.half();
  bench.run_to(at_seconds(100));
  bench.die();
  bench.restart();
  CHECK(bench.count(RecordKind::half_stepped_over) == 0);
}

// DefaultMessageStore.getMessage returns null once the store is shut down.
TEST_CASE("transaction check: a graceful stop ends the pass without its offsets, and no new one begins") {
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.transactionCheckMax = 1;
  // The pass at 31 s took half a millisecond, so the next begins at 61.0005 s.
  for (const double stop : {61.0004, 61.0006}) {
    TransactionBench bench(config);
    bench.half();
    bench.half();
    bench.run_to(at_seconds(stop));
    auto context = bench.at_now();
    broker_stop(bench.world(), 0, context);
    bench.run(4_s);
    const std::size_t moved = bench.count(RecordKind::half_discarded);
    CHECK(moved == (stop < 61.0005 ? 0 : 1));
    CHECK(bench.count(RecordKind::pass_ended) == 1);  // the pass at 31 s
    bench.die();
    bench.restart();
    bench.run_to(at_seconds(100));
    CHECK(bench.count(RecordKind::half_discarded) == moved + 2);  // the first one twice
    bench.monitored();
  }
}

TEST_CASE("transaction check: the pass waits while nothing can be appended") {
  TransactionBench bench;
  bench.know_producer();
  bench.half();
  bench.run_to(at_seconds(29));  // the append lock will have been held for longer than a second
  bench.stall(true);
  bench.run_to(at_seconds(35) + 500_us);
  CHECK(bench.count(RecordKind::copy_stored) == 0);
  bench.stall(false);
  bench.run(1_s);
  CHECK(bench.times(RecordKind::copy_stored) == Times{at_seconds(35.001)});
  CHECK(check_times(bench) == std::vector<std::int64_t>{1});
}

TEST_CASE("transaction check: a stall longer than a minute ends the pass") {
  TransactionBench bench;
  bench.half();
  bench.run_to(at_seconds(29));
  bench.stall(true);
  bench.run_to(at_seconds(100));
  CHECK(bench.times(RecordKind::pass_ended) == Times{at_seconds(91.001)});  // the first try after 60 s
  bench.stall(false);
  bench.run_to(at_seconds(122));
  CHECK(bench.times(RecordKind::copy_stored) == Times{at_seconds(121.001)});
}

TEST_CASE("transaction check: a pass with nothing to read changes nothing (ticking twin)") {
  TransactionBench twin, silent;
  for (TransactionBench* bench : {&silent, &twin}) {
    for (const double pass : {31, 61, 91}) {
      bench->run_to(at_seconds(pass));
      if (bench == &silent) continue;
      const auto before = sim::canonical_words(bench->state.now, bench->broker());
      auto context = bench->at_now();
      Site site(bench->world(), 0, context);
      begin_pass(site);
      CHECK(sim::canonical_words(bench->state.now, bench->broker()) == before);
    }
    bench->half();
    bench->run_to(at_seconds(200));
  }
  CHECK(twin.times(RecordKind::copy_stored) == silent.times(RecordKind::copy_stored));
  CHECK(silent.times(RecordKind::pass_begun) ==
        Times{at_seconds(121), at_seconds(151) + effect, at_seconds(181) + effect * 2});
}

TEST_CASE("transaction check: a broker that has been up for some time is so far into its period") {
  Config config = TransactionBench::transactional();
  config.brokers[0].up_for = 20_s;
  BrokerBench bench(config);
  Payload request;
  request.kind = PayloadKind::send_request;
  request.mark = Mark::transactional;
  bench.receive(request);
  bench.run_to(at_seconds(60));
  const auto passes = bench.all(RecordKind::pass_begun);
  REQUIRE(passes.size() == 2);
  CHECK(passes[0].at == at_seconds(10));
  config.brokers[0].up_for = Duration{-1};  // long: anywhere in the period
  std::set<std::int64_t> seconds;
  for (std::uint64_t seed = 1; seed < 40; ++seed) {
    BrokerBench other(config, seed);
    other.receive(request);
    other.run_to(at_seconds(30));
    REQUIRE(other.count(RecordKind::pass_begun) == 1);
    seconds.insert(other.all(RecordKind::pass_begun)[0].at.ns / 10'000'000'000);
  }
  CHECK(seconds.size() == 3);
}

TEST_CASE("transaction check: without transactional producers there is no phase and no event") {
  Config config = BrokerBench::plain();
  BrokerBench bench(config);
  CHECK(bench.memory().transactions.checks.period == Duration{});
  CHECK(bench.state.agenda.empty());
}
