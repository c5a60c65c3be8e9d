// From the files that a real cluster and its applications run with to a scenario: what the model honours is
// taken over, everything else is told. The workload and the fault are examples to be edited.
#pragma once

#include <string>
#include <vector>

#include "model/config.hpp"

namespace brokersim::scenarios {

/// A file of settings: as it is named in messages, and what it holds.
struct ConfigFile {
  std::string path;
  std::string text;
};

struct ImportRequest {
  /// A broker.conf for each broker, in any number (none: one broker with defaults), and application.yml or
  /// application.properties files of rocketmq-spring, which are known by what they hold.
  std::vector<ConfigFile> files;
  std::vector<ConfigFile> producers, consumers;  ///< properties files of client settings, one client each
  std::string version = "5.3";
};

struct Import {
  std::string scenario;               ///< the file, ending in a newline; empty if there are errors
  std::vector<std::string> left_out;  ///< `broker.conf:7: listenPort: ...`, in the order of the files
  std::vector<std::string> errors;    ///< values that the setting cannot have, at their lines
};

Import import_config(const ImportRequest& request);

}  // namespace brokersim::scenarios
