#include "scenarios/read/settings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>

#include "scenarios/read/quantities.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::Duration;
using model::FlushDiskType;
using model::Profile;

constexpr std::int64_t ms = 1'000'000;
constexpr Word<FlushDiskType> flush_types[] = {{"ASYNC_FLUSH", FlushDiskType::ASYNC_FLUSH},
                                               {"SYNC_FLUSH", FlushDiskType::SYNC_FLUSH}};

template <class Settings>
struct Of;
template <>
struct Of<model::BrokerSettings> {
  static constexpr Scope scope = Scope::broker;
  static auto table() { return broker_settings(); }
  static auto defaults(Profile profile) { return broker_defaults(profile); }
};
template <>
struct Of<model::ProducerSettings> {
  static constexpr Scope scope = Scope::producer;
  static auto table() { return producer_settings(); }
  static auto defaults(Profile profile) { return producer_defaults(profile); }
};
template <>
struct Of<ConsumerSettings> {
  static constexpr Scope scope = Scope::consumer;
  static auto table() { return consumer_settings(); }
  static auto defaults(Profile) { return ConsumerSettings{}; }
};

// ------------------------------------------------------------------------------- one value

std::string_view unit_text(Unit unit) {
  switch (unit) {
    case Unit::none: return "";
    case Unit::bytes: return "bytes";
    case Unit::milliseconds: return "milliseconds";
    case Unit::pages: return "pages";
  }
  return "";
}

/// A number, or the text of one as a properties file holds it.
std::optional<std::int64_t> whole_of(const Value& value) {
  if (value.is(Value::Kind::number) && value.is_integer) return value.integer;
  if (value.is(Value::Kind::text)) return parse_whole(value.text);
  return std::nullopt;
}

/// "500ms" where RocketMQ wants 500.
std::string number_hint(const Value& value, Unit unit) {
  if (!value.is(Value::Kind::text)) return "";
  if (const auto span = parse_duration(value.text); unit == Unit::milliseconds && span.value)
    return "RocketMQ's own unit: " + std::to_string(span.value->ns / ms);
  if (const auto size = parse_size(value.text); unit == Unit::bytes && size.value)
    return "RocketMQ's own unit: " + std::to_string(size.value->min);
  return "";
}

template <class Settings>
std::optional<std::int64_t> number_for(const Setting<Settings>& setting, const Place& place,
                                       Problems& problems) {
  const auto number = whole_of(*place.value);
  if (number && *number >= setting.min && *number <= setting.max) return number;
  const std::string unit(unit_text(setting.unit));
  problems.error(place.pointer,
                 written(*place.value) + " is not a whole number" + (unit.empty() ? "" : " of " + unit) +
                     " between " + std::to_string(setting.min) + " and " + std::to_string(setting.max),
                 number_hint(*place.value, setting.unit));
  return std::nullopt;
}

std::optional<bool> flag_for(const Place& place, Problems& problems) {
  const Value& value = *place.value;
  if (value.is(Value::Kind::boolean)) return value.boolean;
  if (value.is(Value::Kind::text) && (value.text == "true" || value.text == "false"))
    return value.text == "true";
  problems.error(place.pointer, written(value) + " is neither true nor false");
  return std::nullopt;
}

std::optional<FlushDiskType> flush_type_for(const Place& place, Problems& problems) {
  std::vector<std::string_view> names;
  for (const auto& word : flush_types) {
    if (place.value->is(Value::Kind::text) && place.value->text == word.text) return word.meaning;
    names.push_back(word.text);
  }
  const std::string text = place.value->is(Value::Kind::text) ? place.value->text : "";
  problems.error(place.pointer, written(*place.value) + " is not a FlushDiskType", suggest(text, names));
  return std::nullopt;
}

template <class Settings>
void set(const Setting<Settings>& setting, const Place& place, Settings& settings, Problems& problems) {
  std::visit(
      [&](auto member) {
        using T = std::remove_reference_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<T, bool>) {
          if (const auto flag = flag_for(place, problems)) settings.*member = *flag;
        } else if constexpr (std::is_same_v<T, FlushDiskType>) {
          if (const auto type = flush_type_for(place, problems)) settings.*member = *type;
        } else if (const auto number = number_for(setting, place, problems)) {
          if constexpr (std::is_same_v<T, Duration>)
            settings.*member = Duration{*number * ms};
          else
            settings.*member = static_cast<T>(*number);
        }
      },
      setting.member);
}

/// Kept out of line: inlined, gcc 12 holds every type of member against the smallest settings struct and
/// warns of array bounds that no setting reaches.
template <class Settings>
[[gnu::noinline]] Value get(const Setting<Settings>& setting, const Settings& settings) {
  return std::visit(
      [&](auto member) {
        using T = std::remove_cvref_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<T, bool>)
          return Value::of(settings.*member);
        else if constexpr (std::is_same_v<T, FlushDiskType>)
          return Value::of(std::string(word_for(flush_types, settings.*member)));
        else if constexpr (std::is_same_v<T, Duration>)
          return Value::of((settings.*member).ns / ms);
        else
          return Value::of(static_cast<std::int64_t>(settings.*member));
      },
      setting.member);
}

// ------------------------------------------------------------------------------- names

template <class Row>
const Row* row_named(std::span<const Row> table, std::string_view name) {
  const auto at = std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.name == name; });
  return at == table.end() ? nullptr : &*at;
}

