// ASYNC_FLUSH and the transient store pool, each against a twin that really ticks: the loops of
// CommitLog.FlushRealTimeService.run and CommitLog.CommitRealTimeService.run written down as loops.
#include "tests/model/broker_bench.hpp"

#include "sim/random.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

struct Put {
  SimTime at;
  std::uint32_t body;
};

struct Moved {
  SimTime at;
  std::int64_t records;
  friend bool operator==(const Moved&, const Moved&) = default;
};

std::uint64_t word(std::uint64_t seed, std::uint64_t what, std::uint64_t n) {
  return sim::keyed_bits(seed, sim::DrawKey{what, n, 0});
}

/// Random puts at odd instants (never on a tick), in dense and in idle stretches.
std::vector<Put> random_puts(std::uint64_t seed, SimTime begin, std::int64_t count) {
  std::vector<Put> puts;
  SimTime time = begin;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t bits = word(seed, 1, static_cast<std::uint64_t>(i));
    const std::int64_t scale = bits % 16 == 0 ? 9'000'000'000 : bits % 16 < 5 ? 300'000'000 : 3'000'000;
    time += Duration{static_cast<std::int64_t>(bits >> 16) % scale};
    time.ns += 1 + time.ns % 2;
    if (time.ns % 1000 == 0) time.ns += 2;
    puts.push_back({time, static_cast<std::uint32_t>(bits % 3000)});
  }
  return puts;
}

/// Where each put ends in the log, by the rule for file ends.
std::vector<LogPosition> positions(const Config& config, const std::vector<Put>& puts) {
  const std::int64_t file = config.brokers[0].settings.mappedFileSizeCommitLog;
  std::vector<LogPosition> ends;
  std::int64_t at = 0;
  for (const Put& put : puts) {
    Payload request;
    request.size = put.body;
    const std::int64_t size = record_size(config, config.brokers[0], message_of(request));
    if (size + 8 > file - at % file) at = (at / file + 1) * file;
    at += size;
    ends.push_back({static_cast<std::int64_t>(ends.size()) + 1, at});
  }
  return ends;
}

/// What a mapped file queue sees of a history.
struct Written {
  const std::vector<Put>& puts;
  std::vector<LogPosition> ends;
  std::int64_t file;

  LogPosition at(SimTime time) const {
    LogPosition position;
    for (std::size_t i = 0; i < puts.size() && puts[i].at < time; ++i) position = ends[i];
    return position;
  }
  /// MappedFile.flush / commit of the file that holds `from`: the new position, or `from`.
  LogPosition step(LogPosition from, SimTime time, std::int64_t pages) const {
    const std::int64_t begin = from.bytes / file * file;
    LogPosition to = at(time);
    const bool full = to.bytes > begin + file;
    if (full) {
      to = {0, begin + file};
      for (const LogPosition& end : ends) to.records += end.bytes <= begin + file;
    }
    if (full) return to;
    if (pages > 0) return (to.bytes - begin) / 4096 - (from.bytes - begin) / 4096 >= pages ? to : from;
    return to;
  }
  /// The first put in [from, until); `until` if there is none.
  SimTime next_put(SimTime from, SimTime until) const {
    for (const Put& put : puts) {
      if (put.at >= from && put.at < until) return put.at;
    }
    return until;
  }
};

std::vector<Moved> ticking_flush(const Config& config, const Written& written, SimTime start, SimTime end,
                                 bool woken) {
  const BrokerSettings& s = config.brokers[0].settings;
  std::vector<Moved> moved;
  LogPosition flushed;
  SimTime last = never, now = start, heard = start;
  while (now < end) {
    std::int64_t pages = s.flushCommitLogLeastPages;
    if (now >= last + s.flushCommitLogThoroughInterval) last = now, pages = 0;
    const SimTime due = now + s.flushIntervalCommitLog;
    if (woken) {
      now = std::max(now, written.next_put(heard, due));
      heard = now + 1_ns;
    } else {
      now = due;
    }
    const LogPosition to = written.step(flushed, woken ? now + 1_ns : now, pages);
    if (to == flushed) continue;
    now += config.hosts[0].sync_time.first();
    flushed = to;
    moved.push_back({now, to.records});
  }
  return moved;
}

