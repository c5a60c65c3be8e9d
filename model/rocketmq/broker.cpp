// A broker's events, timers and answers.
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replica_set.hpp"
#include "model/rocketmq/stand_in.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

Event event_of(const Site& site, BrokerOn on, std::uint32_t ticket = 0) {
  BrokerEvent body;
  body.on = on;
  body.slot = ticket;
  Event event{};
  event.body = body;
  return host::to_process(site.world, site.broker.process, event);
}

}  // namespace

void arm(Site& site, ServiceTimer& timer, SimTime due, BrokerOn on) {
  arm(site.context, timer, site.now(), due, [&](std::uint32_t ticket) { return event_of(site, on, ticket); });
}

void disarm(Site& site, ServiceTimer& timer) { disarm(site.context, timer); }

bool fired(ServiceTimer& timer, const BrokerEvent& event) { return fired(timer, event.slot); }

void schedule(Site& site, Duration delay, BrokerOn on) { site.context.after(delay, event_of(site, on)); }

std::int64_t LoopGrid::thorough_from(std::int64_t loop) const {
  const std::int64_t earliest = first_thorough();
  if (loop <= earliest) return earliest;
  return earliest + round_up(loop - earliest, stride()) * stride();
}

SimTime LoopGrid::last_after(std::int64_t loop) const {
  const std::int64_t earliest = first_thorough();
  if (loop < earliest) return last;
  return begin(earliest + (loop - earliest) / stride() * stride());
}

void broker_step(World& world, std::size_t broker, const BrokerEvent& event, Context& context) {
  Site site(world, broker, context);
  switch (event.on) {
    case BrokerOn::flush_tick: return async_tick(site, event);
    case BrokerOn::commit_tick: return commit_tick(site, event);
    case BrokerOn::group_commit_tick: return group_tick(site, event);
    case BrokerOn::flushed: return on_flushed(site);
    case BrokerOn::reput_tick: return reput_tick(site);
    case BrokerOn::answer: return answer_leaves(site, event.slot);
    case BrokerOn::flush_deadline: return flush_deadline(site, event);
    case BrokerOn::queue_scan: return queue_scan(site, event);
    case BrokerOn::stop_done: return stop_done(site);
    case BrokerOn::op_batch: return op_batch_wakes(site, event);
    case BrokerOn::check_pass: return check_pass(site, event);
    case BrokerOn::offsets_persist: return offsets_persist(site, event);
    case BrokerOn::delay_persist: return delay_persist(site, event);
    case BrokerOn::delay_deliver: return delay_deliver(site, event);
    case BrokerOn::timer_enqueue: return timer_enqueue(site, event);
    case BrokerOn::timer_dequeue: return timer_dequeue(site, event);
    case BrokerOn::timer_flush: return timer_flush(site, event);
    case BrokerOn::pop_poll: return pop_poll(site, event);
    case BrokerOn::pop_buffer: return pop_buffer(site, event);
    case BrokerOn::pop_revive: return pop_revive(site, event);
    case BrokerOn::client_scan: return client_scan(site, event);
    case BrokerOn::pull_hold: return pull_hold(site, event);
    case BrokerOn::ha_transfer: return ha_transfer(site, event);
    case BrokerOn::ha_watch: return ha_watch(site, event);
    case BrokerOn::ha_client: return ha_client_tick(site, event);
    case BrokerOn::replica_deadline: return replica_deadline(site, event);
    case BrokerOn::slave_sync: return slave_sync_tick(site, event);
    case BrokerOn::clean_files: return clean_files(site, event);
    case BrokerOn::pre_online: return pre_online_tick(site, event);
    case BrokerOn::escape_timeout: return escape_timeout(site, event);
  }
}

