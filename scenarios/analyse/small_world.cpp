#include "scenarios/analyse/small_world.hpp"

#include <algorithm>
#include <optional>

#include "model/explorable.hpp"
#include "model/record.hpp"
#include "sim/types.hpp"

namespace brokersim::scenarios {

namespace {

using model::Config;
using model::Distribution;
using model::FaultAction;
using model::FaultKind;

constexpr std::int64_t messages_max = 64;

/// Replaces what is drawn, and counts how much that was.
class Settler {
 public:
  void operator()(Distribution& distribution) {
    if (distribution.is_constant()) return;
    distribution = Distribution::constant(distribution.quantile(0.5));
    ++replaced;
  }
  int replaced = 0;
};

void settle_environment(Config& config, Settler& settle) {
  for (model::HostConfig& host : config.hosts)
    settle(host.sync_time), settle(host.page_writeback), settle(host.wakeup_latency);
  settle(config.network.delay), settle(config.network.loopback);
  for (model::LinkConfig& link : config.network.links) settle(link.delay);
  for (model::BrokerConfig& broker : config.brokers) {
    settle(broker.restart_time), settle(broker.answer_time), settle(broker.check_effect_time);
  }
}

void settle_producer(model::ProducerConfig& producer, Settler& settle) {
  settle(producer.restart_time), settle(producer.connect_time);
  if (producer.delay) settle(*producer.delay);
  if (producer.transaction)
    settle(producer.transaction->local_time), settle(producer.transaction->check_time);
  if (producer.arrivals == model::Arrivals::poisson)
    producer.arrivals = model::Arrivals::constant, ++settle.replaced;
  if (producer.body_size_min == producer.body_size_max) return;
  producer.body_size_min += (producer.body_size_max - producer.body_size_min) / 2;
  producer.body_size_max = producer.body_size_min;
  ++settle.replaced;
}

void settle_clients(Config& config, Settler& settle) {
  for (model::ProducerConfig& producer : config.producers) settle_producer(producer, settle);
  for (model::ConsumerConfig& reader : config.consumers)
    settle(reader.work_time), settle(reader.restart_time);
  for (model::PushConsumerConfig& consumer : config.push_consumers)
    settle(consumer.work.time), settle(consumer.restart_time);
}

void require_small(const Config& config) {
  std::int64_t messages = 0;
  for (const model::ProducerConfig& producer : config.producers) messages += producer.messages;
  if (messages > messages_max)
    throw NotExplorable("this file sends " + std::to_string(messages) +
                        " messages, and an exploration takes " + std::to_string(messages_max) +
                        " at the most (one or two tell most); try --set producers.0.messages=1");
}

model::ProcessId process_id(std::size_t number) {
  return model::ProcessId(static_cast<std::uint16_t>(number));
}
model::HostId host_id(std::size_t number) { return model::HostId(static_cast<std::uint16_t>(number)); }

FaultAction pause_of(model::ProcessId process) {
  FaultAction action = model::kill_of(process);
  action.kind = FaultKind::pause;
  return action;
}

std::vector<FaultAction> every_fault(const Config& config) {
  std::vector<FaultAction> crashes;
  for (std::size_t i = 0; i < model::process_count(config); ++i)
    crashes.push_back(model::kill_of(process_id(i)));
  for (std::size_t i = 0; i < model::process_count(config); ++i) crashes.push_back(pause_of(process_id(i)));
  for (std::size_t i = 0; i < config.hosts.size(); ++i) {
    bool has_broker = false;
    for (const model::BrokerConfig& broker : config.brokers)
      has_broker = has_broker || broker.host == host_id(i);
    if (has_broker) crashes.push_back(model::power_loss_of(host_id(i)));
  }
  return crashes;
}

std::optional<FaultKind> kind_named(const std::string& word) {
  for (const FaultKind kind :
       {FaultKind::kill, FaultKind::stop, FaultKind::pause, FaultKind::reset, FaultKind::power_loss}) {
    if (model::to_string(kind) == word) return kind;
  }
  return std::nullopt;
}

FaultAction action_on_host(const Config& config, const std::string& name) {
  for (std::size_t i = 0; i < config.hosts.size(); ++i) {
    if (config.hosts[i].name == name) return model::power_loss_of(host_id(i));
  }
  throw NotExplorable("--fault power_loss:" + name + ": the scenario has no host of this name");
}

FaultAction action_on_process(const Config& config, FaultKind kind, const std::string& name) {
  for (std::size_t i = 0; i < model::process_count(config); ++i) {
    if (process_name(config, process_id(i)) != name) continue;
    FaultAction action = model::kill_of(process_id(i));
    action.kind = kind;
    return action;
  }
  throw NotExplorable("--fault " + std::string(model::to_string(kind)) + ":" + name +
                      ": the scenario has no process of this name");
}

FaultAction parse(const Config& config, const std::string& text) {
  const auto colon = text.find(':');
  const auto kind = kind_named(text.substr(0, colon));
  if (colon == std::string::npos || !kind)
    throw NotExplorable("--fault " + text +
                        ": want kill:NAME, stop:NAME, pause:NAME, reset:NAME or power_loss:HOST");
  const std::string name = text.substr(colon + 1);
  return *kind == FaultKind::power_loss ? action_on_host(config, name)
                                        : action_on_process(config, *kind, name);
}

// ------------------------------------------------------------------------------ how long

using model::Duration;
using namespace sim::literals;

constexpr Duration noticed_after = 1_s;  ///< what watches processes and hosts starts them again
constexpr Duration slack = 1_s;          ///< a check pass that finds nothing sleeps for so long

/// A half message is checked by then (TransactionalMessageServiceImpl.check): the first pass behind its
/// time-out begins an interval later at the latest.
Duration checked_by(const Config& config, const model::TransactionConfig& transaction) {
  Duration latest{};
  for (const model::BrokerConfig& broker : config.brokers) {
    const Duration immune = std::max(broker.settings.transactionTimeOut,
                                     Duration{1'000'000'000} * transaction.check_immunity_seconds);
    latest = std::max(latest, immune + broker.settings.transactionCheckInterval);
  }
  return latest;
}

bool has_peer(const Config& config, const model::PushConsumerConfig& one) {
  const auto& all = config.push_consumers;
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& other) { return &other != &one && other.group == one.group; });
}

/// ConsumerManager: CHANNEL_EXPIRED_TIMEOUT, found by a scan (ClientHousekeepingService). Send-backs wait 5
/// s.
Duration missed_by(const Config& config, const model::PushConsumerConfig& consumer) {
  return has_peer(config, consumer) ? Duration(120_s + 10_s) : Duration(5_s);
}

/// A reset is over at once; everything else stays until somebody undoes it.
void offer_here(Config& config, const FaultAction& action, std::optional<Duration> restore_after) {
  const Duration usual = action.kind == FaultKind::pause ? longest_wait(config) : noticed_after;
  model::offer(config, action, restore_after.value_or(usual));
  if (action.kind == FaultKind::reset) config.faults.back().restores = false;
}

}  // namespace

std::string process_name(const Config& config, model::ProcessId process) {
  std::size_t number = process.value;
  const auto within = [&](const auto& list) {
    return number < list.size() || (number -= list.size(), false);
  };
  if (within(config.brokers)) return config.brokers[number].name;
  if (within(config.producers)) return config.producers[number].name;
  if (within(config.consumers)) return config.consumers[number].name;
  if (within(config.push_consumers)) return config.push_consumers[number].name;
  if (within(config.name_servers)) return config.name_servers[number].name;
  return config.controllers.at(number).name;
}

std::string fault_text(const Config& config, const FaultAction& action) {
  if (action.kind == FaultKind::power_loss) return "power loss of " + config.hosts[action.host.value].name;
  return std::string(model::to_string(action.kind)) + " " + process_name(config, action.process);
}

model::Duration longest_wait(const Config& config) {
  Duration longest{};
  for (const model::ProducerConfig& producer : config.producers) {
    longest = std::max(longest, producer.settings.sendMsgTimeout);
    if (producer.transaction) longest = std::max(longest, checked_by(config, *producer.transaction));
  }
  for (const model::PushConsumerConfig& consumer : config.push_consumers)
    longest = std::max(longest, missed_by(config, consumer));
  return longest + slack;
}

SmallWorld small_world(const Config& config, const std::vector<std::string>& faults,
                       std::optional<Duration> restore_after) {
  require_small(config);
  SmallWorld world{config, {}};
  Settler settle;
  settle_environment(world.config, settle);
  settle_clients(world.config, settle);
  if (settle.replaced > 0)
    world.notes.push_back("everything drawn from a distribution has its median instead (" +
                          std::to_string(settle.replaced) + " replaced)");
  if (!config.faults.empty())
    world.notes.push_back("the faults of the file (" + std::to_string(config.faults.size()) +
                          ") are left out: the exploration strikes its own");
  world.config.faults.clear();
  std::vector<FaultAction> actions;
  for (const std::string& fault : faults) actions.push_back(parse(config, fault));
  for (const FaultAction& action : actions.empty() ? every_fault(config) : actions)
    offer_here(world.config, action, restore_after);
  return world;
}

}  // namespace brokersim::scenarios
