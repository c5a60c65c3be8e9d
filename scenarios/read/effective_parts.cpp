#include "scenarios/read/effective_parts.hpp"

#include "scenarios/read/quantities.hpp"
#include "scenarios/read/sections.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {

using model::Distribution;
using model::Duration;

namespace {

Value local(double rollback_chance) {
  using model::LocalOutcome;
  if (rollback_chance == 0) return words(word_for(local_words, LocalOutcome::commit));
  if (rollback_chance == 1) return words(word_for(local_words, LocalOutcome::rollback));
  return Value::object().with("rollback", Value::of(rollback_chance));
}

}  // namespace

Value words(std::string_view text) { return Value::of(std::string(text)); }
Value number(std::int64_t whole) { return Value::of(whole); }
Value span(Duration duration) { return words(sim::to_string(duration)); }

Value span(const Distribution& distribution) {
  if (distribution.kind() != Distribution::Kind::empirical) return words(sim::to_string(distribution));
  Value samples = Value::array();
  for (const Duration sample : distribution.samples()) samples.items.push_back(span(sample));
  return Value::object().with("empirical", std::move(samples));
}

Value rate(const model::ProducerConfig& producer) {
  const std::string plain = shortest(producer.rate) + "/s";
  switch (producer.arrivals) {
    case model::Arrivals::constant: return words(plain);
    case model::Arrivals::poisson: return words("poisson(" + plain + ")");
    case model::Arrivals::saturated: return words("saturated");
    case model::Arrivals::bursts: break;
  }
  return Value::object().with("burst", number(producer.burst_size)).with("every", span(producer.burst_every));
}

Value queue(const model::ProducerConfig& producer) {
  switch (producer.queue_choice) {
    case model::QueueChoice::round_robin: return words("round_robin");
    case model::QueueChoice::by_key: return words("by_key");
    case model::QueueChoice::fixed: break;
  }
  return Value::object().with("fixed", number(producer.fixed_queue));
}

Sends sends(const model::ProducerConfig& producer) {
  if (producer.transaction) return Sends::transaction;
  if (producer.send == model::SendMode::sync) return Sends::sync;
  return producer.send == model::SendMode::async ? Sends::async : Sends::oneway;
}

Value transaction(const model::TransactionConfig& transaction) {
  Value check = Value::object();
  check.with("answer", words(word_for(check_words, transaction.check_answer)));
  check.with("from", number(transaction.check_answers_from)).with("time", span(transaction.check_time));
  if (transaction.check_answer == model::CheckAnswer::local_state)
    check.with("absent", words(word_for(absent_words, transaction.check_absent_is_rollback)));
  const std::int32_t immunity = transaction.check_immunity_seconds;
  Value value = Value::object();
  value.with("local", local(transaction.rollback_chance)).with("local_time", span(transaction.local_time));
  value.with("returns", words(word_for(returns_words, transaction.returns_unknown)));
  value.with("check", std::move(check));
  return value.with("check_immunity",
                    immunity == 0 ? words(word_none) : span(Duration{immunity * 1'000'000'000LL}));
}

Value config(const model::ProducerConfig& producer) {
  ProducerBlock block{producer.settings};
  if (producer.transaction) block.checkRequestHoldMax = producer.transaction->checkRequestHoldMax;
  Value value = settings_value(block, producer.profile);
  if (!producer.transaction) value.without("checkRequestHoldMax");
  return value;
}

Value work(const model::WorkConfig& work, model::Listener listener) {
  Value value = Value::object();
  value.with("time", span(work.time));
  value.with("acknowledge", words(word_for(acknowledge_words, work.acknowledge)));
  value.with("fail", Value::of(work.fail_chance)).with("poison", Value::of(work.poison_chance));
  value.with("fail_first", number(work.fails_first));
  const bool returns_last = work.acknowledge == model::Acknowledge::after_work;
  const bool never = work.fail_result == model::FailResult::never;
  if (returns_last || (never && work.acknowledge == model::Acknowledge::before_work))
    value.with("result", words(word_for(result_words, work.fail_result)));
  if (returns_last && !never && listener == model::Listener::concurrently)
    value.with("delay_level", number(work.delay_level));
  return value.with("effect_when_failing", Value::of(work.applied_when_failing));
}

std::string group_name(const model::Config& config, const model::PushConsumerConfig& consumer) {
  const std::string& judged = config.groups[consumer.group.value];
  if (consumer.settings.messageModel == model::MessageModel::CLUSTERING || judged == consumer.name)
    return judged;
  return judged.substr(0, judged.size() - broadcasting_group("", consumer.name).size());
}

}  // namespace brokersim::scenarios::read
