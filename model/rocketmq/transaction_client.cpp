// TransactionMQProducer: what follows the send of a half message, and the handler of the brokers' checks.
//
// clang-format off
//   half sent, SEND_OK          executeLocalTransaction -> (commits) -> endTransaction -> the application is told
//   half sent, another status   endTransaction with ROLLBACK
//   the send throws             MQClientException, and nothing else happens
// clang-format on
//
// All of it runs on the sending thread (DefaultMQProducerImpl.sendMessageInTransaction). The commit of the
// local transaction and endTransaction are two events: what a crash between the two leaves is why brokers
// check.
#include <algorithm>

#include "model/network/fabric.hpp"
#include "model/rocketmq/client.hpp"
#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

namespace {

using ledger::Local;

std::uint32_t slot_of(std::uint32_t opaque) { return opaque & ((1U << slot_bits) - 1); }

/// The call that an event of its transaction is for; -1: an earlier user of the slot.
std::int64_t find_call(const Client& client, std::uint32_t opaque) {
  const std::uint32_t slot = slot_of(opaque);
  const auto& calls = client.self.memory.calls;
  const bool lives = slot < calls.size() && calls[slot].open && calls[slot].waits == Waits::transaction &&
                     opaque_of(slot, calls[slot].generation) == opaque;
  return lives ? std::int64_t{slot} : -1;
}

void schedule(const Client& client, std::uint32_t slot, Duration delay, ProducerOn on) {
  const Call& call = client.call(slot);
  Event event{};
  event.body = ProducerEvent{on, call.thread, call.broker, opaque_of(slot, call.generation)};
  host::schedule(client.world, client.self.process, delay, event, client.context);
}

// ---------------------------------------------------------------------------------- endTransaction

/// Draws about END_TRANSACTION: behind those about the tries, and behind each other.
constexpr std::uint64_t first_end_attempt = 1024;

void record_end(const Client& client, const PendingEnd& end, bool sent) {
  client.record(sent ? RecordKind::end_sent : RecordKind::end_unsent, end.intent,
                static_cast<std::int64_t>(client.index),
                static_cast<std::int64_t>(end.verdict) | (end.check > 0 ? std::int64_t{1} << 8 : 0));
}

Payload request_of(const Client& client, const PendingEnd& end) {
  Payload request;
  request.kind = PayloadKind::end_transaction;
  request.oneway = true;
  request.verdict = end.verdict;
  request.mark = end.check > 0 ? Mark::from_check : Mark::none;
  request.group = client.config.group.value;
  request.intent = end.intent;
  request.record = end.record;
  request.offset = end.offset;
  return request;
}

/// A one-way request is gone once it is written; a write that fails is logged and nothing else.
void write(const Client& client, const PendingEnd& end) {
  const bool sent =
      network::send(client.world, channel_to(client, end.broker).connection, true, request_of(client, end),
                    end.intent.value, first_end_attempt + end.check, client.context);
  record_end(client, end, sent);
}

/// endTransactionOneway with an address of null, because the set has no master in the route: the request goes
/// to a name server, which does not know it. The answer to a check goes to the address that has asked.
bool goes_nowhere(const Client& client, const PendingEnd& end) {
  if (end.check != 0 || !asks_name_servers(client.world)) return false;
  const Config& config = client.context.config();
  const std::size_t set = master_of(config, end.broker);
  if (config.brokers[set].elects_master())
    return master_known_to(client.world, config, client.self.process, set) < 0;
  return !knows_address(client.world, client.self.process, end.broker);
}

/// NettyRemotingClient.invokeOneway: one attempt, which opens a channel if there is none. In 5.3 a listener
/// of the connect writes later, or never, and says nothing; in 4.9 the caller waits for the connection. True
/// if the caller goes on at once.
bool end_transaction(const Client& client, PendingEnd end) {
  if (goes_nowhere(client, end)) return record_end(client, end, false), true;
  if (channel_to(client, end.broker).open) return write(client, end), true;
  const bool blocks = client.config.profile == Profile::v4_9;
  if (!blocks) end.caller = PendingEnd::nobody;
  client.self.memory.ends.push_back(end);
  if (!channel_to(client, end.broker).connecting) connect(client, end.broker);
  return !blocks;
}

TransactionVerdict verdict_of(const Client& client, const Call& call) {
  if (call.result != Status::SEND_OK) return TransactionVerdict::rollback;
  if (client.config.transaction->returns_unknown) return TransactionVerdict::unknown;
  const bool committed = client.world.verdict.local_of(call.intent) == Local::committed;
  return committed ? TransactionVerdict::commit : TransactionVerdict::rollback;
}

/// The application knows what its own transaction came to, whatever became of the verdict on its way. A local
/// transaction that never ran counts as one that rolled back: LocalTransactionState says ROLLBACK_MESSAGE.
void transaction_ended(const Client& client, std::uint32_t slot) {
  const Call& call = client.call(slot);
  const std::uint16_t thread = call.thread;
  const SimTime begun = call.begun;
  const bool committed = client.world.verdict.local_of(call.intent) == Local::committed;
  committed ? tell_result(client, slot) : tell_rolled_back(client, slot);
  free_call(client, slot);
  thread_returned(client, thread, begun);
}

/// findBrokerAddressInPublish, when the local transaction is over: whoever its route calls the master now,
/// not who has taken the half message. (None: goes_nowhere.)
std::uint16_t address_of(const Client& client, std::uint16_t set) {
  const Config& config = client.context.config();
  const std::int32_t master = master_known_to(client.world, config, client.self.process, set);
  return master < 0 ? set : static_cast<std::uint16_t>(master);
}

void end_call(const Client& client, std::uint32_t slot) {
  const Call& call = client.call(slot);
  PendingEnd end;
  end.caller = slot;
  end.intent = call.intent;
  end.broker = address_of(client, call.result_broker);
  end.verdict = verdict_of(client, call);
  end.record = call.result_record;
  end.offset = call.result_offset;
  if (end_transaction(client, end)) transaction_ended(client, slot);
}

// ---------------------------------------------------------------------------------- checks

/// checkLocalTransaction looks at the database.
TransactionVerdict look_up(const Client& client, IntentId intent) {
  switch (client.world.verdict.local_of(intent)) {
    case Local::committed: return TransactionVerdict::commit;
    case Local::rolled_back: return TransactionVerdict::rollback;
    case Local::running: return TransactionVerdict::unknown;
    case Local::absent: break;
  }
  return client.config.transaction->check_absent_is_rollback ? TransactionVerdict::rollback
                                                             : TransactionVerdict::unknown;
}

TransactionVerdict answer_to(const Client& client, const CheckRequest& check) {
  if (check.number < client.config.transaction->check_answers_from) return TransactionVerdict::unknown;
  switch (client.config.transaction->check_answer) {
    case CheckAnswer::local_state: break;
    case CheckAnswer::commit: return TransactionVerdict::commit;
    case CheckAnswer::rollback: return TransactionVerdict::rollback;
    case CheckAnswer::unknown: return TransactionVerdict::unknown;
  }
  return look_up(client, check.intent);
}

/// The pool's thread takes the first.
void start_check(const Client& client) {
  const CheckRequest& check = client.self.memory.checks.front();
  const auto key = sim::DrawKey::of(Purpose::check_time, check.intent.value, check.number);
  const Duration time = client.context.choices().duration(key, client.config.transaction->check_time);
  Event event{};
  event.body = ProducerEvent{ProducerOn::checked, 0, check.broker, 0};
  host::schedule(client.world, client.self.process, time, event, client.context);
}

void check_ended(const Client& client) {
  auto& checks = client.self.memory.checks;
  checks.erase(checks.begin());
  if (!checks.empty()) start_check(client);
}

/// One in work and checkRequestHoldMax behind it (TransactionMQProducer, ThreadPoolExecutor).
bool pool_takes_it(const Client& client) {
  if (!client.config.transaction) return false;
  const auto held = static_cast<std::int64_t>(client.self.memory.checks.size()) - 1;
  return held < client.config.transaction->checkRequestHoldMax;
}

/// The caller of 4.9 has waited for the connection.
void caller_goes_on(const Client& client, std::uint32_t caller) {
  if (caller == PendingEnd::check_pool) return check_ended(client);
  if (caller != PendingEnd::nobody) transaction_ended(client, caller);
}

}  // namespace

