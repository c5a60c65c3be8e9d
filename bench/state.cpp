// What copying, editing and hashing state costs: one line `name<TAB>ns_per_op` each, the least of five
// rounds.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/canonical.hpp"
#include "sim/paged_array.hpp"
#include "sim/sealed_log.hpp"
#include "sim/trace_hash.hpp"
#include "sim/types.hpp"

namespace {

using namespace brokersim::sim;

std::uint64_t sink = 0;  // What a benchmark computes goes here and is printed, so that it is computed.

/// Times `work(operations)`.
template <class Work>
void measure(const char* label, std::uint64_t operations, Work&& work) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work(operations);
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    best = std::min(best, spent.count() / static_cast<double>(operations));
  }
  std::printf("%s\t%.2f\n", label, best);
}

struct Entry {
  std::uint32_t message = 0;
  std::uint32_t epoch = 0;
  std::int64_t body = 0;
};
constexpr auto fields(const Entry& e) {
  const auto& [message, epoch, body] = e;
  return std::tie(message, epoch, body);
}

struct TimedEntry {
  std::uint32_t message = 0;
  std::uint32_t epoch = 0;
  SimTime stored{};
};
constexpr auto fields(const TimedEntry& e) {
  const auto& [message, epoch, stored] = e;
  return std::tie(message, epoch, stored);
}

template <class T>
SealedLog<T> log_of(std::uint32_t n) {
  SealedLog<T> log;
  for (std::uint32_t i = 0; i < n; ++i) log.append({i, 1, {}});
  return log;
}

/// An actor of a small exploration world: some scalars, a deadline, a short log.
struct Actor {
  std::uint32_t role = 0, leader = 0;
  std::int64_t high_watermark = 0, epoch = 0;
  bool up = true, fenced = false;
  SimTime deadline{};
  Since<6'000'000'000> heard{};
  Uncounted<std::uint64_t> draws{};
  SealedLog<TimedEntry> log{};
};
constexpr auto fields(const Actor& a) {
  const auto& [role, leader, high_watermark, epoch, up, fenced, deadline, heard, draws, log] = a;
  return std::tie(role, leader, high_watermark, epoch, up, fenced, deadline, heard, draws, log);
}

struct Pending {
  SimTime at{};
  std::uint32_t target = 0, kind = 0;
  std::int64_t a = 0, b = 0;
};
constexpr auto fields(const Pending& p) {
  const auto& [at, target, kind, a, b] = p;
  return std::tie(at, target, kind, a, b);
}

struct SmallWorld {
  std::vector<Actor> actors;
  std::vector<Pending> events;
};
constexpr auto fields(const SmallWorld& w) {
  const auto& [actors, events] = w;
  return std::tie(actors, events);
}

SmallWorld small_world() {
  SmallWorld world;
  for (std::uint32_t i = 0; i < 12; ++i) {
    world.actors.push_back({});
    world.actors.back().log = log_of<TimedEntry>(12);
  }
  for (std::uint32_t i = 0; i < 30; ++i) world.events.push_back({{i}, i % 12, i % 5, 1, 2});
  return world;
}

void bench_log() {
  const auto log = log_of<Entry>(1'000'030);  // Thirty records in the open chunk.
  measure("log of 1e6: copy and drop", 1'000'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
      const SealedLog<Entry> copy = log;
      sink += copy.size();
    }
  });
  measure("log of 1e6: copy into a recycled log", 1'000'000, [&](std::uint64_t n) {
    SealedLog<Entry> copy;
    for (std::uint64_t i = 0; i < n; ++i) sink += (copy = log).size();
  });
  measure("log of 1e6: copy, then one append", 300'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
      SealedLog<Entry> copy = log;
      sink += copy.append({});
    }
  });
  measure("log: append", 1'000'000,
          [](std::uint64_t n) { sink += log_of<Entry>(static_cast<std::uint32_t>(n)).size(); });
  measure("log of 1e6: read at a stride", 1'000'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += log[i * 7919 % 1'000'000].message;
  });
  measure("log of 1e6: read in order", 1'000'000, [&](std::uint64_t) {
    for (const Entry& entry : log) sink += entry.message;
  });
  measure("log of 1e6: digest, chunks kept", 10'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += canonical_digest({}, log).low;
  });
}

void bench_array() {
  PagedArray<std::uint64_t> array(100'000);
  measure("array of 1e5: copy and drop", 1'000'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
      const PagedArray<std::uint64_t> copy = array;
      sink += copy.size();
    }
  });
  measure("array of 1e5: edit in place, in order", 1'000'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) ++array.edit(i % 100'000);
  });
  measure("array of 1e5: edit in place, at a stride", 1'000'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) ++array.edit(i * 7919 % 100'000);
  });
  measure("array of 1e5: copy, then one edit", 300'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
      PagedArray<std::uint64_t> copy = array;
      sink += ++copy.edit(i % 100'000);
    }
  });
  measure("array of 1e5: edit, then digest", 10'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
      ++array.edit(i * 7919 % 100'000);
      sink += canonical_digest({}, array).low;
    }
  });
}

void bench_hashes() {
  const SmallWorld world = small_world();
  std::printf("small world: canonical words\t%zu\n", canonical_words({}, world).size());
  measure("small world: digest", 100'000, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += canonical_digest({static_cast<std::int64_t>(i)}, world).low;
  });
  measure("trace hash: record", 10'000'000, [](std::uint64_t n) {
    TraceHash trace;
    for (std::uint64_t i = 0; i < n; ++i) {
      const auto k = static_cast<std::int64_t>(i);
      trace.add({k}, {static_cast<std::uint32_t>(i % 40), 3, k * 3, 7});
    }
    sink += trace.value();
  });
}

}  // namespace

int main() {
  bench_log();
  bench_array();
  bench_hashes();
  std::printf("checksum\t%llu\n", static_cast<unsigned long long>(sink % 1000));
}
