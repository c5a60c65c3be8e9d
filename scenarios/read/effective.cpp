// A scenario written back as a file, with everything that the reader filled in.
#include <cmath>

#include "model/event.hpp"
#include "scenarios/read/effective_parts.hpp"
#include "scenarios/read/fault_words.hpp"
#include "scenarios/read/quantities.hpp"
#include "scenarios/read/sections.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios {
namespace {

using namespace read;
using model::Config;
using model::Distribution;
using model::Duration;

class Writer {
 public:
  explicit Writer(const Scenario& scenario) : scenario_(scenario), config_(scenario.config) {}

  Value file() const {
    Value file = head();
    file.with("hosts", list(config_.hosts, [](const auto& h) { return host(h); }));
    file.with("network", network());
    file.with("cluster", cluster());
    file.with("producers", list(config_.producers, [this](const auto& p) { return producer(p); }));
    file.with("consumers", consumers());
    file.with("faults", list(config_.faults, [this](const auto& f) { return fault(f); }));
    file.with("expect", list(scenario_.expect, [](const auto& e) { return expectation(e); }));
    return file;
  }

 private:
  Value head() const {
    Value file = Value::object();
    file.with("schema_version", number(schema_version));
    file.with("title", words(scenario_.title)).with("question", words(scenario_.question));
    file.with("description", words(scenario_.description)).with("source", words(scenario_.source));
    file.with("seeds", number(scenario_.seeds));
    file.with("duration_max", span(config_.duration_max)).with("drain_timeout", span(config_.drain_timeout));
    return file;
  }

  static Value bytes(std::int64_t number) { return words(std::to_string(number) + "B"); }

  static Value host(const model::HostConfig& host) {
    Value value = Value::object();
    value.with("name", words(host.name)).with("sync_time", span(host.sync_time));
    value.with("page_writeback", span(host.page_writeback)).with("wakeup_latency", span(host.wakeup_latency));
    value.with("wall_clock_offset", span(host.wall_clock_offset));
    if (!host.rack.empty()) value.with("rack", words(host.rack));
    if (host.disk_size == 0) return value;
    Value disk = Value::object().with("size", bytes(host.disk_size));
    if (host.disk_used > 0) disk.with("used", bytes(host.disk_used));
    return value.with("disk", std::move(disk));
  }

  Value network() const {
    const model::NetworkConfig& net = config_.network;
    Value value = Value::object();
    value.with("delay", span(net.delay)).with("loopback", span(net.loopback));
    value.with("retransmission_timeout", span(net.retransmission_timeout));
    value.with("links", list(net.links, [this](const model::LinkConfig& link) {
                 return Value::object().with("between", pair(link.a, link.b)).with("delay", span(link.delay));
               }));
    return value;
  }

  Value cluster() const {
    Value value = Value::object();
    value.with("kind", words("rocketmq")).with("version", words(word_for(profile_words, cluster_profile())));
    value.with("brokers", list(config_.brokers, [this](const auto& b) { return broker(b); }));
    value.with("nameservers", list(config_.name_servers, [this](const auto& s) { return name_server(s); }));
    if (!config_.controllers.empty())
      value.with("controllers", list(config_.controllers, [this](const auto& c) { return controller(c); }));
    value.with("topics", list(config_.topics, [](const auto& t) { return topic(t); }));
    return value;
  }

  /// Brokers and producers name their own version; of the cluster's it matters only that there is one.
  model::Profile cluster_profile() const {
    return config_.brokers.empty() ? model::Profile::v5_3 : config_.brokers[0].profile;
  }

  Value broker(const model::BrokerConfig& broker) const {
    Value value = Value::object();
    value.with("name", words(broker.name)).with("host", host_name(broker.host));
    value.with("version", words(word_for(profile_words, broker.profile)));
    value.with("config", settings_value(broker.settings, broker.profile))
        .with("restart_time", span(broker.restart_time));
    value.with("answer_time", span(broker.answer_time));
    value.with("check_effect_time", span(broker.check_effect_time));
    value.with("op_batch_slip_chance", Value::of(broker.op_batch_slip_chance));
    return value.with("up_for", broker.up_for < Duration{} ? words(word_long) : span(broker.up_for));
  }

