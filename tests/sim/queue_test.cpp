// The event queue against its oracle. Goal: (time, push sequence) exactly, whatever the history. Method:
// random histories are applied to a RadixWheel and a HeapQueue side by side; every event carries its
// push number, so one wrong tie is seen at once.
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/heap_queue.hpp"
#include "sim/radix_wheel.hpp"
#include "tests/catch.hpp"

using namespace brokersim::sim;
using namespace brokersim::sim::literals;

namespace {

struct Payload {
  std::uint64_t number = 0;
  std::uint64_t other = 0;
};
using Wheel = RadixWheel<Payload>;
using Heap = HeapQueue<Payload>;

/// splitmix64 (Steele, Lea, Flood 2014): enough for a test, and the same everywhere.
struct Generator {
  std::uint64_t state;
  std::uint64_t operator()() {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return (*this)() % n; }
};

/// Delays of every scale from nothing to some years, ties included.
Duration any_delay(Generator& random) {
  switch (random.below(6)) {
    case 0: return {0};
    case 1: return {static_cast<std::int64_t>(random.below(4))};
    case 2: return {static_cast<std::int64_t>(random.below(3)) * 1'000'000};
    case 3: return {static_cast<std::int64_t>(random.below(100'000))};
    case 4: return {static_cast<std::int64_t>(random.below(std::uint64_t{1} << 57))};  // 4.5 years
    default: return {static_cast<std::int64_t>(random() >> (8 + random.below(50)))};
  }
}

/// The two queues under the same history; every operation compares.
struct Pair {
  Wheel wheel;
  Heap heap;
  std::uint64_t pushed = 0;
  SimTime now;

  void push(SimTime at) {
    wheel.push(at, {pushed, ~pushed});
    heap.push(at, {pushed, ~pushed});
    ++pushed;
  }
  bool pop_until(SimTime stop) {
    Wheel::Entry got{};
    Heap::Entry expected{};
    const bool popped = heap.pop_until(stop, expected);
    if (wheel.pop_until(stop, got) != popped) FAIL("one queue pops, the other does not");
    if (!popped) return false;
    if (got.at != expected.at || got.event.number != expected.event.number) FAIL("wrong order");
    if (got.event.other != ~got.event.number) FAIL("payload torn");
    now = got.at;
    return true;
  }
  void compare() const {
    REQUIRE(wheel.size() == heap.size());
    REQUIRE(wheel.floor() == heap.floor());
    REQUIRE(wheel.next_time() == heap.next_time());
  }
  void compare_sorted() const {
    const auto got = wheel.sorted();
    const auto expected = heap.sorted();
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      if (got[i].at != expected[i].at || got[i].event.number != expected[i].event.number)
        FAIL("sorted(): wrong order");
  }
  void erase_every(std::uint64_t n, std::uint64_t phase) {
    const auto chosen = [&](const Payload& p) { return p.number % n == phase; };
    REQUIRE(wheel.erase_if(chosen) == heap.erase_if(chosen));
  }
  void drain() {
    while (pop_until(SimTime::max())) {
    }
    REQUIRE(wheel.empty());
    REQUIRE(heap.empty());
  }
};

/// Keeps times small enough for a further delay of years to be representable.
bool has_room(SimTime now) { return now < SimTime{std::int64_t{1} << 61}; }

void step(Pair& pair, Generator& random) {
  const std::uint64_t kind = random.below(1000);
  if (kind < 480 && has_room(pair.now)) {
    pair.push(pair.now + any_delay(random));
  } else if (kind < 930) {
    pair.pop_until(SimTime::max());
  } else if (kind < 960) {  // run until, then inject at the stop or anywhere since the last pop
    const SimTime stop = pair.now + any_delay(random);
    for (int i = 0; i < 20 && pair.pop_until(stop); ++i) {
    }
    if (has_room(stop)) pair.push(stop < pair.now ? pair.now : stop);
    pair.push(pair.now);
  } else if (kind < 980) {  // peek, then inject before what was seen
    const auto next = pair.wheel.next_time();
    if (next && *next > pair.now) pair.push(pair.now + (*next - pair.now) / 2);
  } else if (kind < 984) {  // a burst at one instant, chosen near or far
    const SimTime at = has_room(pair.now) ? pair.now + any_delay(random) : pair.now;
    for (int i = 0; i < 60; ++i) pair.push(at);
  } else if (kind < 987) {
    pair.erase_every(2 + random.below(5), random.below(2));
  } else {
    pair.compare();
  }
}

}  // namespace

TEST_CASE("a wheel and a heap agree on every random history") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    Generator random{seed};
    Pair pair;
    for (int i = 0; i < 5000; ++i) step(pair, random);
    pair.compare_sorted();
    pair.drain();
  }
}

TEST_CASE("a copied queue continues exactly as the original") {
  Pair recycled;  // one target for all copies, so it inherits storage of other sizes
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    Generator random{seed};
    Pair pair;
    for (std::uint64_t i = random.below(3000); i-- > 0;) step(pair, random);
    recycled = pair;
    Pair fresh = pair;
    Generator same = random;
    Generator again = random;
    for (int i = 0; i < 500; ++i) step(pair, random);
    for (int i = 0; i < 500; ++i) step(recycled, same);
    for (int i = 0; i < 500; ++i) step(fresh, again);
    REQUIRE(recycled.pushed == pair.pushed);
    REQUIRE(fresh.now == pair.now);
    recycled.compare_sorted();
    fresh.drain();
    pair.drain();
  }
}

