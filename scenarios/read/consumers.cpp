// Consumers: plain readers and push consumers, and their groups.
#include <algorithm>
#include <map>

#include "scenarios/read/sections.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::ConsumerConfig;
using model::GroupId;
using model::PushConsumerConfig;
using model::WorkConfig;

constexpr std::int64_t deliveries_max = 1'000'000;
constexpr std::int64_t delay_level_max = 127;  ///< higher ones than there are count as the highest
/// Of all members of an entry together.
constexpr std::size_t subscriptions_max = 1'000'000;

bool is_reader(const Place& place) {
  const Value* kind = place.value->is(Value::Kind::object) ? place.value->find("kind") : nullptr;
  return kind != nullptr && kind->is(Value::Kind::text) && kind->text == "reader";
}

// ------------------------------------------------------------------------------- plain readers

void refuse_parts_of_push(Fields& fields) {
  refuse(fields, "work", "belongs to a consumer with \"kind\": \"push\"",
         "a reader has \"work_time\", and its work never fails");
  refuse(fields, "topics", "belongs to a consumer with \"kind\": \"push\"", "a reader reads one \"topic\"");
  for (const char* key : {"instances", "version", "listener", "messageRequestMode"})
    refuse(fields, key, "belongs to a consumer with \"kind\": \"push\"", "");
}

void join_as_reader(Fields& fields, const std::string& group, ConsumerConfig& reader, Draft& draft) {
  if (const auto number = draft.groups.add(group))
    reader.group = GroupId(static_cast<std::uint16_t>(*number));
  else
    draft.problems.error(fields.pointer(),
                         "another reader of group " + quoted(group) + " reads everything already",
                         "consumers with \"kind\": \"push\" share the queues of a group");
}

void read_reader(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  ConsumerConfig reader;
  std::string group;
  fields.find("kind");
  read_identity(fields, "a consumer", reader.name, group);
  reader.host = read_host(fields, client_host, draft);
  read_topic(fields, reader.topic, "a consumer", draft);
  fields.duration("start_at", reader.start_at);
  fields.distribution("work_time", reader.work_time);
  fields.distribution("restart_time", reader.restart_time);
  ReaderSettings settings;
  read_settings(fields.place("config"), draft.profile, settings, draft.problems);
  reader.pullBatchSize = settings.pullBatchSize;
  reader.pullTimeDelayMillsWhenException = settings.pullTimeDelayMillsWhenException;
  refuse_parts_of_push(fields);
  fields.finish("a reader");
  if (!room_for(1, fields, draft)) return;
  name_process(fields.pointer_to("name"), reader.name, draft);
  join_as_reader(fields, group, reader, draft);
  draft.config().consumers.push_back(std::move(reader));
}

// ------------------------------------------------------------------------------- push consumers

/// Whether the failure of the work can still become the listener's result.
bool result_counts(const WorkConfig& work) {
  if (work.acknowledge == model::Acknowledge::after_work) return true;
  // A listener that acknowledges first may still hold its thread for ever.
  return work.acknowledge == model::Acknowledge::before_work && work.fail_result == model::FailResult::never;
}

/// What the listener answers, where it has answered before its work begins.
void check_result(Fields& fields, const WorkConfig& work, Problems& problems) {
  const std::string_view word = word_for(acknowledge_words, work.acknowledge);
  const std::string already =
      "\"acknowledge\" is " + quoted(word) + ": the listener has returned before its work fails";
  if (fields.has("result") && !result_counts(work))
    problems.error(fields.pointer_to("result"), already, "leave it out, or \"acknowledge\": \"after_work\"");
  const bool sends_back =
      work.acknowledge == model::Acknowledge::after_work && work.fail_result != model::FailResult::never;
  if (fields.has("delay_level") && !sends_back)
    problems.error(fields.pointer_to("delay_level"),
                   work.acknowledge == model::Acknowledge::after_work
                       ? "the listener never returns, so nothing is sent back"
                       : already,
                   "leave it out");
}

