// The retry rules as data, and the verdict that the producers write.
#include "model/ledger/verdict.hpp"
#include "model/rocketmq/retry_rules.hpp"
#include "tests/catch.hpp"

namespace brokersim::model::rocketmq {
namespace {

constexpr bool overlap(const RetryRule& a, const RetryRule& b) {
  const bool same = a.mode == b.mode && a.error == b.error && a.status == b.status;
  return same && (a.clients == b.clients || a.clients == Clients::both || b.clients == Clients::both);
}

constexpr bool one_rule_per_case() {
  for (std::size_t i = 0; i < retry_rules.size(); ++i) {
    for (std::size_t j = i + 1; j < retry_rules.size(); ++j) {
      if (overlap(retry_rules[i], retry_rules[j])) return false;
    }
  }
  return true;
}
static_assert(one_rule_per_case());

bool retried(Profile profile, SendMode mode, Status code) {
  return is_retried(profile, mode, SendError::broker_error, code);
}

}  // namespace

TEST_CASE("a busy broker is tried again by a synchronous 5.3 client only") {
  CHECK(retried(Profile::v5_3, SendMode::sync, Status::SYSTEM_BUSY));
  CHECK_FALSE(retried(Profile::v4_9, SendMode::sync, Status::SYSTEM_BUSY));
  CHECK_FALSE(retried(Profile::v5_3, SendMode::async, Status::SYSTEM_BUSY));
}

TEST_CASE("an illegal message is never tried again, a missing topic only synchronously") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    CHECK_FALSE(retried(profile, SendMode::sync, Status::MESSAGE_ILLEGAL));
    CHECK(retried(profile, SendMode::sync, Status::TOPIC_NOT_EXIST));
    CHECK_FALSE(retried(profile, SendMode::async, Status::TOPIC_NOT_EXIST));
  }
}

TEST_CASE("transport failures are tried again synchronously and asynchronously, never one-way") {
  for (const SendError error : {SendError::connection_broken, SendError::refused}) {
    CHECK(is_retried(Profile::v4_9, SendMode::sync, error, Status::SEND_OK));
    CHECK(is_retried(Profile::v5_3, SendMode::async, error, Status::SEND_OK));
    CHECK_FALSE(is_retried(Profile::v5_3, SendMode::oneway, error, Status::SEND_OK));
  }
}

TEST_CASE("a verdict counts intents and effects, and an effect only up to two") {
  ledger::Verdict verdict;
  verdict.effects.resize(2);
  const IntentId first = verdict.begin(), second = verdict.begin();
  CHECK(second.value == first.value + 1);
  CHECK(verdict.told_of(second) == ledger::Told::nothing);
  CHECK(verdict.apply(GroupId(1), first) == 1);
  CHECK(verdict.apply(GroupId(1), first) == 2);
  CHECK(verdict.apply(GroupId(1), first) == 2);
  CHECK(verdict.effects[0][first.value] == 0);
  verdict.tell(first, ledger::Told::failed);
  CHECK(verdict.told_of(first) == ledger::Told::failed);
  CHECK_THROWS_AS(verdict.tell(first, ledger::Told::acknowledged), sim::BugError);
}

}  // namespace brokersim::model::rocketmq
