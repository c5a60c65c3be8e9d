// The transition table: the index finds what the rows say, the monitor reports what they forbid, and
// coverage names the rows that nobody took. The example is the RocketMQ transaction of docs and tests only.
#include "sim/transition_table.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/check.hpp"
#include "tests/catch.hpp"

namespace {

using namespace brokersim::sim;

enum class Txn : std::uint8_t { none, half, committed, discarded };
constexpr std::string_view name(Txn txn) {
  switch (txn) {
    case Txn::none: return "none";
    case Txn::half: return "half";
    case Txn::committed: return "committed";
    case Txn::discarded: return "discarded";
  }
  return {};
}

enum class On : std::uint8_t { store, commit, check };
constexpr std::string_view name(On on) {
  switch (on) {
    case On::store: return "store";
    case On::commit: return "commit";
    case On::check: return "check";
  }
  return {};
}

enum class Guard : std::uint8_t { any, below_maximum, at_maximum };
constexpr std::string_view name(Guard guard) {
  switch (guard) {
    case Guard::any: return "any";
    case Guard::below_maximum: return "below_maximum";
    case Guard::at_maximum: return "at_maximum";
  }
  return {};
}

constexpr Profiles v49 = 1, v53 = 2;

constexpr std::array table{
    Row{Txn::none, On::store, Guard::any, Txn::half, all_profiles, "putHalfMessage"},
    Row{Txn::half, On::commit, Guard::any, Txn::committed, all_profiles, "EndTransactionProcessor"},
    Row{Txn::half, On::check, Guard::below_maximum, Txn::half, all_profiles, "check"},
    Row{Txn::half, On::check, Guard::at_maximum, Txn::discarded, v49, "check"},
    Row{Txn::half, On::check, Guard::at_maximum, Txn::none, v53, "check", "an invented difference"},
};
using Index = TransitionIndex<table>;

static_assert(count_of<Txn>() == 4 && count_of<On>() == 3 && count_of<Guard>() == 3);

// --- what counts as ambiguous ---

constexpr Row plain{Txn::half, On::check, Guard::below_maximum, Txn::half, v49, "a"};
constexpr Row any_guard{Txn::half, On::check, Guard::any, Txn::committed, v49, "b"};
constexpr Row other_guard{Txn::half, On::check, Guard::at_maximum, Txn::committed, v49, "c"};
constexpr Row other_profile{Txn::half, On::check, Guard::any, Txn::committed, v53, "d"};
constexpr Row every_profile{Txn::half, On::check, Guard::below_maximum, Txn::half, all_profiles, "e"};

static_assert(is_unambiguous(table));
static_assert(!is_unambiguous(std::array{plain, plain}));
static_assert(!is_unambiguous(std::array{plain, any_guard}));
static_assert(!is_unambiguous(std::array{plain, every_profile}));
static_assert(is_unambiguous(std::array{plain, other_guard}));
static_assert(is_unambiguous(std::array{plain, other_profile}));

// --- the index, against a search through the rows ---

constexpr std::uint16_t search(unsigned profile, Txn from, On on, Guard guard) {
  for (std::uint16_t row = 0; row < table.size(); ++row) {
    const auto& r = table[row];
    const bool guard_holds = r.guard == Guard::any || r.guard == guard;
    if (r.from == from && r.on == on && guard_holds && (r.profiles >> profile & 1) != 0) return row;
  }
  return Index::no_row;
}

static_assert(Index::find(0, Txn::half, On::check, Guard::at_maximum) == 3, "known at compile time");

TEST_CASE("the index agrees with a search through the rows everywhere", "[transition_table]") {
  for (unsigned profile = 0; profile < 5; ++profile)
    for (unsigned from = 0; from < count_of<Txn>(); ++from)
      for (unsigned on = 0; on < count_of<On>(); ++on)
        for (unsigned guard = 0; guard < count_of<Guard>(); ++guard) {
          const auto f = static_cast<Txn>(from);
          const auto o = static_cast<On>(on);
          const auto g = static_cast<Guard>(guard);
          CHECK(Index::find(profile, f, o, g) == search(profile, f, o, g));
        }
}

TEST_CASE("a row without a guard holds under every guard", "[transition_table]") {
  CHECK(Index::find(0, Txn::half, On::commit, Guard::any) == 1);
  CHECK(Index::find(0, Txn::half, On::commit, Guard::at_maximum) == 1);
}

TEST_CASE("profiles differ where the rows say so", "[transition_table]") {
  CHECK(Index::find(0, Txn::half, On::check, Guard::at_maximum) == 3);
  CHECK(Index::find(1, Txn::half, On::check, Guard::at_maximum) == 4);
  CHECK(Index::find(2, Txn::half, On::check, Guard::at_maximum) == Index::no_row);
}

// --- the monitor ---

std::string complaint(unsigned profile, Txn from, On on, Guard guard, Txn to) {
  try {
    (void)Monitor<table>(profile).expect(from, on, guard, to);
  } catch (const BugError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("the monitor names the row that allows a transition", "[transition_table]") {
  CHECK(Monitor<table>(0).expect(Txn::half, On::commit, Guard::any, Txn::committed) == 1);
  CHECK(Monitor<table>(1).expect(Txn::half, On::check, Guard::at_maximum, Txn::none) == 4);
}

TEST_CASE("an unknown event is reported with what the state allows in this profile", "[transition_table]") {
  CHECK(complaint(0, Txn::half, On::store, Guard::any, Txn::half) ==
        "illegal transition half --store[any]--> half; the table allows from half: "
        "half --commit[any]--> committed, half --check[below_maximum]--> half, "
        "half --check[at_maximum]--> discarded");
}

TEST_CASE("a known event with the wrong next state is reported", "[transition_table]") {
  CHECK(complaint(0, Txn::none, On::store, Guard::any, Txn::committed) ==
        "illegal transition none --store[any]--> committed; the table allows from none: "
        "none --store[any]--> half");
}

TEST_CASE("a final state allows nothing", "[transition_table]") {
  CHECK(complaint(0, Txn::discarded, On::commit, Guard::any, Txn::committed) ==
        "illegal transition discarded --commit[any]--> committed; the table allows from discarded: nothing");
}

// --- coverage and documents ---

TEST_CASE("coverage counts, merges and names what was never taken", "[transition_table]") {
  RowCoverage<table> first, second;
  first.hit(0);
  first.hit(0);
  second.hit(0);
  second.hit(1);
  second.hit(2);
  first.merge(second);
  CHECK(first.hits(0) == 3);
  CHECK(first.hits(3) == 0);
  CHECK(first.uncovered() ==
        "row 3 never taken: half --check[at_maximum]--> discarded\n"
        "row 4 never taken: half --check[at_maximum]--> none\n");
  CHECK(first.uncovered(v49) == "row 3 never taken: half --check[at_maximum]--> discarded\n");
  first.hit(3);
  CHECK(first.uncovered(v49).empty());
}

TEST_CASE("the table is printed for the documents", "[transition_table]") {
  constexpr std::array two{table[1], table[4]};
  constexpr std::array<std::string_view, 2> versions{"4.9", "5.3"};
  CHECK(to_markdown(two, versions) ==
        "| from | on | guard | to | profiles | source | note |\n"
        "|---|---|---|---|---|---|---|\n"
        "| half | commit | any | committed | all | EndTransactionProcessor | |\n"
        "| half | check | at_maximum | none | 5.3 | check | an invented difference |\n");
}

}  // namespace
