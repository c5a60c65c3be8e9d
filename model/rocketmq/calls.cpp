// The table of open calls: taking up an intent, telling the application.
#include <algorithm>

#include "model/rocketmq/client.hpp"
#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::uint32_t slots_max = 1U << slot_bits;
constexpr std::uint32_t generation_mask = (1U << (32 - slot_bits)) - 1;

std::uint32_t take_slot(const Client& client) {
  auto& memory = client.self.memory;
  std::uint32_t slot = memory.first_free;
  while (slot < memory.calls.size() && memory.calls[slot].open) ++slot;
  if (slot == memory.calls.size()) memory.calls.emplace_back();
  sim::check(slot < slots_max, "more calls in flight than an opaque can tell apart");
  memory.first_free = slot + 1;
  return slot;
}

std::uint32_t body_size(const Client& client, IntentId intent) {
  const auto low = static_cast<std::uint32_t>(client.config.body_size_min);
  const auto high = static_cast<std::uint32_t>(client.config.body_size_max);
  if (low == high) return low;
  return low +
         client.context.choices().pick(sim::DrawKey::of(Purpose::body_size, intent.value), high - low + 1);
}

void start_try_chain(const Client& client, std::uint32_t slot) {
  switch (client.config.send) {
    case SendMode::sync: return begin_sync(client, slot);
    case SendMode::async: return begin_async(client, slot);
    case SendMode::oneway: return begin_oneway(client, slot);
  }
}

/// "No route info of this topic", or none with a master: MQClientException, and no try.
void has_no_route(const Client& client, std::uint32_t slot) {
  const std::uint16_t thread = client.call(slot).thread;
  const SimTime begun = client.call(slot).begun;
  const bool asks = asks_name_servers(client.world);
  tell_failure(client, slot, asks ? SendError::no_route : SendError::refused, Status::SEND_OK);
  free_call(client, slot);
  thread_returned(client, thread, begun);
}

/// The broker of a queue that the application has named may be in no route.
bool has_address(const Client& client, const Call& call) {
  if (!asks_name_servers(client.world)) return true;
  const std::int32_t master =
      master_known_to(client.world, client.context.config(), client.self.process, call.broker);
  return master >= 0 && knows_address(client.world, client.self.process, static_cast<std::size_t>(master));
}

void send_by_route(const Client& client, std::uint32_t slot) {
  const std::uint32_t count = queue_count(client);
  if (count == 0) return has_no_route(client, slot);
  Call& call = client.call(slot);
  call.size = body_size(client, call.intent);
  choose_first_queue(client, call, count);
  has_address(client, call) ? start_try_chain(client, slot) : has_no_route(client, slot);
}

/// tryToFindTopicPublishInfo.
bool lacks_route(const Client& client) {
  return asks_name_servers(client.world) && client.self.memory.publish.empty();
}

/// The thread waits for the name server's answer, within its sendMsgTimeout. (An asynchronous send asks on a
/// thread of the client's own; here the application's waits for that too.)
void ask_for_route(const Client& client, std::uint32_t slot) {
  client.thread(client.call(slot).thread).busy = true;
  client.call(slot).waits = Waits::route;
  client.self.memory.publishes = true;
  look_up(client.world, client.self.process, client.config.topic, false, client.context);
}

void told(const Client& client, std::uint32_t slot, ledger::Told what) {
  Call& call = client.call(slot);
  client.world.verdict.tell(call.intent, what);
  call.told = true;
  --client.self.open_sends;
}

/// None but one-way calls, believed sent and not yet written, outlive the telling.
bool has_open_call(const Client& client) {
  const auto& calls = client.self.memory.calls;
  return std::any_of(calls.begin(), calls.end(), [](const Call& call) { return call.open; });
}

}  // namespace

void begin_send(const Client& client, std::uint16_t thread) {
  const std::uint32_t slot = take_slot(client);
  Call& call = client.call(slot);
  const std::uint16_t generation = call.generation;
  call = Call{};
  call.open = true;
  call.generation = generation;
  call.thread = thread;
  call.intent = client.world.verdict.begin();
  call.begun = client.now();
  ++client.self.begun;
  ++client.self.open_sends;
  client.record(RecordKind::send_begun, call.intent, static_cast<std::int64_t>(client.index), thread);
  if (!asks_name_servers(client.world)) learn_route(client);
  if (lacks_route(client)) return ask_for_route(client, slot);
  send_by_route(client, slot);
}

