// Producer groups, half messages and checks: what a file says of them. (What is refused: bad/transaction_*.)
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/read_corpus.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using namespace brokersim::model;

struct ReadProducers {
  Config config;
  std::vector<Problem> warnings;
};

ReadProducers read_producer_list(const std::string& producers) {
  ReadProducers result;
  const Override set{"producers", producers};
  result.config = read_scenario(smallest, "test", {&set, 1}, &result.warnings).config;
  return result;
}

TransactionConfig transaction_of(const std::string& members) {
  const std::string producer =
      R"([ { "name": "shop", "send": "transaction", "transaction": { )" + members + " } } ]";
  return *read_producer_list(producer).config.producers.at(0).transaction;
}

}  // namespace

TEST_CASE("a half message is a synchronous send; the local transaction is as the model has it by default") {
  const Config c =
      read_producer_list(R"([ { "name": "shop", "send": "transaction" }, { "name": "till" } ])").config;
  CHECK(c.producers[0].send == SendMode::sync);
  CHECK(c.producers[0].transaction == TransactionConfig{});
  CHECK(c.producers[1].send == SendMode::sync);
  CHECK(!c.producers[1].transaction);
}

TEST_CASE("every part of a transaction") {
  CHECK(transaction_of(R"("local": "commit")").rollback_chance == 0);
  CHECK(transaction_of(R"("local": "rollback")").rollback_chance == 1);
  CHECK(transaction_of(R"("local": { "rollback": 0.25 })").rollback_chance == 0.25);
  CHECK(transaction_of(R"("local_time": "7ms")").local_time == sim::Distribution::constant(7_ms));
  CHECK(!transaction_of(R"("returns": "outcome")").returns_unknown);
  CHECK(transaction_of(R"("returns": "unknown")").returns_unknown);
  CHECK(transaction_of(R"("check": "local_state")").check_answer == CheckAnswer::local_state);
  CHECK(transaction_of(R"("check": "commit")").check_answer == CheckAnswer::commit);
  CHECK(transaction_of(R"("check": "rollback")").check_answer == CheckAnswer::rollback);
  CHECK(transaction_of(R"("check": "unknown")").check_answer == CheckAnswer::unknown);
  CHECK(transaction_of(R"("check": { "answer": "unknown" })").check_answer == CheckAnswer::unknown);
  CHECK(transaction_of(R"("check": { "from": 3 })").check_answers_from == 3);
  CHECK(transaction_of(R"("check": { "time": "9ms" })").check_time == sim::Distribution::constant(9_ms));
  CHECK(transaction_of(R"("check": { "absent": "rollback" })").check_absent_is_rollback);
  CHECK(!transaction_of(R"("check": { "absent": "unknown" })").check_absent_is_rollback);
  CHECK(transaction_of(R"("check_immunity": "2min")").check_immunity_seconds == 120);
  CHECK(transaction_of(R"("check_immunity": "none")").check_immunity_seconds == 0);
}

TEST_CASE("a file with everything says each part of a transaction with a value of its own") {
  const Config c = load_scenario("tests/scenarios/good/everything.json").config;
  const ProducerConfig& checkout = c.producers.at(6);
  REQUIRE(checkout.transaction);
  CHECK(checkout.on_result == OnResult::unchecked);
  CHECK(checkout.transaction->rollback_chance == 0.125);
  CHECK(checkout.transaction->local_time == sim::Distribution::exponential(4_ms));
  CHECK(checkout.transaction->returns_unknown);
  CHECK(checkout.transaction->check_answers_from == 3);
  CHECK(checkout.transaction->check_time == sim::Distribution::constant(1_ms));
  CHECK(checkout.transaction->check_absent_is_rollback);
  CHECK(checkout.transaction->check_immunity_seconds == 20);
  CHECK(checkout.transaction->checkRequestHoldMax == 1999);
  CHECK(c.producers.at(8).transaction->check_answer == CheckAnswer::commit);
}

TEST_CASE("a producer group is the name of the entry, or what it says; instances share it") {
  const Config c = read_producer_list(R"([
    { "name": "shop", "instances": 2, "idle_instances": 1, "send": "transaction" },
    { "name": "till", "group": "payments", "send": "transaction" },
    { "name": "peer", "group": "shop", "send": "transaction", "messages": 0 } ])")
                       .config;
  CHECK(c.producer_groups == std::vector<std::string>{"shop", "payments"});
  REQUIRE(c.producers.size() == 5);
  for (const std::size_t i : {0U, 1U, 2U, 4U}) CHECK(c.producers[i].group == ProducerGroupId(0));
  CHECK(c.producers[3].group == ProducerGroupId(1));
  CHECK(c.producers[2].messages == 0);
  CHECK(c.producers[2].transaction);  // An idle instance can be asked.
  CHECK(c.producers[4].messages == 0);
}

TEST_CASE("who shares the group of half messages and cannot answer checks is told, once for each entry") {
  const auto warnings = read_producer_list(R"([
    { "name": "audit", "group": "shop", "instances": 3 },
    { "name": "shop", "send": "transaction" },
    { "name": "till" } ])")
                            .warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].pointer == "/producers/0");
  CHECK(warnings[0].message.find("cannot answer checks") != std::string::npos);
}

TEST_CASE("checkRequestHoldMax is a setting of TransactionMQProducer alone") {
  const auto with = [](const std::string& send) {
    return read_producer_list(R"([ { "name": "shop", "send": ")" + send +
                              R"(", "config": { "checkRequestHoldMax": 5 } } ])");
  };
  CHECK(with("transaction").config.producers[0].transaction->checkRequestHoldMax == 5);
  CHECK(with("transaction").warnings.empty());
  REQUIRE(with("sync").warnings.size() == 1);
  CHECK(with("sync").warnings[0].pointer == "/producers/0/config/checkRequestHoldMax");
}

TEST_CASE("how long a broker has been up") {
  const auto up_for = [](const std::string& text) {
    const Override set{"cluster.brokers.0.up_for", text};
    return read_scenario(smallest, "test", {&set, 1}).config.brokers[0].up_for;
  };
  CHECK(up_for("14s") == 14_s);
  CHECK(up_for("0s") == 0_s);
  CHECK(up_for("long") == BrokerConfig{}.up_for);
}

}  // namespace brokersim::tests
