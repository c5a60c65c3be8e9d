#include "scenarios/analyse/import_given.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios {

using read::Scope;

namespace {

using Names = std::set<std::string_view>;

/// Which names are whose, of the processes that RocketMQ itself starts.
struct Whose {
  Names brokers, name_servers, controllers;

  Whose() {
    for (const read::SettingText& setting : read::all_settings()) {
      if (setting.scope == to_string(Scope::broker)) brokers.insert(setting.name);
      if (setting.scope == to_string(Scope::nameserver)) name_servers.insert(setting.name);
      if (setting.scope == to_string(Scope::controller)) controllers.insert(setting.name);
    }
  }
};

bool any_of(const GivenProcess& file, const auto& is_wanted) {
  return std::any_of(file.settings.begin(), file.settings.end(),
                     [&](const GivenSetting& given) { return is_wanted(std::string_view(given.name)); });
}

/// BrokerContainerConfig: one process with several brokers, each with a file of its own.
constexpr std::string_view paths_of_container = "brokerConfigPaths";

enum class Kind { broker, container, name_server, controller };

/// By the names that are nobody else's; a file that has none of these is a broker's.
Kind kind_of(const GivenProcess& file, const Whose& whose) {
  if (any_of(file, [](auto name) { return name == paths_of_container; })) return Kind::container;
  const auto of_server = [&](auto name) { return whose.name_servers.contains(name); };
  const auto of_controller = [&](auto name) { return whose.controllers.contains(name); };
  if (any_of(file, [&](auto name) {
        return whose.brokers.contains(name) && !of_server(name) && !of_controller(name);
      }))
    return Kind::broker;
  const auto of_broker = [&](auto name) { return whose.brokers.contains(name); };
  if (any_of(file, [&](auto name) { return of_server(name) && !of_broker(name) && !of_controller(name); }))
    return Kind::name_server;
  return any_of(file, [&](auto name) { return of_controller(name) && !of_broker(name); }) ? Kind::controller
                                                                                          : Kind::broker;
}

void move_setting(GivenProcess& from, std::string_view name, std::vector<GivenSetting>& to) {
  const auto is_named = [&](const GivenSetting& given) { return given.name == name; };
  std::copy_if(from.settings.begin(), from.settings.end(), std::back_inserter(to), is_named);
  std::erase_if(from.settings, is_named);
}

/// A name server with a controller in it (NamesrvStartup) is one process; here they are two.
void add_name_server(GivenProcess file, const Whose& whose, Given& given,
                     std::vector<std::string>& left_out) {
  if (value_of(file, "enableControllerInNamesrv", "false") != "true") {
    given.name_servers.push_back(std::move(file));
    return;
  }
  GivenProcess controller = file;
  const auto of_server = [&](const GivenSetting& one) { return whose.name_servers.contains(one.name); };
  const auto of_controller = [&](const GivenSetting& one) { return whose.controllers.contains(one.name); };
  std::erase_if(controller.settings, [&](const auto& one) { return of_server(one) || !of_controller(one); });
  std::erase_if(file.settings, [&](const auto& one) { return of_controller(one) && !of_server(one); });
  std::vector<GivenSetting> told;
  move_setting(file, "enableControllerInNamesrv", told);
  left_out.push_back(told.back().place +
                     ": the controller is a process of its own here, on a host of its own: what strikes the "
                     "name server has to strike both");
  given.controllers.push_back(std::move(controller));
  given.name_servers.push_back(std::move(file));
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == by)
      parts.emplace_back();
    else if (c != ' ')
      parts.back() += c;
  }
  std::erase(parts, "");
  return parts;
}

/// Its brokers live and die with its machine.
void join_container(GivenProcess container, Given& given, std::vector<std::string>& left_out) {
  std::vector<GivenSetting> paths;
  move_setting(container, "namesrvAddr", given.brokers_ask);
  move_setting(container, paths_of_container, paths);
  const std::string host = std::filesystem::path(container.path).stem().string();
  for (const std::string& path : split(paths.back().value, ':')) {
    const auto named =
        std::find_if(given.brokers.begin(), given.brokers.end(),
                     [&](const GivenProcess& broker) { return file_name(broker.path) == file_name(path); });
    if (named == given.brokers.end())
      left_out.push_back(paths.back().place + ": " + file_name(path) + " is not among the files");
    else
      named->host = host;
  }
  left_out.push_back(
      paths.back().place +
      ": the brokers of a container are processes of their own here, on one host: what strikes "
      "the container has to strike each of them");
  for (const GivenSetting& one : container.settings)
    left_out.push_back(one.place + ": a setting of the container, which is no process here");
}

/// `group`: the setter of DefaultMQProducer or DefaultMQPushConsumer that says it. The last line counts.
void add_client(const ConfigFile& file, std::string_view group, std::vector<GivenProcess>& clients,
                Given& given, std::vector<std::string>& left_out) {
  GivenProcess& client = clients.emplace_back(given_process(file, left_out));
  move_setting(client, "namesrvAddr", given.clients_ask);
  std::vector<GivenSetting> groups;
  move_setting(client, group, groups);
  if (!groups.empty()) client.group = groups.back().value;
}

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

void add_application(const ConfigFile& file, Given& given, std::vector<std::string>& left_out) {
  const GivenApplication application = given_application(file);
  append(given.producers, application.producers);
  append(given.consumers, application.consumers);
  append(given.clients_ask, application.name_servers);
  append(left_out, application.left_out);
}

}  // namespace

std::string value_of(const GivenProcess& process, std::string_view name, std::string otherwise) {
  for (const GivenSetting& given : process.settings) {
    if (given.name == name) otherwise = given.value;
  }
  return otherwise;
}

std::vector<std::string> addresses_in(const std::string& list) { return split(list, ';'); }

Given given_files(const ImportRequest& request, std::vector<std::string>& left_out) {
  const Whose whose;
  Given given;
  std::vector<GivenProcess> containers;
  for (const ConfigFile& file : request.files) {
    if (is_application(file)) {
      add_application(file, given, left_out);
      continue;
    }
    GivenProcess process = given_process(file, left_out);
    switch (kind_of(process, whose)) {
      case Kind::broker: given.brokers.push_back(std::move(process)); break;
      case Kind::container: containers.push_back(std::move(process)); break;
      case Kind::name_server: add_name_server(std::move(process), whose, given, left_out); break;
      case Kind::controller: given.controllers.push_back(std::move(process)); break;
    }
  }
  for (const ConfigFile& file : request.name_servers)
    add_name_server(given_process(file, left_out), whose, given, left_out);
  for (const ConfigFile& file : request.controllers)
    given.controllers.push_back(given_process(file, left_out));
  for (GivenProcess& broker : given.brokers) move_setting(broker, "namesrvAddr", given.brokers_ask);
  for (GivenProcess& container : containers) join_container(std::move(container), given, left_out);
  for (const ConfigFile& file : request.producers)
    add_client(file, "producerGroup", given.producers, given, left_out);
  for (const ConfigFile& file : request.consumers)
    add_client(file, "consumerGroup", given.consumers, given, left_out);
  return given;
}

}  // namespace brokersim::scenarios
