// The files that brokers and applications are configured with, as settings under RocketMQ's own names, each
// with the place where it stands.
#pragma once

#include <string>
#include <vector>

#include "scenarios/analyse/import_config.hpp"

namespace brokersim::scenarios {

struct GivenSetting {
  std::string name, value;
  std::string place;  ///< "application.yml:7: rocketmq.producer.retry-next-server"
};

/// What one file says of one process.
struct GivenProcess {
  std::string path;
  std::vector<GivenSetting> settings;
  std::string group, topic;  ///< of a client of an application; empty: not said
  std::string host;          ///< of a broker in a container; empty: one of its own
};

/// What an application's Spring properties say of RocketMQ.
struct GivenApplication {
  std::vector<GivenProcess> producers;  ///< one at the most
  std::vector<GivenProcess> consumers;  ///< one for each listener that is named
  /// rocketmq.name-server, as namesrvAddr.
  std::vector<GivenSetting> name_servers;
  std::vector<std::string> left_out;  ///< what is no setting of a client in the model, each with its place
};

/// A file of a process of RocketMQ's own, or a properties file of client settings. What stands in a comment
/// of XML is left out: the files of RocketMQ's distribution have some, and to a properties file they are
/// settings.
GivenProcess given_process(const ConfigFile& file, std::vector<std::string>& left_out);
/// Whether it is an application.yml or application.properties with settings of rocketmq-spring.
bool is_application(const ConfigFile& file);
/// RocketMQProperties of rocketmq-spring; what else the application is configured with is nobody's business.
GivenApplication given_application(const ConfigFile& file);

}  // namespace brokersim::scenarios
