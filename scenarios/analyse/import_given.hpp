// All files of an import, by whose they are: a file of RocketMQ's own is known by the settings in it.
#pragma once

#include <string>
#include <vector>

#include "scenarios/analyse/import_config.hpp"
#include "scenarios/analyse/import_files.hpp"

namespace brokersim::scenarios {

/// What all files together say.
struct Given {
  std::vector<GivenProcess> brokers, name_servers, controllers, producers, consumers;
  /// namesrvAddr of brokers and their containers, and of clients.
  std::vector<GivenSetting> brokers_ask, clients_ask;
};

/// `left_out` gets what is of no use to any process.
Given given_files(const ImportRequest& request, std::vector<std::string>& left_out);

/// What the file says last; later lines win, as in Properties.
std::string value_of(const GivenProcess& process, std::string_view name, std::string otherwise);
/// "a:9876;b:9876": the addresses.
std::vector<std::string> addresses_in(const std::string& list);

}  // namespace brokersim::scenarios