const KnownSetting* known(Scope scope, std::string_view name) {
  return row_named(std::span<const KnownSetting>(known_settings(scope)), name);
}

template <class Settings>
bool belongs_to(std::string_view name) {
  return row_named(Of<Settings>::table(), name) != nullptr || known(Of<Settings>::scope, name) != nullptr;
}

/// Whose setting it is, if it stands in the wrong block.
std::string other_scope(std::string_view name) {
  if (belongs_to<model::BrokerSettings>(name)) return "it is a broker's setting";
  if (belongs_to<model::ProducerSettings>(name)) return "it is a producer's setting";
  if (belongs_to<ConsumerSettings>(name)) return "it is a consumer's setting";
  return "";
}

template <class Settings>
std::string nearest(std::string_view name) {
  if (std::string elsewhere = other_scope(name); !elsewhere.empty()) return elsewhere;
  std::vector<std::string_view> names;
  for (const auto& row : Of<Settings>::table()) names.push_back(row.name);
  for (const KnownSetting& row : known_settings(Of<Settings>::scope)) names.push_back(row.name);
  const std::string suggestion = suggest(name, names);
  return suggestion.starts_with("allowed") ? "" : suggestion;
}

std::string_view version_text(Profile profile) { return profile == Profile::v4_9 ? "4.9" : "5.3"; }

template <class Settings>
void read_unhonoured(const std::string& name, const std::string& pointer, Profile profile,
                     Problems& problems) {
  const KnownSetting* row = known(Of<Settings>::scope, name);
  const std::string whose = "a " + std::string(to_string(Of<Settings>::scope));
  if (row == nullptr) {
    problems.error(pointer, quoted(name) + " is not a setting of " + whose, nearest<Settings>(name));
  } else if (!(profile == Profile::v4_9 ? row->in_4_9 : row->in_5_3)) {
    problems.warning(pointer,
                     "RocketMQ " + std::string(version_text(profile)) + " has no such setting and ignores it",
                     row->in_4_9 ? "4.9 has it" : "5.3 has it");
  } else {
    problems.warning(pointer, "a real setting of " + whose + ", but the model does not honour it");
  }
}

template <class Settings>
void read_block(const Place& config, Profile profile, Settings& settings, Problems& problems) {
  if (config.value == nullptr) return;
  if (!config.value->is(Value::Kind::object)) return report_kind(config, "an object", problems);
  for (std::size_t i = 0; i < config.value->keys.size() && !problems.full(); ++i) {
    const std::string& name = config.value->keys[i];
    const Place place{&config.value->items[i], child(config.pointer, name)};
    const auto* row = row_named(Of<Settings>::table(), name);
    if (row == nullptr) {
      read_unhonoured<Settings>(name, place.pointer, profile, problems);
    } else if (profile == Profile::v4_9 && !row->in_4_9) {
      problems.warning(place.pointer, "RocketMQ 4.9 has no such setting and ignores it", "5.3 has it");
    } else {
      set(*row, place, settings, problems);
    }
  }
}

template <class Settings>
Value block_value(const Settings& settings, Profile profile) {
  Value block = Value::object();
  for (const auto& row : Of<Settings>::table()) {
    if (profile != Profile::v4_9 || row.in_4_9) block.with(std::string(row.name), get(row, settings));
  }
  return block;
}

// ------------------------------------------------------------------------------- the listing

template <class Settings>
std::string type_text(const Setting<Settings>& row) {
  if (std::holds_alternative<bool Settings::*>(row.member)) return "true or false";
  if (std::holds_alternative<FlushDiskType Settings::*>(row.member)) return "ASYNC_FLUSH or SYNC_FLUSH";
  return row.unit == Unit::none ? "whole number" : std::string(unit_text(row.unit));
}

std::string one_line(const Value& value) {
  if (value.is(Value::Kind::text)) return value.text;
  std::string text = write(value);
  text.pop_back();
  return text;
}

template <class Settings>
void list(std::vector<SettingText>& all) {
  const std::string_view scope = to_string(Of<Settings>::scope);
  for (const auto& row : Of<Settings>::table()) {
    const std::string in_5_3 = one_line(get(row, Of<Settings>::defaults(Profile::v5_3)));
    const std::string in_4_9 = row.in_4_9 ? one_line(get(row, Of<Settings>::defaults(Profile::v4_9))) : "-";
    all.push_back({scope, row.name, true, type_text(row), in_5_3, in_4_9, row.source, row.meaning});
  }
  for (const KnownSetting& row : known_settings(Of<Settings>::scope))
    all.push_back({scope, row.name, false, "", row.in_5_3 ? "" : "-", row.in_4_9 ? "" : "-", "", ""});
}

}  // namespace

void read_settings(Place config, Profile profile, model::BrokerSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}
void read_settings(Place config, Profile profile, model::ProducerSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}
void read_settings(Place config, Profile profile, ConsumerSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}

Value settings_value(const model::BrokerSettings& settings, Profile profile) {
  return block_value(settings, profile);
}
Value settings_value(const model::ProducerSettings& settings, Profile profile) {
  return block_value(settings, profile);
}
Value settings_value(const ConsumerSettings& settings, Profile profile) {
  return block_value(settings, profile);
}

std::vector<SettingText> all_settings() {
  std::vector<SettingText> all;
  list<model::BrokerSettings>(all);
  list<model::ProducerSettings>(all);
  list<ConsumerSettings>(all);
  return all;
}

}  // namespace brokersim::scenarios::read
