// Whom the judge judges, and how the ledger keeps what it knows.
#include <utility>
#include <vector>

#include "sim/check.hpp"
#include "tests/model/court.hpp"

namespace brokersim::model::ledger {

// ------------------------------------------------------------------------------- groups

TEST_CASE("each group is judged by itself", "[ledger]") {
  Court court;
  court.reader(1), court.reader(0);
  const auto order = court.intent(Told::acknowledged);
  court.stored(order, 0);
  court.processed(order, 0);
  REQUIRE(judged_groups(court.config) == 2);
  CHECK(court.judged(order, 0).outcome == Class::processed);
  CHECK(court.judged(order, 1).outcome == Class::stuck);
}

TEST_CASE("a group answers for the topics that it reads, the log for those that nobody reads", "[ledger]") {
  Court court;
  court.add_topic("logs");
  court.add_producer(1);
  court.reader(1, 0);
  const auto order = court.intent(Told::acknowledged, 0);
  const auto line = court.intent(Told::acknowledged, 1);
  court.stored(order, 0, 0), court.stored(line, 0, 1);
  court.processed(order);
  REQUIRE(judged_groups(court.config) == 2);
  CHECK(is_log(court.config, 1));
  CHECK(court.judged(order, 0).outcome == Class::processed);
  CHECK(court.judged(line, 1).outcome == Class::processed);
  CHECK(is_judged(court.evidence, court.inventory, order, 0));
  CHECK_FALSE(is_judged(court.evidence, court.inventory, order, 1));
  CHECK_FALSE(is_judged(court.evidence, court.inventory, line, 0));
  CHECK(is_judged(court.evidence, court.inventory, line, 1));
}

TEST_CASE("the log is not judged beside groups that read everything, and alone without groups", "[ledger]") {
  Court court;
  CHECK(judged_groups(court.config) == 1);
  CHECK(is_log(court.config, 0));
  court.reader();
  CHECK(judged_groups(court.config) == 1);
  CHECK_FALSE(is_log(court.config, 0));
  court.add_topic("logs");
  court.add_producer(1);
  court.config.producers[1].messages = 0;  // An idle instance sends nothing that could be judged.
  CHECK(judged_groups(court.config) == 1);
}

// ------------------------------------------------------------------------------- memory of the ledger

TEST_CASE("counters of the evidence and the inventory stay at 255", "[ledger]") {
  Court court;
  court.reader(0);
  const auto order = court.intent(Told::acknowledged);
  for (int i = 0; i < 511; ++i) {  // With the first try 512: a byte that wraps would be back at 0.
    court.hears(0_s, RecordKind::attempt_sent, order, 1, 0);
    court.stored(order, i);
    court.taken(order, LossKind::unflushed_tail, 1_s);
    court.hears(0_s, RecordKind::delivered, order, 0, i);
  }
  court.stored(order, 511);
  court.hears(0_s, RecordKind::delivered, order, 0, 511);
  const Trail& trail = court.evidence.trail(order);
  CHECK(trail.attempts == 255);
  CHECK(trail.appended == 255);
  CHECK(trail.copies_lost == 255);
  CHECK(court.evidence.consumption(0, order).deliveries == 255);
  court.judged(order);
  CHECK(court.inventory.copies[order] == 255);
  CHECK(court.inventory.reachable[order] == 255);
}

TEST_CASE("a reset ledger knows nothing of the former run", "[ledger]") {
  Court court;
  court.reader();
  const auto order = court.intent(Told::acknowledged);
  court.intent(Told::acknowledged);
  court.hears(1_s, RecordKind::healed, 0, 1);
  court.processed(order + 1), court.processed(order);
  REQUIRE(court.judged(order).late);
  REQUIRE(court.judged(order).reordered);
  Court next;
  next.reader();
  court.evidence.reset(next.config);
  CHECK(court.evidence.size() == 0);
  std::swap(next.evidence, court.evidence);
  std::swap(next.inventory, court.inventory);
  const auto fresh = next.intent(Told::acknowledged);
  next.stored(fresh);
  next.processed(fresh);
  check_unblemished(next.judged(fresh));
}

TEST_CASE("effects are counted to two, and a producer is told once", "[ledger]") {
  Verdict verdict;
  verdict.effects.resize(1);
  const IntentId order = verdict.begin();
  CHECK(verdict.told_of(order) == Told::nothing);
  CHECK(verdict.apply(GroupId(0), order) == 1);
  CHECK(verdict.apply(GroupId(0), order) == 2);
  CHECK(verdict.apply(GroupId(0), order) == 2);
  verdict.tell(order, Told::failed);
  CHECK(verdict.told_of(order) == Told::failed);
  CHECK_THROWS_AS(verdict.tell(order, Told::acknowledged), sim::BugError);
}

TEST_CASE("every cause stands at its number and names its phase and what closes it", "[ledger]") {
  for (std::size_t k = 0; k < cause_texts.size(); ++k) {
    const CauseText& text = cause_texts[k];
    CAPTURE(std::string(text.name));
    CHECK(static_cast<std::size_t>(text.cause) == k);
    CHECK(cause_named(text.name) == text.cause);
    if (text.cause == Cause::none) continue;
    const auto dot = text.name.find('.');
    REQUIRE(dot != std::string_view::npos);
    const std::string_view phase = text.name.substr(0, dot);
    CHECK((phase == "production" || phase == "storage" || phase == "transaction" || phase == "consumption" ||
           phase == "replication"));
    CHECK_FALSE(text.sentence.empty());
    // Nothing is wrong with a rollback.
    CHECK(text.closes.empty() == (text.cause == Cause::transaction_rolled_back));
  }
  CHECK_FALSE(cause_named("storage.gremlins").has_value());
}

}  // namespace brokersim::model::ledger