  Value name_server(const model::NameServerConfig& server) const {
    Value value = Value::object();
    value.with("name", words(server.name)).with("host", host_name(server.host));
    value.with("version", words(word_for(profile_words, server.profile)));
    value.with("config", settings_value(server.settings, server.profile));
    return value.with("restart_time", span(server.restart_time));
  }

  Value controller(const model::ControllerConfig& controller) const {
    Value value = Value::object();
    value.with("name", words(controller.name)).with("host", host_name(controller.host));
    value.with("config", settings_value(controller.settings, model::Profile::v5_3));
    return value.with("restart_time", span(controller.restart_time));
  }

  static Value topic(const model::TopicConfig& topic) {
    Value value = Value::object();
    value.with("name", words(topic.name)).with("queues", number(topic.queues));
    value.with("created_at", topic.created_at < Duration{} ? words(word_before) : span(topic.created_at));
    return value.with("properties_size", number(topic.properties_size));
  }

  static void write_send(const model::ProducerConfig& producer, Value& value) {
    value.with("send", words(word_for(send_words, sends(producer))));
    if (producer.transaction) value.with("transaction", transaction(*producer.transaction));
    if (producer.send == model::SendMode::async)
      value.with("callback", words(word_for(callback_words, producer.on_result)));
    if (producer.send == model::SendMode::sync)
      value.with("exceptions", words(word_for(exception_words, producer.on_result)));
    value.with("accept_statuses", words(word_for(accept_words, producer.accepts_every_status)));
    if (!producer.transaction) value.with("delay_level", number(producer.delay_level));
    if (producer.delay) value.with("delay", span(*producer.delay));
    if (producer.deliver_at) value.with("deliver_at", span(*producer.deliver_at));
  }

  Value producer(const model::ProducerConfig& producer) const {
    Value value = Value::object();
    value.with("name", words(producer.name));
    value.with("group", words(config_.producer_groups[producer.group.value]));
    value.with("host", host_name(producer.host));
    value.with("instances", number(1)).with("idle_instances", number(0));
    value.with("version", words(word_for(profile_words, producer.profile)));
    value.with("topic", topic_name(producer.topic)).with("threads", number(producer.threads));
    write_send(producer, value);
    value.with("rate", rate(producer)).with("pacing", words(word_for(pacing_words, producer.pacing)));
    value.with("start", words(word_for(start_words, producer.threads_start_together)));
    value.with("messages", number(producer.messages));
    value.with("size", words(size_text({producer.body_size_min, producer.body_size_max})));
    value.with("queue", queue(producer)).with("start_at", span(producer.start_at));
    value.with("restart_time", span(producer.restart_time)).with("connect_time", span(producer.connect_time));
    return value.with("config", config(producer));
  }

  /// Readers first, as their processes and groups are numbered.
  Value consumers() const {
    Value all = list(config_.consumers, [this](const auto& reader) { return consumer(reader); });
    for (const auto& push : config_.push_consumers) all.items.push_back(consumer(push));
    return all;
  }

  /// What all consumers say first.
  Value consumer(ConsumerKind kind, const std::string& name, const std::string& group,
                 model::HostId host) const {
    Value value = Value::object();
    value.with("name", words(name)).with("kind", words(word_for(consumer_words, kind)));
    return value.with("group", words(group)).with("host", host_name(host));
  }

  Value consumer(const model::ConsumerConfig& reader) const {
    Value value =
        consumer(ConsumerKind::reader, reader.name, config_.groups[reader.group.value], reader.host);
    value.with("topic", topic_name(reader.topic)).with("start_at", span(reader.start_at));
    value.with("work_time", span(reader.work_time)).with("restart_time", span(reader.restart_time));
    return value.with(
        "config", settings_value(ReaderSettings{reader.pullBatchSize, reader.pullTimeDelayMillsWhenException},
                                 cluster_profile()));
  }