void sends_go_on(const Client& client, bool has_route) {
  for (std::uint32_t slot = 0; slot < client.self.memory.calls.size(); ++slot) {
    Call& call = client.call(slot);
    if (!call.open || call.waits != Waits::route) continue;
    call.waits = Waits::nothing;
    has_route ? send_by_route(client, slot) : has_no_route(client, slot);
  }
}

std::int64_t find_waiting(const Client& client, std::uint32_t opaque) {
  const std::uint32_t slot = opaque & (slots_max - 1);
  const auto& calls = client.self.memory.calls;
  if (slot >= calls.size() || !calls[slot].open) return -1;
  const bool waits = calls[slot].waits != Waits::nothing && calls[slot].waits != Waits::connection;
  return waits && opaque_of(slot, calls[slot].generation) == opaque ? std::int64_t{slot} : -1;
}

std::vector<std::uint32_t> calls_waiting(const Client& client, std::uint16_t broker, Waits waits) {
  const auto& calls = client.self.memory.calls;
  std::vector<std::uint32_t> found;
  for (std::uint32_t slot = 0; slot < calls.size(); ++slot) {
    if (calls[slot].open && calls[slot].waits == waits && calls[slot].address == broker)
      found.push_back(slot);
  }
  std::sort(found.begin(), found.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (calls[a].try_begun != calls[b].try_begun) return calls[a].try_begun < calls[b].try_begun;
    return calls[a].intent < calls[b].intent;
  });
  return found;
}

void tell_result(const Client& client, std::uint32_t slot) {
  const Call& call = client.call(slot);
  if (call.result != Status::SEND_OK && !client.config.accepts_every_status) {
    return tell_failure(client, slot, SendError::not_stored_ok, call.result);
  }
  client.record(RecordKind::acknowledged, call.intent, static_cast<std::int64_t>(call.result),
                call.result_offset);
  const bool looks = client.config.on_result == OnResult::checked;
  told(client, slot, looks ? ledger::Told::acknowledged : ledger::Told::unchecked_ok);
}

void tell_failure(const Client& client, std::uint32_t slot, SendError error, Status status) {
  const IntentId intent = client.call(slot).intent;
  const auto reason = static_cast<std::int64_t>(error);
  if (client.config.on_result == OnResult::checked) {
    client.record(RecordKind::told_failed, intent, reason, static_cast<std::int64_t>(status));
    told(client, slot, ledger::Told::failed);
  } else {
    client.record(RecordKind::unobserved, intent, reason);
    told(client, slot, ledger::Told::unchecked);
  }
}

void tell_rolled_back(const Client& client, std::uint32_t slot) {
  told(client, slot, ledger::Told::rolled_back);
}

bool has_finished(const Client& client) {
  if (client.self.begun < client.config.messages || client.self.open_sends > 0) return false;
  return !has_open_call(client) && client.self.memory.ends.empty();
}

void free_call(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  call.open = false;
  call.waits = Waits::nothing;
  auto& memory = client.self.memory;
  memory.first_free = std::min(memory.first_free, slot);
  rest_heartbeats(client);
}

Duration wakeup_latency(const Client& client, std::uint64_t subject, std::uint64_t attempt) {
  const auto key = sim::DrawKey::of(Purpose::wakeup_latency, subject, attempt);
  const HostId host = client.config.host;
  return client.context.choices().duration(key, client.context.config().hosts[host.value].wakeup_latency);
}

void stop_waiting(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  auto& memory = client.self.memory;
  if (call.waits == Waits::answer && client.config.send == SendMode::async) --memory.in_flight;
  if (call.waits == Waits::permit) --memory.want_permit;
  if (call.overdue && --memory.overdue == 0) client.context.cancel(memory.scan_timer);
  client.context.cancel(call.timer);
  call.overdue = false;
  call.waking = false;
  call.orphaned = false;
  call.waits = Waits::nothing;
  call.generation = static_cast<std::uint16_t>((call.generation + 1U) & generation_mask);
}

}  // namespace brokersim::model::rocketmq
