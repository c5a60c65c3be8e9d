// Producers.
#include <algorithm>
#include <limits>

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
using sim::Distribution;

constexpr std::int64_t default_messages = 1000;
constexpr std::int64_t threads_max = 10'000;
constexpr std::int64_t burst_max = 1'000'000;
constexpr std::int64_t delay_level_max = std::numeric_limits<std::int32_t>::max();

/// What the application does with the result: `callback` of an asynchronous send, `exceptions` of a
/// synchronous one.
void read_on_result(Fields& fields, ProducerConfig& producer) {
  if (producer.send == SendMode::oneway) producer.on_result = OnResult::unchecked;
  if (producer.send == SendMode::async)
    fields.choice("callback", producer.on_result, callback_words);
  else
    refuse(fields, "callback", "belongs to a producer with \"send\": \"async\"",
           "a synchronous send has \"exceptions\"");
  if (producer.send == SendMode::sync)
    fields.choice("exceptions", producer.on_result, exception_words);
  else
    refuse(fields, "exceptions", "belongs to a producer with \"send\": \"sync\" or \"transaction\"",
           "an asynchronous send has \"callback\"");
}

bool read_send(Fields& fields, ProducerConfig& producer) {
  Sends sends = Sends::sync;
  fields.choice("send", sends, send_words);
  if (sends == Sends::async) producer.send = SendMode::async;
  if (sends == Sends::oneway) producer.send = SendMode::oneway;
  return sends == Sends::transaction;
}

/// TransactionMQProducer.sendMessageInTransaction clears the level.
void read_delay(Fields& fields, bool transactional, ProducerConfig& producer) {
  fields.whole("delay_level", producer.delay_level, 0, delay_level_max);
  if (!transactional) return;
  refuse(fields, "delay_level", "is cleared by sendMessageInTransaction",
         "a half message cannot be delayed; \"send\": \"sync\" can");
}