void half_sent(const Client& client, std::uint32_t slot) {
  Call& call = client.call(slot);
  call.waits = Waits::transaction;
  const auto producer = static_cast<std::int64_t>(client.index);
  if (call.result != Status::SEND_OK) {
    client.record(RecordKind::local_skipped, call.intent, producer, static_cast<std::int64_t>(call.result));
    return end_call(client, slot);
  }
  client.record(RecordKind::local_begun, call.intent, producer);
  client.world.verdict.set_local(call.intent, Local::running);
  const auto key = sim::DrawKey::of(Purpose::local_time, call.intent.value);
  const Duration time = client.context.choices().duration(key, client.config.transaction->local_time);
  schedule(client, slot, time, ProducerOn::local_done);
}

void half_failed(const Client& client, std::uint32_t slot, SendError error, Status status) {
  const std::uint16_t thread = client.call(slot).thread;
  const SimTime begun = client.call(slot).begun;
  tell_failure(client, slot, error, status);
  free_call(client, slot);
  thread_returned(client, thread, begun);
}

void on_local_done(const Client& client, std::uint32_t opaque) {
  const std::int64_t found = find_call(client, opaque);
  if (found < 0) return;
  const auto slot = static_cast<std::uint32_t>(found);
  const IntentId intent = client.call(slot).intent;
  const auto key = sim::DrawKey::of(Purpose::local_outcome, intent.value);
  const bool rolls_back = client.context.choices().chance(key, client.config.transaction->rollback_chance);
  client.world.verdict.set_local(intent, rolls_back ? Local::rolled_back : Local::committed);
  const LocalOutcome outcome = rolls_back ? LocalOutcome::rollback : LocalOutcome::commit;
  client.record(RecordKind::local_done, intent, static_cast<std::int64_t>(client.index),
                static_cast<std::int64_t>(outcome));
  schedule(client, slot, {}, ProducerOn::end_transaction);
}

