#include "model/explorable.hpp"

#include <algorithm>

#include "model/rocketmq/topics.hpp"

namespace brokersim::model {

namespace {

void count_up(std::uint8_t& number) {
  if (number < 255) ++number;
}

void count_record(const rocketmq::LogRecord& record, const Config& config, IntentOutcome& intent) {
  using rocketmq::TopicKind;
  switch (rocketmq::kind_of(config, record.topic)) {
    case TopicKind::user: return count_up(intent.copies);
    case TopicKind::discarded: return count_up(intent.discarded);
    case TopicKind::dead_letter:
      return count_up(intent.dead_letters[rocketmq::group_of(config, record.topic).value]);
    case TopicKind::half:
    case TopicKind::op:
    case TopicKind::scheduled:
    case TopicKind::timer:
    case TopicKind::revive:
    case TopicKind::pop_retry:
    case TopicKind::retry: return;
  }
}

/// Bytes under way that are part of no message's story.
bool is_background(PayloadKind kind) {
  return !moves_a_message(kind) && kind != PayloadKind::send_response &&
         kind != PayloadKind::send_back_response;
}

/// Whether something may still become of it that the tables of the world do not show: a one-way commit on its
/// way (a late one makes a second copy), a listener that is about to answer a check.
bool is_pending(const Event& event) {
  if (const auto* bytes = std::get_if<network::Event>(&event.body))
    return bytes->on == network::On::arrived && !is_background(bytes->payload.kind);
  const auto* producer = std::get_if<rocketmq::ProducerEvent>(&event.body);
  if (producer == nullptr) return false;
  using rocketmq::ProducerOn;
  return producer->on == ProducerOn::local_done || producer->on == ProducerOn::checked ||
         producer->on == ProducerOn::end_transaction;
}

bool holds_pending(const World& world) {
  for (const network::Connection& connection : world.network.connections) {
    for (const network::Held& held : connection.held) {
      if (!is_background(held.payload.kind)) return true;
    }
  }
  return false;
}

/// `drained` counts the requests under way, and stale ones with them, which no canonical form knows of.
bool is_drained(const World& world, const Config& config) {
  if (world.network.requests == 0) return drained(world, config);
  World without_stale = world;
  without_stale.network.requests = 0;
  return drained(without_stale, config);
}

}  // namespace

ExplorableModel::Outcome ExplorableModel::outcome(const World& world, const Config& config) {
  Outcome intents(world.verdict.size());
  for (std::size_t i = 0; i < intents.size(); ++i) {
    const IntentId intent(static_cast<std::uint32_t>(i));
    intents[i].told = world.verdict.told_of(intent);
    intents[i].local = world.verdict.local_of(intent);
    intents[i].dead_letters.resize(config.groups.size());
    for (const auto& group : world.verdict.effects) intents[i].effects.push_back(group[i]);
  }
  for (const rocketmq::Broker& broker : world.brokers) {
    const auto& log = broker.cache.log;
    for (auto i = static_cast<std::size_t>(broker.cache.first.records); i < log.size(); ++i) {
      const rocketmq::LogRecord& record = log[i];
      if (record.intent != no_intent) count_record(record, config, intents[record.intent.value]);
    }
  }
  return intents;
}

bool ExplorableModel::is_over(const sim::State<Model>& state, const Config& config) {
  const World& world = state.world;
  if (!workload_done(world, config)) return false;
  for (const faults::FaultState& fault : world.faults.states) {
    if (fault.restores_due > 0) return false;
  }
  if (holds_pending(world) || !is_drained(world, config)) return false;
  bool over = true;
  state.agenda.for_each_live([&](SimTime, const Event& event) {
    over = over && (!is_pending(event) || model::is_stale(world, event));
  });
  return over;
}

Event strike_of(std::uint16_t fault) {
  Event strike{};
  strike.body = faults::Event{faults::On::strike, fault, 0};
  return strike;
}

std::vector<Event> ExplorableModel::faults(const World& world) {
  std::vector<Event> strikes;
  for (std::size_t i = 0; i < world.faults.states.size(); ++i) {
    if (world.faults.states[i].restores_due == 0) strikes.push_back(strike_of(static_cast<std::uint16_t>(i)));
  }
  return strikes;
}

FaultAction kill_of(ProcessId process) {
  FaultAction action;
  action.kind = FaultKind::kill;
  action.process = process;
  return action;
}

FaultAction power_loss_of(HostId host) {
  FaultAction action;
  action.kind = FaultKind::power_loss;
  action.host = host;
  return action;
}

FaultAction reset_of(ProcessId process) {
  FaultAction action;
  action.kind = FaultKind::reset;
  action.process = process;
  return action;
}

/// A fault process whose time is over before its first occurrence.
void offer(Config& config, const FaultAction& action, Duration restore_after) {
  FaultConfig fault;
  fault.trigger.kind = TriggerKind::process;
  fault.trigger.time = Distribution::constant(1_ns);
  fault.trigger.until = Duration{};
  fault.action = action;
  fault.restores = true;
  fault.restore_after = Distribution::constant(restore_after);
  config.faults.push_back(fault);
}

}  // namespace brokersim::model
