// `expect`: what a run must show.
#include <limits>

#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::ledger::Cause;

constexpr std::int64_t count_max = 1'000'000'000;

std::vector<std::string_view> cause_names() {
  std::vector<std::string_view> names;
  for (const auto& text : model::ledger::cause_texts) {
    if (text.cause != Cause::none) names.push_back(text.name);
  }
  return names;
}

bool number_at(const Place& place, double& out, Problems& problems) {
  if (!place.value->is(Value::Kind::number)) return report_kind(place, "a number", problems), false;
  if (!(place.value->number >= 0 && place.value->number <= static_cast<double>(count_max)))
    return problems.error(place.pointer, "is not between 0 and 1000000000"), false;
  out = place.value->number;
  return true;
}

/// [low, high]; null is an open end.
std::optional<Interval> range_at(const Place& place, Problems& problems) {
  const auto ends = elements(place, problems);
  if (ends.size() != 2)
    return problems.error(place.pointer, "a range is [low, high]", "null is an open end"), std::nullopt;
  Interval range;
  const auto end = [&](const Place& at, double& out) {
    return at.value->is(Value::Kind::null) || number_at(at, out, problems);
  };
  const bool low = end(ends[0], range.low);
  const bool high = end(ends[1], range.high);
  if (!low || !high) return std::nullopt;
  if (range.low > range.high)
    return problems.error(place.pointer, "the lower end is above the upper end"), std::nullopt;
  return range;
}

/// A number or a range. Of a number n, `min` means n and more, `max` means n and less, the others exactly n.
std::optional<Interval> interval_at(const Place& place, std::string_view key, Problems& problems) {
  if (place.value == nullptr) return std::nullopt;
  if (place.value->is(Value::Kind::array)) return range_at(place, problems);
  double number = 0;
  if (!place.value->is(Value::Kind::number))
    return report_kind(place, "a number or a range [low, high]", problems), std::nullopt;
  if (!number_at(place, number, problems)) return std::nullopt;
  Interval interval;
  if (key != "max") interval.low = number;
  if (key != "min") interval.high = number;
  return interval;
}

void read_measured(const Place& place, std::vector<std::int64_t>& measured, Problems& problems) {
  if (place.value == nullptr) return;
  const auto all = elements(place, problems);
  if (place.value->is(Value::Kind::array) && all.empty())
    problems.error(place.pointer, "needs at least one count");
  for (const Place& element : all) {
    const Value& value = *element.value;
    if (value.is(Value::Kind::number) && value.is_integer && value.integer >= 0 && value.integer <= count_max)
      measured.push_back(value.integer);
    else
      problems.error(element.pointer, "is not a count");
  }
}

void read_forms(const Place& place, Expectation& expectation, Problems& problems) {
  Fields fields(place, problems);
  const auto interval = [&](std::string_view key) { return interval_at(fields.place(key), key, problems); };
  expectation.every_seed = interval("exactly");
  expectation.mean = interval("mean");
  expectation.median = interval("median");
  expectation.min = interval("min");
  expectation.max = interval("max");
  read_measured(fields.place("contains"), expectation.measured, problems);
  if (place.value->keys.empty())
    problems.error(place.pointer, "says nothing",
                   "\"exactly\", \"mean\", \"median\", \"min\", \"max\" or \"contains\"");
  const Place exactly = fields.place("exactly");
  if (exactly.value != nullptr && exactly.value->is(Value::Kind::array))
    problems.error(exactly.pointer, "must be a number",
                   "a range for every seed stands directly at the count");
  fields.finish("a count");
}

void read_count(const Place& place, Expectation& expectation, Problems& problems) {
  if (place.value->is(Value::Kind::object)) return read_forms(place, expectation, problems);
  if (place.value->is(Value::Kind::number) || place.value->is(Value::Kind::array))
    expectation.every_seed = interval_at(place, "", problems);
  else
    report_kind(place, "a number, a range [low, high] or an object", problems);
}

/// At most one kind of count stands in one expectation.
void find_count(Fields& fields, Expectation& expectation, Problems& problems) {
  for (std::size_t i = 0; i < count_kinds; ++i) {
    const Place place = fields.place(count_names[i]);
    if (place.value == nullptr) continue;
    if (expectation.count) {
      problems.error(
          place.pointer,
          "one entry counts one thing, and this one counts " + quoted(to_string(*expectation.count)),
          "write two entries");
    } else {
      expectation.count = static_cast<Count>(i);
      read_count(place, expectation, problems);
    }
  }
}

void read_cause(Fields& fields, Cause& cause, Problems& problems) {
  std::string name;
  if (!fields.text("cause", name)) return;
  const auto found = model::ledger::cause_named(name);
  if (found && *found != Cause::none)
    cause = *found;
  else
    problems.error(fields.pointer_to("cause"), "no cause is called " + quoted(name),
                   suggest(name, cause_names()));
}

void read_window(const Place& place, Expectation& expectation, Problems& problems) {
  if (place.value == nullptr) return;
  Fields fields(place, problems);
  model::Duration bound;
  if (fields.duration("min", bound)) expectation.window_min = bound;
  if (fields.duration("max", bound)) expectation.window_max = bound;
  const bool both = expectation.window_min && expectation.window_max;
  if (both && *expectation.window_min > *expectation.window_max)
    problems.error(place.pointer, "\"min\" is above \"max\"");
  if (place.value->is(Value::Kind::object) && place.value->keys.empty())
    problems.error(place.pointer, "needs \"min\" or \"max\"");
  fields.finish("a window");
}

void read_group(Fields& fields, Expectation& expectation, Draft& draft) {
  const Place place = fields.place("group");
  if (place.value != nullptr && draft.groups.size() == 0)
    return draft.problems.error(place.pointer, "there are no consumers, so the log is judged");
  if (read_reference(place, draft.groups, "group", draft.problems)) expectation.group = place.value->text;
}

void read_expectation(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  Expectation expectation;
  expectation.pointer = place.pointer;
  find_count(fields, expectation, draft.problems);
  read_cause(fields, expectation.cause, draft.problems);
  const Place window = fields.place("window");
  read_window(window, expectation, draft.problems);
  read_group(fields, expectation, draft);
  fields.text("because", expectation.because);
  if (!expectation.count && window.value == nullptr && fields.is_object())
    draft.problems.error(place.pointer, "expects nothing", "a count like \"lost\": 0, or a \"window\"");
  fields.finish("an expectation");
  draft.scenario.expect.push_back(std::move(expectation));
}

}  // namespace

void read_expectations(Fields& file, Draft& draft) {
  for (const Place& place : elements(file.place("expect"), draft.problems)) read_expectation(place, draft);
}

}  // namespace brokersim::scenarios::read
