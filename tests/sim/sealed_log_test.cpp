// The sealed log against a vector: every history of appends, truncations, retention and forks leaves
// each copy with exactly its own records, and equal contents with equal canonical forms.
#include "sim/sealed_log.hpp"

#include <cstdint>
#include <thread>
#include <tuple>
#include <type_traits>
#include <vector>

#include "sim/check.hpp"
#include "sim/hash.hpp"
#include "sim/types.hpp"
#include "tests/catch.hpp"

namespace {

using namespace brokersim::sim;

/// Small chunks make tall trees: 4 x 16 records fill a branch.
using Log = SealedLog<std::uint64_t, 4>;

/// What a log of absolute positions means, said with a flat vector.
struct Model {
  std::size_t begin = 0;
  std::vector<std::uint64_t> records;  // By absolute position; those before `begin` are gone.
  void truncate(std::size_t n) { records.resize(std::min(n, records.size())); }
};

struct Draws {
  std::uint64_t state;
  std::uint64_t below(std::uint64_t n) { return mixing::avalanche(state += mixing::pi_1) % n; }
};

bool agree(const Log& log, const Model& model) {
  if (log.begin_index() != model.begin || log.end_index() != model.records.size()) return false;
  std::size_t position = model.begin;
  for (const std::uint64_t record : log)
    if (record != model.records[position] || record != log[position++]) return false;
  return position == model.records.size();
}

Log built_at_once(const Model& model) {
  Log log;
  for (const std::uint64_t record : model.records) log.append(record);
  log.drop_front(model.begin);
  return log;
}

/// One random operation on both.
void step(Log& log, Model& model, Draws& draws) {
  const std::size_t size = model.records.size() - model.begin;
  const std::uint64_t what = draws.below(20);
  if (what < 14) {
    for (std::uint64_t n = draws.below(40); n > 0; --n) {
      model.records.push_back(draws.below(1000));
      log.append(model.records.back());
    }
  } else if (what < 18) {
    const std::size_t position = model.records.size() - draws.below(std::min<std::size_t>(size, 90) + 1);
    log.truncate(position);
    model.truncate(position);
  } else if (what < 19) {
    model.begin += draws.below(size / 4 + 1);
    log.drop_front(model.begin);
  } else {
    (void)canonical_digest({}, log);  // Leaves digests behind that later changes must not revive.
  }
}

TEST_CASE("random histories with forks leave every copy with its own records", "[sealed_log]") {
  Draws draws{1};
  std::vector<Log> logs(4);
  std::vector<Model> models(4);
  for (int i = 0; i < 4000; ++i) {
    const std::size_t chosen = draws.below(4), other = draws.below(4);
    if (draws.below(10) == 0) {
      logs[other] = logs[chosen];
      models[other] = models[chosen];
    }
    step(logs[chosen], models[chosen], draws);
    for (std::size_t k = 0; k < 4; ++k) REQUIRE(agree(logs[k], models[k]));
    const Log fresh = built_at_once(models[chosen]);
    REQUIRE(fresh == logs[chosen]);
    REQUIRE(canonical_digest({}, fresh) == canonical_digest({}, logs[chosen]));
  }
}

TEST_CASE("truncated positions are used again", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 10; ++i) CHECK(log.append(i) == i);
  const Log before = log;
  log.truncate(5);
  CHECK(log.append(77) == 5);
  CHECK(log[5] == 77);
  CHECK(log.size() == 6);
  CHECK(before[5] == 5);
  CHECK(before.size() == 10);
}

TEST_CASE("retention moves the beginning and frees memory", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 4000; ++i) log.append(i);
  const std::size_t full = log.bytes();
  log.drop_front(3999);
  CHECK(log.begin_index() == 3999);
  CHECK(log.size() == 1);
  CHECK(log.front() == 3999);
  CHECK(log.bytes() * 10 < full);
  CHECK(log.append(1) == 4000);
}

TEST_CASE("a log may be emptied from either side and goes on", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 100; ++i) log.append(i);
  Log front = log;
  front.drop_front(100);
  CHECK(front.empty());
  CHECK(front.append(5) == 100);
  log.truncate(0);
  CHECK(log.empty());
  CHECK(log.append(5) == 0);
}

TEST_CASE("a record may be appended from the log itself", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 7; ++i) log.append(i);
  const Log copy = log;  // The next append clones the open chunk that the record is read from.
  log.append(log[6]);
  CHECK(log.back() == 6);
}

