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
  /// A broker.conf for each broker, in any number (none: one broker with defaults), namesrv.conf,
  /// controller.conf and files of broker containers, and application.yml or application.properties files of
  /// rocketmq-spring: all are known by what they hold.
  std::vector<ConfigFile> files;
  std::vector<ConfigFile> producers = {},
                          consumers = {};  ///< properties files of client settings, one client each
  std::vector<ConfigFile> name_servers = {}, controllers = {};  ///< that their settings do not tell
  std::string version = "5.3";
};

struct Import {
  std::string scenario;               ///< the file, ending in a newline
  std::vector<std::string> left_out;  ///< `broker.conf:7: listenPort: ...`, in the order of the files
  /// Why the scenario does not run as it stands, and what to change: values that a setting cannot have, at
  /// their lines, and what the model refuses.
  std::vector<std::string> refused;
};

Import import_config(const ImportRequest& request);

}  // namespace brokersim::scenarios