void on_end_transaction(const Client& client, std::uint32_t opaque) {
  const std::int64_t found = find_call(client, opaque);
  if (found >= 0) end_call(client, static_cast<std::uint32_t>(found));
}

void ends_go_on(const Client& client, std::uint16_t broker, bool connected) {
  std::vector<PendingEnd> all;
  all.swap(client.self.memory.ends);
  std::vector<PendingEnd>& others = client.self.memory.ends;
  std::copy_if(all.begin(), all.end(), std::back_inserter(others),
               [&](const PendingEnd& end) { return end.broker != broker; });
  for (const PendingEnd& end : all) {
    if (end.broker != broker) continue;
    connected ? write(client, end) : record_end(client, end, false);
    caller_goes_on(client, end.caller);
  }
  if (!all.empty()) rest_heartbeats(client);
}

void on_check_request(const Client& client, std::uint16_t broker, const Payload& request) {
  // ClientRemotingProcessor: "pick producer by group failed".
  if (request.group != client.config.group.value) return;
  const auto producer = static_cast<std::int64_t>(client.index);
  // A plain DefaultMQProducer in the group has no pool at all: checkTransactionState fails on it.
  if (!pool_takes_it(client)) return client.record(RecordKind::check_dropped, request.intent, producer);
  const int number = client.world.verdict.count_check(request.intent);
  client.record(RecordKind::check_received, request.intent, producer, number);
  client.self.memory.checks.push_back(
      {request.intent, broker, static_cast<std::uint8_t>(number), request.record, request.offset});
  if (client.self.memory.checks.size() == 1) start_check(client);
}

void on_checked(const Client& client) {
  sim::check(!client.self.memory.checks.empty(), "a check has been answered that nobody asked");
  const CheckRequest& check = client.self.memory.checks.front();
  PendingEnd end;
  end.caller = PendingEnd::check_pool;
  end.intent = check.intent;
  end.broker = check.broker;
  end.verdict = answer_to(client, check);
  end.check = check.number;
  end.record = check.record;
  end.offset = check.offset;
  if (end_transaction(client, end)) check_ended(client);
}

void forget_transactions(const Client& client) {
  for (const PendingEnd& end : client.self.memory.ends) record_end(client, end, false);
  for (const Call& call : client.self.memory.calls) {
    if (!call.open || call.waits != Waits::transaction) continue;
    const bool running = client.world.verdict.local_of(call.intent) == Local::running;
    if (running) client.world.verdict.set_local(call.intent, Local::absent);  // the database rolls it back
  }
}

}  // namespace brokersim::model::rocketmq
