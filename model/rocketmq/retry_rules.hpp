// Which failed try is followed by another one: the rules of the clients, as data. Tries and budget
// permitting: the number of tries is retryTimesWhenSendFailed / retryTimesWhenSendAsyncFailed, and
// sendMsgTimeout is one budget for all of them.
#pragma once

#include <array>
#include <string_view>

#include "model/config.hpp"
#include "model/payload.hpp"
#include "model/record.hpp"

namespace brokersim::model::rocketmq {

enum class Clients : std::uint8_t { v4_9, v5_3, both };

struct RetryRule {
  SendMode mode;
  SendError error;
  Status status;  ///< of a broker_error or not_stored_ok; else SEND_OK
  Clients clients;
  bool retried;
  std::string_view source;
};

namespace retry {
inline constexpr std::string_view loop =
    "DefaultMQProducerImpl.sendDefaultImpl: RemotingException, next try at once";
inline constexpr std::string_view codes = "DefaultMQProducer.retryResponseCodes";
inline constexpr std::string_view status =
    "DefaultMQProducerImpl.sendDefaultImpl: retryAnotherBrokerWhenNotStoreOK";
inline constexpr std::string_view callback = "MQClientAPIImpl.sendMessageAsync, onExceptionImpl";
inline constexpr std::string_view once = "DefaultMQProducerImpl.sendDefaultImpl: timesTotal is 1";
}  // namespace retry

/// What is not listed is not retried.
inline constexpr std::array retry_rules{
    // mode, error, status, clients, retried, source
    RetryRule{SendMode::sync, SendError::timed_out, Status::SEND_OK, Clients::both, true, retry::loop},
    RetryRule{SendMode::sync, SendError::connection_broken, Status::SEND_OK, Clients::both, true,
              retry::loop},
    RetryRule{SendMode::sync, SendError::refused, Status::SEND_OK, Clients::both, true, retry::loop},
    RetryRule{SendMode::sync, SendError::budget_spent, Status::SEND_OK, Clients::both, false, retry::loop},
    RetryRule{SendMode::sync, SendError::broker_error, Status::TOPIC_NOT_EXIST, Clients::both, true,
              retry::codes},
    RetryRule{SendMode::sync, SendError::broker_error, Status::SERVICE_NOT_AVAILABLE, Clients::both, true,
              retry::codes},
    RetryRule{SendMode::sync, SendError::broker_error, Status::SYSTEM_ERROR, Clients::both, true,
              retry::codes},
    RetryRule{SendMode::sync, SendError::broker_error, Status::SYSTEM_BUSY, Clients::v5_3, true,
              retry::codes},
    RetryRule{SendMode::sync, SendError::broker_error, Status::SYSTEM_BUSY, Clients::v4_9, false,
              retry::codes},
    RetryRule{SendMode::sync, SendError::broker_error, Status::MESSAGE_ILLEGAL, Clients::both, false,
              retry::codes},
    // Only if retryAnotherBrokerWhenNotStoreOK says so.
    RetryRule{SendMode::sync, SendError::not_stored_ok, Status::FLUSH_DISK_TIMEOUT, Clients::both, true,
              retry::status},
    RetryRule{SendMode::sync, SendError::not_stored_ok, Status::FLUSH_SLAVE_TIMEOUT, Clients::both, true,
              retry::status},
    RetryRule{SendMode::sync, SendError::not_stored_ok, Status::SLAVE_NOT_AVAILABLE, Clients::both, true,
              retry::status},
    // A time-out would be retried, but the scan finds it when the budget is long spent.
    RetryRule{SendMode::async, SendError::timed_out, Status::SEND_OK, Clients::both, true, retry::callback},
    RetryRule{SendMode::async, SendError::connection_broken, Status::SEND_OK, Clients::both, true,
              retry::callback},
    RetryRule{SendMode::async, SendError::refused, Status::SEND_OK, Clients::both, true, retry::callback},
    RetryRule{SendMode::async, SendError::budget_spent, Status::SEND_OK, Clients::both, false,
              retry::callback},
    RetryRule{SendMode::async, SendError::broker_error, Status::TOPIC_NOT_EXIST, Clients::both, false,
              retry::callback},
    RetryRule{SendMode::async, SendError::broker_error, Status::SERVICE_NOT_AVAILABLE, Clients::both, false,
              retry::callback},
    RetryRule{SendMode::async, SendError::broker_error, Status::SYSTEM_ERROR, Clients::both, false,
              retry::callback},
    RetryRule{SendMode::async, SendError::broker_error, Status::SYSTEM_BUSY, Clients::both, false,
              retry::callback},
    RetryRule{SendMode::async, SendError::broker_error, Status::MESSAGE_ILLEGAL, Clients::both, false,
              retry::callback},
    RetryRule{SendMode::oneway, SendError::refused, Status::SEND_OK, Clients::both, false, retry::once},
};

constexpr bool matches(const RetryRule& rule, Profile profile, SendMode mode, SendError error,
                       Status status) {
  const Clients client = profile == Profile::v4_9 ? Clients::v4_9 : Clients::v5_3;
  return rule.mode == mode && rule.error == error && rule.status == status &&
         (rule.clients == Clients::both || rule.clients == client);
}

constexpr bool is_retried(Profile profile, SendMode mode, SendError error, Status status) {
  for (const RetryRule& rule : retry_rules) {
    if (matches(rule, profile, mode, error, status)) return rule.retried;
  }
  return false;
}

}  // namespace brokersim::model::rocketmq
