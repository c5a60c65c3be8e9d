// A bench for the broker's side of consuming: one group "billing" with two members, and a producer, each on
// its own connection; all of them begin to live with the broker at 0, so that all grids begin there.
#pragma once

#include "tests/model/broker_bench.hpp"

namespace brokersim::model::rocketmq {

class ConsumingBench : public BrokerBench {
 public:
  static constexpr std::uint16_t first_member = 0, second_member = 1, producer = 2;  ///< connections

  /// Topics "orders" and "refunds" with one queue each; both members subscribe to orders.
  static Config billing(Profile profile = Profile::v5_3) {
    Config config = plain();
    config.brokers[0].profile = profile;
    config.topics = {{.name = "orders", .queues = 1}, {.name = "refunds", .queues = 1}};
    config.groups = {"billing"};
    config.producer_groups = {"shops"};
    config.push_consumers.resize(2);
    for (PushConsumerConfig& member : config.push_consumers) member.topics = {TopicId(0)};
    config.producers.resize(1);
    take_no_own_time(config);
    return config;
  }

  explicit ConsumingBench(Config c = billing(), std::uint64_t seed = 1) : BrokerBench(std::move(c), seed) {
    World& w = world();
    w.processes.resize(4);
    const host::Role roles[] = {host::Role::push_consumer, host::Role::push_consumer, host::Role::producer};
    for (std::uint16_t i = 0; i < 3; ++i) {
      w.processes[i + 1U].life = host::Life::running;
      w.processes[i + 1U].role = roles[i];
      w.processes[i + 1U].index = roles[i] == host::Role::producer ? 0 : i;
      connect(i);
    }
    restart();
  }

  /// A client's connection, numbered like the client; anew if it was closed.
  void connect(std::uint16_t number) {
    auto& all = world().network.connections;
    if (number >= all.size()) all.resize(number + 1U);
    network::Connection& c = all[number];
    const auto generation = static_cast<std::uint16_t>(c.generation + 1);
    c = {};
    c.generation = generation;
    c.client = ProcessId(static_cast<std::uint16_t>(number + 1));
    c.key = 100U * generation + number;
    c.client_end = c.server_end = network::End::open;
  }
  void close(std::uint16_t number) {
    auto context = at_now();
    network::Connection& c = world().network.connections[number];
    c.client_end = c.server_end = network::End::closed;
    broker_connection_lost(world(), 0, ConnectionId(number), context);
  }

  void ask(std::uint16_t from, Payload request) {
    auto context = at_now();
    request.opaque = request.opaque == 0 ? ++opaques : request.opaque;
    broker_receive(world(), 0, ConnectionId(from), request, context);
  }
  void ask(std::uint16_t from, PayloadKind kind, TopicId topic = TopicId(0)) {
    Payload request;
    request.kind = kind;
    request.topic = topic;
    ask(from, request);
  }
  void heartbeat(std::uint16_t from) { ask(from, PayloadKind::heartbeat); }
  /// A member's pull; `commits`: the offset to commit with it, -1: none.
  void pull_from(std::int64_t offset, std::int64_t commits = -1, TopicId topic = TopicId(0)) {
    Payload request;
    request.kind = PayloadKind::pull_request;
    request.topic = topic;
    request.offset = offset;
    request.size = 32;
    if (commits >= 0) request.mark = Mark::commits, request.sequence = static_cast<std::uint32_t>(commits);
    ask(first_member, request);
  }
  void commit(std::int64_t offset, TopicId topic = TopicId(0)) {
    Payload request;
    request.kind = PayloadKind::update_consumer_offset;
    request.topic = topic;
    request.offset = offset;
    ask(first_member, request);
  }
  void send_order() {
    Payload request;
    request.kind = PayloadKind::send_request;
    request.size = 256;
    request.intent = IntentId(intents++);
    ask(producer, request);
  }
  /// CONSUMER_SEND_MSG_BACK of the record with this number.
  void send_back(std::uint32_t record, int level = 0) {
    Payload request;
    request.kind = PayloadKind::send_back;
    request.record = record;
    request.intent = broker().cache.log[record].intent;
    request.attempt = static_cast<std::uint8_t>(level);
    request.sequence = asked_max;
    ask(first_member, request);
  }

  std::int64_t committed() {
    auto context = at_now();
    return committed_offset(Site(world(), 0, context), GroupId(0), TopicId(0), 0);
  }
  /// Everything of a kind that was answered so far.
  std::vector<Answer> answered(PayloadKind kind) {
    run({});
    std::vector<Answer> found;
    for (const Answer& a : answers) {
      if (a.payload.kind == kind) found.push_back(a);
    }
    return found;
  }
  Duration elapsed(SimTime time) const { return time - SimTime{}; }
  void until(Duration time) { run_through(SimTime{} + time); }

  std::uint32_t opaques = 0;
  std::uint32_t asked_max = 16;  ///< maxReconsumeTimes of the members
};

}  // namespace brokersim::model::rocketmq