  Value consumer(const model::PushConsumerConfig& push) const {
    Value value = consumer(ConsumerKind::push, push.name, group_name(config_, push), push.host);
    value.with("instances", number(1)).with("version", words(word_for(profile_words, push.profile)));
    value.with("topics", list(push.topics, [this](model::TopicId topic) { return topic_name(topic); }));
    value.with("start_at", span(push.start_at)).with("restart_time", span(push.restart_time));
    value.with("listener", words(word_for(listener_words, push.listener)));
    if (push.pops())
      value.with("messageRequestMode", words(word_for(request_mode_words, push.messageRequestMode)));
    value.with("work", work(push.work, push.listener));
    return value.with("config", settings_value(push.settings, push.profile));
  }

  // ----------------------------------------------------------------------------- faults

  void write_trigger(const model::FaultTrigger& trigger, Value& value) const {
    switch (trigger.kind) {
      case model::TriggerKind::at_time: value.with("at", span(trigger.time)); return;
      case model::TriggerKind::on_event:
        value.with("on", words(model::to_string(static_cast<model::EventName>(trigger.event))));
        if (!trigger.any_actor) value.with("actor", process_name(trigger.actor));
        value.with("nth", number(trigger.nth)).with("when", words(word_for(when_words, trigger.before)));
        return;
      case model::TriggerKind::process:
        value.with("every", span(trigger.time)).with("from", span(trigger.from));
        value.with("until", trigger.until == Duration::max() ? words(word_end) : span(trigger.until));
    }
  }

  Value sides(const model::FaultAction& action) const {
    const auto side = [this](const auto& hosts) {
      return list(hosts, [this](model::HostId host) { return host_name(host); });
    };
    if (!action.one_way) return Value::array({side(action.from), side(action.to)});
    Value value = Value::object();
    if (!action.from.empty()) value.with("from", side(action.from));
    if (!action.to.empty()) value.with("to", side(action.to));
    return value;
  }

  Value target(const ActionWord& word, const model::FaultAction& action) const {
    switch (word.target) {
      case Target::process:
      case Target::broker: return process_name(action.process);
      case Target::host: return host_name(action.host);
      case Target::hosts: return action.hosts.empty() ? host_name(action.host) : words(action.hosts_name);
      case Target::processes:
        return list(action.processes, [this](model::ProcessId process) { return process_name(process); });
      case Target::links:
        if (!action.from.empty() || !action.to.empty()) return sides(action);
        [[fallthrough]];
      case Target::link:
        return action.all_links ? host_name(action.host) : pair(action.host, action.other_host);
      case Target::topic: break;
    }
    return topic_name(action.topic);
  }

  void write_details(const model::FaultAction& action, Value& value) const {
    using model::FaultKind;
    if (action.kind == FaultKind::kill) value.with("seen_as", words(word_for(seen_words, action.silent)));
    if (action.kind == FaultKind::power_loss)
      value.with("unsynced_files", words(word_for(unsynced_words, action.files)))
          .with("tail", words(word_for(tail_words, action.tail)));
    if (action.kind == FaultKind::disk_full) value.with("used", Value::of(action.used));
    if (action.kind == FaultKind::truncate_log) value.with("bytes", bytes(action.bytes));
    if (action.kind == FaultKind::clock_jump) value.with("by", span(action.jump));
    if (action.kind == FaultKind::rolling_restart) value.with("between", span(action.duration));
    if (action.kind == FaultKind::slow_disk) value.with("factor", Value::of(action.factor));
    if (action.kind == FaultKind::delay) value.with("by", span(action.duration));
    if (action.kind == FaultKind::create_topic) value.with("broker", process_name(action.process));
  }

