// `transaction` of a producer: its local transaction, and how it answers when a broker asks.
#include "scenarios/read/quantities.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::CheckAnswer;
using model::LocalOutcome;
using model::ProducerConfig;
using model::QueueChoice;
using model::TransactionConfig;

constexpr std::int64_t checks_max = 1'000'000;
constexpr std::int64_t second = 1'000'000'000;
/// 18 hours: LogRecord::immunity_seconds.
constexpr model::Duration immunity_max{65'535 * second};

/// "commit", "rollback", {"rollback": 0.1}
void read_local(Fields& fields, TransactionConfig& transaction) {
  const Place place = fields.place("local");
  if (place.value == nullptr) return;
  if (!place.value->is(Value::Kind::object)) {
    LocalOutcome outcome = LocalOutcome::commit;
    fields.choice("local", outcome, local_words);
    transaction.rollback_chance = outcome == LocalOutcome::rollback ? 1 : 0;
    return;
  }
  Fields chance(place, fields.problems());
  chance.required("rollback", "an outcome as an object");
  read_chance(chance, "rollback", transaction.rollback_chance);
  chance.finish("an outcome");
}

/// "local_state", or {"answer": "commit", "from": 3, "time": "1ms"}
void read_check(Fields& fields, TransactionConfig& transaction) {
  const Place place = fields.place("check");
  if (place.value == nullptr) return;
  if (!place.value->is(Value::Kind::object)) {
    fields.choice("check", transaction.check_answer, check_words);
    return;
  }
  Fields check(place, fields.problems());
  check.choice("answer", transaction.check_answer, check_words);
  check.whole("from", transaction.check_answers_from, 1, checks_max);
  check.distribution("time", transaction.check_time);
  check.choice("absent", transaction.check_absent_is_rollback, absent_words);
  if (transaction.check_answer != CheckAnswer::local_state)
    refuse(check, "absent", "is never looked up", "it means something only with \"answer\": \"local_state\"");
  check.finish("a check");
}

/// CHECK_IMMUNITY_TIME_IN_SECONDS: 0 s is not the same as none.
void read_immunity(Fields& fields, TransactionConfig& transaction) {
  const Value* value = fields.find("check_immunity");
  if (value != nullptr && value->is(Value::Kind::text) && value->text == word_none) return;
  model::Duration immunity;
  if (!fields.duration("check_immunity", immunity, {second}, immunity_max)) return;
  transaction.check_immunity_seconds = static_cast<std::int32_t>(immunity.ns / second);
  if (immunity.ns % second != 0)
    fields.problems().error(fields.pointer_to("check_immunity"),
                            written(*value) + " is not a whole number of seconds",
                            "RocketMQ has the property CHECK_IMMUNITY_TIME_IN_SECONDS");
}

void read_members(const Place& place, TransactionConfig& transaction, Problems& problems) {
  Fields fields(place, problems);
  read_local(fields, transaction);
  fields.distribution("local_time", transaction.local_time);
  fields.choice("returns", transaction.returns_unknown, returns_words);
  read_check(fields, transaction);
  read_immunity(fields, transaction);
  refuse(fields, "rollback", "is one outcome of the local transaction", "\"local\": { \"rollback\": ... }");
  fields.finish("a transaction");
}

/// What TransactionMQProducer.sendMessageInTransaction does not offer.
void refuse_choices(Fields& fields, const ProducerConfig& producer) {
  if (producer.queue_choice != QueueChoice::round_robin)
    fields.problems().error(fields.pointer_to("queue"), "a half message cannot choose its queue",
                            "sendMessageInTransaction takes neither a queue nor a selector");
  if (producer.accepts_every_status)
    fields.problems().error(fields.pointer_to("accept_statuses"),
                            "the client rolls back what is stored with another status",
                            "sendMessageInTransaction runs the local transaction after SEND_OK only");
}

}  // namespace

void read_transaction(Fields& fields, bool transactional, ProducerConfig& producer) {
  const Place place = fields.place("transaction");
  TransactionConfig transaction;
  if (place.value != nullptr) read_members(place, transaction, fields.problems());
  if (transactional) {
    refuse_choices(fields, producer);
    producer.transaction = transaction;
  } else if (place.value != nullptr) {
    const Value* send = fields.find("send");
    fields.problems().error(place.pointer,
                            "belongs to a producer that sends half messages, and this one sends " +
                                (send == nullptr ? std::string("\"sync\"") : written(*send)),
                            "did you mean \"send\": \"transaction\"?");
  }
}

}  // namespace brokersim::scenarios::read
