// NettyRemotingClient as a push consumer uses it: one channel per broker, synchronous calls.
#include "model/rocketmq/channels.hpp"
#include "model/rocketmq/push_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

std::uint32_t free_slot(const Push& push) {
  std::vector<PushCall>& calls = push.memory.calls;
  std::uint32_t slot = 0;
  while (slot < calls.size() && calls[slot].used) ++slot;
  if (slot == calls.size()) calls.emplace_back();
  return slot;
}

std::uint64_t subject_of(const Push& push, const Payload& request) {
  const auto kind = static_cast<std::uint64_t>(request.kind) << 32;
  return sim::subject(push.life(),
                      kind | (request.intent == no_intent ? request.queue : request.intent.value));
}

/// Sends a call that has its channel.
void send_call(const Push& push, PushCall& call) {
  Payload request = call.request;
  const bool locks = request.kind == PayloadKind::lock_batch;
  if (locks) {
    request.size = push.world.queue_sets.take();
    push.world.queue_sets.slots[request.size].queues = call.queues;
  }
  call.sent = send_now(push, call.broker, request, subject_of(push, request));
  if (locks && !call.sent) release_payload(push.world, request);
}

void open_or_send(const Push& push, PushCall& call) {
  push.memory.channels[call.broker].open ? send_call(push, call) : connect(push, call.broker);
}

PushCall release(const Push& push, std::uint32_t slot) {
  PushCall call = push.memory.calls[slot];
  push.context.cancel(call.timer);
  push.memory.calls[slot] = PushCall{};
  while (!push.memory.calls.empty() && !push.memory.calls.back().used) push.memory.calls.pop_back();
  return call;
}

/// The slot of a call that still waits; -1 otherwise.
std::int64_t find_call(const Push& push, std::uint32_t opaque) {
  const std::vector<PushCall>& calls = push.memory.calls;
  for (std::size_t slot = 0; slot < calls.size(); ++slot) {
    if (calls[slot].used && calls[slot].request.opaque == opaque) return static_cast<std::int64_t>(slot);
  }
  return -1;
}

/// failFast: everybody who waits for this channel hears of it, each in a step of his own.
void fail_calls(const Push& push, std::uint16_t broker) {
  for (std::uint32_t slot = 0; slot < push.memory.calls.size(); ++slot) {
    PushCall& call = push.memory.calls[slot];
    if (!call.used || call.failed || call.orphaned || call.broker != broker) continue;
    call.failed = true;
    push.schedule(
        {}, {.on = PushOn::call_failed, .broker = broker, .slot = slot, .generation = call.request.opaque});
  }
}

}  // namespace

void connect(const Push& push, std::uint16_t broker) {
  PushChannel& channel = push.memory.channels[broker];
  if (channel.connecting || channel.open) return;
  channel.connecting = true;
  channel.connection = network::connect(push.world, push.self.process, broker_process(broker), push.context);
  const PushEvent timeout{.on = PushOn::connect_timeout, .broker = broker, .generation = ++channel.connects};
  channel.connect_timer = push.context.arm(push.settings().connectTimeoutMillis, push.event(timeout));
}

bool send_now(const Push& push, std::uint16_t broker, const Payload& request, std::uint64_t subject) {
  const PushChannel& channel = push.memory.channels[broker];
  return channel.open &&
         network::send(push.world, channel.connection, true, request, subject, request.opaque, push.context);
}

namespace {

/// The call, which has not left yet.
PushCall& new_call(const Push& push, CallFor what, std::uint16_t broker, Payload request, Duration timeout,
                   std::uint32_t owner) {
  const std::uint32_t slot = free_slot(push);
  request.opaque = push.memory.next_opaque++;
  request.group = push.config.group.value;
  const PushEvent over{
      .on = PushOn::call_timeout, .broker = broker, .slot = slot, .generation = request.opaque};
  PushCall& call = push.memory.calls[slot];
  call = PushCall{};
  call.used = true;
  call.what = what;
  call.broker = broker;
  call.owner = owner;
  call.request = request;
  call.timer = push.context.arm(timeout, push.event(over));
  return call;
}

}  // namespace

std::uint32_t call(const Push& push, CallFor what, std::uint16_t broker, Payload request, Duration timeout,
                   std::uint32_t owner) {
  PushCall& made = new_call(push, what, broker, request, timeout, owner);
  const std::uint32_t opaque = made.request.opaque;
  open_or_send(push, made);
  return opaque;
}

