#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

#include "scenarios/analyse/explain_settings.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "scenarios/read/problems.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::cli {

namespace {

using scenarios::read::SettingText;

void print(const SettingText& setting) {
  std::printf("  %.*s (%s)", static_cast<int>(setting.name.size()), setting.name.data(),
              setting.type.c_str());
  const char* other = setting.default_4_9 == setting.default_5_3 ? nullptr : setting.default_4_9.c_str();
  std::printf("  default %s", setting.default_5_3.empty() ? "\"\"" : setting.default_5_3.c_str());
  if (other != nullptr) std::printf(", 4.9: %s", *other == '-' ? "does not have it" : other);
  std::printf("\n      %.*s [%.*s]\n", static_cast<int>(setting.meaning.size()), setting.meaning.data(),
              static_cast<int>(setting.source.size()), setting.source.data());
}

/// What stands for a real setting that the model does not honour.
void print_known(const SettingText& setting) {
  std::printf("  %s\n      a real setting that the model does not honour: %s\n",
              std::string(setting.name).c_str(), std::string(setting.instead).c_str());
  if (setting.only_value)
    std::printf("      every value but %s is refused\n", std::string(*setting.only_value).c_str());
}

/// " (did you mean ...?)", if one is near.
std::string nearest(const std::string& name, const std::vector<SettingText>& settings) {
  std::vector<std::string_view> names;
  for (const SettingText& setting : settings) names.push_back(setting.name);
  const std::string suggestion = scenarios::read::suggest(name, names);
  return suggestion.empty() ? "" : " (" + suggestion + ")";
}

/// All settings that the model honours, or those whose names are given.
int explain(const std::vector<std::string>& names) {
  const auto settings = scenarios::read::all_settings();
  for (const std::string& name : names) {
    const bool known = std::any_of(settings.begin(), settings.end(),
                                   [&](const SettingText& setting) { return setting.name == name; });
    if (!known) throw UsageError("no setting is called \"" + name + "\"" + nearest(name, settings));
  }
  std::string_view scope;
  for (const SettingText& setting : settings) {
    const bool named = std::find(names.begin(), names.end(), setting.name) != names.end();
    if (!(named || (names.empty() && setting.honoured))) continue;
    if (setting.scope != scope) std::printf("%s config:\n", std::string(scope = setting.scope).c_str());
    if (setting.honoured)
      print(setting);
    else
      print_known(setting);
  }
  return all_hold;
}

using Told = std::function<void(const std::string& file, const scenarios::Scenario& scenario)>;

/// Tells of each good file; the others' problems are on stderr.
int check_each(const CheckOptions& options, const Told& tell) {
  bool good = true;
  for (const auto& file : scenario_files(options.paths)) {
    const auto scenario = load(file, options.sets);
    good = good && scenario.has_value();
    if (scenario) tell(file, *scenario);
  }
  return good ? all_hold : bad_input;
}

/// An array with an object for each file.
int explain_as_json(const CheckOptions& options) {
  const char* before = "[\n";
  const int code = check_each(options, [&](const std::string& file, const scenarios::Scenario& scenario) {
    std::fputs(std::exchange(before, ",\n"), stdout);
    std::fputs(settings_json(file, scenarios::explain_settings(scenario)).c_str(), stdout);
  });
  std::fputs(*before == '[' ? "[]\n" : "\n]\n", stdout);
  return code;
}

}  // namespace

int check(const CheckOptions& options) {
  if (options.explain) return explain(options.paths);
  if (options.paths.empty()) throw UsageError("check: which scenario file?");
  if (options.json) return explain_as_json(options);
  return check_each(options, [&](const std::string& file, const scenarios::Scenario& scenario) {
    if (options.effective)
      std::fputs(scenarios::effective_json(scenario).c_str(), stdout);
    else if (options.explain_settings)
      std::fputs(settings_text(file, scenarios::explain_settings(scenario)).c_str(), stdout);
    else
      std::printf("%s: good\n", file.c_str());
  });
}

}  // namespace brokersim::cli
