// ConsumerOffsetManager: what a broker stores, and what of it a crash leaves. The broker begins at 0, so it
// writes consumerOffset.json at 10, 15, 20 ... s; the kernel writes a dirty file back after 30 s.
#include "model/rocketmq/stand_in.hpp"
#include "tests/catch.hpp"
#include "tests/model/consuming_bench.hpp"

namespace brokersim::model::rocketmq {
namespace {

using Bench = ConsumingBench;

Payload asked_offset(Bench& bench) {
  bench.ask(Bench::first_member, PayloadKind::query_consumer_offset);
  return bench.answered(PayloadKind::consumer_offset).back().payload;
}

/// Commits `offset` at a time.
void commit_at(Bench& bench, Duration time, std::int64_t offset) {
  bench.until(time);
  bench.commit(offset);
}

std::int64_t after_power_loss(Bench& bench, UnsyncedFiles files) {
  bench.lose_power(files);
  bench.restart();
  return bench.committed();
}

/// Committed at 1 s, written at 10 s.
std::int64_t hundred_after_power_loss(UnsyncedFiles files, Duration when, std::uint64_t seed = 1) {
  Bench bench(Bench::billing(), seed);
  commit_at(bench, 1_s, 100);
  bench.until(when);
  return after_power_loss(bench, files);
}

}  // namespace

TEST_CASE("offsets: the last one counts, also a smaller one") {
  Bench bench;
  bench.commit(10);
  CHECK(asked_offset(bench).offset == 10);
  bench.commit(4);
  CHECK(asked_offset(bench).offset == 4);
  const auto told = bench.all(RecordKind::offset_committed);
  REQUIRE(told.size() == 2);
  CHECK(told[1].record.subject == 1);
  CHECK(told[1].record.b == 4);
}

TEST_CASE(
    "offsets: a new group begins at 0 if the first record is there; of an empty queue 5.3 knows nothing") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Bench bench(Bench::billing(profile));
    const Payload of_empty = asked_offset(bench);
    CHECK(of_empty.status == (profile == Profile::v5_3 ? Status::QUERY_NOT_FOUND : Status::SEND_OK));
    CHECK(of_empty.offset == 0);
    bench.send_order();
    bench.run(10_ms);
    const Payload of_one = asked_offset(bench);
    CHECK(of_one.status == Status::SEND_OK);
    CHECK(of_one.offset == 0);
    bench.ask(Bench::first_member, PayloadKind::get_max_offset);
    CHECK(bench.answered(PayloadKind::max_offset).back().payload.offset == 1);
  }
}

TEST_CASE("offsets: of an unknown topic 4.9 stores one, 5.3 does not") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    Bench bench(Bench::billing(profile));
    bench.broker().cache.topics[0] = 0;
    bench.commit(7);
    CHECK(bench.committed() == (profile == Profile::v5_3 ? -1 : 7));
  }
}

TEST_CASE("offsets: the file is written on its grid, and only when something has changed") {
  Bench bench;
  bench.until(9_s);
  CHECK(bench.broker_events == 0);
  bench.commit(5);
  bench.until(9999_ms);
  CHECK(bench.broker().cache.offsets.written.empty());
  bench.until(30_s);
  CHECK(bench.broker_events == 1);
  CHECK(bench.broker().cache.offsets.written[0] == 5);
  bench.commit(6);
  bench.commit(5);  // as it was written
  bench.until(60_s);
  CHECK(bench.broker_events == 1);
}

TEST_CASE("offsets: a kill takes what was committed since the file was written") {
  Bench bench;
  commit_at(bench, 11_s, 100);  // written at 15 s
  commit_at(bench, 16_s, 230);
  bench.kill();
  const auto back = bench.all(RecordKind::offsets_back);
  REQUIRE(back.size() == 1);
  CHECK(back[0].record.a == 0);
  CHECK(back[0].record.b == 130);
  bench.restart();
  CHECK(bench.committed() == 100);
}

