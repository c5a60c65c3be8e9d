#include "scenarios/analyse/import_settings.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "scenarios/read/problems.hpp"

namespace brokersim::scenarios {

using read::Scope;
using read::SettingText;
using read::Value;

namespace {

const SettingText* setting_named(const ImportDraft& draft, Scope scope, std::string_view name) {
  const auto found = std::find_if(draft.settings.begin(), draft.settings.end(), [&](const SettingText& s) {
    return s.scope == to_string(scope) && s.name == name;
  });
  return found == draft.settings.end() ? nullptr : &*found;
}

struct Taker {
  Scope scope;
  std::string_view option;  ///< which takes files of such processes
};
constexpr std::array<Taker, 5> takers{{{Scope::broker, ""},
                                       {Scope::producer, "--producer"},
                                       {Scope::consumer, "--consumer"},
                                       {Scope::controller, "--controller"},
                                       {Scope::nameserver, "--namesrv"}}};

/// Whose it is, or which name is near.
std::string hint_for(const ImportDraft& draft, Scope scope, const std::string& name) {
  for (const Taker& other : takers) {
    if (other.scope == scope || setting_named(draft, other.scope, name) == nullptr) continue;
    const std::string whose(to_string(other.scope)), option(other.option);
    return "; it is a " + whose + "'s" + (option.empty() ? "" : ": " + option + " takes its file");
  }
  std::vector<std::string_view> names;
  for (const SettingText& setting : draft.settings) {
    if (setting.scope == to_string(scope)) names.push_back(setting.name);
  }
  const std::string suggestion = read::suggest(name, names);
  return suggestion.empty() ? "" : "; " + suggestion;
}

/// Why the model has no use for it; nothing: it has.
std::optional<std::string> why_left_out(const ImportDraft& draft, Scope scope, const GivenSetting& given) {
  const SettingText* setting = setting_named(draft, scope, given.name);
  if (setting == nullptr)
    return "no setting of a RocketMQ " + std::string(to_string(scope)) + hint_for(draft, scope, given.name);
  if ((draft.is_4_9() ? setting->default_4_9 : setting->default_5_3) == "-")
    return "RocketMQ " + draft.version + " has no such setting and ignores it";
  if (setting->honoured || setting->only_value == given.value) return std::nullopt;
  const std::string instead(setting->instead);
  if (setting->only_value)
    return given.value + " changes what is lost or doubled, and is not modelled: the counts are those of " +
           std::string(*setting->only_value) + " (" + instead + ")";
  return "not modelled: " + instead;
}

}  // namespace

void leave_out(ImportDraft& draft, const GivenSetting& given, std::string_view why) {
  draft.import.left_out.push_back(given.place + ": " + std::string(why));
}

void leave_out(ImportDraft& draft, GivenProcess& process, std::string_view name, std::string_view why) {
  std::erase_if(process.settings, [&](const GivenSetting& given) {
    if (given.name == name) leave_out(draft, given, why);
    return given.name == name;
  });
}

/// Later lines win, as in Properties.
Value config_of(const GivenProcess& process, Scope scope, const std::string& pointer, ImportDraft& draft) {
  Value config = Value::object();
  for (std::size_t i = 0; i < process.settings.size(); ++i) {
    const GivenSetting& given = process.settings[i];
    const bool again =
        std::any_of(process.settings.begin() + static_cast<std::ptrdiff_t>(i) + 1, process.settings.end(),
                    [&](const GivenSetting& later) { return later.name == given.name; });
    if (again) {
      leave_out(draft, given, "a later line says it again, and counts");
    } else if (const auto why = why_left_out(draft, scope, given)) {
      leave_out(draft, given, *why);
    } else {
      config.with(given.name, Value::of(given.value));
      draft.places[pointer + "/config/" + given.name] = given.place;
    }
  }
  return config;
}

bool is_on(const GivenProcess& broker, std::string_view name, const ImportDraft& draft) {
  const SettingText* setting = setting_named(draft, Scope::broker, name);
  const bool known =
      setting != nullptr && (draft.is_4_9() ? setting->default_4_9 : setting->default_5_3) != "-";
  return known && value_of(broker, name, "false") == "true";
}

}  // namespace brokersim::scenarios
