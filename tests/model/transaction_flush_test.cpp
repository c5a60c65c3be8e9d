// SYNC_FLUSH and verdicts: what waits for its flush, what wakes it, and what a power failure leaves. Lives
// begin at 1 s.
#include "tests/catch.hpp"
#include "tests/model/transaction_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Times = std::vector<SimTime>;

Config sync_flush(Duration sync_time, Profile profile = Profile::v5_3) {
  Config config = TransactionBench::transactional(profile);
  config.hosts[0].sync_time = Distribution::constant(sync_time);
  config.brokers[0].settings.flushDiskType = FlushDiskType::SYNC_FLUSH;
  return config;
}

/// A half message of 2 s, on disk.
TransactionBench with_half(const Config& config, std::uint32_t immunity_seconds = 0) {
  TransactionBench bench(config);
  bench.run_to(at_seconds(2));
  bench.half(immunity_seconds);
  bench.run_to(at_seconds(9));
  return bench;
}

}  // namespace

TEST_CASE("transaction flush: the op follows when the final message is on disk") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    TransactionBench bench = with_half(sync_flush(20_ms, profile));
    bench.commit(0, 0, 0);
    CHECK(bench.count(RecordKind::appended) == 1);
    bench.run_to(at_seconds(9.02));
    CHECK(bench.count(RecordKind::op_buffered) == 0);
    bench.run({});
    CHECK(bench.times(RecordKind::op_buffered) == Times{at_seconds(9.02)});
    bench.monitored();
  }
}

TEST_CASE("transaction flush: with ASYNC_FLUSH it does not wait") {
  TransactionBench bench = with_half(TransactionBench::transactional());
  bench.commit(0, 0, 0);
  CHECK(bench.count(RecordKind::op_buffered) == 1);
}

TEST_CASE("transaction flush: syncFlushTimeout is a success to sendFinalMessage") {
  TransactionBench bench = with_half(sync_flush(6_s));
  bench.commit(0, 0, 0);
  bench.run_to(at_seconds(15));
  CHECK(bench.times(RecordKind::op_buffered) == Times{at_seconds(14)});
}

TEST_CASE("transaction flush: an immune copy has WAIT=false stored, and its final message does not wait") {
  TransactionBench bench = with_half(sync_flush(20_ms), 60);
  bench.run_to(at_seconds(32));  // a pass at 31 s has copied it
  REQUIRE(bench.count(RecordKind::copy_stored) == 1);
  bench.commit(0, 1, 1);
  CHECK(bench.count(RecordKind::op_buffered) == 1);
}

TEST_CASE("transaction flush: what nobody waits for is flushed at once") {
  TransactionBench bench = with_half(sync_flush(3_ms));
  bench.receive(TransactionBench::verdict(TransactionVerdict::rollback, 0, 0, 0));
  bench.run_to(at_seconds(14));
  // The op record of 13 s wakes GroupCommitService, wherever that is in its 10 ms.
  REQUIRE(bench.times(RecordKind::op_record) == Times{at_seconds(13)});
  CHECK(bench.times(RecordKind::flushed).back() == at_seconds(13.003));
}

TEST_CASE("transaction flush: a power failure between the final message's flush and its op's (4.9)") {
  TransactionBench bench = with_half(sync_flush(20_ms, Profile::v4_9));
  bench.commit(0, 0, 0);
  bench.run_through(at_seconds(9.02));
  CHECK(bench.count(RecordKind::op_stored) == 1);
  bench.lose_all_power(UnsyncedFiles::old_version);
  CHECK(bench.count(RecordKind::copy_lost) == 0);
  bench.restart();
  bench.know_producer();
  bench.run_to(at_seconds(70));
  REQUIRE(bench.questions().size() == 1);  // committed, on disk, and asked again
  bench.reply(bench.questions()[0].payload, TransactionVerdict::commit);
  CHECK(bench.count(RecordKind::appended) == 2);
  bench.monitored();
}

TEST_CASE("transaction flush: a kill while the final message waits takes its op with it") {
  TransactionBench bench = with_half(sync_flush(20_ms));
  bench.commit(0, 0, 0);
  bench.run(5_ms);
  bench.die();
  CHECK(bench.count(RecordKind::op_lost) == 1);
  CHECK(bench.monitored().state(0, 0) == HalfState::half);
}

}  // namespace brokersim::model::rocketmq
