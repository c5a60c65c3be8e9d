// The one connection per broker: everything of this process travels on it, so one call that closes it
// fails all others (NettyRemotingClient, NettyRemotingAbstract.failFast).
#include <algorithm>
#include <limits>

#include "model/network/fabric.hpp"
#include "model/rocketmq/channels.hpp"
#include "model/rocketmq/client.hpp"
#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

namespace {

void fail_waiting(const Client& client, std::uint16_t broker, Waits waits, SendError error);

/// Refused, or no answer in time.
void connect_failed(const Client& client, std::uint16_t broker) {
  Channel& channel = channel_to(client, broker);
  client.context.cancel(channel.connect_timer);
  channel.connecting = false;
  ends_go_on(client, broker, false);
  fail_waiting(client, broker, Waits::connection, SendError::refused);
}

/// Message.setDelayTimeMs, or setDeliverTimeMs, in milliseconds as the properties have them.
void set_timer(const Client& client, Payload& request) {
  constexpr std::int64_t millisecond = 1'000'000;
  const bool delays = client.config.delay.has_value();
  Duration time{};
  if (delays) {
    const auto key = sim::DrawKey::of(Purpose::message_delay, request.intent.value);
    time = client.context.choices().duration(key, *client.config.delay);
  } else {
    time = *client.config.deliver_at;
  }
  request.mark = delays ? Mark::timer_delay : Mark::timer_deliver;
  // What no broker takes need not be told exactly.
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  request.record = static_cast<std::uint32_t>(std::min(time.ns / millisecond, most));
}

Payload request_of(const Client& client, std::uint32_t slot, const Call& call) {
  Payload request;
  request.kind = PayloadKind::send_request;
  request.attempt = call.attempt;
  request.oneway = client.config.send == SendMode::oneway;
  request.topic = client.config.topic;
  request.queue = call.queue;
  request.intent = call.intent;
  request.opaque = opaque_of(slot, call.generation);
  request.size = call.size;
  request.sequence = call.sequence;
  request.offset = host::wall_clock(client.world, client.self.process, client.context).value;
  if (client.config.transaction) {
    request.mark = Mark::transactional;
    request.group = client.config.group.value;
    request.record = static_cast<std::uint32_t>(client.config.transaction->check_immunity_seconds);
  } else if (client.config.is_timed()) {
    set_timer(client, request);
  } else {
    request.record = static_cast<std::uint32_t>(client.config.delay_level);
  }
  return request;
}

/// What ends the waiting: a lane for the usual time-out, a plain timer for what a retry has left.
void arm_timeout(const Client& client, std::uint32_t slot, Call& call, Duration wait, bool usual) {
  Event event{};
  ProducerEvent timeout;
  timeout.on = ProducerOn::call_timeout;
  timeout.thread = call.thread;
  timeout.broker = call.address;
  timeout.call = opaque_of(slot, call.generation);
  event.body = timeout;
  const Event addressed = host::to_process(client.world, client.self.process, event);
  call.timer =
      usual ? client.context.arm(client.self.timeout_lane, addressed) : client.context.arm(wait, addressed);
}

/// scanResponseTable spares a call until a second after its time-out.
constexpr Duration scan_grace = 1_s;

void wait_for_answer(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  call.waits = Waits::answer;
  if (client.config.send == SendMode::async) {
    ++client.self.memory.in_flight;
    const bool usual = call.left_with_channel == client.config.settings.sendMsgTimeout;
    return arm_timeout(client, slot, call, call.left_with_channel + scan_grace, usual);
  }
  arm_timeout(client, slot, call, call.left_with_channel,
              call.left_with_channel == first_timeout(client.config));
}

/// NettyRemotingAbstract.invokeAsyncImpl (5.3: invoke0): semaphoreAsync.tryAcquire(timeoutMillis).
void wait_for_permit(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  call.waits = Waits::permit;
  ++client.self.memory.want_permit;
  arm_timeout(client, slot, call, call.left_with_channel, false);
}

bool permit_left(const Client& client) {
  return client.config.send != SendMode::async ||
         client.self.memory.in_flight < client.config.settings.clientAsyncSemaphoreValue;
}

void fail_waiting(const Client& client, std::uint16_t broker, Waits waits, SendError error) {
  // A call that fails may begin anew at once, on this broker too: only those of now are meant.
  for (const std::uint32_t slot : calls_waiting(client, broker, waits)) {
    if (client.call(slot).orphaned) continue;
    stop_waiting(client, slot);
    try_failed(client, slot, error);
  }
  heartbeat_failed(client, broker, waits);
  grant_permits(client);
}

/// A 4.9 client hears of a reset (exceptionCaught) and of its own closing (close), which fail what is in
/// flight at once; but its NettyConnectManageHandler has no channelInactive, so that nobody fails the calls
/// of a channel that the broker has closed.
void forsake_waiting(const Client& client, std::uint16_t broker) {
  for (const std::uint32_t slot : calls_waiting(client, broker, Waits::answer))
    client.call(slot).orphaned = true;
  heartbeat_forsaken(client, broker);
}

void write(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  const std::uint16_t broker = call.address;
  const ConnectionId connection = channel_to(client, broker).connection;
  const Payload request = request_of(client, slot, call);
  if (!network::send(client.world, connection, true, request, call.intent.value, call.attempt,
                     client.context)) {
    channel_is_dead(client, broker);
    return try_failed(client, slot, SendError::connection_broken);
  }
  client.record(RecordKind::attempt_sent, call.intent, call.attempt,
                call.queue | std::int64_t{call.broker} << 16);
  if (request.oneway) return oneway_left(client, slot);
  wait_for_answer(client, slot);
}

/// The channel is there; what the connect has left of the time-out decides. Sync: what is left is the
/// time-out of the read (invokeSync); async: RemotingTooMuchRequestException (invokeAsync).
void send_on_channel(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  call.waits = Waits::nothing;
  call.left_with_channel = call.try_timeout - (client.now() - call.try_begun);
  if (client.config.send == SendMode::sync && call.left_with_channel <= Duration{}) {
    return sync_timed_out(client, slot);
  }
  if (client.config.send == SendMode::async && call.left_with_channel < Duration{}) {
    return try_failed(client, slot, SendError::budget_spent);
  }
  permit_left(client) ? write(client, slot) : wait_for_permit(client, slot);
}

/// Synchronous calls block in the connect's future: each goes on when its thread runs. Meanwhile one that ran
/// before, and found its time over, may have closed the channel again.
void wake_waiter(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  if (client.config.send != SendMode::sync) return go_on_connected(client, slot);
  constexpr std::uint64_t first_attempt = 256;  // behind those of the time-outs
  const Duration late = wakeup_latency(client, call.intent.value, first_attempt + call.attempt);
  if (late == Duration{}) return go_on_connected(client, slot);
  call.waits = Waits::processor;
  arm_timeout(client, slot, call, late, false);
}

}  // namespace

