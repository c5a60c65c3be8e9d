// Who sends when: the application's threads, their pacing and the arrivals. A slot is one place in a
// schedule, of a thread or (Pacing::shared) of the whole instance.
#include <algorithm>

#include "model/rocketmq/client.hpp"
#include "sim/check.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// What a saturated thread needs at the least between two sends that take no time in the model, so that it
/// cannot loop at one instant: building an asynchronous or one-way request, or handling an exception that
/// was thrown without going to the network.
constexpr Duration request_cost = 20_us;
constexpr Duration instant_failure_cost = 1_ms;

/// Threads that start together do so one after another: Thread.start() and the first run of each. (Measured
/// with 16 threads: their time-outs of 3 s end between 2.99 and 3.02 s, so their sends lie within some 15
/// ms.)
const Distribution& thread_start() {
  static const Distribution time = Distribution::uniform(20_us, 1_ms);
  return time;
}

bool saturated(const ProducerConfig& config) { return config.arrivals == Arrivals::saturated; }
bool shares(const ProducerConfig& config) { return config.pacing == Pacing::shared && !saturated(config); }

std::int64_t schedules(const ProducerConfig& config) { return shares(config) ? 1 : config.threads; }

/// Between two slots of one schedule. One IEEE division, the same bits everywhere.
Duration period(const ProducerConfig& config) {
  return {static_cast<std::int64_t>(1e9 * static_cast<double>(schedules(config)) / config.rate + 0.5)};
}

/// One distribution for all rates, because making one is dear; the scaling is in integers.
Duration exponential(const Client& client, sim::DrawKey key, Duration mean) {
  static const Distribution unit = Distribution::exponential(1_s);
  const auto drawn = static_cast<sim::Wide>(client.context.choices().duration(key, unit).ns);
  return {static_cast<std::int64_t>(drawn * static_cast<sim::Wide>(mean.ns) / 1'000'000'000U)};
}

/// The messages of a burst go round the schedules: slot s of schedule i is message s * n + i.
Duration burst_time(const ProducerConfig& config, std::int64_t schedule, std::int64_t slot) {
  sim::check(config.burst_size > 0, "bursts without a size");
  return config.burst_every * ((slot * schedules(config) + schedule) / config.burst_size);
}

/// Threads that do not start together are spread evenly, so that together they keep the rate.
Duration phase(const ProducerConfig& config, std::int64_t schedule) {
  if (config.threads_start_together || shares(config)) return {};
  return {period(config).ns * schedule / config.threads};
}

/// From slot - 1 (or the start) to the slot.
Duration gap(const Client& client, std::int64_t schedule, std::int64_t slot) {
  const ProducerConfig& config = client.config;
  switch (config.arrivals) {
    case Arrivals::constant: return slot == 0 ? phase(config, schedule) : period(config);
    case Arrivals::poisson: {
      const auto owner = sim::subject(client.index, static_cast<std::uint64_t>(schedule));
      const auto key = sim::DrawKey::of(Purpose::arrival_gap, owner, static_cast<std::uint64_t>(slot));
      return exponential(client, key, period(config));
    }
    case Arrivals::bursts: {
      const Duration at = burst_time(config, schedule, slot);
      return slot == 0 ? at : at - burst_time(config, schedule, slot - 1);
    }
    case Arrivals::saturated: return {};
  }
  return {};
}

/// After the thread before it.
Duration start_lag(const Client& client, std::uint16_t thread) {
  if (thread == 0 || !client.config.threads_start_together) return {};
  const auto key = sim::DrawKey::of(Purpose::thread_phase, sim::subject(client.index, thread));
  return client.context.choices().duration(key, thread_start());
}

bool claim(const Client& client) {
  auto& memory = client.self.memory;
  if (client.self.begun + memory.claimed >= client.config.messages) return false;
  ++memory.claimed;
  return true;
}

void schedule_send(const Client& client, std::uint16_t thread, Duration delay) {
  Event event{};
  event.body = ProducerEvent{ProducerOn::send, thread, 0, 0};
  host::schedule(client.world, client.self.process, delay, event, client.context);
}

/// A thread that is late already goes on at once; one that sleeps is woken.
void schedule_thread(const Client& client, std::uint16_t number) {
  const Thread& thread = client.thread(number);
  if (!claim(client)) return;
  if (thread.next_due <= client.now()) return schedule_send(client, number, {});
  const Duration late =
      wakeup_latency(client, sim::subject(client.index, number), static_cast<std::uint64_t>(thread.slots));
  schedule_send(client, number, thread.next_due - client.now() + late);
}

void schedule_arrival(const Client& client) {
  const Duration wait = gap(client, 0, client.self.memory.arrivals);
  if (claim(client)) schedule_send(client, arrival, wait);
}

void next_slot(const Client& client, std::uint16_t number) {
  Thread& thread = client.thread(number);
  ++thread.slots;
  thread.next_due += gap(client, number, thread.slots);
}

void take_up(const Client& client, std::uint16_t number) {
  --client.self.memory.claimed;
  const Pacing pacing = client.config.pacing;
  if (pacing == Pacing::per_thread_catch_up || pacing == Pacing::per_thread_skip) next_slot(client, number);
  begin_send(client, number);
}

/// The lowest free thread, or `arrival`: none.
std::uint16_t free_thread(const Client& client) {
  const auto& threads = client.self.memory.threads;
  for (std::size_t t = 0; t < threads.size(); ++t) {
    if (!threads[t].busy) return static_cast<std::uint16_t>(t);
  }
  return arrival;
}

void on_arrival(const Client& client) {
  ++client.self.memory.arrivals;
  schedule_arrival(client);
  const std::uint16_t thread = free_thread(client);
  if (thread == arrival) {
    ++client.self.memory.waiting;
  } else {
    take_up(client, thread);
  }
}

/// A waiting arrival is the freed thread's; it begins in an event of its own.
void serve_waiting(const Client& client, std::uint16_t number) {
  if (client.self.memory.waiting == 0) return;
  --client.self.memory.waiting;
  client.thread(number).busy = true;
  schedule_send(client, number, {});
}

Duration think_time(const Client& client, SimTime since) {
  if (client.now() != since) return {};
  return client.config.send == SendMode::sync ? instant_failure_cost : request_cost;
}

}  // namespace

void start_schedule(const Client& client) {
  auto& memory = client.self.memory;
  if (shares(client.config)) return schedule_arrival(client);
  SimTime started = client.now();
  for (std::uint16_t number = 0; number < memory.threads.size(); ++number) {
    started += start_lag(client, number);
    memory.threads[number].next_due = started + gap(client, number, 0);
    schedule_thread(client, number);
  }
}

void on_due(const Client& client, std::uint16_t thread) {
  if (thread == arrival) return on_arrival(client);
  client.thread(thread).busy = false;
  take_up(client, thread);
}

void thread_returned(const Client& client, std::uint16_t number, SimTime since) {
  Thread& thread = client.thread(number);
  thread.busy = false;
  if (saturated(client.config)) {
    thread.next_due = client.now() + think_time(client, since);
    return schedule_thread(client, number);
  }
  switch (client.config.pacing) {
    case Pacing::shared: return serve_waiting(client, number);
    case Pacing::per_thread_catch_up: break;
    case Pacing::per_thread_skip:
      while (thread.next_due < client.now()) next_slot(client, number);
      break;
    case Pacing::per_thread_sleep:
      ++thread.slots;
      thread.next_due = client.now() + gap(client, number, thread.slots);
      break;
  }
  schedule_thread(client, number);
}

}  // namespace brokersim::model::rocketmq
