// Asynchronous and one-way sends: the thread goes on at once.
//
// Asynchronous (MQClientAPIImpl.sendMessageAsync): the callback retries on transport failures only, while
// the budget lasts. Nobody waits for a time-out: scanResponseTable looks each second, and spares a call
// for one second more, so time-outs are found 1-2 s late, when the budget is spent. They close nothing.
#include "model/rocketmq/client.hpp"
#include "model/rocketmq/put_status.hpp"
#include "model/rocketmq/retry_rules.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration scan_period = 1_s;

/// The first run of the scan at or after `now`; the service keeps its period and phase.
SimTime next_scan(SimTime first, SimTime now) {
  if (now <= first) return first;
  const Duration late = (now - first) % scan_period;
  return late == Duration{} ? now : now + (scan_period - late);
}

/// NettyRemotingClient.start: the timer that runs scanResponseTable.
void arm_scan(const Client& client) {
  auto& memory = client.self.memory;
  Event event{};
  event.body = ProducerEvent{ProducerOn::scan, 0, 0, 0};
  memory.scan_timer = client.context.arm(next_scan(memory.scan_grid, client.now()) - client.now(),
                                         host::to_process(client.world, client.self.process, event));
}

/// 4.9 connects in the caller's thread, which waits and gets the RemotingConnectException; in 5.3 a listener
/// of the connect writes later, or never, and says nothing (NettyRemotingClient.invokeOneway).
bool connects_in_thread(const ProducerConfig& config) { return config.profile == Profile::v4_9; }

void believe_sent(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  client.record(RecordKind::believed_sent, call.intent);
  client.world.verdict.tell(call.intent, ledger::Told::unchecked);
  call.told = true;
  --client.self.open_sends;
}

/// The thread of a 4.9 client waited for the connection.
void end_oneway(const Client& client, std::uint32_t slot) {
  const Call call = client.call(slot);
  free_call(client, slot);
  if (connects_in_thread(client.config)) thread_returned(client, call.thread, call.begun);
}

void retry_async(const Client& client, std::uint32_t slot, Duration left) {
  Call& call = client.call(slot);
  ++call.attempt;
  const std::uint16_t queue = call.queue;
  // Without a TopicPublishInfo (explicit queue or selector) the broker stays, too.
  if (client.config.queue_choice == QueueChoice::round_robin) {
    choose_next_queue(client, slot, client.self.memory.callback_queue);
  }
  call.queue = queue;  // the request is the old one, only its opaque is new
  send_when_connected(client, slot, left);
}

/// sendDefaultImpl has nothing to wait for, and counts a good try once sendKernelImpl has returned.
void has_left(const Client& client, const Call& call, Duration latency) {
  if (client.config.queue_choice == QueueChoice::round_robin) try_succeeded(client, call, latency);
}

/// 4.9 counts from the write on (ResponseFuture.getBeginTimestamp), 5.3 the connect too.
Duration latency_of(const Client& client, const Call& call) {
  const Duration all = client.now() - call.try_begun;
  const Duration connecting = call.try_timeout - call.left_with_channel;
  return client.config.profile == Profile::v4_9 ? all - connecting : all;
}

}  // namespace

void begin_async(const Client& client, std::uint32_t slot) {
  const std::uint16_t thread = client.call(slot).thread;
  const SimTime begun = client.call(slot).begun;
  has_left(client, client.call(slot), {});
  send_when_connected(client, slot, client.config.settings.sendMsgTimeout);
  thread_returned(client, thread, begun);
}

void async_answered(const Client& client, std::uint32_t slot, const Payload& answer) {
  stop_waiting(client, slot);
  if (is_stored(answer.status)) {
    Call& call = client.call(slot);
    call.result = answer.status;
    call.result_offset = answer.offset;
    try_succeeded(client, call, latency_of(client, call));
    tell_result(client, slot);
    free_call(client, slot);
  } else {
    try_failed(client, slot, SendError::broker_error, answer.status);
  }
  grant_permits(client);
}

void async_failed(const Client& client, std::uint32_t slot, SendError error, Status status) {
  const Call& call = client.call(slot);
  const Duration left = whole_milliseconds(call.try_timeout - (client.now() - call.try_begun));
  const bool again = call.attempt < client.config.settings.retryTimesWhenSendAsyncFailed &&
                     left > Duration{} && is_retried(client.config.profile, SendMode::async, error, status);
  if (again) return retry_async(client, slot, left);
  tell_failure(client, slot, error, status);
  free_call(client, slot);
}

void async_overdue(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  if (call.waits == Waits::permit) {
    stop_waiting(client, slot);
    return try_failed(client, slot, SendError::timed_out);
  }
  if (call.overdue) return;
  call.overdue = true;
  if (++client.self.memory.overdue == 1) arm_scan(client);
}

void scan_response_table(const Client& client) {
  auto& memory = client.self.memory;
  for (std::uint32_t slot = 0; memory.overdue > 0 && slot < memory.calls.size(); ++slot) {
    if (!memory.calls[slot].open || !memory.calls[slot].overdue) continue;
    stop_waiting(client, slot);
    try_failed(client, slot, SendError::timed_out);
  }
  grant_permits(client);
}

void begin_oneway(const Client& client, std::uint32_t slot) {
  const std::uint16_t thread = client.call(slot).thread;
  const SimTime begun = client.call(slot).begun;
  const bool waits = connects_in_thread(client.config);
  if (waits) client.thread(thread).busy = true;
  if (!waits) {
    has_left(client, client.call(slot), {});
    believe_sent(client, slot);
  }
  send_when_connected(client, slot, client.config.settings.sendMsgTimeout);
  if (!waits) thread_returned(client, thread, begun);
}

void oneway_left(const Client& client, std::uint32_t slot) {
  if (!client.call(slot).told) {
    has_left(client, client.call(slot), client.now() - client.call(slot).try_begun);
    believe_sent(client, slot);
  }
  end_oneway(client, slot);
}

void oneway_failed(const Client& client, std::uint32_t slot, SendError error) {
  if (!client.call(slot).told) tell_failure(client, slot, error, Status::SEND_OK);
  end_oneway(client, slot);
}

}  // namespace brokersim::model::rocketmq