void broker_receive(World& world, std::size_t broker, ConnectionId connection, const Payload& payload,
                    Context& context) {
  Site site(world, broker, context);
  const std::uint16_t generation = world.network.connections[connection.value].generation;
  switch (payload.kind) {
    case PayloadKind::send_request: return on_send_request(site, connection, generation, payload);
    case PayloadKind::pull_request: return on_pull_request(site, connection, generation, payload);
    case PayloadKind::end_transaction: return on_end_transaction(site, payload);
    case PayloadKind::heartbeat: return on_heartbeat(site, connection, generation, payload);
    case PayloadKind::unregister_client: return on_unregister(site, connection);
    case PayloadKind::send_back: return on_send_back(site, connection, generation, payload);
    case PayloadKind::update_consumer_offset: return on_update_offset(site, connection, payload);
    case PayloadKind::query_consumer_offset: return on_query_offset(site, connection, generation, payload);
    case PayloadKind::get_max_offset: return on_max_offset(site, connection, generation, payload);
    case PayloadKind::get_consumer_list: return on_consumer_list(site, connection, generation, payload);
    case PayloadKind::ha_connect: return on_ha_connect(site, connection, generation);
    case PayloadKind::ha_report: return on_ha_report(site, connection, generation, payload);
    case PayloadKind::ha_piece: return on_ha_piece(site, connection, payload);
    case PayloadKind::ha_header: return on_ha_header(site, connection);
    case PayloadKind::ha_handshake: return on_ha_handshake(site, connection, payload);
    case PayloadKind::sync_request: return on_sync_request(site, connection, generation, payload);
    case PayloadKind::sync_response: return on_sync_response(site, payload);
    case PayloadKind::ha_info: return on_ha_info(site, connection, generation, payload);
    case PayloadKind::escape: return on_escape(site, connection, generation, payload);
    case PayloadKind::escape_over: return on_escape_over(site, payload);
    case PayloadKind::lock_batch: return on_lock_batch(site, connection, generation, payload);
    case PayloadKind::unlock_batch: return on_unlock_batch(site, connection, payload);
    case PayloadKind::pop_message: return on_pop(site, connection, generation, payload);
    case PayloadKind::ack_message:
    case PayloadKind::change_invisible_time: return on_pop_settlement(site, connection, generation, payload);
    case PayloadKind::dledger_heartbeat: return on_heartbeat_of_leader(site, connection, generation, payload);
    case PayloadKind::dledger_vote: return on_vote(site, connection, generation, payload);
    case PayloadKind::dledger_push: return on_push(site, connection, generation, payload);
    case PayloadKind::dledger_heartbeat_response:
    case PayloadKind::dledger_vote_response: return on_round_response(site, connection, payload);
    case PayloadKind::dledger_push_response: return on_push_response(site, connection, payload);
    case PayloadKind::none:
    case PayloadKind::send_response:
    case PayloadKind::pull_response:
    case PayloadKind::check_transaction_state:
    case PayloadKind::heartbeat_response:
    case PayloadKind::send_back_response:
    case PayloadKind::consumer_offset:
    case PayloadKind::max_offset:
    case PayloadKind::consumer_list:
    case PayloadKind::notify_consumer_ids_changed:
    case PayloadKind::register_broker:
    case PayloadKind::register_response:
    case PayloadKind::get_route:
    case PayloadKind::route:
    case PayloadKind::lock_batch_response:
    case PayloadKind::pop_response:
    case PayloadKind::pop_settled:
    case PayloadKind::controller_heartbeat:
    case PayloadKind::controller_register:
    case PayloadKind::controller_elect:
    case PayloadKind::controller_get_replica_info:
    case PayloadKind::controller_alter:
    case PayloadKind::controller_response:
    case PayloadKind::role_changed:
    case PayloadKind::broker_alive:
    case PayloadKind::member_group:
    case PayloadKind::count: break;
  }
  sim::check(false, "a broker was sent something that is no request");
}

bool respond(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& response,
             std::uint64_t subject, std::uint64_t attempt) {
  const bool same = site.world.network.connections[connection.value].generation == generation;
  if (same && network::send(site.world, connection, false, response, subject, attempt, site.context))
    return true;
  site.record(RecordKind::response_dropped, response.intent.value,
              static_cast<std::int64_t>(response.status));
  return false;
}