std::vector<Moved> ticking_commit(const Config& config, const Written& written, SimTime start, SimTime end) {
  const BrokerSettings& s = config.brokers[0].settings;
  std::vector<Moved> moved;
  LogPosition committed;
  SimTime last = never, now = start;
  while (now < end) {
    std::int64_t pages = s.commitCommitLogLeastPages;
    if (now >= last + s.commitCommitLogThoroughInterval) last = now, pages = 0;
    const LogPosition to = written.step(committed, now + 1_ns, pages);
    if (to != committed) {
      committed = to;
      last = now;
      moved.push_back({now, to.records});
    }
    now = written.next_put(now + 1_ns, now + s.commitIntervalCommitLog);
  }
  return moved;
}

std::vector<Moved> model_moves(const Config& config, const std::vector<Put>& puts, SimTime start, SimTime end,
                               RecordKind kind) {
  BrokerBench bench(config);
  bench.run_to(start);
  bench.restart();
  // The bench's broker starts with an empty log, so that the pool holds the first file as well.
  for (const Put& put : puts) {
    bench.run_to(put.at);
    bench.send(0, put.body);
  }
  bench.run_through(end);
  std::vector<Moved> moved;
  for (const auto& r : bench.all(kind)) moved.push_back({r.at, r.record.a});
  return moved;
}

void cut(std::vector<Moved>& moves, SimTime end) {
  std::erase_if(moves, [&](const Moved& m) { return m.at >= end; });
}

}  // namespace

TEST_CASE("a record is 91 bytes, body, topic and properties") {
  Config config = BrokerBench::plain();
  Payload request;
  request.size = 256;
  config.brokers[0].profile = Profile::v4_9;
  CHECK(record_size(config, config.brokers[0], message_of(request)) == 440);
  config.brokers[0].profile = Profile::v5_3;
  CHECK(record_size(config, config.brokers[0], message_of(request)) == 489);  // + WAIT, MSG_REGION, TRACE_ON
  config.topics[0].properties_size = 11;
  CHECK(record_size(config, config.brokers[0], message_of(request)) == 500);
}

TEST_CASE("FlushRealTimeService keeps the grid of a service that really ticks") {
  const SimTime start{1'000'000'000};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Config config =
        BrokerBench::plain(Duration{2'000'000 + static_cast<std::int64_t>(seed % 7) * 13'000'000});
    BrokerSettings& s = config.brokers[0].settings;
    if (seed % 3 == 0) s.mappedFileSizeCommitLog = 3 * 4096 + 512;
    if (seed % 4 == 0) s.flushCommitLogThoroughInterval = 1700_ms;
    if (seed % 5 == 0) s.flushIntervalCommitLog = 70_ms;
    const auto puts = random_puts(seed, start + 1_ms, 150);
    const SimTime end = puts.back().at + 30_s;
    auto expected =
        ticking_flush(config, {puts, positions(config, puts), s.mappedFileSizeCommitLog}, start, end, false);
    auto actual = model_moves(config, puts, start, end, RecordKind::flushed);
    cut(expected, end), cut(actual, end);
    INFO("seed " << seed << " flushes " << expected.size());
    REQUIRE(actual.back().records == 150);
    REQUIRE(actual == expected);
  }
}

TEST_CASE("woken by puts, FlushRealTimeService still checks the page rule") {
  const SimTime start{1'000'000'000};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Config config =
        BrokerBench::plain(Duration{1'000'000 + static_cast<std::int64_t>(seed % 5) * 29'000'000});
    BrokerSettings& s = config.brokers[0].settings;
    s.flushCommitLogTimed = false;
    s.wakeFlushWhenPutMessage = seed % 2 == 0;
    config.brokers[0].profile = seed % 2 == 0 ? Profile::v5_3 : Profile::v4_9;  // 4.9 always wakes
    if (seed % 3 == 0) s.mappedFileSizeCommitLog = 3 * 4096 + 512;
    if (seed % 4 == 0) s.flushCommitLogThoroughInterval = 1700_ms;
    const auto puts = random_puts(seed, start + 1_ms, 150);
    const SimTime end = puts.back().at + 30_s;
    auto expected =
        ticking_flush(config, {puts, positions(config, puts), s.mappedFileSizeCommitLog}, start, end, true);
    auto actual = model_moves(config, puts, start, end, RecordKind::flushed);
    cut(expected, end), cut(actual, end);
    INFO("seed " << seed << " flushes " << expected.size());
    REQUIRE(actual.back().records == 150);
    REQUIRE(actual == expected);
  }
}

