#include "scenarios/report/trace_format.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include "model/record.hpp"
#include "scenarios/read/fault_words.hpp"

namespace brokersim::scenarios {

using model::RecordKind;

namespace {

/// What a number of a record means.
enum class As : std::uint8_t {
  nothing,
  intent,
  offset,
  attempt,
  times,
  thread,
  bytes,
  records,
  kept,
  gone,
  topics,
  skipped,
  broken,
  incarnation,
  producer,
  broker,
  broker_queue,
  process,
  host,
  group,
  topic,
  fault,
  fault_kind,
  status,
  refusal,  ///< a status that is only there if the broker said one
  error,
  loss
};

struct Shape {
  RecordKind kind;
  As subject, a, b;
};

/// The meaning of every kind's numbers, as model/record.hpp tells it.
constexpr std::array<Shape, static_cast<std::size_t>(RecordKind::count)> shapes{{
    {RecordKind::send_begun, As::intent, As::producer, As::thread},
    {RecordKind::attempt_sent, As::intent, As::attempt, As::broker_queue},
    {RecordKind::attempt_failed, As::intent, As::attempt, As::error},
    {RecordKind::acknowledged, As::intent, As::status, As::offset},
    {RecordKind::told_failed, As::intent, As::error, As::refusal},
    {RecordKind::unobserved, As::intent, As::error, As::nothing},
    {RecordKind::believed_sent, As::intent, As::nothing, As::nothing},
    {RecordKind::appended, As::intent, As::broker_queue, As::offset},
    {RecordKind::refused, As::intent, As::status, As::broker},
    {RecordKind::answered, As::intent, As::status, As::offset},
    {RecordKind::released, As::intent, As::broker_queue, As::offset},
    {RecordKind::copy_lost, As::intent, As::loss, As::offset},
    {RecordKind::response_dropped, As::intent, As::status, As::nothing},
    {RecordKind::delivered, As::intent, As::group, As::offset},
    {RecordKind::processed, As::intent, As::group, As::times},
    {RecordKind::flushed, As::broker, As::records, As::bytes},
    {RecordKind::committed, As::broker, As::records, As::nothing},
    {RecordKind::process_died, As::process, As::fault_kind, As::nothing},
    {RecordKind::process_served, As::process, As::incarnation, As::nothing},
    {RecordKind::process_paused, As::process, As::nothing, As::nothing},
    {RecordKind::process_resumed, As::process, As::nothing, As::nothing},
    {RecordKind::host_lost_power, As::host, As::nothing, As::nothing},
    {RecordKind::host_powered, As::host, As::nothing, As::nothing},
    {RecordKind::log_truncated, As::broker, As::kept, As::gone},
    {RecordKind::topics_lost, As::broker, As::topics, As::nothing},
    {RecordKind::topic_created, As::broker, As::topic, As::nothing},
    {RecordKind::connection_opened, As::process, As::process, As::nothing},
    {RecordKind::connection_broken, As::process, As::process, As::nothing},
    {RecordKind::queue_skipped, As::process, As::broker_queue, As::skipped},
    {RecordKind::fault_struck, As::fault, As::fault_kind, As::nothing},
    {RecordKind::fault_restored, As::fault, As::nothing, As::nothing},
    {RecordKind::healed, As::nothing, As::broken, As::nothing},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (static_cast<std::size_t>(shapes[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one shape per record kind, in the order of the enum");

constexpr std::array<std::string_view, static_cast<std::size_t>(As::loss) + 1> labels{
    "",     "intent",      "offset",  "attempt", "times",       "thread",   "bytes",  "records", "kept",
    "gone", "topics_left", "skipped", "broken",  "incarnation", "producer", "broker", "queue",   "process",
    "host", "group",       "topic",   "fault",   "kind",        "status",   "status", "error",   "loss"};
static_assert(labels.back() == "loss", "the labels follow the order of As");

std::string process_name(std::int64_t process, const model::Config& config) {
  auto i = static_cast<std::size_t>(process);
  if (i < config.brokers.size()) return config.brokers[i].name;
  i -= config.brokers.size();
  if (i < config.producers.size()) return config.producers[i].name;
  i -= config.producers.size();
  return i < config.consumers.size() ? config.consumers[i].name : std::to_string(process);
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

Value value_of(As as, std::int64_t n, const model::Config& config) {
  switch (as) {
    case As::producer: return {name_in(config.producers, n)};
    case As::broker: return {name_in(config.brokers, n)};
    case As::broker_queue: return {name_in(config.brokers, n >> 16) + ":" + std::to_string(n & 0xffff)};
    case As::process: return {process_name(n, config)};
    case As::host: return {name_in(config.hosts, n)};
    case As::group: {
      const auto i = static_cast<std::size_t>(n);
      return {i < config.groups.size() ? config.groups[i] : std::to_string(n)};
    }
    case As::topic: return {name_in(config.topics, n)};
    case As::fault_kind: return {std::string(read::word_of(static_cast<model::FaultKind>(n)).text)};
    case As::status:
    case As::refusal: return {std::string(model::to_string(static_cast<model::Status>(n)))};
    case As::broken: return {n != 0 ? "true" : "false", false};
    case As::error: return {std::string(model::to_string(static_cast<model::SendError>(n)))};
    case As::loss: return {std::string(model::to_string(static_cast<model::LossKind>(n)))};
    case As::nothing:
    case As::intent:
    case As::offset:
    case As::attempt:
    case As::times:
    case As::thread:
    case As::bytes:
    case As::records:
    case As::kept:
    case As::gone:
    case As::topics:
    case As::skipped:
    case As::incarnation:
    case As::fault: return {std::to_string(n), false};
  }
  return {std::to_string(n), false};
}

const Shape& shape_of(const sim::Record& record) { return shapes.at(record.kind); }

/// Two processes in one record: the second is the peer.
std::string_view label_of(As as, const Shape& shape, bool second) {
  if (second && as == As::process && shape.subject == As::process) return "peer";
  return labels[static_cast<std::size_t>(as)];
}

bool is_told(As as, std::int64_t n) {
  return as != As::nothing && !(as == As::refusal && n == static_cast<std::int64_t>(model::Status::SEND_OK));
}

template <class F>
void for_each_value(const sim::Record& record, const model::Config& config, F f) {
  const Shape& shape = shape_of(record);
  if (shape.subject != As::nothing)
    f(label_of(shape.subject, shape, false), value_of(shape.subject, record.subject, config));
  if (is_told(shape.a, record.a)) f(label_of(shape.a, shape, true), value_of(shape.a, record.a, config));
  if (is_told(shape.b, record.b)) f(label_of(shape.b, shape, true), value_of(shape.b, record.b, config));
}

std::string_view kind_name(const sim::Record& record) {
  return model::to_string(static_cast<RecordKind>(record.kind));
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\u%04x", static_cast<unsigned>(c));
      out += hex;
    } else {
      out += c;
    }
  }
  return out;
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
    line += value.quoted ? "\":\"" + escaped(value.text) + '"' : "\":" + value.text;
  });
  return line + '}';
}

}  // namespace brokersim::scenarios