/// What only the other kind of listener says.
void check_listener(Fields& fields, const PushConsumerConfig& consumer, Problems& problems) {
  const WorkConfig& work = consumer.work;
  if (consumer.listener == model::Listener::concurrently) {
    if (work.fail_result == model::FailResult::suspend)
      problems.error(fields.pointer_to("result"), "only an orderly listener can suspend its queue",
                     "RECONSUME_LATER, or \"listener\": \"orderly\"");
    return;
  }
  refuse(fields, "delay_level", "an orderly listener names no delay level",
         "\"config\": { \"suspendCurrentQueueTimeMillis\": ... }");
  if (work.acknowledge == model::Acknowledge::before_work)
    problems.error(fields.pointer_to("acknowledge"),
                   "a thread that has returned from an orderly listener goes on with the next message",
                   "\"hand_off\": another thread does the work");
  const bool of_others = work.fail_result == model::FailResult::reconsume_later ||
                         work.fail_result == model::FailResult::ack_index;
  if (of_others)
    problems.error(fields.pointer_to("result"),
                   quoted(word_for(result_words, work.fail_result)) + " is of a concurrent listener",
                   "SUSPEND_CURRENT_QUEUE_A_MOMENT");
}

void read_work(const Place& place, PushConsumerConfig& consumer, Problems& problems) {
  WorkConfig& work = consumer.work;
  const bool orderly = consumer.listener == model::Listener::orderly;
  if (orderly) work.fail_result = model::FailResult::suspend;
  if (place.value == nullptr) return;
  Fields fields(place, problems);
  fields.distribution("time", work.time);
  fields.choice("acknowledge", work.acknowledge, acknowledge_words);
  read_chance(fields, "fail", work.fail_chance);
  read_chance(fields, "poison", work.poison_chance);
  fields.whole("fail_first", work.fails_first, 0, deliveries_max);
  fields.choice("result", work.fail_result, result_words);
  fields.whole("delay_level", work.delay_level, -1, delay_level_max);
  fields.flag("effect_when_failing", work.applied_when_failing);
  check_listener(fields, consumer, problems);
  if (!orderly) check_result(fields, work, problems);
  fields.finish("the work of a consumer");
}

void add_topic(const Place& place, PushConsumerConfig& consumer, Draft& draft) {
  const auto number = read_reference(place, draft.topics, "topic", draft.problems);
  if (!number) return;
  const model::TopicId topic(static_cast<std::uint16_t>(*number));
  if (std::find(consumer.topics.begin(), consumer.topics.end(), topic) != consumer.topics.end())
    return draft.problems.error(place.pointer, quoted(place.value->text) + " stands here already");
  consumer.topics.push_back(topic);
}

/// `topic`, or the list `topics`, or the only one that there is.
void read_subscription(Fields& fields, PushConsumerConfig& consumer, Draft& draft) {
  const Place list = fields.place("topics");
  if (list.value == nullptr) {
    model::TopicId topic;
    if (read_topic(fields, topic, "a consumer", draft)) consumer.topics.push_back(topic);
    return;
  }
  refuse(fields, "topic", "\"topic\" and \"topics\" contradict each other", "a list of one is a list too");
  const auto all = elements(list, draft.problems);
  if (list.value->is(Value::Kind::array) && all.empty())
    draft.problems.error(list.pointer, "needs at least one element");
  for (const Place& place : all) add_topic(place, consumer, draft);
}

bool is_broadcasting(const PushConsumerConfig& consumer) {
  return consumer.settings.messageModel == model::MessageModel::BROADCASTING;
}

/// DefaultMQPushConsumerImpl.checkConfig: such a client does not start.
void check_threads(const Place& config, const model::PushConsumerSettings& settings, Problems& problems) {
  if (settings.consumeThreadMin <= settings.consumeThreadMax) return;
  const bool min_said = config.value->find("consumeThreadMin") != nullptr;
  problems.error(child(config.pointer, min_said ? "consumeThreadMin" : "consumeThreadMax"),
                 "consumeThreadMin (" + std::to_string(settings.consumeThreadMin) +
                     ") is larger than consumeThreadMax (" + std::to_string(settings.consumeThreadMax) + ")",
                 "the real client refuses to start: set both");
}

