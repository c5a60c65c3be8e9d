#include "scenarios/read/setting_values.hpp"

namespace brokersim::scenarios::read {

std::string_view unit_text(Unit unit) {
  switch (unit) {
    case Unit::none: return "";
    case Unit::bytes: return "bytes";
    case Unit::mebibytes: return "MiB";
    case Unit::milliseconds: return "milliseconds";
    case Unit::minutes: return "minutes";
    case Unit::hours: return "hours";
    case Unit::pages: return "pages";
    case Unit::percent: return "percent";
  }
  return "";
}

std::int64_t size_of(Unit unit) {
  switch (unit) {
    case Unit::milliseconds: return 1'000'000;
    case Unit::minutes: return 60'000'000'000;
    case Unit::hours: return 3'600'000'000'000;
    case Unit::mebibytes: return 1 << 20;
    case Unit::none:
    case Unit::bytes:
    case Unit::pages:
    case Unit::percent: break;
  }
  return 1;
}

std::optional<std::int64_t> whole_of(const Value& value) {
  if (value.is(Value::Kind::number) && value.is_integer) return value.integer;
  if (value.is(Value::Kind::text)) return parse_whole(value.text);
  return std::nullopt;
}

std::string number_hint(const Value& value, Unit unit) {
  if (!value.is(Value::Kind::text)) return "";
  std::optional<std::int64_t> amount;
  if (unit == Unit::milliseconds || unit == Unit::minutes || unit == Unit::hours) {
    if (const auto span = parse_duration(value.text).value) amount = span->ns;
  } else if (unit == Unit::bytes || unit == Unit::mebibytes) {
    if (const auto size = parse_size(value.text).value) amount = size->min;
  }
  if (!amount || *amount % size_of(unit) != 0) return "";
  return "RocketMQ's own unit: " + std::to_string(*amount / size_of(unit));
}

std::optional<bool> flag_for(const Place& place, Problems& problems) {
  const Value& value = *place.value;
  if (value.is(Value::Kind::boolean)) return value.boolean;
  if (value.is(Value::Kind::text) && (value.text == "true" || value.text == "false"))
    return value.text == "true";
  problems.error(place.pointer, written(value) + " is neither true nor false");
  return std::nullopt;
}

std::optional<Levels> levels_for(const Place& place, Problems& problems) {
  if (!place.value->is(Value::Kind::text))
    return report_kind(place, "a text", problems, "like \"1s 5s 10s 30s 1m 2m 1h\""), std::nullopt;
  auto parsed = parse_delay_levels(place.value->text);
  if (!parsed.value) problems.error(place.pointer, parsed.message, parsed.suggestion);
  return parsed.value;
}

/// UtilAll.isItTimeToDo: hours between semicolons.
std::optional<Hours> hours_for(const Place& place, Problems& problems) {
  const auto bad = [&] {
    problems.error(place.pointer, written(*place.value) + " is no list of hours", "like \"04\" or \"04;16\"");
    return std::nullopt;
  };
  if (!place.value->is(Value::Kind::text)) return bad();
  Hours hours;
  std::string_view rest = place.value->text;
  for (bool more = true; more;) {
    const std::size_t end = rest.find(';');
    const auto hour = parse_whole(rest.substr(0, end));
    if (!hour || *hour < 0 || *hour > 23) return bad();
    hours.push_back(static_cast<std::int32_t>(*hour));
    more = end != std::string_view::npos;
    if (more) rest.remove_prefix(end + 1);
  }
  return hours;
}

std::string hours_text(const Hours& hours) {
  std::string text;
  for (const std::int32_t hour : hours) {
    if (!text.empty()) text += ';';
    text += (hour < 10 ? "0" : "") + std::to_string(hour);
  }
  return text;
}

}  // namespace brokersim::scenarios::read
