// What steps tell the world outside, for the trace, the evidence and the trace hash. `subject` is
// the intent unless said otherwise.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/config.hpp"
#include "model/payload.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model {

enum class RecordKind : std::uint32_t {
  send_begun,      ///< a thread took up the intent: a = producer, b = thread
  attempt_sent,    ///< a try left: a = attempt (0, 1, 2), b = queue | broker << 16
  attempt_failed,  ///< a try failed: a = attempt, b = SendError
  acknowledged,    ///< the producer knows success: a = Status, b = queue offset
  told_failed,  ///< the application was told of the failure: a = SendError, b = Status if the broker refused
  unobserved,   ///< a failure that nobody looked at: a = SendError
  believed_sent,      ///< one-way: the producer believes 'sent'
  appended,           ///< a copy entered the log: a = queue | broker << 16, b = queue offset
  refused,            ///< the broker answered an error: a = Status, b = broker
  answered,           ///< the broker sent the success of a send: a = Status, b = queue offset
  released,           ///< the copy became visible to consumers: a = queue | broker << 16, b = queue offset
  copy_lost,          ///< a crash took a copy from the log: a = LossKind, b = queue offset
  response_dropped,   ///< an answer had no connection to go to: a = Status
  delivered,          ///< a consumer got it: a = group, b = queue offset
  processed,          ///< the business effect was applied: a = group, b = how often so far
  flushed,            ///< subject = broker: a flush covered a = records, b = bytes
  committed,          ///< subject = broker: a = records now in the page cache
  process_died,       ///< subject = process: a = FaultKind
  process_served,     ///< subject = process: a = incarnation
  process_paused,     ///< subject = process
  process_resumed,    ///< subject = process
  host_lost_power,    ///< subject = host
  host_powered,       ///< subject = host
  log_truncated,      ///< subject = broker: a = records kept, b = records gone
  topics_lost,        ///< subject = broker: topics.json came back old or empty: a = topics still known
  topic_created,      ///< subject = broker: a = topic
  connection_opened,  ///< subject = client process: a = server process
  connection_broken,  ///< subject = process that noticed: a = peer process
  queue_skipped,      ///< subject = consumer process: a = queue | broker << 16, b = messages it never saw
  fault_struck,       ///< subject = fault: a = FaultKind
  fault_restored,     ///< subject = fault
  healed,             ///< everything that an operator would repair is repaired: a = 1 if anything was broken
  count
};

/// Why a try, or the whole send, failed at the producer.
enum class SendError : std::uint8_t {
  none,
  timed_out,          ///< RemotingTimeoutException: no answer in time (10002)
  connection_broken,  ///< RemotingSendRequestException: the connection broke under the call
  refused,        ///< RemotingConnectException: nobody listens, or no connection within its time-out (10001)
  broker_error,   ///< MQBrokerException: the broker answered an error code
  budget_spent,   ///< RemotingTooMuchRequestException: sendMsgTimeout was over before the next try
  not_stored_ok,  ///< a status other than SEND_OK, and the application does not accept it
  died            ///< the producer itself was killed with the send open
};

/// What took a copy out of the log.
enum class LossKind : std::uint8_t { uncommitted_pool, unflushed_tail };

std::string_view to_string(RecordKind kind);
std::string_view to_string(Status status);
std::string_view to_string(FaultKind kind);
std::string_view to_string(SendError error);
std::string_view to_string(LossKind kind);

inline sim::Record make_record(RecordKind kind, std::uint32_t subject, std::int64_t a = 0,
                               std::int64_t b = 0) {
  return {static_cast<std::uint32_t>(kind), subject, a, b};
}

}  // namespace brokersim::model