GroupId join_as_push(Fields& fields, const std::string& group, Draft& draft) {
  draft.groups.add(group);
  const GroupId number(static_cast<std::uint16_t>(*draft.groups.find(group)));
  const auto& readers = draft.config().consumers;
  const auto reader = std::find_if(readers.begin(), readers.end(),
                                   [&](const ConsumerConfig& other) { return other.group == number; });
  if (reader != readers.end())
    draft.problems.error(fields.pointer_to(fields.has("group") ? "group" : "name"),
                         "group " + quoted(group) + " belongs to the plain reader " + quoted(reader->name),
                         "a reader reads every queue, the push consumers of a group share them");
  return number;
}

/// Each broadcasting consumer is judged by itself (docs/decisions/0008).
GroupId group_of_instance(Fields& fields, const PushConsumerConfig& instance, const std::string& group,
                          Draft& draft) {
  if (!is_broadcasting(instance)) return instance.group;
  return join_as_push(fields, broadcasting_group(group, instance.name), draft);
}

void add_push_consumers(Fields& fields, const PushConsumerConfig& consumer, const std::string& group,
                        std::int64_t count, Draft& draft) {
  if (!room_for(count, fields, draft)) return;
  if (static_cast<std::size_t>(count) * consumer.topics.size() > subscriptions_max)
    return draft.problems.error(fields.pointer(), "its instances have too many topics",
                                "at most 1000000 subscriptions");
  for (std::int64_t i = 1; i <= count; ++i) {
    PushConsumerConfig instance = consumer;
    instance.name = instance_name(consumer.name, i, count);
    name_process(fields.pointer_to("name"), instance.name, draft);
    instance.group = group_of_instance(fields, instance, group, draft);
    draft.config().push_consumers.push_back(std::move(instance));
  }
}

/// What a group in MessageRequestMode POP cannot be, or is not here.
void check_pop(Fields& fields, const PushConsumerConfig& consumer, Draft& draft) {
  const auto refused = [&](const std::string& what, const std::string& hint) {
    draft.problems.error(fields.pointer_to("messageRequestMode"), what, hint);
  };
  if (consumer.profile == model::Profile::v4_9) refused("a client of 4.9 has no POP", "\"version\": \"5.3\"");
  for (const model::BrokerConfig& broker : draft.config().brokers) {
    if (broker.profile == model::Profile::v4_9)
      refused("broker " + quoted(broker.name) + " of 4.9 has no POP", "brokers of 5.3");
  }
  if (consumer.listener == model::Listener::orderly)
    refused("POP with an orderly listener is not modelled", "\"listener\": \"concurrently\"");
  if (is_broadcasting(consumer)) refused("POP of BROADCASTING is not modelled", "leave \"messageModel\" out");
  if (consumer.work.delay_level < 0)
    refused("with POP a \"delay_level\" of -1 ends the listener's thread with an exception",
            "leave \"delay_level\" out");
}

/// Everything but name, group, host and number.
void read_parts_of_push(Fields& fields, PushConsumerConfig& consumer, Draft& draft) {
  read_version(fields, consumer.profile);
  read_subscription(fields, consumer, draft);
  fields.duration("start_at", consumer.start_at);
  fields.distribution("restart_time", consumer.restart_time);
  fields.choice("listener", consumer.listener, listener_words);
  fields.choice("messageRequestMode", consumer.messageRequestMode, request_mode_words);
  read_work(fields.place("work"), consumer, draft.problems);
  refuse(fields, "work_time", "belongs to a consumer with \"kind\": \"reader\"",
         "a push consumer has \"work\": { \"time\": ... }");
  const Place config = fields.place("config");
  read_settings(config, consumer.profile, consumer.settings, draft.problems);
  check_threads(config, consumer.settings, draft.problems);
  if (is_broadcasting(consumer) && consumer.listener == model::Listener::orderly)
    draft.problems.error(
        fields.pointer_to("listener"),
        "orderly consumption of BROADCASTING is not modelled (4.9 locks its queues, 5.3 does not)",
        "leave \"messageModel\" or \"listener\" out");
  if (consumer.pops()) check_pop(fields, consumer, draft);
}