TEST_CASE("CommitRealTimeService commits when a service that really ticks would") {
  const SimTime start{1'000'000'000};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Config config = BrokerBench::plain();
    BrokerSettings& s = config.brokers[0].settings;
    s.transientStorePoolEnable = true;
    if (seed % 3 == 0) s.mappedFileSizeCommitLog = 3 * 4096 + 512;
    if (seed % 4 == 0) s.commitCommitLogThoroughInterval = 510_ms;
    if (seed % 5 == 0) s.commitIntervalCommitLog = 70_ms;
    const auto puts = random_puts(seed, start + 1_ms, 200);
    const SimTime end = puts.back().at + 5_s;
    const auto expected =
        ticking_commit(config, {puts, positions(config, puts), s.mappedFileSizeCommitLog}, start, end);
    const auto actual = model_moves(config, puts, start, end, RecordKind::committed);
    INFO("seed " << seed << " commits " << expected.size());
    REQUIRE(actual.back().records == 200);
    REQUIRE(actual == expected);
  }
}

TEST_CASE("4 pages are page numbers, and fewer wait for the thorough loop") {
  Config config = BrokerBench::plain();
  BrokerBench bench(config);
  bench.run_to(SimTime{1'000'000'000});
  bench.restart();  // the loop begun now is thorough
  bench.run_to(SimTime{1'100'000'000});
  for (int i = 0; i < 8; ++i) bench.send(0, 256);  // 8 x 489 = 3,912 B: page 0
  bench.run_through(SimTime{1'502'000'000});       // thorough at 1.5 s, the sync takes 2 ms
  REQUIRE(bench.memory().flushed.bytes == 3912);
  for (int i = 0; i < 25; ++i) bench.send(0, 256);  // 16,137 B: page 3, three pages on
  bench.run_through(SimTime{11'000'000'000});
  CHECK(bench.memory().flushed.bytes == 3912);
  bench.send(0, 256);  // 16,626 B: page 4
  bench.run_through(SimTime{12'000'000'000});
  CHECK(bench.memory().flushed.bytes == 16626);
  bench.send(0, 256);
  bench.run_through(SimTime{20'000'000'000});
  CHECK(bench.memory().flushed.bytes == 16626);
  bench.run_through(SimTime{22'100'000'000});  // at the latest 10 s and two loops later
  CHECK(bench.memory().flushed.bytes == 17115);
  CHECK(bench.state.agenda.empty());  // and an idle broker has no events
}

TEST_CASE("the period of FlushRealTimeService is its interval plus the time of the flush") {
  BrokerBench bench(BrokerBench::plain(40_ms));
  bench.run_to(SimTime{1'000'000'000});
  bench.restart();
  for (std::int64_t i = 1; i < 3000; ++i) {
    bench.run_to(SimTime{1'000'000'000 + i * 1'000'003});
    bench.send();
  }
  bench.run_through(SimTime{4'000'000'000});
  const auto flushes = bench.all(RecordKind::flushed);
  REQUIRE(flushes.size() >= 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(flushes[i].at.ns == 1'000'000'000 + 540'000'000 * static_cast<std::int64_t>(i + 1));
  CHECK(flushes[1].record.a == 1'039);  // what was readable when it began, at 2.04 s: 1 per 1.000003 ms
}

TEST_CASE("at a high rate the pool exposes fewer than 5 pages") {
  Config config = BrokerBench::plain();
  config.brokers[0].settings.transientStorePoolEnable = true;
  BrokerBench bench(config);
  std::int64_t exposed_max = 0;
  for (int i = 1; i <= 3000; ++i) {
    bench.run_to(SimTime{i * 100'003});
    exposed_max = std::max(exposed_max, bench.memory().appended.bytes - bench.broker().cache.committed.bytes);
    bench.send();
  }
  CHECK(exposed_max >= 3 * 4096);
  CHECK(exposed_max < 4 * 4096 + 489);
}
