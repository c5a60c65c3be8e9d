// Producers and consumers.
#include <algorithm>

#include "scenarios/read/quantities.hpp"
#include "scenarios/read/sections.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::Arrivals;
using model::OnResult;
using model::ProducerConfig;
using model::QueueChoice;
using model::SendMode;

constexpr std::int64_t default_messages = 1000;
constexpr std::int64_t threads_max = 10'000;
constexpr std::int64_t burst_max = 1'000'000;
/// Where clients run unless they say otherwise.
constexpr const char* client_host = "clients";

void refuse_part(Fields& fields, std::string_view key, std::string_view send) {
  if (fields.has(key))
    fields.problems().error(
        fields.pointer_to(key), "belongs to a producer with \"send\": " + quoted(send),
        send == "async" ? "a synchronous send has \"exceptions\"" : "an asynchronous send has \"callback\"");
}

/// What the application does with the result: `callback` of an asynchronous send, `exceptions` of a
/// synchronous one.
void read_on_result(Fields& fields, ProducerConfig& producer) {
  if (producer.send == SendMode::oneway) producer.on_result = OnResult::unchecked;
  if (producer.send == SendMode::async)
    fields.choice("callback", producer.on_result, callback_words);
  else
    refuse_part(fields, "callback", "async");
  if (producer.send == SendMode::sync)
    fields.choice("exceptions", producer.on_result, exception_words);
  else
    refuse_part(fields, "exceptions", "sync");
}

