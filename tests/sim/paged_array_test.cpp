// The paged array against a vector: every history of edits, growth, shrinking and forks leaves each copy
// with exactly its own elements, and equal contents with equal canonical forms.
#include "sim/paged_array.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <tuple>
#include <vector>

#include "sim/check.hpp"
#include "sim/hash.hpp"
#include "tests/catch.hpp"

namespace {

using namespace brokersim::sim;

/// Small pages make tall trees.
using Array = PagedArray<std::uint64_t, 4>;
using Model = std::vector<std::uint64_t>;

struct Draws {
  std::uint64_t state;
  std::uint64_t below(std::uint64_t n) { return mixing::avalanche(state += mixing::pi_1) % n; }
};

bool agree(const Array& array, const Model& model) {
  if (array.size() != model.size()) return false;
  for (std::size_t i = 0; i < model.size(); ++i)
    if (array[i] != model[i]) return false;
  Model seen;
  array.for_each([&](std::uint64_t element) { seen.push_back(element); });
  return seen == model;
}

Array built_at_once(const Model& model) {
  Array array;
  for (const std::uint64_t element : model) array.push_back(element);
  return array;
}

/// One random operation on both.
void step(Array& array, Model& model, Draws& draws) {
  const std::uint64_t what = draws.below(10), value = draws.below(1000);
  if (what < 5 && !model.empty()) {
    const std::size_t i = draws.below(model.size());
    array.edit(i) = model[i] = value;
  } else if (what < 7) {
    array.push_back(value);
    model.push_back(value);
  } else if (what < 8 && !model.empty()) {
    array.pop_back();
    model.pop_back();
  } else if (what < 9) {
    const std::size_t size = draws.below(3) == 0 ? draws.below(400) : model.size() + draws.below(12);
    array.resize(size, value);
    model.resize(size, value);
  } else {
    (void)canonical_digest({}, array);  // Leaves digests behind that later edits must not revive.
  }
}

TEST_CASE("random histories with forks leave every copy with its own elements", "[paged_array]") {
  Draws draws{2};
  std::vector<Array> arrays(4);
  std::vector<Model> models(4);
  for (int i = 0; i < 6000; ++i) {
    const std::size_t chosen = draws.below(4), other = draws.below(4);
    if (draws.below(10) == 0) {
      arrays[other] = arrays[chosen];
      models[other] = models[chosen];
    }
    step(arrays[chosen], models[chosen], draws);
    for (std::size_t k = 0; k < 4; ++k) REQUIRE(agree(arrays[k], models[k]));
    const Array fresh = built_at_once(models[chosen]);
    REQUIRE(fresh == arrays[chosen]);
    REQUIRE(canonical_digest({}, fresh) == canonical_digest({}, arrays[chosen]));
  }
}

TEST_CASE("an edit after a copy clones one page and leaves the others shared", "[paged_array]") {
  const Array original(1000, 7);
  Array copy = original;
  copy.edit(500) = 8;
  CHECK(original[500] == 7);
  CHECK(&copy[500] != &original[500]);
  CHECK(&copy[504] == &original[504]);
  CHECK(&copy[0] == &original[0]);
}

TEST_CASE("an edit of an unshared array stays in place", "[paged_array]") {
  Array array(1000, 7);
  const std::uint64_t* place = &array[500];
  array.edit(500) = 8;
  CHECK(&array[500] == place);
  {
    const Array passing = array;
  }
  array.edit(500) = 9;
  CHECK(&array[500] == place);
}

TEST_CASE("what was cut off does not come back", "[paged_array]") {
  Array array(6, 7);
  array.resize(5);
  array.resize(8);
  CHECK(array[4] == 7);
  CHECK(array[5] == 0);
}

TEST_CASE("a moved array takes everything along", "[paged_array]") {
  Array array(9, 3);
  Array taken = std::move(array);
  CHECK(taken.size() == 9);
  CHECK(taken[8] == 3);
  taken.clear();
  CHECK(taken.empty());
}

TEST_CASE("indices outside the array are bugs", "[paged_array]") {
  Array array(9);
  CHECK_THROWS_AS(array[9], BugError);
  CHECK_THROWS_AS(array.edit(9), BugError);
  CHECK_THROWS_AS(Array{}.pop_back(), BugError);
}

TEST_CASE("memory grows with the elements and shrinks with them", "[paged_array]") {
  PagedArray<std::uint64_t> array;
  CHECK(array.bytes() == sizeof(array));
  array.resize(100'000);
  CHECK(array.bytes() > 800'000);
  CHECK(array.bytes() < 1'000'000);
  array.resize(1);
  CHECK(array.bytes() < 2'000);
}

// --- the canonical form ---

TEST_CASE("an edit anywhere changes the form, and undoing it restores the form", "[paged_array][canonical]") {
  Array array(300, 7);
  const Digest plain = canonical_digest({}, array);
  for (std::size_t i = 0; i < 300; ++i) {
    array.edit(i) = 8;
    CHECK(canonical_digest({}, array) != plain);
    array.edit(i) = 7;
    CHECK(canonical_digest({}, array) == plain);
  }
}

TEST_CASE("the words of an array are its size and every element", "[paged_array][canonical]") {
  CHECK(canonical_words({}, Array(5, 7)) == std::vector<std::uint64_t>{5, 7, 7, 7, 7, 7});
}

TEST_CASE("elements that carry times are seen from now", "[paged_array][canonical]") {
  PagedArray<SimTime, 4> early(20, {100}), late(20, {1100});
  CHECK(canonical_digest({60}, early) == canonical_digest({1060}, late));
  CHECK(canonical_digest({60}, early) != canonical_digest({61}, early));
}

// --- threads (run under the thread sanitizer) ---

TEST_CASE("two threads copy, edit and drop copies of one array", "[paged_array][threads]") {
  Array origin(500, 7);
  const auto work = [](Array mine, std::uint64_t seed, bool* good) {
    Draws draws{seed};
    const Digest digest = canonical_digest({}, mine);
    for (int round = 0; round < 300; ++round) {
      Array fork = mine;
      const std::size_t i = draws.below(500);
      fork.edit(i) = seed;
      *good = *good && fork[i] == seed && mine[i] == 7;
      *good = *good && canonical_digest({}, mine) == digest && canonical_digest({}, fork) != digest;
    }
  };
  bool first_good = true, second_good = true;
  std::thread first(work, origin, 1001, &first_good), second(work, origin, 1002, &second_good);
  origin.clear();
  first.join();
  second.join();
  CHECK(first_good);
  CHECK(second_good);
}

TEST_CASE("a page that another thread has let go of may be written in place", "[paged_array][threads]") {
  Array array(4, 7);
  std::atomic<bool> let_go{false};  // Relaxed: only the count of owners may order the two threads.
  std::uint64_t seen = 0;
  std::thread reader([&seen, &let_go, mine = array]() mutable {
    seen = mine[0];
    mine = Array{};
    let_go.store(true, std::memory_order_relaxed);
  });
  while (!let_go.load(std::memory_order_relaxed)) std::this_thread::yield();
  array.edit(0) = 8;
  reader.join();
  CHECK(seen == 7);
  CHECK(array[0] == 8);
}

}  // namespace
