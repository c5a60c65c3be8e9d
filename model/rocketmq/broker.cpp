// A broker's events, timers and answers.
#include "model/rocketmq/broker_internal.hpp"

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
  due = std::max(due, site.now());
  if (timer.armed && timer.due == due) return;
  disarm(site, timer);
  timer.armed = true;
  timer.due = due;
  timer.timer = site.context.arm(due - site.now(), event_of(site, on, ++timer.ticket));
}

void disarm(Site& site, ServiceTimer& timer) {
  if (timer.armed) site.context.cancel(timer.timer);
  timer.armed = false;
}

bool fired(ServiceTimer& timer, const BrokerEvent& event) {
  if (!timer.armed || timer.ticket != event.slot) return false;
  timer.armed = false;
  return true;
}

void schedule(Site& site, Duration delay, BrokerOn on) { site.context.after(delay, event_of(site, on)); }

SimTime next_on_grid(SimTime grid, Duration period, SimTime now) {
  if (now < grid) return grid;
  return grid + period * ((now - grid) / period + 1);
}

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
  }
}

void broker_receive(World& world, std::size_t broker, ConnectionId connection, const Payload& payload,
                    Context& context) {
  Site site(world, broker, context);
  const std::uint16_t generation = world.network.connections[connection.value].generation;
  if (payload.kind == PayloadKind::send_request)
    return on_send_request(site, connection, generation, payload);
  sim::check(payload.kind == PayloadKind::pull_request, "a broker was sent something that is no request");
  on_pull_request(site, connection, generation, payload);
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

void answer_now(Site& site, const PendingAnswer& answer) {
  const Payload& response = answer.response;
  const bool sent =
      respond(site, answer.connection, answer.generation, response, response.intent.value, response.attempt);
  if (!sent || !is_stored(response.status)) return;
  site.record(RecordKind::answered, response.intent.value, static_cast<std::int64_t>(response.status),
              response.offset);
}

}  // namespace

void answer_later(Site& site, const PendingAnswer& answer) {
  const auto key =
      sim::DrawKey::of(Purpose::answer_time, answer.response.intent.value, answer.response.attempt);
  const Duration delay = site.context.choices().duration(key, site.config.answer_time);
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

bool broker_idle(const World& world, std::size_t broker) {
  const Broker& b = world.brokers[broker];
  const Broker::Memory& memory = b.memory;
  if (memory.flush_running || !memory.waiting_flush.empty() || !memory.waiting_lock.empty()) return false;
  return memory.dispatched == static_cast<std::int64_t>(b.cache.log.size());
}

}  // namespace brokersim::model::rocketmq
