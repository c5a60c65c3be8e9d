// Who serves a set, as the records tell it.
#include "model/who_serves.hpp"

#include "tests/catch.hpp"

namespace brokersim::model {

namespace {

/// A set of three, whose first broker begins as its master, and a broker that is a set of its own.
struct Sets {
  Config config;
  WhoServes serves;

  Sets() {
    config.brokers.resize(4);
    for (std::size_t b = 0; b < 3; ++b) config.brokers[b].set = 0;
    serves.reset(config);
  }
  bool hears(Duration time, RecordKind kind, std::uint32_t broker, std::int64_t what = 0) {
    return serves.on(SimTime{} + time, make_record(kind, broker, what));
  }
  bool takes(Duration time, std::uint32_t broker, RoleTaken role) {
    return hears(time, RecordKind::role_taken, broker, static_cast<std::int64_t>(role));
  }
  bool stands_in(Duration time, std::uint32_t broker, StandIn what) {
    return hears(time, RecordKind::stood_in, broker, static_cast<std::int64_t>(what));
  }
};

}  // namespace

TEST_CASE("before the first record each set is served by its first broker", "[who_serves]") {
  const Sets sets;
  CHECK(sets.serves.serving(2) == 0);
  CHECK(sets.serves.serving(3) == 3);
  CHECK(sets.serves.since(0).ns == -1);
  CHECK(sets.serves.changes(0) == 0);
}

TEST_CASE("a master serves when it takes the role, not when the controller says so", "[who_serves]") {
  Sets sets;
  CHECK_FALSE(sets.hears(1_s, RecordKind::master_elected, 7, 1));
  CHECK_FALSE(sets.takes(2_s, 2, RoleTaken::slave));
  CHECK_FALSE(sets.takes(2_s, 0, RoleTaken::fenced));
  CHECK(sets.serves.serving(1) == 0);
  CHECK(sets.takes(5_s, 1, RoleTaken::master));
  CHECK(sets.serves.serving(0) == 1);
  CHECK(sets.serves.since(2) == SimTime{} + 5_s);
  CHECK(sets.serves.serving(3) == 3);
}

TEST_CASE("a master that takes its role once more is no other one", "[who_serves]") {
  Sets sets;
  sets.takes(5_s, 1, RoleTaken::master);
  CHECK_FALSE(sets.takes(9_s, 1, RoleTaken::master));
  CHECK(sets.serves.since(0) == SimTime{} + 5_s);
  CHECK(sets.serves.taken(1) == SimTime{} + 9_s);
  CHECK(sets.serves.changes(0) == 1);
  CHECK(sets.hears(12_s, RecordKind::member_serves, 2));
  CHECK(sets.serves.changes(1) == 2);
}

TEST_CASE("an acting master serves until it yields, or the master is online again", "[who_serves]") {
  Sets sets;
  CHECK(sets.stands_in(2_s, 1, StandIn::acting));
  CHECK_FALSE(sets.stands_in(3_s, 2, StandIn::online));  // a slave
  CHECK_FALSE(sets.stands_in(3_s, 2, StandIn::yielded));
  CHECK(sets.serves.serving(0) == 1);
  CHECK(sets.stands_in(4_s, 0, StandIn::online));
  CHECK(sets.serves.serving(1) == 0);
  CHECK_FALSE(sets.stands_in(5_s, 1, StandIn::yielded));
  CHECK(sets.stands_in(6_s, 1, StandIn::acting));
  CHECK(sets.stands_in(7_s, 1, StandIn::yielded));
  CHECK(sets.serves.serving(2) == 0);
}

}  // namespace brokersim::model
