// When a fault strikes: at a time, at an event, again and again.
#include <algorithm>
#include <array>
#include <optional>

#include "model/event.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::EventName;
using model::FaultTrigger;
using model::TriggerKind;

constexpr std::int64_t nth_max = 1'000'000'000;
/// A fault process that strikes more often than this would fill the run with nothing else.
constexpr std::int64_t strikes_max = 1'000'000;

std::vector<std::string_view> event_names() {
  std::vector<std::string_view> names;
  for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(EventName::count); ++i)
    names.push_back(model::to_string(static_cast<EventName>(i)));
  return names;
}

/// What a plain reader, too, does or gets; the other events of consumers are those of push consumers.
constexpr std::array at_readers{EventName::consumer_start, EventName::consumer_pull,
                                EventName::consumer_pull_response, EventName::consumer_worked,
                                EventName::consumer_connect_timeout};

bool reads(EventName event) {
  return std::find(at_readers.begin(), at_readers.end(), event) != at_readers.end();
}

/// Of the client's routes, which plain readers have too.
bool of_routes(std::string_view name) { return name.starts_with("client.route"); }

/// "broker.flush_tick" happens at brokers only, a heartbeat at all clients but plain readers.
bool can_have(EventName event, std::size_t process, const model::Config& config) {
  const std::string_view name = model::to_string(event);
  const std::size_t producers = config.brokers.size(), readers = producers + config.producers.size();
  const bool is_broker = process < producers, is_producer = !is_broker && process < readers;
  const bool is_reader = !is_broker && !is_producer && process < readers + config.consumers.size();
  const std::size_t clients =
      config.producers.size() + config.consumers.size() + config.push_consumers.size();
  const bool is_controller = process >= producers + clients + config.name_servers.size();
  const bool is_name_server = process >= producers + clients && !is_controller;
  if (name.starts_with("controller.") || is_controller)
    return is_controller && (name.starts_with("controller.") || name.starts_with("process.") ||
                             name.starts_with("connection."));
  if (name.starts_with("nameserver.") || is_name_server)
    return is_name_server && (name.starts_with("nameserver.") || name.starts_with("process.") ||
                              name.starts_with("connection."));
  if (name.starts_with("broker.") || name.starts_with("dledger.")) return is_broker;
  if (name.starts_with("producer.")) return is_producer;
  if (name.starts_with("consumer.")) return !is_broker && !is_producer && (!is_reader || reads(event));
  if (name.starts_with("client.")) return !is_broker && (!is_reader || of_routes(name));
  return !name.starts_with("fault.");
}

void read_actor(Fields& fields, std::optional<EventName> event, FaultTrigger& trigger, Draft& draft) {
  const Place place = fields.place("actor");
  const auto number = read_reference(place, draft.processes, "process", draft.problems);
  if (!number) return;
  if (event && !can_have(*event, *number, draft.config()))
    draft.problems.error(place.pointer,
                         quoted(model::to_string(*event)) + " never happens at " + quoted(place.value->text));
  trigger.any_actor = false;
  trigger.actor = model::ProcessId(static_cast<std::uint16_t>(*number));
}

void read_event(Fields& fields, FaultTrigger& trigger, Draft& draft) {
  trigger.kind = TriggerKind::on_event;
  std::string name;
  std::optional<EventName> event;
  if (fields.text("on", name)) {
    event = model::event_name(name);
    if (event) {
      trigger.event = static_cast<std::uint16_t>(*event);
    } else {
      const auto names = event_names();
      std::string hint = suggest(name, names);
      if (hint.empty()) hint = allowed(names);
      draft.problems.error(fields.pointer_to("on"), "no event is called " + quoted(name), std::move(hint));
    }
  }
  read_actor(fields, event, trigger, draft);
  fields.whole("nth", trigger.nth, 1, nth_max);
  fields.choice("when", trigger.before, when_words);
}

void check_frequency(Fields& fields, const FaultTrigger& trigger, Draft& draft) {
  const model::Duration end = std::min(trigger.until, draft.config().duration_max);
  const model::Duration mean = trigger.time.mean();
  if (trigger.time.representative().back().ns == 0)
    draft.problems.error(fields.pointer_to("every"), "the time between two strikes is 0");
  else if (end > trigger.from && (end - trigger.from).ns / std::max<std::int64_t>(mean.ns, 1) > strikes_max)
    draft.problems.error(fields.pointer_to("every"), "would strike more than a million times",
                         "set \"until\", or make \"duration_max\" shorter");
}

}  // namespace

void read_process_trigger(Fields& fields, FaultTrigger& trigger, Draft& draft) {
  trigger.kind = TriggerKind::process;
  const bool good = fields.distribution("every", trigger.time);
  fields.duration("from", trigger.from);
  const Value* until = fields.find("until");
  const bool endless = until != nullptr && until->is(Value::Kind::text) && until->text == word_end;
  if (!endless && fields.duration("until", trigger.until) && trigger.until < trigger.from)
    draft.problems.error(fields.pointer_to("until"), "lies before \"from\"");
  if (good) check_frequency(fields, trigger, draft);
}

void read_trigger(Fields& fields, FaultTrigger& trigger, Draft& draft) {
  const auto triggers = present(fields, {"at", "on", "every"});
  if (triggers.empty() && fields.is_object())
    draft.problems.error(fields.pointer(), "a fault needs a trigger", "one of \"at\", \"on\", \"every\"");
  if (triggers.size() > 1)
    draft.problems.error(fields.pointer(), joined(triggers) + " contradict each other",
                         "a fault has one trigger");
  if (fields.has("on"))
    read_event(fields, trigger, draft);
  else
    refuse_without(fields, "on", {"actor", "nth", "when"});
  if (fields.has("every"))
    read_process_trigger(fields, trigger, draft);
  else
    refuse_without(fields, "every", {"from", "until"});
  if (fields.has("at")) fields.distribution("at", trigger.time);
}

}  // namespace brokersim::scenarios::read