  Value campaign(const model::FaultConfig& fault) const {
    Value value = Value::object();
    value.with("faults", list(fault.campaign.kinds, [](auto kind) { return words(word_of(kind).text); }));
    value.with("on", list(fault.campaign.on, [](const std::string& name) { return words(name); }));
    write_trigger(fault.trigger, value);
    if (fault.restores) value.with("repair", span(fault.restore_after));
    if (fault.campaign.at_most > 0) value.with("at_most", number(fault.campaign.at_most));
    return Value::object().with("campaign", std::move(value));
  }

  Value fault(const model::FaultConfig& fault) const {
    if (!fault.campaign.actions.empty()) return campaign(fault);
    const ActionWord& word = word_of(fault.action.kind);
    Value value = Value::object();
    write_trigger(fault.trigger, value);
    value.with("after", span(fault.delay)).with(std::string(word.text), target(word, fault.action));
    write_details(fault.action, value);
    if (fault.restores) value.with(std::string(word.undone_by), span(fault.restore_after));
    if (fault.never_restored) value.with("restore", words(word_for(never_words, true)));
    return value;
  }

  // ----------------------------------------------------------------------------- expect

  static Value end(double bound) { return std::isinf(bound) ? Value() : Value::of(bound); }
  static Value range(const Interval& interval) {
    return Value::array({end(interval.low), end(interval.high)});
  }

  static Value count(const Expectation& expectation) {
    Value forms = Value::object();
    if (expectation.mean) forms.with("mean", range(*expectation.mean));
    if (expectation.median) forms.with("median", range(*expectation.median));
    if (expectation.min) forms.with("min", range(*expectation.min));
    if (expectation.max) forms.with("max", range(*expectation.max));
    if (!expectation.measured.empty()) forms.with("contains", list(expectation.measured, number));
    if (!expectation.every_seed) return forms;
    if (forms.keys.empty()) return range(*expectation.every_seed);
    return forms.with("exactly", Value::of(expectation.every_seed->low));
  }

  static Value expectation(const Expectation& expectation) {
    using model::ledger::Cause;
    Value value = Value::object();
    if (expectation.count) value.with(std::string(to_string(*expectation.count)), count(expectation));
    if (!expectation.group.empty()) value.with("group", words(expectation.group));
    if (expectation.cause != Cause::none)
      value.with("cause", words(model::ledger::text_of(expectation.cause).name));
    Value window = Value::object();
    if (expectation.window_min) window.with("min", span(*expectation.window_min));
    if (expectation.window_max) window.with("max", span(*expectation.window_max));
    if (!window.keys.empty()) value.with("window", std::move(window));
    if (!expectation.because.empty()) value.with("because", words(expectation.because));
    return value;
  }

  // ----------------------------------------------------------------------------- names

  Value host_name(model::HostId host) const { return words(config_.hosts[host.value].name); }
  Value topic_name(model::TopicId topic) const { return words(config_.topics[topic.value].name); }
  Value pair(model::HostId a, model::HostId b) const { return Value::array({host_name(a), host_name(b)}); }

  Value process_name(model::ProcessId process) const {
    const std::size_t producers = config_.brokers.size(), readers = producers + config_.producers.size();
    const std::size_t consumers = readers + config_.consumers.size();
    if (process.value < producers) return words(config_.brokers[process.value].name);
    if (process.value < readers) return words(config_.producers[process.value - producers].name);
    if (process.value < consumers) return words(config_.consumers[process.value - readers].name);
    const std::size_t servers = consumers + config_.push_consumers.size();
    if (process.value < servers) return words(config_.push_consumers[process.value - consumers].name);
    const std::size_t controllers = servers + config_.name_servers.size();
    if (process.value >= controllers) return words(config_.controllers[process.value - controllers].name);
    return words(config_.name_servers[process.value - servers].name);
  }

  const Scenario& scenario_;
  const Config& config_;
};

}  // namespace

std::string effective_json(const Scenario& scenario) { return read::write(Writer(scenario).file()); }

}  // namespace brokersim::scenarios