TEST_CASE("offsets: a graceful stop writes the file") {
  Bench bench;
  commit_at(bench, 16_s, 230);
  auto context = bench.at_now();
  broker_stop(bench.world(), 0, context);
  bench.until(20_s);
  bench.kill();  // the end of its life
  bench.restart();
  CHECK(bench.committed() == 230);
  CHECK(bench.count(RecordKind::offsets_back) == 0);
}

// A broker that lives writes the file again and again as it is (ConfigManager.persist), so an empty one is
// never out of the question; the old version is, once this one is on the disk.
TEST_CASE("offsets: a power loss leaves the file as it was, as it is, or empty") {
  CHECK(hundred_after_power_loss(UnsyncedFiles::new_version, 39_s) == 100);
  CHECK(hundred_after_power_loss(UnsyncedFiles::old_version, 39_s) == -1);
  CHECK(hundred_after_power_loss(UnsyncedFiles::empty, 39_s) == -1);
  for (const auto files : {UnsyncedFiles::new_version, UnsyncedFiles::old_version})
    CHECK(hundred_after_power_loss(files, 40_s) == 100);
  CHECK(hundred_after_power_loss(UnsyncedFiles::empty, 40_s) == -1);
}

TEST_CASE("offsets: the old version is what the kernel wrote back; writing on does not put that off") {
  const auto old_version = [](Duration when) {
    Bench bench;
    for (std::int64_t k = 2; 1_s * (5 * k - 1) < when; ++k) commit_at(bench, 1_s * (5 * k - 1), k);
    bench.until(when);  // k is written at 5 k s
    return after_power_loss(bench, UnsyncedFiles::old_version);
  };
  CHECK(old_version(38_s) == -1);  // dirty since 10 s, and nothing written back yet
  CHECK(old_version(43_s) == 7);   // at 40 s, with the write of 35 s in it
}

TEST_CASE("offsets: each fate of the file is drawn in a third of the cases") {
  int kept = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed)
    kept += hundred_after_power_loss(UnsyncedFiles::draw, 20_s, seed) == 100 ? 1 : 0;
  CHECK(kept > 67);  // 100 +- 8.2; four deviations
  CHECK(kept < 133);
}

TEST_CASE("offsets: a broker that began long ago writes somewhere in its period") {
  Config config = ConsumingBench::billing();
  Duration first{};
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    BrokerBench bench(config, seed);
    const SimTime grid = bench.memory().offsets_grid;
    CHECK(grid <= SimTime{});
    CHECK(grid > SimTime{} - 5_s);
    if (seed == 1) first = grid - SimTime{};
    if (seed == 2) CHECK(grid - SimTime{} != first);
  }
}

// ConsumerOffsetManager.offsetTable: topic@group -> queue -> offset, and putAll of a map of such maps.
TEST_CASE("offsets: another broker's map of a topic and group replaces the own one as a whole") {
  Config config = Bench::billing();
  config.topics[0].queues = 2;
  config.groups.push_back("audit");
  Bench bench(config);
  auto context = bench.at_now();
  Site site(bench.world(), 0, context);
  const auto set = [&](OffsetTable& table, std::uint16_t group, std::uint16_t queue, std::int64_t offset) {
    const auto number = static_cast<std::size_t>(queue_number(site.broker, TopicId(0), queue));
    table[group * site.memory.queues.size() + number] = offset;
  };
  const auto has = [&](std::uint16_t group, std::uint16_t queue) {
    return committed_offset(site, GroupId(group), TopicId(0), queue);
  };
  for (std::uint16_t group = 0; group < 2; ++group) {
    for (std::uint16_t queue = 0; queue < 2; ++queue) set(site.memory.offsets, group, queue, 7);
  }
  OffsetTable theirs(site.memory.offsets.size(), -1);
  set(theirs, 0, 1, 5);
  take_offsets(site, theirs);
  CHECK(has(0, 1) == 5);
  CHECK(has(0, 0) == -1);  // unknown there
  CHECK(has(1, 0) == 7);   // of which the other one has nothing at all
  CHECK(has(1, 1) == 7);
}

}  // namespace brokersim::model::rocketmq