std::uint32_t call_lock(const Push& push, CallFor what, std::uint16_t broker,
                        std::vector<TopicQueue> queues) {
  constexpr Duration lock_timeout = 1_s;  // RebalanceImpl.lock, lockAll
  Payload request;
  request.kind = PayloadKind::lock_batch;
  request.record = push.world.processes[push.self.process.value].incarnation.value;
  PushCall& made = new_call(push, what, broker, request, lock_timeout, 0);
  made.queues = std::move(queues);
  const std::uint32_t opaque = made.request.opaque;
  open_or_send(push, made);
  return opaque;
}

std::optional<PushCall> take_call(const Push& push, std::uint32_t opaque) {
  const std::int64_t slot = find_call(push, opaque);
  if (slot < 0) return std::nullopt;
  return release(push, static_cast<std::uint32_t>(slot));
}

/// A synchronous call that times out closes its channel (clientCloseSocketIfTimeout), so whatever else is in
/// flight on it fails at once. One whose channel the broker has closed meanwhile leaves the new one alone.
void on_call_timeout(const Push& push, const PushEvent& event) {
  const std::optional<PushCall> call = take_call(push, event.generation);
  if (!call) return on_pull_timeout(push, event);
  const PushChannel& channel = push.memory.channels[call->broker];
  const bool closes = call->what != CallFor::pop_settle;
  if (closes && call->sent && channel.open && !call->failed && !call->orphaned) {
    network::close(push.world, channel.connection, true, push.context);
    channel_lost(push, call->broker);
  }
  call_over(push, *call, nullptr, true);
}

void on_call_failed(const Push& push, const PushEvent& event) {
  const std::optional<PushCall> call = take_call(push, event.generation);
  if (call) call_over(push, *call, nullptr, false);
}

void call_over(const Push& push, const PushCall& call, const Payload* answer, bool timed_out) {
  switch (call.what) {
    case CallFor::heartbeat: return heartbeat_over(push, call.broker, answer != nullptr);
    case CallFor::member_list: return member_list_over(push, answer);
    case CallFor::query_offset: return offset_over(push, answer);
    case CallFor::query_max_offset: return max_offset_over(push, answer);
    case CallFor::send_back: return send_back_over(push, call, answer, timed_out);
    case CallFor::resend: return resend_over(push, call, answer, timed_out);
    case CallFor::lock_new: return lock_new_over(push, answer);
    case CallFor::lock_one:
    case CallFor::lock_all: return lock_over(push, call, answer);
    case CallFor::pull_offset:
    case CallFor::pull_max_offset: return pull_offset_over(push, call, answer);
    case CallFor::pop_settle: return pop_settled(push, call, answer);
  }
}

std::int32_t broker_at(const Push& push, ConnectionId connection) {
  return broker_behind(push.memory.channels, connection,
                       [](const PushChannel& channel) { return channel.open || channel.connecting; });
}

void channel_opened(const Push& push, std::uint16_t broker) {
  PushChannel& channel = push.memory.channels[broker];
  channel.connecting = false;
  channel.open = true;
  push.context.cancel(channel.connect_timer);
  heartbeat_new_channel(push, broker);
  for (PushCall& call : push.memory.calls) {
    if (call.used && !call.sent && !call.failed && call.broker == broker) send_call(push, call);
  }
  pulls_connected(push, broker);
}

void channel_lost(const Push& push, std::uint16_t broker) {
  PushChannel& channel = push.memory.channels[broker];
  channel.connecting = channel.open = false;
  push.context.cancel(channel.connect_timer);
  fail_calls(push, broker);
  pulls_disconnected(push, broker);
}

/// The NettyConnectManageHandler of 4.9 has no channelInactive: whoever waits for an answer waits on, a call
/// for its time-out, a pull until scanResponseTable finds it. The next request opens a new channel. 5.x fails
/// all at once (channelInactive: closeChannel, failFast).
void channel_closed_by_broker(const Push& push, std::uint16_t broker) {
  PushChannel& channel = push.memory.channels[broker];
  if (!push.is_4_9() || channel.connecting) return channel_lost(push, broker);
  channel.open = false;
  for (PushCall& call : push.memory.calls) {
    if (call.used && call.sent && call.broker == broker) call.orphaned = true;
  }
  for (PushQueue& queue : push.memory.queues) {
    if (!queue.used || queue.from != broker) continue;
    if (queue.state == PullState::pulling) queue.state = PullState::orphaned;
    mark_dirty(push, queue);
  }
}

void on_connect_timeout(const Push& push, const PushEvent& event) {
  const PushChannel& channel = push.memory.channels[event.broker];
  if (!channel.connecting || channel.connects != event.generation) return;
  network::close(push.world, channel.connection, true, push.context);
  channel_lost(push, event.broker);
}

}  // namespace brokersim::model::rocketmq
