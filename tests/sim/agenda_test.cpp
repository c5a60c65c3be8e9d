// The agenda against a model that is a plain list: the next event is the smallest (time, plain before lane,
// lane, number) of what is alive. Goal: the stated order exactly, whatever is cancelled, copied or stopped.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "sim/agenda.hpp"
#include "sim/heap_queue.hpp"
#include "tests/catch.hpp"

using namespace brokersim::sim;
using namespace brokersim::sim::literals;

namespace {

struct Happening {
  std::uint64_t number = 0;
};
using Plan = Agenda<Happening>;

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

/// The stated rules in their plainest form.
struct Model {
  struct Planned {
    SimTime at;
    std::uint32_t rank;  // 0: plain or one-shot; lane n: n + 1
    std::uint64_t number;
    TimerId id;
    auto key() const { return std::tuple(at, rank, number); }
  };
  std::vector<Planned> planned;

  std::optional<Planned> first() const {
    const auto found = std::min_element(planned.begin(), planned.end(),
                                        [](const Planned& a, const Planned& b) { return a.key() < b.key(); });
    return found == planned.end() ? std::nullopt : std::optional(*found);
  }
  void remove(std::uint64_t number) {
    std::erase_if(planned, [&](const Planned& p) { return p.number == number; });
  }
  std::uint32_t lowest_free_slot() const {
    std::set<std::uint32_t> used;
    for (const Planned& p : planned)
      if (p.id.slot != TimerId::no_slot) used.insert(p.id.slot);
    std::uint32_t slot = 0;
    while (used.count(slot) != 0) ++slot;
    return slot;
  }
};

/// An agenda and the model under the same history. Delays are few, so that ties are everywhere.
template <template <class> class Queue>
struct Twin {
  Agenda<Happening, Queue> agenda;
  Model model;
  std::vector<TimerId> issued;
  std::uint64_t count = 0;
  SimTime now;

  Twin() {
    for (const Duration delay : {3000_ns, 10_ns, 500_ns}) agenda.add_lane(delay);
  }
  void plan(Generator& random) {
    const SimTime at = now + Duration{static_cast<std::int64_t>(random.below(12) * 250)};
    const std::uint64_t kind = random.below(4);
    if (kind == 0) {
      agenda.at(at, {count});
      model.planned.push_back({at, 0, count++, {}});
      return;
    }
    const std::uint32_t expected_slot = model.lowest_free_slot();
    const LaneId lane(static_cast<std::uint32_t>(random.below(3)));
    const TimerId id = kind == 1 ? agenda.arm(at, {count}) : agenda.arm(lane, now, {count});
    if (id.slot != expected_slot) FAIL("not the lowest free slot");
    const Duration delays[] = {3000_ns, 10_ns, 500_ns};
    if (kind == 1)
      model.planned.push_back({at, 0, count++, id});
    else
      model.planned.push_back({now + delays[lane.value], lane.value + 1, count++, id});
    issued.push_back(id);
  }
  void cancel(Generator& random) {
    if (issued.empty()) return;
    const std::size_t recent = std::min<std::size_t>(issued.size(), 60);
    const TimerId id = issued[issued.size() - 1 - random.below(recent)];
    std::optional<std::uint64_t> alive;
    for (const auto& p : model.planned)
      if (p.id == id && id != TimerId{}) alive = p.number;
    if (agenda.is_armed(id) != alive.has_value()) FAIL("is_armed()");
    if (agenda.cancel(id) != alive.has_value()) FAIL("cancel()");
    if (alive) model.remove(*alive);
  }
  bool pop_until(SimTime stop) {
    typename Agenda<Happening, Queue>::Entry got{};
    const auto expected = model.first();
    const bool popped = expected && expected->at <= stop;
    if (agenda.pop_until(stop, got) != popped) FAIL("one pops, the other does not");
    if (!popped) return false;
    if (got.at != expected->at || got.event.number != expected->number) FAIL("wrong order");
    now = got.at;
    model.remove(got.event.number);
    return true;
  }
  void compare() const {
    REQUIRE(agenda.size() == model.planned.size());
    const auto first = model.first();
    REQUIRE(agenda.next_time() == (first ? std::optional(first->at) : std::nullopt));
    std::vector<Model::Planned> expected = model.planned;
    std::sort(expected.begin(), expected.end(),
              [](const auto& a, const auto& b) { return a.key() < b.key(); });
    const auto got = agenda.sorted_live();
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      if (got[i].at != expected[i].at || got[i].event.number != expected[i].number) FAIL("sorted_live()");
    std::size_t visited = 0;
    agenda.for_each_live([&](SimTime, const Happening&) { ++visited; });
    REQUIRE(visited == expected.size());
  }
  void step(Generator& random) {
    const std::uint64_t kind = random.below(100);
    if (kind < 45) return plan(random);
    if (kind < 62) return cancel(random);
    if (kind < 94) return void(pop_until(SimTime::max()));
    if (kind < 98) {  // stop early; the clock of the caller stays at the last event
      pop_until(now + Duration{static_cast<std::int64_t>(random.below(400))});
      return;
    }
    compare();
  }
};

template <template <class> class Queue>
void check_random_histories() {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Generator random{seed};
    Twin<Queue> twin;
    for (int i = 0; i < 3000; ++i) twin.step(random);
    while (twin.pop_until(SimTime::max())) {
    }
    REQUIRE(twin.agenda.empty());
    REQUIRE(twin.agenda.next_time() == std::nullopt);
  }
}