void read_push_consumer(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  PushConsumerConfig consumer;
  consumer.profile = draft.profile;
  std::string group;
  ConsumerKind kind = ConsumerKind::push;
  fields.choice("kind", kind, consumer_words);
  read_identity(fields, "a consumer", consumer.name, group);
  consumer.host = read_host(fields, client_host, draft);
  std::int64_t count = 1;
  fields.whole("instances", count, 1, static_cast<std::int64_t>(ids_max));
  read_parts_of_push(fields, consumer, draft);
  fields.finish("a consumer");
  if (!is_broadcasting(consumer)) consumer.group = join_as_push(fields, group, draft);
  add_push_consumers(fields, consumer, group, count, draft);
}

// ------------------------------------------------------------------------------- groups

struct Subscription {
  std::vector<model::TopicId> topics;
  bool warned = false;
};
using Subscriptions = std::map<GroupId, Subscription>;

std::vector<model::TopicId> subscription(const PushConsumerConfig& consumer) {
  std::vector<model::TopicId> topics = consumer.topics;
  std::sort(topics.begin(), topics.end());
  return topics;
}

/// ConsumerGroupInfo.updateSubscription keeps the newest subscription of a group as that of all.
void warn_of_mismatch(const std::string& pointer, const PushConsumerConfig& consumer, Subscriptions& seen,
                      Draft& draft) {
  const auto [first, is_first] = seen.emplace(consumer.group, Subscription{subscription(consumer)});
  if (is_first || first->second.warned || first->second.topics == subscription(consumer)) return;
  first->second.warned = true;
  draft.problems.warning(
      pointer,
      "another member of group " + quoted(draft.groups.name(consumer.group.value)) +
          " subscribes to other topics",
      "RocketMQ shares the queues of each topic among all members of a group: those that fall to "
      "a member without the subscription are not read");
}

/// Who consumes in order holds locks, and who does not asks for none.
void check_one_listener(const std::string& pointer, const PushConsumerConfig& consumer, Draft& draft) {
  const auto& all = draft.config().push_consumers;
  const auto is_other = [&](const PushConsumerConfig& other) {
    return other.group == consumer.group && other.listener != consumer.listener;
  };
  if (std::any_of(all.begin(), all.end(), is_other))
    draft.problems.error(child(pointer, "listener"),
                         "another member of group " + quoted(draft.groups.name(consumer.group.value)) +
                             " has the other kind of listener",
                         "members of a group whose listeners differ are not modelled");
}

/// The brokers keep it for the group (mqadmin setConsumeMode).
void check_one_request_mode(const std::string& pointer, const PushConsumerConfig& consumer, Draft& draft) {
  const auto& all = draft.config().push_consumers;
  const auto is_other = [&](const PushConsumerConfig& other) {
    return other.group == consumer.group && other.messageRequestMode != consumer.messageRequestMode;
  };
  if (std::any_of(all.begin(), all.end(), is_other))
    draft.problems.error(child(pointer, "messageRequestMode"),
                         "another member of group " + quoted(draft.groups.name(consumer.group.value)) +
                             " has the other messageRequestMode",
                         "it is a setting of the group, which the brokers keep");
}

}  // namespace

void read_consumers(Fields& file, Draft& draft) {
  const Place list = file.place("consumers");
  const auto all = elements(list, draft.problems);
  // Processes and groups are numbered readers first.
  for (const Place& place : all) {
    if (is_reader(place)) read_reader(place, draft);
  }
  Subscriptions subscriptions;
  for (const Place& place : all) {
    if (is_reader(place)) continue;
    const std::size_t before = draft.config().push_consumers.size();
    read_push_consumer(place, draft);
    if (draft.config().push_consumers.size() == before) continue;
    warn_of_mismatch(place.pointer, draft.config().push_consumers.back(), subscriptions, draft);
    check_one_listener(place.pointer, draft.config().push_consumers.back(), draft);
    check_one_request_mode(place.pointer, draft.config().push_consumers.back(), draft);
  }
  draft.config().groups.clear();
  for (const std::string_view group : draft.groups.all()) draft.config().groups.emplace_back(group);
  if (list.value != nullptr && !draft.problems.any_errors()) check_connections(list, draft);
}

}  // namespace brokersim::scenarios::read
