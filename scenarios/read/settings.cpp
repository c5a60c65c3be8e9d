#include "scenarios/read/settings.hpp"

#include <algorithm>

#include "scenarios/read/setting_values.hpp"

namespace brokersim::scenarios::read {
namespace {

using model::ConsumeFromWhere;
using model::FlushDiskType;
using model::MessageModel;
using model::Profile;

template <class Settings>
struct Of;
template <>
struct Of<model::BrokerSettings> {
  static constexpr Scope scope = Scope::broker;
  static auto table() { return broker_settings(); }
  static auto defaults(Profile profile) { return broker_defaults(profile); }
};
template <>
struct Of<ProducerBlock> {
  static constexpr Scope scope = Scope::producer;
  static auto table() { return producer_settings(); }
  static auto defaults(Profile profile) { return ProducerBlock{producer_defaults(profile)}; }
};
template <>
struct Of<model::PushConsumerSettings> {
  static constexpr Scope scope = Scope::consumer;
  static auto table() { return consumer_settings(); }
  static auto defaults(Profile) { return model::PushConsumerSettings{}; }
};
template <>
struct Of<ReaderSettings> {
  static constexpr Scope scope = Scope::reader;
  static auto table() { return reader_settings(); }
  static auto defaults(Profile) { return ReaderSettings{}; }
};

template <>
struct Of<model::ControllerSettings> {
  static constexpr Scope scope = Scope::controller;
  static auto table() { return controller_settings(); }
  static auto defaults(Profile) { return model::ControllerSettings{}; }
};

template <>
struct Of<model::NameServerSettings> {
  static constexpr Scope scope = Scope::nameserver;
  static auto table() { return name_server_settings(); }
  static auto defaults(Profile) { return model::NameServerSettings{}; }
};

// ------------------------------------------------------------------------------- names

template <class Row>
const Row* row_named(std::span<const Row> table, std::string_view name) {
  const auto at = std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.name == name; });
  return at == table.end() ? nullptr : &*at;
}

const KnownSetting* known(Scope scope, std::string_view name) {
  return row_named(std::span<const KnownSetting>(known_settings(scope)), name);
}

template <class Row>
bool named_in(std::span<const Row> table, std::string_view name) {
  return row_named(table, name) != nullptr;
}

template <class Settings>
bool belongs_to(std::string_view name) {
  return named_in(Of<Settings>::table(), name) || known(Of<Settings>::scope, name) != nullptr;
}

/// Whose setting it is, if it stands in the wrong block.
std::string other_scope(std::string_view name) {
  if (belongs_to<model::BrokerSettings>(name)) return "it is a broker's setting";
  if (belongs_to<ProducerBlock>(name)) return "it is a producer's setting";
  if (belongs_to<model::PushConsumerSettings>(name)) return "it is a consumer's setting";
  if (belongs_to<model::ControllerSettings>(name)) return "it is a controller's setting";
  if (belongs_to<model::NameServerSettings>(name)) return "it is a name server's setting";
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

std::string article(Scope scope) { return "a " + std::string(to_string(scope)); }

std::string_view version_text(Profile profile) { return profile == Profile::v4_9 ? "4.9" : "5.3"; }

/// Of a row of either kind, honoured or known.
template <class Row>
bool has(Profile profile, const Row& row) {
  return profile == Profile::v4_9 ? row.in_4_9 : row.in_5_3;
}

void report_absent(Profile profile, const Place& place, Problems& problems) {
  const std::string version(version_text(profile));
  problems.warning(place.pointer, "RocketMQ " + version + " has no such setting and ignores it",
                   profile == Profile::v4_9 ? "5.3 has it" : "4.9 has it");
}

/// A real setting of this version that the model does not honour.
void report_known(Scope scope, const std::string& name, const Place& place, Problems& problems) {
  const std::string whose = "a real setting of " + article(scope);
  const std::string instead(known(scope, name)->instead);
  const auto modelled = only_modelled_value(scope, name);
  if (!modelled)
    return problems.warning(place.pointer, whose + ", but the model does not honour it", instead);
  if (one_line(*place.value) == *modelled) return;
  problems.error(
      place.pointer,
      whose + " that changes what is lost or doubled, but the model does not honour it: " + instead,
      "modelled: " + std::string(*modelled));
}

template <class Settings>
void read_unhonoured(const std::string& name, const Place& place, Profile profile, Problems& problems) {
  constexpr Scope scope = Of<Settings>::scope;
  const KnownSetting* row = known(scope, name);
  if (row == nullptr) {
    problems.error(place.pointer, quoted(name) + " is not a setting of " + article(scope),
                   nearest<Settings>(name));
  } else if (!has(profile, *row)) {
    report_absent(profile, place, problems);
  } else if (scope == Scope::reader && named_in(consumer_settings(), name)) {
    problems.warning(place.pointer, "a plain reader does not heed it",
                     "a consumer with \"kind\": \"push\" does");
  } else {
    report_known(scope, name, place, problems);
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
      read_unhonoured<Settings>(name, place, profile, problems);
    } else if (!has(profile, *row)) {
      report_absent(profile, place, problems);
    } else {
      set(*row, place, settings, problems);
    }
  }
}