Channel& channel_to(const Client& client, std::uint16_t broker) {
  return client.self.memory.channels[broker];
}

std::int32_t broker_at(const Client& client, ConnectionId connection) {
  return broker_behind(client.self.memory.channels, connection, [](const Channel& channel) {
    return channel.open || (channel.connecting && channel.dialled);
  });
}

/// If the channel is not active any more, the try has failed (invokeSync, invokeAsync).
void go_on_connected(const Client& client, std::uint32_t slot) {
  if (channel_to(client, client.call(slot).address).open) return send_on_channel(client, slot);
  stop_waiting(client, slot);
  try_failed(client, slot, SendError::refused);
}

namespace {

/// findBrokerAddressInPublish. A route that has lost the set's master meanwhile leaves the last address. (The
/// real client asks for the route once more, and then fails.)
std::uint16_t address_of(const Client& client, const Call& call) {
  const std::int32_t master =
      master_known_to(client.world, client.context.config(), client.self.process, call.broker);
  return master < 0 ? call.address : static_cast<std::uint16_t>(master);
}

}  // namespace

void send_when_connected(const Client& client, std::uint32_t slot, Duration timeout) {
  Call& call = client.call(slot);
  call.try_begun = client.now();
  call.try_timeout = timeout;
  call.address = address_of(client, call);
  const Channel& channel = channel_to(client, call.address);
  if (channel.open) return send_on_channel(client, slot);
  call.waits = Waits::connection;
  if (!channel.connecting) connect(client, call.address);
}