namespace {

/// What distinguishes a request that an opaque tells apart from all others of its connection.
std::uint64_t subject_of(const Site& site, ConnectionId connection, const Payload& response) {
  const std::uint64_t key = site.world.network.connections[connection.value].key;
  return sim::subject(key, static_cast<std::uint64_t>(response.kind));
}

/// A producer's tries are known by intent and attempt. A consumer's sends to its retry topic are not.
bool is_for_producer(const Site& site, const Payload& response) {
  return response.kind == PayloadKind::send_response && is_user_topic(site.all(), response.topic);
}

}  // namespace

bool reply(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& response) {
  const std::uint64_t subject = subject_of(site, connection, response);
  return respond(site, connection, generation, response, subject, response.opaque);
}

namespace {

sim::DrawKey answer_key(const Site& site, const PendingAnswer& answer) {
  const Payload& response = answer.response;
  if (is_for_producer(site, response))
    return sim::DrawKey::of(Purpose::answer_time, response.intent.value, response.attempt);
  const std::uint64_t subject = subject_of(site, answer.connection, response);
  return sim::DrawKey::of(Purpose::answer_time, subject, response.opaque);
}

void answer_now(Site& site, const PendingAnswer& answer) {
  const Payload& response = answer.response;
  if (!is_for_producer(site, response)) {
    reply(site, answer.connection, answer.generation, response);
    return;
  }
  const bool sent =
      respond(site, answer.connection, answer.generation, response, response.intent.value, response.attempt);
  if (!sent || !is_stored(response.status)) return;
  site.record(RecordKind::answered, response.intent.value, static_cast<std::int64_t>(response.status),
              response.offset);
}

}  // namespace

void answer_later(Site& site, const PendingAnswer& answer) {
  const Duration delay = site.context.choices().duration(answer_key(site, answer), site.config.answer_time);
  if (delay == Duration{}) return answer_now(site, answer);
  std::vector<PendingAnswer>& answers = site.memory.answers;
  const auto free =
      std::find_if(answers.begin(), answers.end(), [](const PendingAnswer& a) { return !a.used; });
  const auto slot = static_cast<std::uint32_t>(free - answers.begin());
  if (free == answers.end()) answers.emplace_back();
  answers[slot] = answer;
  answers[slot].used = true;
  site.context.after(delay, event_of(site, BrokerOn::answer, slot));
}

void answer_leaves(Site& site, std::uint32_t slot) {
  site.memory.answers[slot].used = false;
  answer_now(site, PendingAnswer(site.memory.answers[slot]));
}

namespace {

/// A DLedger leader that has been deposed leaves the puts that wait to whoever it will be in its next term.
bool answers_puts(const Broker::Memory& memory, const BrokerConfig& broker) {
  return !broker.in_group() || memory.dledger.role == MemberRole::leader;
}

}  // namespace

bool broker_idle(const World& world, const Config& config, std::size_t broker) {
  const Broker& b = world.brokers[broker];
  const Broker::Memory& memory = b.memory;
  if (memory.flush_running || !memory.waiting_flush.empty() || !memory.waiting_lock.empty()) return false;
  if (!memory.waiting_replicas.empty() && answers_puts(memory, config.brokers[broker])) return false;
  if (!memory.ends_blocked.empty() || !memory.ends_queued.empty()) return false;
  if (config.brokers[broker].in_group() && !group_idle(world, config, master_of(config, broker)))
    return false;
  const bool all_dispatched = memory.dispatched == static_cast<std::int64_t>(b.cache.log.size());
  if (!all_dispatched && !config.brokers[broker].in_group()) return false;
  if (!replicas_idle(world, config, broker) || !stand_in_idle(world, config, broker)) return false;
  return transactions_idle(b, config) && delays_idle(b, config) && timer_idle(b, config) &&
         pops_idle(b, config);
}

}  // namespace brokersim::model::rocketmq