std::vector<std::uint64_t> order_of(Plan agenda) {
  std::vector<std::uint64_t> order;
  for (Plan::Entry out; agenda.pop_until(SimTime::max(), out);) order.push_back(out.event.number);
  return order;
}

/// A wheel that counts what goes through it.
std::uint64_t queue_pushes = 0;
template <class Event>
struct CountingWheel : RadixWheel<Event> {
  template <class... Parts>
  void emplace(SimTime at, const Parts&... parts) {
    ++queue_pushes;
    RadixWheel<Event>::emplace(at, parts...);
  }
};

}  // namespace

TEST_CASE("an agenda and a plain list agree on every random history") {
  check_random_histories<RadixWheel>();
}

TEST_CASE("an agenda over the heap agrees too") { check_random_histories<HeapQueue>(); }

TEST_CASE("a copied agenda continues exactly as the original") {
  Twin<RadixWheel> recycled;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Generator random{seed};
    Twin<RadixWheel> twin;
    for (std::uint64_t i = random.below(2000); i-- > 0;) twin.step(random);
    recycled = twin;
    Generator same = random;
    for (int i = 0; i < 800; ++i) twin.step(random);
    for (int i = 0; i < 800; ++i) recycled.step(same);
    REQUIRE(recycled.issued == twin.issued);  // the same ids, generations included
    REQUIRE(recycled.now == twin.now);
    recycled.compare();
  }
}

TEST_CASE("at one instant plain events come first, then lanes by number") {
  Plan agenda;
  const LaneId slow = agenda.add_lane(20_ns);
  const LaneId fast = agenda.add_lane(10_ns);
  agenda.arm(fast, SimTime{10}, {1});
  agenda.arm(slow, SimTime{0}, {2});
  agenda.at(SimTime{20}, {3});
  agenda.arm(SimTime{20}, {4});
  agenda.arm(fast, SimTime{10}, {5});
  CHECK(order_of(agenda) == std::vector<std::uint64_t>{3, 4, 2, 1, 5});

  // What the first lane timer's handler adds at that instant goes before the second one.
  Plan::Entry out;
  for (int i = 0; i < 3; ++i) REQUIRE(agenda.pop_until(SimTime{20}, out));
  REQUIRE(out.event.number == 2);
  agenda.at(SimTime{20}, {6});
  CHECK(order_of(agenda) == std::vector<std::uint64_t>{6, 1, 5});
}

TEST_CASE("cancelled timers leave no trace in the order") {
  // The same living things, with and without a cancelled lane timer in front of them.
  const auto plan = [](bool with_cancelled) {
    Plan agenda;
    const LaneId lane = agenda.add_lane(100_ns);
    const TimerId cancelled = with_cancelled ? agenda.arm(lane, SimTime{0}, {9}) : TimerId{};
    agenda.at(SimTime{105}, {1});
    agenda.arm(lane, SimTime{5}, {2});
    CHECK(agenda.cancel(cancelled) == with_cancelled);
    agenda.at(SimTime{105}, {3});
    return order_of(agenda);
  };
  CHECK(plan(true) == std::vector<std::uint64_t>{1, 3, 2});
  CHECK(plan(false) == plan(true));
}

TEST_CASE("a timer is cancelled once, and not after it fired") {
  Plan agenda;
  const LaneId lane = agenda.add_lane(10_ns);
  CHECK_FALSE(agenda.cancel(TimerId{}));
  const TimerId one_shot = agenda.arm(SimTime{5}, {1});
  const TimerId in_lane = agenda.arm(lane, SimTime{0}, {2});
  CHECK(agenda.cancel(one_shot));
  CHECK_FALSE(agenda.cancel(one_shot));
  const TimerId again = agenda.arm(SimTime{7}, {3});  // the same slot, another timer
  CHECK(again.slot == one_shot.slot);
  CHECK_FALSE(agenda.cancel(one_shot));
  CHECK(order_of(agenda) == std::vector<std::uint64_t>{3, 2});
  Plan::Entry out;
  REQUIRE(agenda.pop_until(SimTime::max(), out));
  CHECK_FALSE(agenda.cancel(again));
  CHECK(agenda.cancel(in_lane));
  CHECK(agenda.empty());
}

