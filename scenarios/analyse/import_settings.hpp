// The `config` block of one process of an import: what the model honours. Everything else is told.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/analyse/import_given.hpp"
#include "scenarios/read/settings.hpp"
#include "scenarios/read/value.hpp"

namespace brokersim::scenarios {

/// What an import has found so far.
struct ImportDraft {
  std::string version;
  std::vector<read::SettingText> settings = read::all_settings();
  std::map<std::string, std::string> places;  ///< JSON pointer of a setting -> where it stands in its file
  Import import;

  bool is_4_9() const { return version.starts_with("4.9"); }
};

void leave_out(ImportDraft& draft, const GivenSetting& given, std::string_view why);
/// Leaves out what the process says of this setting.
void leave_out(ImportDraft& draft, GivenProcess& process, std::string_view name, std::string_view why);
/// `pointer`: the process in the scenario.
read::Value config_of(const GivenProcess& process, read::Scope scope, const std::string& pointer,
                      ImportDraft& draft);
/// Whether this version has the setting and the process switches it on.
bool is_on(const GivenProcess& broker, std::string_view name, const ImportDraft& draft);

}  // namespace brokersim::scenarios
