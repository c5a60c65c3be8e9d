// Synchronous sends: 1 + retryTimesWhenSendFailed tries inside one budget of sendMsgTimeout
// (DefaultMQProducerImpl.sendDefaultImpl). The thread blocks until the end.
#include <algorithm>

#include "model/rocketmq/client.hpp"
#include "model/rocketmq/put_status.hpp"
#include "model/rocketmq/retry_rules.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// A MessageQueue or a selector goes to sendKernelImpl directly: one try.
std::int32_t tries(const ProducerConfig& config) {
  return config.queue_choice == QueueChoice::round_robin ? 1 + config.settings.retryTimesWhenSendFailed : 1;
}

bool may_try_again(const Client& client, const Call& call) { return call.attempt + 1 < tries(client.config); }

/// What sendMsgMaxTimeoutPerRequest leaves of the budget; the last possible try gets all of it. (4.9 has
/// no such setting.)
Duration try_timeout(const ProducerConfig& config, Duration left, bool last) {
  const Duration bound = config.settings.sendMsgMaxTimeoutPerRequest;
  const bool bounded = config.profile == Profile::v5_3 && bound >= Duration{} && !last;
  return bounded ? std::min(left, bound) : left;
}

/// A SendResult of an earlier try is better than the failure of a later one.
void end_sync(const Client& client, std::uint32_t slot, SendError error, Status status) {
  const Call& call = client.call(slot);
  if (client.config.transaction) {
    return call.result_offset >= 0 ? half_sent(client, slot) : half_failed(client, slot, error, status);
  }
  const std::uint16_t thread = call.thread;
  const SimTime begun = call.begun;
  call.result_offset >= 0 ? tell_result(client, slot) : tell_failure(client, slot, error, status);
  free_call(client, slot);
  thread_returned(client, thread, begun);
}

/// What currentTimeMillis says has gone since the send began: that depends on where in a millisecond it did.
/// Asked with sendLatencyEnable only, because nothing else depends on it: a budget of which 3,000 ms are gone
/// has 0 ms left, and tries that time out in them are blamed on their brokers, one of 3,001 ms is spent, and
/// blames nobody.
Duration gone(const Client& client, const Call& call) {
  const Duration exact = client.now() - call.begun;
  if (!client.config.settings.sendLatencyEnable) return exact;
  static const Distribution phase = Distribution::uniform({}, 1_ms - 1_ns);
  const auto subject = sim::subject(client.index, std::uint64_t{1} << 32 | call.intent.value);
  const auto key = sim::DrawKey::of(Purpose::thread_phase, subject);
  return whole_milliseconds(exact + client.context.choices().duration(key, phase));
}

/// Starts the try that `attempt` and the queue are set for. With no time left it has timed out before
/// anything is sent (invokeSync: left <= 0), and so have those after it.
void next_try(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  const Duration left = client.config.settings.sendMsgTimeout - gone(client, call);
  if (left < Duration{}) return end_sync(client, slot, SendError::budget_spent, Status::SEND_OK);
  const Duration timeout = try_timeout(client.config, whole_milliseconds(left), !may_try_again(client, call));
  if (timeout > Duration{}) return send_when_connected(client, slot, timeout);
  try_failed(client, slot, SendError::timed_out);
}

void try_again(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  ++call.attempt;
  reset_index(client, call, client.thread(call.thread).next_queue);
  choose_next_queue(client, slot, client.thread(call.thread).next_queue);
  next_try(client, slot);
}

/// NettyRemotingClient.invokeSync. 5.3 spares a channel that took most of the time to open; 4.9 does not.
bool closes_socket(const ProducerConfig& config, const Call& call) {
  if (!config.settings.clientCloseSocketIfTimeout) return false;
  if (config.profile == Profile::v4_9) return true;
  return call.left_with_channel > 100_ms || call.left_with_channel > call.try_timeout / 4;
}

}  // namespace

Duration first_timeout(const ProducerConfig& config) {
  return try_timeout(config, config.settings.sendMsgTimeout, tries(config) == 1);
}

void begin_sync(const Client& client, std::uint32_t slot) {
  client.thread(client.call(slot).thread).busy = true;
  next_try(client, slot);
}

void sync_answered(const Client& client, std::uint32_t slot, const Payload& answer) {
  stop_waiting(client, slot);
  if (!is_stored(answer.status)) return try_failed(client, slot, SendError::broker_error, answer.status);
  Call& call = client.call(slot);
  call.result = answer.status;
  call.result_offset = answer.offset;
  if (client.config.queue_choice == QueueChoice::round_robin)
    try_succeeded(client, call, client.now() - call.try_begun);
  if (client.config.transaction) {
    call.result_broker = call.broker;
    call.result_record = answer.record;
  }
  const bool unwanted =
      answer.status != Status::SEND_OK && client.config.settings.retryAnotherBrokerWhenNotStoreOK;
  if (unwanted) return try_failed(client, slot, SendError::not_stored_ok, answer.status);
  end_sync(client, slot, SendError::none, answer.status);
}

void sync_failed(const Client& client, std::uint32_t slot, SendError error, Status status) {
  const bool again = may_try_again(client, client.call(slot)) &&
                     is_retried(client.config.profile, SendMode::sync, error, status);
  again ? try_again(client, slot) : end_sync(client, slot, error, status);
}

void sync_timed_out(const Client& client, std::uint32_t slot) {
  const Call& call = client.call(slot);
  const std::uint16_t broker = call.broker;
  // closeChannel(addr, channel) with a channel that is gone closes nothing else.
  const bool closes = !call.orphaned && closes_socket(client.config, call);
  stop_waiting(client, slot);
  if (closes) close_channel(client, broker);  // before this thread goes on
  try_failed(client, slot, SendError::timed_out);
}

}  // namespace brokersim::model::rocketmq