TEST_CASE("copies after a burst are packed, and assignment recycles storage") {
  Pair burst;
  for (int i = 0; i < 20'000; ++i) burst.push(SimTime{i / 3});
  for (int i = 0; i < 19'990; ++i) burst.pop_until(SimTime::max());
  const Wheel copy = burst.wheel;
  CHECK(copy.bytes() < burst.wheel.bytes() / 50);

  Wheel target = burst.wheel;
  Pair large;
  for (int i = 0; i < 5000; ++i) large.push(SimTime{i * 1000});
  target = large.wheel;
  const std::size_t reserved = target.bytes();
  target = burst.wheel;
  target = large.wheel;
  CHECK(target.bytes() == reserved);
  burst.wheel = copy;
  burst.drain();
  large.wheel = target;
  large.drain();
}

TEST_CASE("a crowded wheel is copied whole") {
  Generator random{3};
  Pair pair;
  for (int i = 0; i < 20'000; ++i)  // every bucket of one level, several chunks each
    pair.push(SimTime{static_cast<std::int64_t>(random.below(64 * 64 * 64))});
  Pair fresh = pair;
  fresh.compare_sorted();
  for (int i = 0; i < 10'000; ++i) pair.pop_until(SimTime::max());
  Pair recycled = fresh;
  recycled = pair;
  fresh.drain();
  pair.drain();
  recycled.drain();
}

TEST_CASE("ties pop in push order, at whatever distance they were pushed") {
  Wheel wheel;
  const SimTime tie{123'456'789'012};
  // Pushed from ever nearer, so into ever lower levels of the wheel.
  for (std::uint64_t i = 0; i < 12; ++i) {
    wheel.push(tie, {i, 0});
    wheel.push(SimTime{tie.ns - (std::int64_t{1} << (3 * (11 - i)))}, {100 + i, 0});
    Wheel::Entry out{};
    REQUIRE(wheel.pop_until(SimTime::max(), out));
    REQUIRE(out.event.number == 100 + i);
  }
  for (std::uint64_t i = 0; i < 12; ++i) {
    Wheel::Entry out{};
    REQUIRE(wheel.pop_until(tie, out));
    CHECK(out.event.number == i);
  }
}

TEST_CASE("peeking and stopping early leave room for injections") {
  Wheel wheel;
  Wheel::Entry out{};
  wheel.push(SimTime{10}, {1, 0});
  wheel.push(SimTime{1'000'000}, {2, 0});
  wheel.push(SimTime{1'000'100}, {3, 0});
  REQUIRE(wheel.pop_until(SimTime{10}, out));
  CHECK_FALSE(wheel.pop_until(SimTime{999'999}, out));
  CHECK(wheel.next_time() == SimTime{1'000'000});
  CHECK(wheel.floor() == SimTime{10});
  wheel.push(SimTime{10}, {4, 0});
  wheel.push(SimTime{999'999}, {5, 0});
  std::vector<std::uint64_t> order;
  while (wheel.pop_until(SimTime::max(), out)) order.push_back(out.event.number);
  CHECK(order == std::vector<std::uint64_t>{4, 5, 2, 3});
}

TEST_CASE("a push into the past is a bug, and so is advancing past an event") {
  Wheel wheel;
  Heap heap;
  wheel.push(SimTime{100}, {});
  heap.push(SimTime{100}, {});
  CHECK_THROWS_AS(wheel.advance(SimTime{101}), BugError);
  CHECK_THROWS_AS(heap.advance(SimTime{101}), BugError);
  Wheel::Entry out{};
  Wheel other;
  other.push(SimTime{100}, {});
  REQUIRE(other.pop_until(SimTime::max(), out));
  CHECK_NOTHROW(other.push(SimTime{100}, {}));
  CHECK_THROWS_AS(other.push(SimTime{99}, {}), BugError);
  CHECK_THROWS_AS(other.push(SimTime{-1}, {}), BugError);
}

TEST_CASE("tombstones are passed over and never move the floor") {
  const auto odd_is_dead = [](const Payload& p) { return p.number % 2 == 1; };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Generator random{seed};
    Wheel wheel;
    Heap heap;
    SimTime now;
    for (std::uint64_t i = 0; i < 4000; ++i) {
      const SimTime at = now + Duration{static_cast<std::int64_t>(random() >> (14 + random.below(46)))};
      wheel.push(at, {i, 0});
      heap.push(at, {i, 0});
      if (i % 3 != 0) continue;
      if (i % 16 == 0) REQUIRE(wheel.next_time(odd_is_dead) == heap.next_time(odd_is_dead));
      const SimTime stop = now + Duration{static_cast<std::int64_t>(random() >> (14 + random.below(46)))};
      Wheel::Entry got{};
      Heap::Entry expected{};
      const bool popped = heap.pop_until(stop, expected, odd_is_dead);
      REQUIRE(wheel.pop_until(stop, got, odd_is_dead) == popped);
      if (popped) {
        REQUIRE(got.event.number == expected.event.number);
      } else if (random.below(2) == 0) {  // as when something else happens at that time
        wheel.advance(stop, odd_is_dead);
        heap.advance(stop, odd_is_dead);
      }
      REQUIRE(wheel.floor() == heap.floor());
      now = wheel.floor();
    }
  }
}

TEST_CASE("a cleared wheel is as good as new, but does not go back in time") {
  Pair pair;
  Generator random{7};
  for (int i = 0; i < 500; ++i) step(pair, random);
  pair.wheel.clear();
  pair.heap.clear();
  CHECK(pair.wheel.next_time() == std::nullopt);
  pair.compare();
  for (int i = 0; i < 500; ++i) step(pair, random);
  pair.drain();
}