TEST_CASE("skipping a stale timer does not move the floor") {
  for (const SimTime stop : {SimTime{1'000}, SimTime::max()}) {
    Plan agenda;
    agenda.at(SimTime{10}, {1});
    const TimerId stale = agenda.arm(SimTime{500}, {2});
    if (stop != SimTime::max()) agenda.at(SimTime{5'000}, {3});
    Plan::Entry out;
    REQUIRE(agenda.pop_until(stop, out));
    agenda.cancel(stale);
    CHECK_FALSE(agenda.pop_until(stop, out));
    CHECK(agenda.floor() == SimTime{10});
    agenda.at(SimTime{11}, {4});
    REQUIRE(agenda.pop_until(stop, out));
    CHECK(out.event.number == 4);
  }
}

TEST_CASE("the floor is the time of the last event, also of a lane timer") {
  Plan agenda;
  const LaneId lane = agenda.add_lane(100_ns);
  agenda.arm(lane, SimTime{0}, {1});
  Plan::Entry out;
  REQUIRE(agenda.pop_until(SimTime::max(), out));
  CHECK_THROWS_AS(agenda.at(SimTime{99}, {2}), BugError);
  CHECK_THROWS_AS(agenda.arm(SimTime{99}, {2}), BugError);
  CHECK_THROWS_AS(agenda.arm(lane, SimTime{99}, {2}), BugError);
  CHECK(agenda.empty());
}

TEST_CASE("a lane costs no queue operation, and its memory follows the living timers") {
  Agenda<Happening, CountingWheel> agenda;
  const LaneId lane = agenda.add_lane(3_s);
  queue_pushes = 0;
  std::vector<TimerId> armed;
  SimTime now;
  // A request a microsecond, answered after 100 of them: the time-out of 3 s would pile up 3,000,000.
  for (std::uint64_t i = 0; i < 50'000; ++i, now += 1_us) {
    armed.push_back(agenda.arm(lane, now, {i}));
    if (i >= 100 && i % 1000 != 0) REQUIRE(agenda.cancel(armed[i - 100]));
  }
  CHECK(queue_pushes == 0);
  CHECK(agenda.size() == 100 + 49);  // the last 100, and one in a thousand never answered
  CHECK(agenda.bytes() - sizeof(agenda) < 2 * 4096 * 24);  // a few hundred entries, not 50,000
  std::size_t fired = 0;
  for (Agenda<Happening, CountingWheel>::Entry out; agenda.pop_until(SimTime::max(), out);) ++fired;
  CHECK(fired == 149);
  CHECK(queue_pushes == 0);
}

TEST_CASE("handlers that arm again while their lane fires make no duplicates") {
  Plan agenda;
  const LaneId heartbeat = agenda.add_lane(10_ns);
  for (std::uint64_t i = 0; i < 3; ++i) agenda.arm(heartbeat, SimTime{0}, {i});
  std::size_t fired = 0;
  for (Plan::Entry out; agenda.pop_until(SimTime{1000}, out); ++fired)
    agenda.arm(heartbeat, out.at, out.event);
  CHECK(fired == 3 * 100);
  CHECK(agenda.size() == 3);
}

TEST_CASE("cancelled one-shot timers are purged when they outnumber half of the queue") {
  Plan agenda;
  for (std::uint64_t i = 0; i < 100; ++i) agenda.at(SimTime{1'000'000}, {i});
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    REQUIRE(agenda.cancel(agenda.arm(SimTime{500'000}, {i})));
    REQUIRE(agenda.queue_size() <= 100 + 102);
  }
  CHECK(agenda.size() == 100);
  CHECK(order_of(agenda).size() == 100);
}

TEST_CASE("slots are given out lowest first, also among thousands") {
  TimerSlots slots;
  std::set<std::uint32_t> free;
  std::vector<std::uint32_t> used;
  Generator random{11};
  for (std::uint32_t i = 0; i < 10'000; ++i) used.push_back(slots.acquire(0).slot);
  CHECK(used.back() == 9'999);
  for (int i = 0; i < 50'000; ++i) {
    if (!used.empty() && random.below(100) < 55) {
      const std::size_t victim = random.below(used.size());
      slots.release(used[victim]);
      free.insert(used[victim]);
      used[victim] = used.back();
      used.pop_back();
    } else {
      const std::uint32_t slot = slots.acquire(0).slot;
      const std::uint32_t expected = free.empty() ? static_cast<std::uint32_t>(used.size()) : *free.begin();
      if (slot != expected) FAIL("not the lowest free slot");
      free.erase(slot);
      used.push_back(slot);
    }
    REQUIRE(slots.size() == used.size());
  }
}

TEST_CASE("an entry of the queue takes 24 bytes when an event takes 8") {
  struct Stored {
    Happening event;
    TimerId timer;
  };
  CHECK(sizeof(RadixWheel<Stored>::Entry) == 24);
}