template <class Settings>
Value block_value(const Settings& settings, Profile profile) {
  Value block = Value::object();
  for (const auto& row : Of<Settings>::table()) {
    if (has(profile, row)) block.with(std::string(row.name), get(row, settings));
  }
  return block;
}

// ------------------------------------------------------------------------------- the listing

template <class Enum>
std::string either() {
  std::string text;
  for (const auto& word : EnumWords<Enum>::words)
    text += (text.empty() ? "" : " or ") + std::string(word.text);
  return text;
}

template <class Settings>
std::string type_text(const Setting<Settings>& row) {
  if (std::holds_alternative<bool Settings::*>(row.member)) return "true or false";
  if (std::holds_alternative<FlushDiskType Settings::*>(row.member)) return either<FlushDiskType>();
  if (std::holds_alternative<model::BrokerRole Settings::*>(row.member)) return either<model::BrokerRole>();
  if (std::holds_alternative<std::string Settings::*>(row.member)) return "text";
  if (std::holds_alternative<ConsumeFromWhere Settings::*>(row.member)) return either<ConsumeFromWhere>();
  if (std::holds_alternative<MessageModel Settings::*>(row.member)) return either<MessageModel>();
  if (std::holds_alternative<Levels Settings::*>(row.member)) return "delays: s, m, h or d";
  if (std::holds_alternative<Hours Settings::*>(row.member)) return "hours of the day";
  return row.unit == Unit::none ? "whole number" : std::string(unit_text(row.unit));
}

template <class Settings>
void list(std::vector<SettingText>& all) {
  const std::string_view scope = to_string(Of<Settings>::scope);
  for (const auto& row : Of<Settings>::table()) {
    const std::string in_5_3 = row.in_5_3 ? one_line(get(row, Of<Settings>::defaults(Profile::v5_3))) : "-";
    const std::string in_4_9 = row.in_4_9 ? one_line(get(row, Of<Settings>::defaults(Profile::v4_9))) : "-";
    all.push_back({scope, row.name, true, type_text(row), unit_text(row.unit), in_5_3, in_4_9, row.source,
                   row.meaning, "", std::nullopt});
  }
  for (const KnownSetting& row : known_settings(Of<Settings>::scope))
    all.push_back({scope, row.name, false, "", "", row.in_5_3 ? "" : "-", row.in_4_9 ? "" : "-", "", "",
                   row.instead, only_modelled_value(Of<Settings>::scope, row.name)});
}

}  // namespace

void read_settings(Place config, Profile profile, model::BrokerSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}
void read_settings(Place config, Profile profile, ProducerBlock& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}
void read_settings(Place config, Profile profile, model::PushConsumerSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}
void read_settings(Place config, Profile profile, ReaderSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}

void read_settings(Place config, Profile profile, model::ControllerSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}

void read_settings(Place config, Profile profile, model::NameServerSettings& settings, Problems& problems) {
  read_block(config, profile, settings, problems);
}

Value settings_value(const model::BrokerSettings& settings, Profile profile) {
  return block_value(settings, profile);
}
Value settings_value(const ProducerBlock& settings, Profile profile) {
  return block_value(settings, profile);
}
Value settings_value(const model::PushConsumerSettings& settings, Profile profile) {
  return block_value(settings, profile);
}
Value settings_value(const ReaderSettings& settings, Profile profile) {
  return block_value(settings, profile);
}

Value settings_value(const model::ControllerSettings& settings, Profile profile) {
  return block_value(settings, profile);
}

Value settings_value(const model::NameServerSettings& settings, Profile profile) {
  return block_value(settings, profile);
}

std::vector<SettingText> all_settings() {
  std::vector<SettingText> all;
  list<model::BrokerSettings>(all);
  list<ProducerBlock>(all);
  list<model::PushConsumerSettings>(all);
  list<ReaderSettings>(all);
  list<model::ControllerSettings>(all);
  list<model::NameServerSettings>(all);
  return all;
}

}  // namespace brokersim::scenarios::read