TEST_CASE("a moved log takes everything along", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 9; ++i) log.append(i);
  Log taken = std::move(log);
  CHECK(taken.size() == 9);
  taken = Log{};
  CHECK(taken.empty());
}

TEST_CASE("positions outside the log are bugs", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 9; ++i) log.append(i);
  log.drop_front(3);
  CHECK_THROWS_AS(log[2], BugError);
  CHECK_THROWS_AS(log[9], BugError);
  CHECK_THROWS_AS(log.truncate(2), BugError);
  CHECK_THROWS_AS(log.drop_front(10), BugError);
  CHECK_THROWS_AS(log.range(5, 10), BugError);
}

TEST_CASE("a range is read in order", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 30; ++i) log.append(i);
  std::vector<std::uint64_t> seen;
  for (const std::uint64_t record : log.range(3, 9)) seen.push_back(record);
  CHECK(seen == std::vector<std::uint64_t>{3, 4, 5, 6, 7, 8});
}

TEST_CASE("copies share all sealed chunks", "[sealed_log]") {
  Log log;
  for (std::uint64_t i = 0; i < 1000; ++i) log.append(i);
  Log copy = log;
  copy.append(1);
  CHECK(&copy[500] == &log[500]);
  CHECK(&copy[0] == &log[0]);
}

TEST_CASE("a small log needs little memory and a long one no more than its records and a few percent",
          "[sealed_log]") {
  SealedLog<std::uint64_t> log;
  CHECK(log.bytes() == sizeof(log));
  log.append(1);
  CHECK(log.bytes() < 200);
  for (std::uint64_t i = 1; i < 100'000; ++i) log.append(i);
  CHECK(log.bytes() > 800'000);
  CHECK(log.bytes() < 900'000);
}

// --- the canonical form ---

struct Timed {
  SimTime at{};
};
constexpr auto fields(const Timed& t) {
  const auto& [at] = t;
  return std::tie(at);
}

TEST_CASE("one changed record anywhere changes the form", "[sealed_log][canonical]") {
  Model model;
  for (std::uint64_t i = 0; i < 300; ++i) model.records.push_back(i);
  const Digest plain = canonical_digest({}, built_at_once(model));
  for (std::size_t i = 0; i < 300; ++i) {
    Model changed = model;
    changed.records[i] = 1000;
    CHECK(canonical_digest({}, built_at_once(changed)) != plain);
  }
}

TEST_CASE("positions and not only records belong to the form", "[sealed_log][canonical]") {
  Log late;
  for (std::uint64_t i = 0; i < 4; ++i) late.append(9);
  late.drop_front(3);
  Log early;
  early.append(9);
  CHECK(canonical_digest({}, late) != canonical_digest({}, early));
}

TEST_CASE("the words of a log are its bounds and every record", "[sealed_log][canonical]") {
  Log log;
  for (std::uint64_t i = 0; i < 6; ++i) log.append(10 + i);
  log.drop_front(1);
  CHECK(canonical_words({}, log) == std::vector<std::uint64_t>{1, 6, 11, 12, 13, 14, 15});
}

TEST_CASE("records that carry times are seen from now, however many are sealed", "[sealed_log][canonical]") {
  SealedLog<Timed, 4> early, late;
  for (std::int64_t i = 0; i < 50; ++i) {
    early.append({{i}});
    late.append({{1000 + i}});
  }
  CHECK(canonical_digest({60}, early) == canonical_digest({1060}, late));
  CHECK(canonical_digest({60}, early) != canonical_digest({61}, early));
}

// --- threads (run under the thread sanitizer) ---

TEST_CASE("two threads use, change and drop copies of one log", "[sealed_log][threads]") {
  Log origin;
  for (std::uint64_t i = 0; i < 500; ++i) origin.append(i);
  const auto work = [](Log mine, std::uint64_t seed, bool* good) {
    Draws draws{seed};
    const Digest digest = canonical_digest({}, mine);
    for (int round = 0; round < 300; ++round) {
      Log fork = mine;
      const std::size_t cut = draws.below(501);
      fork.truncate(cut);
      for (std::uint64_t i = 0; i < 30; ++i) fork.append(seed);
      *good = *good && fork.size() == cut + 30 && fork.back() == seed;
      *good = *good && canonical_digest({}, mine) == digest && canonical_digest({}, fork) != digest;
    }
  };
  bool first_good = true, second_good = true;
  std::thread first(work, origin, 1001, &first_good), second(work, origin, 1002, &second_good);
  origin = Log{};
  first.join();
  second.join();
  CHECK(first_good);
  CHECK(second_good);
}

}  // namespace
