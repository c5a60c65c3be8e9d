#include "model/rocketmq/retry_coverage.hpp"

#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

RetryCoverage::RetryCoverage(const Config& config) {
  for (const ProducerConfig& producer : config.producers)
    producers_.push_back({producer.profile, producer.send});
}

void RetryCoverage::on(SimTime, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::send_begun) {
    send_of(record.subject) = {.producer = static_cast<std::uint16_t>(record.a)};
  } else if (kind == RecordKind::refused) {
    send_of(record.subject).refused = static_cast<Status>(record.a);
  } else if (kind == RecordKind::answered) {
    send_of(record.subject).answered = static_cast<Status>(record.a);
  } else if (kind == RecordKind::attempt_failed) {
    on_failed(send_of(record.subject), static_cast<SendError>(record.b));
  } else if (kind == RecordKind::told_failed) {
    on_told(send_of(record.subject), static_cast<SendError>(record.a));
  } else if (kind == RecordKind::attempt_sent) {
    on_try(send_of(record.subject), record);
  }
}

RetryCoverage::Send& RetryCoverage::send_of(std::uint32_t intent) {
  if (intent >= sends_.size()) sends_.resize(intent + 1);
  return sends_[intent];
}

void RetryCoverage::on_failed(Send& send, SendError error) {
  if (send.producer >= producers_.size()) return;
  const Client& client = producers_[send.producer];
  const Status status = error == SendError::broker_error    ? send.refused
                        : error == SendError::not_stored_ok ? send.answered
                                                            : Status::SEND_OK;
  for (std::size_t rule = 0; rule < retry_rules.size(); ++rule) {
    if (!matches(retry_rules[rule], client.profile, client.mode, error, status)) continue;
    ++hits_[rule][static_cast<std::size_t>(client.profile)];
    send.is_final = !retry_rules[rule].retried;
  }
}

/// A synchronous send whose budget is spent between two tries fails without a third one that could.
void RetryCoverage::on_told(Send& send, SendError error) {
  if (error != SendError::budget_spent || send.producer >= producers_.size()) return;
  if (producers_[send.producer].mode == SendMode::sync) on_failed(send, error);
}

void RetryCoverage::on_try(const Send& send, const sim::Record& record) const {
  if (!send.is_final) return;
  throw sim::BugError("intent " + std::to_string(record.subject) + " makes try " + std::to_string(record.a) +
                      " behind a failure that is not retried (retry_rules)");
}

}  // namespace brokersim::model::rocketmq
