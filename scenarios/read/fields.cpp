#include "scenarios/read/fields.hpp"

#include <algorithm>

#include "scenarios/read/quantities.hpp"

namespace brokersim::scenarios::read {
namespace {

constexpr std::size_t name_bytes_max = 200;

std::string range_text(std::int64_t min, std::int64_t max) {
  return "between " + std::to_string(min) + " and " + std::to_string(max);
}

/// A plain number where a duration should be: most likely milliseconds, as in the brokers' own files.
std::string unit_hint(const Value& value) {
  if (!value.is_integer) return "with its unit, like \"1.5s\"";
  const std::string number = std::to_string(value.integer);
  return "with its unit, like \"" + number + "ms\" or \"" + number + "s\"";
}

}  // namespace

std::string written(const Value& value) {
  if (value.is(Value::Kind::text)) return quoted(value.text);
  if (!value.is(Value::Kind::number)) return std::string(name_of(value.kind));
  return value.is_integer ? std::to_string(value.integer) : shortest(value.number);
}

void report_kind(const Place& place, std::string_view wanted, Problems& problems, std::string suggestion) {
  problems.error(place.pointer,
                 "is " + std::string(name_of(place.value->kind)) + ", but must be " + std::string(wanted),
                 std::move(suggestion));
}

Fields::Fields(Place place, Problems& problems) : pointer_(std::move(place.pointer)), problems_(problems) {
  if (place.value == nullptr) return;
  if (place.value->is(Value::Kind::object))
    object_ = place.value;
  else
    report_kind({place.value, pointer_}, "an object", problems);
}

const Value* Fields::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
  return object_ == nullptr ? nullptr : object_->find(key);
}

Place Fields::required(std::string_view key, std::string_view noun) {
  Place found = place(key);
  if (found.value == nullptr && object_ != nullptr)
    problems_.error(pointer_, std::string(noun) + " needs " + quoted(key));
  return found;
}

void Fields::finish(std::string_view noun) {
  if (object_ == nullptr) return;
  for (const std::string& key : object_->keys) {
    if (problems_.full()) return;
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
      problems_.error(child(pointer_, key), quoted(key) + " is not a part of " + std::string(noun),
                      suggest(key, asked_));
  }
}

bool Fields::text(std::string_view key, std::string& out) {
  const Place member = place(key);
  if (member.value == nullptr) return false;
  if (!member.value->is_text()) return report_kind(member, "a text", problems_), false;
  out = member.value->text;
  return true;
}

bool Fields::flag(std::string_view key, bool& out) {
  const Place member = place(key);
  if (member.value == nullptr) return false;
  if (!member.value->is(Value::Kind::boolean)) return report_kind(member, "true or false", problems_), false;
  out = member.value->boolean;
  return true;
}

bool Fields::whole_number(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max) {
  const Place member = place(key);
  if (member.value == nullptr) return false;
  if (!member.value->is(Value::Kind::number)) return report_kind(member, "a whole number", problems_), false;
  const Value& value = *member.value;
  if (!value.is_integer || value.integer < min || value.integer > max) {
    problems_.error(member.pointer, written(value) + " is not a whole number " + range_text(min, max));
    return false;
  }
  out = value.integer;
  return true;
}

bool Fields::real(std::string_view key, double& out, double min, double max) {
  const Place member = place(key);
  if (member.value == nullptr) return false;
  if (!member.value->is(Value::Kind::number)) return report_kind(member, "a number", problems_), false;
  const double number = member.value->number;
  if (!(number >= min && number <= max)) {
    problems_.error(member.pointer,
                    shortest(number) + " is not between " + shortest(min) + " and " + shortest(max));
    return false;
  }
  out = number;
  return true;
}

bool Fields::duration(std::string_view key, sim::Duration& out, sim::Duration min, sim::Duration max) {
  return duration_at(place(key), out, problems_, min, max);
}

bool Fields::distribution(std::string_view key, sim::Distribution& out) {
  return distribution_at(place(key), out, problems_);
}

void Fields::report_choice(std::string_view key, const std::string& written,
                           std::span<const std::string_view> names) {
  problems_.error(pointer_to(key), quoted(written) + " is not a choice here", suggest(written, names));
}

