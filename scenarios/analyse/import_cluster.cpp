#include "scenarios/analyse/import_cluster.hpp"

#include <algorithm>
#include <set>

namespace brokersim::scenarios {

using read::Scope;
using read::Value;

namespace {

Value text(std::string_view words) { return Value::of(std::string(words)); }

/// Processes have names of their own.
class Names {
 public:
  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int number = 2; !taken_.insert(name).second; ++number) name = wanted + "-" + std::to_string(number);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

Value process_named(const std::string& name, const std::string& host = {}) {
  return Value::object()
      .with("name", text(name))
      .with("host", text("host-of-" + (host.empty() ? name : host)));
}

// ------------------------------------------------------------------------------------- brokers

bool is_slave(const GivenProcess& broker) { return value_of(broker, "brokerRole", "") == "SLAVE"; }
bool is_controlled(const GivenProcess& broker, const ImportDraft& draft) {
  return is_on(broker, "enableControllerMode", draft);
}
bool is_member(const GivenProcess& broker, const ImportDraft& draft) {
  return is_on(broker, "enableDLegerCommitLog", draft);
}

/// BrokerStartup.buildBrokerController: who says which broker of a set is the master.
GivenProcess with_its_role(GivenProcess broker, ImportDraft& draft) {
  if (is_controlled(broker, draft)) {
    for (const std::string_view name : {"brokerId", "brokerRole"})
      leave_out(draft, broker, name,
                "the controller says who is the master: first it is the first file's broker");
  } else if (is_member(broker, draft)) {
    leave_out(draft, broker, "brokerId", "a member of a DLedger group has the id that dLegerSelfId gives");
  } else if (!is_slave(broker) && value_of(broker, "brokerId", "0") != "0") {
    leave_out(draft, broker, "brokerId", "a master has brokerId 0, whatever its file says");
  }
  return broker;
}

/// The brokers of a set share a brokerName.
std::string process_name(const GivenProcess& broker, std::size_t number, const ImportDraft& draft) {
  const std::string name = value_of(broker, "brokerName", "broker-" + std::to_string(number));
  if (is_controlled(broker, draft)) return name + "-1";
  if (is_member(broker, draft)) return name + "-" + value_of(broker, "dLegerSelfId", std::to_string(number));
  return is_slave(broker) ? name + "-slave-" + value_of(broker, "brokerId", "1") : name;
}

/// "broker-a-1", "broker-a-2": replicas that elect their master are alike.
std::string unique_name(const GivenProcess& broker, std::size_t number, const ImportDraft& draft,
                        Names& names, std::set<std::string>& replicas) {
  const std::string first = process_name(broker, number, draft);
  if (!is_controlled(broker, draft)) return names.unique(first);
  std::string name = first;
  for (int replica = 2; !replicas.insert(name).second; ++replica)
    name = first.substr(0, first.size() - 1) + std::to_string(replica);
  return names.unique(name);
}

/// Where one process stands for all controllers, several addresses come to one.
void take_controller_address(GivenProcess& broker, const ImportDraft& draft,
                             std::vector<std::string>& left_out) {
  std::erase_if(broker.settings, [&](const GivenSetting& given) {
    if (given.name != "controllerAddr" || !is_controlled(broker, draft)) return false;
    const std::size_t count = addresses_in(given.value).size();
    if (count > 1)
      left_out.push_back(given.place + ": one process stands for these " + std::to_string(count) +
                         " controllers, which agree at once");
    return true;
  });
}

Value brokers_of(const Given& given, Names& names, ImportDraft& draft) {
  Value brokers = Value::array();
  std::set<std::string> replicas;
  for (const GivenProcess& file : given.brokers) {
    const std::size_t number = brokers.items.size();
    GivenProcess process = with_its_role(file, draft);
    take_controller_address(process, draft, draft.import.left_out);
    Value broker = process_named(unique_name(file, number, draft, names, replicas), file.host);
    const std::string pointer = "/cluster/brokers/" + std::to_string(number);
    broker.with("config", config_of(process, Scope::broker, pointer, draft));
    brokers.items.push_back(std::move(broker));
  }
  if (brokers.items.empty()) brokers.items.push_back(process_named(names.unique("broker-a")));
  return brokers;
}

bool any_broker(const Given& given, const ImportDraft& draft,
                bool (*is_such)(const GivenProcess&, const ImportDraft&)) {
  return std::any_of(given.brokers.begin(), given.brokers.end(),
                     [&](const GivenProcess& broker) { return is_such(broker, draft); });
}

// -------------------------------------------------------------------------------- name servers

/// Whose place depends on who else is there.
bool needs_name_servers(const GivenProcess& broker, const ImportDraft& draft) {
  return is_controlled(broker, draft) || is_member(broker, draft) ||
         is_on(broker, "enableSlaveActingMaster", draft);
}

std::set<std::string> named_in(const std::vector<GivenSetting>& lists) {
  std::set<std::string> addresses;
  for (const GivenSetting& list : lists) {
    for (std::string& address : addresses_in(list.value)) addresses.insert(std::move(address));
  }
  return addresses;
}

/// What the brokers know counts: the same server may have another address for clients.
std::size_t count_addresses(const Given& given, ImportDraft& draft) {
  const std::size_t known = named_in(given.brokers_ask).size();
  if (known == 0) return named_in(given.clients_ask).size();
  for (const GivenSetting& list : given.clients_ask) {
    const std::size_t count = addresses_in(list.value).size();
    if (count != known)
      leave_out(draft, list,
                "it names " + std::to_string(count) + ", the brokers " + std::to_string(known) +
                    ": here clients ask all that the brokers know");
  }
  return known;
}

/// One file is everybody's.
Value name_servers_of(const Given& given, Names& names, ImportDraft& draft) {
  const auto& files = given.name_servers;
  std::size_t count = std::max(count_addresses(given, draft), files.size());
  if (count == 0 && any_broker(given, draft, needs_name_servers)) count = 1;
  Value servers = Value::array();
  for (std::size_t i = 0; i < count; ++i) {
    Value server = process_named(names.unique(count == 1 ? "ns" : "ns-" + std::to_string(i + 1)));
    const std::string pointer = "/cluster/nameservers/" + std::to_string(i);
    if (i < files.size()) {
      server.with("config", config_of(files[i], Scope::nameserver, pointer, draft));
    } else if (files.size() == 1) {
      server.with("config", *servers.items[0].find("config"));
    }
    servers.items.push_back(std::move(server));
  }
  if (files.size() > 1 && files.size() < count)
    draft.import.left_out.push_back(files.back().path + ": the brokers know " + std::to_string(count) +
                                    " name servers, and those without a file have the defaults");
  return servers;
}

// ---------------------------------------------------------------------------------- controller

/// One process stands for the quorum, with the settings of the first file.
Value controller_of(const Given& given, Names& names, ImportDraft& draft) {
  constexpr const char* pointer = "/cluster/controllers/0";
  Value controller = process_named(names.unique("controller"));
  if (given.controllers.empty()) return controller;
  const GivenProcess& first = given.controllers.front();
  controller.with("config", config_of(first, Scope::controller, pointer, draft));
  const auto places = draft.places;
  for (std::size_t i = 1; i < given.controllers.size(); ++i) {
    const Value other = config_of(given.controllers[i], Scope::controller, pointer, draft);
    if (read::write(other) != read::write(*controller.find("config")))
      draft.import.left_out.push_back(given.controllers[i].path +
                                      ": one process stands for all controllers, and has the settings of " +
                                      first.path);
  }
  draft.places = places;
  return controller;
}

void leave_out_controllers(const Given& given, ImportDraft& draft) {
  for (const GivenProcess& file : given.controllers)
    draft.import.left_out.push_back(file.path +
                                    ": no broker of these files is in controller mode, so there "
                                    "is no controller, and none of its settings");
}

}  // namespace

Value cluster_of(const Given& given, const std::vector<std::string>& topics, ImportDraft& draft) {
  Names names;
  Value cluster = Value::object(), topic_list = Value::array();
  cluster.with("kind", text("rocketmq")).with("version", text(draft.version));
  cluster.with("brokers", brokers_of(given, names, draft));
  Value servers = name_servers_of(given, names, draft);
  if (!servers.items.empty()) cluster.with("nameservers", std::move(servers));
  if (any_broker(given, draft, is_controlled)) {
    cluster.with("controllers", Value::array({controller_of(given, names, draft)}));
  } else {
    leave_out_controllers(given, draft);
  }
  for (const std::string& topic : topics)
    topic_list.items.push_back(Value::object().with("name", text(topic)));
  return cluster.with("topics", std::move(topic_list));
}

}  // namespace brokersim::scenarios
