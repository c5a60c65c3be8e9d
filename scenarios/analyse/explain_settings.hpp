// Every setting of a scenario: its value there, and what it changes in the model; and what the model does
// instead of the real settings that it does not honour. `brokersim check --explain-settings`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/read/settings.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::scenarios {

/// One honoured setting as some process has it.
struct SettingHere {
  read::SettingText setting;
  std::string value;  ///< as a file would say it, in the setting's own unit
  bool is_default;    ///< that value is the default of the process's version
  bool is_set;        ///< the file says it

  bool operator==(const SettingHere& other) const {
    return setting.name == other.setting.name && value == other.value && is_set == other.is_set;
  }
};

/// Processes of one kind and version whose settings are equal.
struct ProcessSettings {
  std::string_view kind;  ///< "broker", "producer", "consumer", "reader"
  model::Profile profile;
  std::vector<std::string> names;
  std::vector<SettingHere> settings;
};

struct ExplainedSettings {
  std::vector<ProcessSettings> processes;
  /// Known only, of the kinds and versions of these processes.
  std::vector<read::SettingText> not_honoured;
};

ExplainedSettings explain_settings(const Scenario& scenario);

/// One line per honoured setting; what is not honoured by what the model does instead.
std::string settings_text(const std::string& file, const ExplainedSettings& explained);
/// One JSON object without a newline at its end (docs/report-format.md).
std::string settings_json(const std::string& file, const ExplainedSettings& explained);

}  // namespace brokersim::scenarios