void read_burst(const Place& place, ProducerConfig& producer, Problems& problems) {
  Fields fields(place, problems);
  producer.arrivals = Arrivals::bursts;
  producer.burst_size = 1;
  producer.burst_every = {1'000'000'000};
  if (fields.required("burst", "a rate as an object").value != nullptr)
    fields.whole("burst", producer.burst_size, 1, burst_max);
  if (fields.required("every", "a rate as an object").value != nullptr)
    fields.duration("every", producer.burst_every, {1'000});
  fields.finish("a rate");
}

void read_arrivals(Fields& fields, ProducerConfig& producer, Problems& problems) {
  const Place place = fields.place("rate");
  if (place.value == nullptr) return;
  if (place.value->is(Value::Kind::object)) return read_burst(place, producer, problems);
  if (!place.value->is(Value::Kind::text))
    return report_kind(place, "a rate", problems, "with its unit, like \"1500/s\"");
  if (place.value->text == "saturated") {
    producer.arrivals = Arrivals::saturated;
    return;
  }
  const auto rate = parse_rate(place.value->text);
  if (!rate.value) return problems.error(place.pointer, rate.message, rate.suggestion);
  producer.arrivals = rate.value->poisson ? Arrivals::poisson : Arrivals::constant;
  producer.rate = rate.value->per_second;
}

void read_size(Fields& fields, ProducerConfig& producer, Problems& problems) {
  const Place place = fields.place("size");
  if (place.value == nullptr) return;
  if (!place.value->is(Value::Kind::text))
    return report_kind(place, "a size", problems, "with its unit, like \"256B\"");
  const auto size = parse_size(place.value->text);
  if (!size.value) return problems.error(place.pointer, size.message, size.suggestion);
  producer.body_size_min = size.value->min;
  producer.body_size_max = size.value->max;
}

void read_queue(Fields& fields, ProducerConfig& producer, bool has_topic, Draft& draft) {
  constexpr Word<QueueChoice> words[] = {{"round_robin", QueueChoice::round_robin},
                                         {"by_key", QueueChoice::by_key}};
  const Place place = fields.place("queue");
  if (place.value == nullptr) return;
  if (!place.value->is(Value::Kind::object)) {
    fields.choice("queue", producer.queue_choice, words);
    return;
  }
  Fields fixed(place, draft.problems);
  producer.queue_choice = QueueChoice::fixed;
  fixed.required("fixed", "a queue as an object");
  // Counted through the queues of all brokers.
  const auto brokers = static_cast<std::int64_t>(draft.config().brokers.size());
  const std::int64_t queues =
      has_topic ? draft.config().topics[producer.topic.value].queues * brokers : queues_max;
  fixed.whole("fixed", producer.fixed_queue, 0, queues - 1);
  fixed.finish("a queue");
}

/// Everything but name and host.
void read_work(Fields& fields, ProducerConfig& producer, Draft& draft) {
  const bool has_topic = read_topic(fields, producer.topic, "a producer", draft);
  read_version(fields, producer.profile);
  fields.choice("send", producer.send, send_words);
  read_on_result(fields, producer);
  fields.choice("accept_statuses", producer.accepts_every_status, accept_words);
  fields.whole("threads", producer.threads, 1, threads_max);
  read_arrivals(fields, producer, draft.problems);
  fields.choice("pacing", producer.pacing, pacing_words);
  fields.choice("start", producer.threads_start_together, start_words);
  fields.whole("messages", producer.messages, 0, messages_max);
  read_size(fields, producer, draft.problems);
  read_queue(fields, producer, has_topic, draft);
  fields.duration("start_at", producer.start_at);
  fields.distribution("restart_time", producer.restart_time);
  fields.distribution("connect_time", producer.connect_time);
  producer.settings = producer_defaults(producer.profile);
  read_settings(fields.place("config"), producer.profile, producer.settings, draft.problems);
}

/// One instance is called "shop"; several are "shop-1", "shop-2" ..., the idle ones last.
void add_instances(const Fields& fields, const ProducerConfig& producer, std::int64_t busy, std::int64_t idle,
                   Draft& draft) {
  const std::int64_t count = busy + idle;
  if (static_cast<std::size_t>(count) + draft.processes.size() > ids_max)
    return draft.problems.error(fields.pointer(),
                                "there are more than " + std::to_string(ids_max) + " processes");
  for (std::int64_t i = 1; i <= count; ++i) {
    ProducerConfig instance = producer;
    if (count > 1) instance.name += "-" + std::to_string(i);
    if (i > busy) instance.messages = 0;
    name_process(fields.pointer_to("name"), instance.name, draft);
    draft.config().producers.push_back(std::move(instance));
  }
}

void read_producer(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  ProducerConfig producer;
  producer.profile = draft.profile;
  producer.messages = default_messages;
  name_at(fields.required("name", "a producer"), producer.name, draft.problems);
  producer.host = read_host(fields, client_host, draft);
  std::int64_t busy = 1, idle = 0;
  fields.whole("instances", busy, 1, static_cast<std::int64_t>(ids_max));
  fields.whole("idle_instances", idle, 0, static_cast<std::int64_t>(ids_max));
  read_work(fields, producer, draft);
  fields.finish("a producer");
  add_instances(fields, producer, busy, idle, draft);
}

void check_total(const Place& producers, Draft& draft) {
  std::int64_t total = 0;
  for (const ProducerConfig& producer : draft.config().producers) total += producer.messages;
  if (total > messages_max)
    draft.problems.error(producers.pointer,
                         "all producers together send " + std::to_string(total) + " messages",
                         "at most " + std::to_string(messages_max));
}

void read_consumer(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  model::ConsumerConfig consumer;
  const Place name = fields.required("name", "a consumer");
  name_at(name, consumer.name, draft.problems);
  std::string group = consumer.name;
  name_at(fields.place("group"), group, draft.problems);
  consumer.host = read_host(fields, client_host, draft);
  read_topic(fields, consumer.topic, "a consumer", draft);
  fields.duration("start_at", consumer.start_at);
  fields.distribution("work_time", consumer.work_time);
  fields.distribution("restart_time", consumer.restart_time);
  ConsumerSettings settings;
  read_settings(fields.place("config"), draft.profile, settings, draft.problems);
  consumer.pullBatchSize = settings.pullBatchSize;
  fields.finish("a consumer");
  if (draft.processes.size() >= ids_max)
    return draft.problems.error(fields.pointer(),
                                "there are more than " + std::to_string(ids_max) + " processes");
  name_process(name.pointer, consumer.name, draft);
  if (const auto number = draft.groups.add(group))
    consumer.group = model::GroupId(static_cast<std::uint16_t>(*number));
  else
    draft.problems.error(fields.pointer(),
                         "another consumer of group " + quoted(group) + " reads everything already",
                         "members that share the queues of a group are not modelled yet");
  draft.config().consumers.push_back(std::move(consumer));
}

/// Each client opens one connection to each broker, and connections are numbered with 16 bits.
void check_connections(const Place& clients, Draft& draft) {
  const std::size_t brokers = draft.config().brokers.size();
  if (draft.client_count() * brokers > ids_max)
    draft.problems.error(clients.pointer,
                         std::to_string(draft.client_count()) + " clients with a connection to each of " +
                             std::to_string(brokers) + " brokers",
                         "at most 65535 connections");
}

}  // namespace

void read_producers(Fields& file, Draft& draft) {
  const Place list = file.place("producers");
  for (const Place& place : some_elements(file, "producers", "a scenario")) read_producer(place, draft);
  check_total(list, draft);
  check_connections(list, draft);
}

void read_consumers(Fields& file, Draft& draft) {
  const Place list = file.place("consumers");
  for (const Place& place : elements(list, draft.problems)) read_consumer(place, draft);
  draft.config().groups.clear();
  for (const std::string_view group : draft.groups.all()) draft.config().groups.emplace_back(group);
  if (list.value != nullptr && !draft.problems.any_errors()) check_connections(list, draft);
}

}  // namespace brokersim::scenarios::read
