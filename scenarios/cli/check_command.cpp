#include <algorithm>
#include <cstdio>

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
  std::printf("  default %s", setting.default_5_3.c_str());
  if (other != nullptr) std::printf(", 4.9: %s", *other == '-' ? "does not have it" : other);
  std::printf("\n      %.*s [%.*s]\n", static_cast<int>(setting.meaning.size()), setting.meaning.data(),
              static_cast<int>(setting.source.size()), setting.source.data());
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
      std::printf("  %s\n      a real setting that the model does not honour\n",
                  std::string(setting.name).c_str());
  }
  return all_hold;
}

}  // namespace

int check(const CheckOptions& options) {
  if (options.explain) return explain(options.paths);
  if (options.paths.empty()) throw UsageError("check: which scenario file?");
  bool good = true;
  for (const auto& file : scenario_files(options.paths)) {
    const auto scenario = load(file, options.sets);
    good = good && scenario.has_value();
    if (!scenario) continue;
    if (options.effective)
      std::fputs(scenarios::effective_json(*scenario).c_str(), stdout);
    else
      std::printf("%s: good\n", file.c_str());
  }
  return good ? all_hold : bad_input;
}

}  // namespace brokersim::cli
