#include "scenarios/analyse/explain_settings.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "scenarios/read/effective_parts.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios {

using model::Profile;
using nlohmann::ordered_json;
using read::SettingText;
using read::Value;

namespace {

constexpr std::size_t names_most = 3;  ///< of equal processes, in the text
constexpr std::size_t text_width = 110;

/// Takes process after process, and puts equal ones together.
class Collector {
 public:
  explicit Collector(const Scenario& scenario) : set_(scenario.settings_set) {}

  void add(std::string_view kind, Profile profile, const std::string& name, const Value& config) {
    ProcessSettings process{kind, profile, {name}, {}};
    for (std::size_t i = 0; i < config.keys.size(); ++i) {
      const SettingText& setting = honoured(kind, config.keys[i]);
      const std::string value = one_line(config.items[i]);
      process.settings.push_back(
          {setting, value, value == setting.default_of(profile), is_set(name, setting)});
    }
    const auto same = std::find_if(found_.begin(), found_.end(), [&](const ProcessSettings& other) {
      return other.kind == kind && other.profile == profile && other.settings == process.settings;
    });
    if (same == found_.end())
      found_.push_back(std::move(process));
    else
      same->names.push_back(name);
  }

  ExplainedSettings result() {
    ExplainedSettings explained{std::move(found_), {}};
    for (const SettingText& setting : all_) {
      const auto has_it = [&](const ProcessSettings& process) {
        return process.kind == setting.scope && setting.default_of(process.profile) != "-";
      };
      const auto& processes = explained.processes;
      if (!setting.honoured && std::any_of(processes.begin(), processes.end(), has_it))
        explained.not_honoured.push_back(setting);
    }
    return explained;
  }

 private:
  const SettingText& honoured(std::string_view kind, std::string_view name) const {
    return *std::find_if(all_.begin(), all_.end(), [&](const SettingText& setting) {
      return setting.honoured && setting.scope == kind && setting.name == name;
    });
  }

  bool is_set(const std::string& name, const SettingText& setting) const {
    const auto process = set_.find(name);
    return process != set_.end() &&
           std::find(process->second.begin(), process->second.end(), setting.name) != process->second.end();
  }

  const std::map<std::string, std::vector<std::string>>& set_;
  std::vector<SettingText> all_ = read::all_settings();
  std::vector<ProcessSettings> found_;
};

Value config_of(const model::ConsumerConfig& reader, Profile profile) {
  return read::settings_value(
      read::ReaderSettings{reader.pullBatchSize, reader.pullTimeDelayMillsWhenException}, profile);
}

// ------------------------------------------------------------------------------- as text

std::string_view version_of(Profile profile) { return read::word_for(read::profile_words, profile); }

std::string names_of(const ProcessSettings& process) {
  std::string text(process.kind);
  if (process.names.size() > 1) text += "s";
  for (std::size_t i = 0; i < std::min(process.names.size(), names_most); ++i)
    text += (i == 0 ? " " : ", ") + process.names[i];
  if (process.names.size() > names_most)
    text += " and " + std::to_string(process.names.size() - names_most) + " more";
  return text;
}

/// What the mode or the role of a process decides is neither set nor the default.
std::string_view whence(const SettingHere& here) {
  if (here.is_set) return here.is_default ? " (set, to the default): " : " (set): ";
  return here.is_default ? " (default): " : " (follows from the rest): ";
}

std::string line_of(const SettingHere& here) {
  const SettingText& setting = here.setting;
  std::string text(setting.name);
  text.append(" = ").append(here.value);
  if (!setting.unit.empty()) text.append(" ").append(setting.unit);
  return text.append(whence(here)).append(setting.meaning) + " [" + std::string(setting.source) + "]";
}

/// Words separated by commas, in lines that begin with `indent`.
std::string wrapped(const std::vector<std::string>& words, const std::string& indent) {
  std::string text, line = indent;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    if (line.size() > indent.size() && line.size() + word.size() > text_width) {
      text += line + "\n";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + word;
  }
  return text + line + "\n";
}

/// Those that come after one another and have the same thing in their place.
std::string not_honoured_text(const std::vector<SettingText>& settings) {
  std::string text;
  for (std::size_t i = 0; i < settings.size();) {
    const SettingText& first = settings[i];
    std::vector<std::string> names;
    for (; i < settings.size() && settings[i].instead == first.instead && settings[i].scope == first.scope;
         ++i) {
      names.emplace_back(settings[i].name);
      if (settings[i].only_value)
        names.back() += " (refused unless " + std::string(*settings[i].only_value) + ")";
    }
    text.append("  ").append(first.scope).append(": ").append(first.instead).append("\n");
    text += wrapped(names, "      ");
  }
  return text;
}

// ------------------------------------------------------------------------------- as JSON

/// "-" is a default of a version that lacks the setting.
ordered_json json_of(const SettingHere& here, Profile profile) {
  const SettingText& setting = here.setting;
  return {{"name", setting.name},
          {"value", here.value},
          {"unit", setting.unit.empty() ? ordered_json(nullptr) : ordered_json(setting.unit)},
          {"default", setting.default_of(profile)},
          {"is_default", here.is_default},
          {"is_set", here.is_set},
          {"changes", setting.meaning},
          {"source", setting.source}};
}

ordered_json json_of(const ProcessSettings& process) {
  ordered_json settings = ordered_json::array();
  for (const SettingHere& here : process.settings) settings.push_back(json_of(here, process.profile));
  return {{"kind", process.kind},
          {"names", process.names},
          {"version", version_of(process.profile)},
          {"settings", std::move(settings)}};
}

ordered_json json_of(const SettingText& setting) {
  return {{"kind", setting.scope},
          {"name", setting.name},
          {"instead", setting.instead},
          {"refused_unless", setting.only_value ? ordered_json(*setting.only_value) : ordered_json(nullptr)}};
}

}  // namespace

ExplainedSettings explain_settings(const Scenario& scenario) {
  const model::Config& config = scenario.config;
  Collector collector(scenario);
  for (const auto& broker : config.brokers)
    collector.add("broker", broker.profile, broker.name,
                  read::settings_value(broker.settings, broker.profile));
  for (const auto& producer : config.producers)
    collector.add("producer", producer.profile, producer.name, read::config(producer));
  const Profile cluster = config.brokers.empty() ? Profile::v5_3 : config.brokers[0].profile;
  for (const auto& reader : config.consumers)
    collector.add("reader", cluster, reader.name, config_of(reader, cluster));
  for (const auto& push : config.push_consumers)
    collector.add("consumer", push.profile, push.name, read::settings_value(push.settings, push.profile));
  return collector.result();
}

std::string settings_text(const std::string& file, const ExplainedSettings& explained) {
  std::string text = file + "\n";
  for (const ProcessSettings& process : explained.processes) {
    text.append("\n").append(names_of(process));
    text.append(" (RocketMQ ").append(version_of(process.profile)).append(")\n");
    for (const SettingHere& here : process.settings) text.append("  ").append(line_of(here)).append("\n");
  }
  return text + "\nreal settings that are not honoured, and what the model does instead\n" +
         not_honoured_text(explained.not_honoured);
}

std::string settings_json(const std::string& file, const ExplainedSettings& explained) {
  ordered_json processes = ordered_json::array(), others = ordered_json::array();
  for (const ProcessSettings& process : explained.processes) processes.push_back(json_of(process));
  for (const SettingText& setting : explained.not_honoured) others.push_back(json_of(setting));
  const ordered_json all{{"file", file}, {"processes", processes}, {"not_honoured", others}};
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace brokersim::scenarios
