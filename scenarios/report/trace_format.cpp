#include "scenarios/report/trace_format.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "model/record.hpp"
#include "model/rocketmq/topics.hpp"
#include "scenarios/read/fault_words.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/trace_shapes.hpp"

namespace brokersim::scenarios {

using namespace trace;

namespace {

std::string process_name(std::int64_t process, const model::Config& config) {
  auto i = static_cast<std::size_t>(process);
  if (i < config.brokers.size()) return config.brokers[i].name;
  i -= config.brokers.size();
  if (i < config.producers.size()) return config.producers[i].name;
  i -= config.producers.size();
  if (i < config.consumers.size()) return config.consumers[i].name;
  i -= config.consumers.size();
  if (i < config.push_consumers.size()) return config.push_consumers[i].name;
  i -= config.push_consumers.size();
  if (i < config.name_servers.size()) return config.name_servers[i].name;
  i -= config.name_servers.size();
  return i < config.controllers.size() ? config.controllers[i].name : std::to_string(process);
}

template <class Named>
std::string name_in(const std::vector<Named>& all, std::int64_t index) {
  const auto i = static_cast<std::size_t>(index);
  return i < all.size() ? all[i].name : std::to_string(index);
}

struct Value {
  std::string text;
  bool quoted = true;
};

std::string group_name(std::int64_t n, const model::Config& config) {
  const auto i = static_cast<std::size_t>(n);
  return i < config.groups.size() ? config.groups[i] : std::to_string(n);
}

std::string topic_name(std::int64_t n, const model::Config& config) {
  if (n == static_cast<std::int64_t>(model::rocketmq::topic_count(config))) return "TBW102";
  const bool known = n >= 0 && static_cast<std::size_t>(n) < model::rocketmq::topic_count(config);
  return known ? model::rocketmq::topic_name(config, model::TopicId(static_cast<std::uint16_t>(n)))
               : std::to_string(n);
}

/// `orders broker-a:3`, `%RETRY%billing broker-a:0`, without the space that a line of text separates by.
std::string topic_queue_name(std::int64_t n, const model::Config& config) {
  return topic_name(n >> 32, config) + "@" + name_in(config.brokers, n >> 16 & 0xffff) + ":" +
         std::to_string(n & 0xffff);
}

template <class Word>
std::string said(std::int64_t n) {
  return std::string(model::to_string(static_cast<Word>(n)));
}

template <class Choice>
std::string either(std::int64_t n, Choice choice, const char* that, const char* other) {
  return n == static_cast<std::int64_t>(choice) ? that : other;
}

/// SyncStep.
constexpr std::array<std::string_view, 6> sync_steps{
    "", "", "", "topics", "consumer_offsets", "delay_offsets"};

/// MemberRole.
constexpr std::array<std::string_view, 4> member_roles{"none", "candidate", "follower", "leader"};

std::optional<std::string> word_of(As as, std::int64_t n) {
  if (as == As::member_role) return std::string(member_roles.at(static_cast<std::size_t>(n)));
  if (as == As::fault_kind) return std::string(read::word_of(static_cast<model::FaultKind>(n)).text);
  if (as == As::status || as == As::refusal) return said<model::Status>(n);
  if (as == As::error) return said<model::SendError>(n);
  if (as == As::loss || as == As::half_loss) return said<model::LossKind>(n);
  if (as == As::verdict) return said<model::TransactionVerdict>(n);
  if (as == As::end_refusal) return said<model::EndRefusal>(n);
  if (as == As::result) return said<model::ConsumeResult>(n);
  if (as == As::locking) return said<model::QueueLocking>(n);
  if (as == As::outcome) return either(n, model::LocalOutcome::commit, "COMMIT", "ROLLBACK");
  if (as == As::copy_reason) return either(n, model::HalfCopy::immune, "immune", "to_check");
  if (as == As::replica_end) return either(n, model::ReplicaEnd::silence, "silence", "lost");
  if (as == As::sync_step) return std::string(sync_steps.at(static_cast<std::size_t>(n)));
  if (as == As::forgotten) return said<model::Forgotten>(n);
  if (as == As::role) return said<model::RoleTaken>(n);
  if (as == As::stand_in) return said<model::StandIn>(n);
  if (as == As::election) return said<model::Election>(n);
  if (as == As::set_change) return said<model::SetChange>(n);
  if (as == As::half_escape) return either(n, model::HalfEscape::put, "put", "given_up");
  if (as == As::discard_reason) return either(n, model::DiscardReason::too_old, "too_old", "checks_spent");
  return std::nullopt;
}

std::string offsets_group_name(std::int64_t n, const model::Config& config) {
  return n == static_cast<std::int64_t>(config.groups.size()) ? "CID_RMQ_SYS_TRANS" : group_name(n, config);
}

std::optional<std::string> name_of(As as, std::int64_t n, const model::Config& config) {
  if (as == As::producer) return name_in(config.producers, n);
  if (as == As::broker) return name_in(config.brokers, n);
  if (as == As::set) {
    const auto i = static_cast<std::size_t>(n);
    return i < config.brokers.size() ? config.brokers[i].settings.brokerName : std::to_string(n);
  }
  if (as == As::broker_queue) return name_in(config.brokers, n >> 16) + ":" + std::to_string(n & 0xffff);
  if (as == As::topic_queue) return topic_queue_name(n, config);
  if (as == As::process) return process_name(n, config);
  if (as == As::host) return name_in(config.hosts, n);
  if (as == As::group) return group_name(n, config);
  if (as == As::offsets_group) return offsets_group_name(n, config);
  if (as == As::topic) return topic_name(n, config);
  return std::nullopt;
}

Value value_of(As as, std::int64_t n, const model::Config& config) {
  if (as == As::broken || as == As::from_check || as == As::full || as == As::pushed)
    return {n != 0 ? "true" : "false", false};
  if (auto word = word_of(as, n)) return {*word};
  if (auto name = name_of(as, n, config)) return {*name};
  return {std::to_string(n), false};
}

const Shape& shape_of(const sim::Record& record) { return shapes.at(record.kind); }

/// Two processes in one record: the second is the peer.
std::string_view label_of(As as, const Shape& shape, bool second) {
  if (second && as == As::process && shape.subject == As::process) return "peer";
  return labels[static_cast<std::size_t>(as)];
}

bool is_told(As as, std::int64_t n) {
  if (as == As::intent) return n != model::no_intent.value;  // A check pass may go past nothing.
  if (as == As::half_loss || as == As::choice) return n != 0;
  return as != As::nothing && !(as == As::refusal && n == static_cast<std::int64_t>(model::Status::SEND_OK));
}

constexpr std::int64_t take(const Part& part, std::int64_t n) {
  return part.bits == 64 ? n : (n >> part.from) & ((std::int64_t{1} << part.bits) - 1);
}

template <class F>
void for_each_value(const sim::Record& record, const model::Config& config, F f) {
  const Shape& shape = shape_of(record);
  if (is_told(shape.subject, record.subject))
    f(label_of(shape.subject, shape, false), value_of(shape.subject, record.subject, config));
  for (const auto& [as, n] : {std::pair{shape.a, record.a}, std::pair{shape.b, record.b}}) {
    for (const Part& part : parts_of(as)) {
      if (const std::int64_t value = take(part, n); is_told(part.as, value))
        f(label_of(part.as, shape, true), value_of(part.as, value, config));
    }
  }
}

std::string_view kind_name(const sim::Record& record) {
  return model::to_string(static_cast<RecordKind>(record.kind));
}

}  // namespace

std::string trace_text(sim::SimTime at, const sim::Record& record, const model::Config& config) {
  char head[64];
  std::snprintf(head, sizeof head, "%6lld.%09llds  %-18s", static_cast<long long>(at.ns / 1'000'000'000),
                static_cast<long long>(at.ns % 1'000'000'000), std::string(kind_name(record)).c_str());
  std::string line = head;
  for_each_value(record, config, [&](std::string_view label, const Value& value) {
    line += "  ";
    line += label;
    line += ' ' + value.text;
  });
  return line;
}

std::string trace_json(sim::SimTime at, const sim::Record& record, const model::Config& config) {
  std::string line =
      "{\"t_ns\":" + std::to_string(at.ns) + ",\"event\":\"" + std::string(kind_name(record)) + '"';
  for_each_value(record, config, [&](std::string_view label, const Value& value) {
    line += ",\"";
    line += label;
    line += value.quoted ? "\":\"" + json_escaped(value.text) + '"' : "\":" + value.text;
  });
  return line + '}';
}

std::string shown_name(const model::Config& config, model::ProcessId process) {
  return process_name(process.value, config);
}

bool is_about_message(const sim::Record& record) { return shape_of(record).subject == As::intent; }

bool is_told_around(const sim::Record& record) { return shape_of(record).told == Told::around; }

std::string trace_event_table() {
  std::string table = "| event | fields | meaning |\n|---|---|---|\n";
  for (const Shape& shape : shapes) {
    std::string fields;
    const auto add = [&](As as, bool second) {
      for (const Part& part : parts_of(as)) {
        if (part.as == As::nothing) continue;
        fields += (fields.empty() ? "`" : ", `") + std::string(label_of(part.as, shape, second)) + "`";
      }
    };
    add(shape.subject, false);
    add(shape.a, true);
    add(shape.b, true);
    table += "| `" + std::string(model::to_string(shape.kind)) + "` | " + fields + " | " +
             std::string(shape.meaning) + " |\n";
  }
  return table;
}

}  // namespace brokersim::scenarios