// NettyRemotingClient.createChannel(Async): calls that meanwhile need the same address share the future.
// In both profiles it ends at the latest after connectTimeoutMillis, whatever the calls have left.
void connect(const Client& client, std::uint16_t broker) {
  Channel& channel = channel_to(client, broker);
  channel.connecting = true;
  channel.dialled = false;
  ++channel.connects;
  Event event{};
  event.body = ProducerEvent{ProducerOn::connect_timeout, 0, broker, channel.connects};
  channel.connect_timer = client.context.arm(client.config.settings.connectTimeoutMillis,
                                             host::to_process(client.world, client.self.process, event));
  const auto key =
      sim::DrawKey::of(Purpose::connect_time, sim::subject(client.index, broker), channel.connects);
  const Duration own_time = client.context.choices().duration(key, client.config.connect_time);
  if (own_time == Duration{}) return dial(client, broker, channel.connects);
  event.body = ProducerEvent{ProducerOn::connect, 0, broker, channel.connects};
  host::schedule(client.world, client.self.process, own_time, event, client.context);
}

void dial(const Client& client, std::uint16_t broker, std::uint32_t connects) {
  Channel& channel = channel_to(client, broker);
  if (!channel.connecting || channel.connects != connects) return;
  channel.dialled = true;
  channel.connection =
      network::connect(client.world, client.self.process, broker_process(broker), client.context);
}

void channel_is_dead(const Client& client, std::uint16_t broker) {
  channel_to(client, broker).open = false;
  fail_waiting(client, broker, Waits::answer, SendError::connection_broken);
}

void close_channel(const Client& client, std::uint16_t broker) {
  Channel& channel = channel_to(client, broker);
  if (!channel.open) return;
  channel.open = false;
  network::close(client.world, channel.connection, true, client.context);
  fail_waiting(client, broker, Waits::answer, SendError::connection_broken);
}

void channel_opened(const Client& client, ConnectionId connection) {
  const std::int32_t found = broker_at(client, connection);
  if (found < 0) return;
  const auto broker = static_cast<std::uint16_t>(found);
  Channel& channel = channel_to(client, broker);
  client.context.cancel(channel.connect_timer);
  channel.connecting = false;
  channel.open = true;
  const auto waiting = calls_waiting(client, broker, Waits::connection);
  // The listeners of the connect's future run before any thread that awaits it.
  ends_go_on(client, broker, true);
  for (const std::uint32_t slot : waiting) wake_waiter(client, slot);
  heartbeat_channel_opened(client, broker);
}

void channel_refused(const Client& client, ConnectionId connection) {
  const std::int32_t found = broker_at(client, connection);
  if (found < 0) return;
  connect_failed(client, static_cast<std::uint16_t>(found));
}

void channel_lost(const Client& client, ConnectionId connection, bool orderly) {
  const std::int32_t found = broker_at(client, connection);
  if (found < 0) return;
  const auto broker = static_cast<std::uint16_t>(found);
  if (channel_to(client, broker).connecting) return channel_refused(client, connection);
  channel_to(client, broker).open = false;
  if (orderly && client.config.profile == Profile::v4_9) return forsake_waiting(client, broker);
  fail_waiting(client, broker, Waits::answer, SendError::connection_broken);
}

void on_connect_timeout(const Client& client, std::uint16_t broker, std::uint32_t connects) {
  const Channel& channel = channel_to(client, broker);
  if (!channel.connecting || channel.connects != connects) return;
  if (channel.dialled) network::close(client.world, channel.connection, true, client.context);
  connect_failed(client, broker);
}

void grant_permits(const Client& client) {
  while (client.self.memory.want_permit > 0 && permit_left(client)) {
    const auto& calls = client.self.memory.calls;
    std::uint32_t oldest = ~0U;
    for (std::uint32_t slot = 0; slot < calls.size(); ++slot) {
      if (!calls[slot].open || calls[slot].waits != Waits::permit) continue;
      if (oldest == ~0U || calls[slot].intent < calls[oldest].intent) oldest = slot;
    }
    sim::check(oldest != ~0U, "somebody is said to want a permit");
    stop_waiting(client, oldest);
    if (!channel_to(client, calls[oldest].address).open) {
      try_failed(client, oldest, SendError::connection_broken);
    } else {
      send_on_channel(client, oldest);
    }
  }
}

void try_failed(const Client& client, std::uint32_t slot, SendError error, Status status) {
  const Call& call = client.call(slot);
  client.record(RecordKind::attempt_failed, call.intent, call.attempt, static_cast<std::int64_t>(error));
  blame_broker(client, call, error);
  switch (client.config.send) {
    case SendMode::sync: return sync_failed(client, slot, error, status);
    case SendMode::async: return async_failed(client, slot, error, status);
    case SendMode::oneway: return oneway_failed(client, slot, error);
  }
}

}  // namespace brokersim::model::rocketmq