/// Whole milliseconds, as the properties have them; a day more than what any broker takes.
constexpr model::Duration timer_max{8LL * 24 * 3600 * 1'000'000'000};

/// Where a time of its own cannot be.
void refuse_timer(Fields& fields, std::string_view key, const ProducerConfig& producer, Draft& draft) {
  if (!fields.has(key)) return;
  if (producer.profile == model::Profile::v4_9)
    return refuse(fields, key, "a client of 4.9 has no timer messages", "\"delay_level\" works in both");
  for (const model::BrokerConfig& broker : draft.config().brokers) {
    if (broker.profile == model::Profile::v4_9)
      return refuse(fields, key, "broker " + quoted(broker.name) + " of 4.9 has no timer wheel",
                    "it would deliver at once; \"delay_level\" works in both");
  }
}

/// HookUtils.checkIfTimerMessage: a level clears what else is said; DELAY_MS comes before DELIVER_MS.
void refuse_two_times(Fields& fields, const ProducerConfig& producer) {
  if (fields.has("delay"))
    refuse(fields, "deliver_at", "a message has one time of its own", "leave out \"delay\"");
  if (producer.is_timed() && producer.delay_level > 0)
    refuse(fields, "delay_level", "clears \"delay\" and \"deliver_at\"", "leave one of them out");
}

void read_timer(Fields& fields, bool transactional, ProducerConfig& producer, Draft& draft) {
  Distribution delay;
  if (fields.distribution("delay", delay)) producer.delay = delay;
  model::Duration deliver_at{};
  if (fields.duration("deliver_at", deliver_at, {}, timer_max)) producer.deliver_at = deliver_at;
  for (const std::string_view key : {"delay", "deliver_at"}) {
    refuse_timer(fields, key, producer, draft);
    if (transactional) refuse(fields, key, "is not modelled for half messages", "\"send\": \"sync\" has it");
  }
  refuse_two_times(fields, producer);
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

void read_config(Fields& fields, ProducerConfig& producer, Problems& problems) {
  const Place config = fields.place("config");
  ProducerBlock block{producer_defaults(producer.profile)};
  read_settings(config, producer.profile, block, problems);
  producer.settings = block;
  if (producer.transaction)
    producer.transaction->checkRequestHoldMax = block.checkRequestHoldMax;
  else if (config.value != nullptr && config.value->find("checkRequestHoldMax") != nullptr)
    problems.warning(child(config.pointer, "checkRequestHoldMax"),
                     "only a producer with \"send\": \"transaction\" is asked for its state");
}

/// Everything but name, group and host.
void read_work(Fields& fields, ProducerConfig& producer, Draft& draft) {
  const bool has_topic = read_topic(fields, producer.topic, "a producer", draft);
  read_version(fields, producer.profile);
  const bool transactional = read_send(fields, producer);
  read_on_result(fields, producer);
  read_delay(fields, transactional, producer);
  read_timer(fields, transactional, producer, draft);
  fields.choice("accept_statuses", producer.accepts_every_status, accept_words);
  fields.whole("threads", producer.threads, 1, threads_max);
  read_arrivals(fields, producer, draft.problems);
  fields.choice("pacing", producer.pacing, pacing_words);
  fields.choice("start", producer.threads_start_together, start_words);
  fields.whole("messages", producer.messages, 0, messages_max);
  read_size(fields, producer, draft.problems);
  read_queue(fields, producer, has_topic, draft);
  read_transaction(fields, transactional, producer);
  fields.duration("start_at", producer.start_at);
  fields.distribution("restart_time", producer.restart_time);
  fields.distribution("connect_time", producer.connect_time);
  read_config(fields, producer, draft.problems);
}

/// The idle ones come last.
void add_instances(const Fields& fields, const ProducerConfig& producer, std::int64_t busy, std::int64_t idle,
                   Draft& draft) {
  const std::int64_t count = busy + idle;
  if (!room_for(count, fields, draft)) return;
  for (std::int64_t i = 1; i <= count; ++i) {
    ProducerConfig instance = producer;
    instance.name = instance_name(producer.name, i, count);
    if (i > busy) instance.messages = 0;
    name_process(fields.pointer_to("name"), instance.name, draft);
    draft.config().producers.push_back(std::move(instance));
  }
}

model::ProducerGroupId producer_group(const std::string& name, Draft& draft) {
  draft.producer_groups.add(name);
  return model::ProducerGroupId(static_cast<std::uint16_t>(*draft.producer_groups.find(name)));
}

void read_producer(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  ProducerConfig producer;
  producer.profile = draft.profile;
  producer.messages = default_messages;
  std::string group;
  read_identity(fields, "a producer", producer.name, group);
  producer.group = producer_group(group, draft);
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

/// DefaultMQProducerImpl.checkTransactionState: who has no TransactionListener cannot answer, and the broker
/// does not ask another.
void warn_of_mixed_groups(const Place& list, const std::vector<std::size_t>& entries, Draft& draft) {
  const auto& producers = draft.config().producers;
  std::vector<bool> transactional(draft.producer_groups.size());
  for (const ProducerConfig& producer : producers)
    if (producer.transaction) transactional[producer.group.value] = true;
  std::size_t warned = list.value->items.size();
  for (std::size_t i = 0; i < producers.size(); ++i) {
    if (producers[i].transaction || !transactional[producers[i].group.value] || warned == entries[i])
      continue;
    warned = entries[i];
    draft.problems.warning(child(list.pointer, warned),
                           "its group " + quoted(draft.producer_groups.name(producers[i].group.value)) +
                               " sends half messages, and it cannot answer checks",
                           "checks that the broker sends to it get no answer");
  }
}

}  // namespace

void read_producers(Fields& file, Draft& draft) {
  const Place list = file.place("producers");
  std::vector<std::size_t> entries;  // of each producer: in which place of the list it stands
  for (const Place& place : some_elements(file, "producers", "a scenario")) {
    read_producer(place, draft);
    entries.resize(draft.config().producers.size(),
                   static_cast<std::size_t>(place.value - list.value->items.data()));
  }
  draft.config().producer_groups.clear();
  for (const std::string_view group : draft.producer_groups.all())
    draft.config().producer_groups.emplace_back(group);
  check_total(list, draft);
  check_connections(list, draft);
  if (!entries.empty()) warn_of_mixed_groups(list, entries, draft);
}

}  // namespace brokersim::scenarios::read