std::vector<std::string_view> present(Fields& fields, std::initializer_list<std::string_view> keys) {
  std::vector<std::string_view> found;
  for (const std::string_view key : keys) {
    if (fields.has(key)) found.push_back(key);
  }
  return found;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : " and ") + quoted(name);
  return text;
}

void refuse_without(Fields& fields, std::string_view needed, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : present(fields, keys))
    fields.problems().error(fields.pointer_to(key),
                            quoted(key) + " means something only beside " + quoted(needed));
}

void refuse(Fields& fields, std::string_view key, std::string message, std::string suggestion) {
  if (fields.has(key))
    fields.problems().error(fields.pointer_to(key), std::move(message), std::move(suggestion));
}

std::vector<Place> elements(const Place& place, Problems& problems) {
  std::vector<Place> all;
  if (place.value == nullptr) return all;
  if (!place.value->is(Value::Kind::array)) return report_kind(place, "an array", problems), all;
  for (std::size_t i = 0; i < place.value->items.size(); ++i)
    all.push_back({&place.value->items[i], child(place.pointer, i)});
  return all;
}

bool name_at(const Place& place, std::string& out, Problems& problems) {
  if (place.value == nullptr) return false;
  if (!place.value->is_text()) return report_kind(place, "a name", problems), false;
  const std::string& name = place.value->text;
  if (name.empty() || name.size() > name_bytes_max || printable(name, name_bytes_max) != name) {
    problems.error(place.pointer, quoted(name) + " is not a name", "1 to 200 bytes, no control characters");
    return false;
  }
  out = name;
  return true;
}

bool duration_at(const Place& place, sim::Duration& out, Problems& problems, sim::Duration min,
                 sim::Duration max) {
  if (place.value == nullptr) return false;
  if (!place.value->is(Value::Kind::text)) {
    return report_kind(place, "a duration", problems,
                       place.value->is(Value::Kind::number) ? unit_hint(*place.value) : ""),
           false;
  }
  const std::string& text = place.value->text;
  const auto parsed = parse_duration(text);
  if (!parsed.value && text.find('(') != std::string::npos) {
    problems.error(place.pointer, "must be one fixed duration, not a distribution");
  } else if (!parsed.value) {
    problems.error(place.pointer, parsed.message, parsed.suggestion);
  } else if (*parsed.value < min || *parsed.value > max) {
    problems.error(place.pointer, quoted(text) + " is out of range",
                   "between " + sim::to_string(min) + " and " + sim::to_string(max));
  } else {
    return out = *parsed.value, true;
  }
  return false;
}

namespace {

/// {"empirical": ["1ms", "4ms"]}
bool empirical_at(const Place& place, sim::Distribution& out, Problems& problems) {
  Fields fields(place, problems);
  std::vector<sim::Duration> samples;
  bool good = fields.required("empirical", "a distribution as an object").value != nullptr;
  for (const Place& element : elements(fields.place("empirical"), problems)) {
    sim::Duration sample;
    const bool right = duration_at(element, sample, problems, {}, longest_span);
    samples.push_back(sample);
    good = good && right;
  }
  fields.finish("a distribution");
  if (good && samples.empty()) problems.error(fields.pointer_to("empirical"), "needs at least one sample");
  if (!good || samples.empty()) return false;
  out = sim::Distribution::empirical(std::move(samples));
  return true;
}

}  // namespace

bool distribution_at(const Place& place, sim::Distribution& out, Problems& problems) {
  if (place.value == nullptr) return false;
  if (place.value->is(Value::Kind::object)) return empirical_at(place, out, problems);
  if (!place.value->is(Value::Kind::text)) {
    report_kind(place, "a duration or a distribution", problems,
                place.value->is(Value::Kind::number) ? unit_hint(*place.value) : "");
    return false;
  }
  auto parsed = parse_distribution(place.value->text);
  if (!parsed.value) return problems.error(place.pointer, parsed.message, parsed.suggestion), false;
  out = *std::move(parsed.value);
  return true;
}

}  // namespace brokersim::scenarios::read
