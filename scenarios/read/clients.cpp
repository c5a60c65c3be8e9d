// What producers and consumers have in common.
#include <set>

#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {

void read_identity(Fields& fields, std::string_view noun, std::string& name, std::string& group) {
  name_at(fields.required("name", noun), name, fields.problems());
  group = name;
  name_at(fields.place("group"), group, fields.problems());
}

bool room_for(std::int64_t count, const Fields& fields, Draft& draft) {
  if (static_cast<std::size_t>(count) + draft.processes.size() <= ids_max) return true;
  draft.problems.error(fields.pointer(), "there are more than " + std::to_string(ids_max) + " processes");
  return false;
}

std::string instance_name(const std::string& name, std::int64_t number, std::int64_t count) {
  return count > 1 ? name + "-" + std::to_string(number) : name;
}

std::string broadcasting_group(const std::string& group, const std::string& consumer) {
  return group == consumer ? group : group + "@" + consumer;
}

void check_connections(const Place& clients, Draft& draft) {
  const std::size_t brokers = draft.config().brokers.size();
  const std::size_t servers = draft.config().name_servers.size();
  if (draft.client_count() * (brokers + servers) + brokers * servers > ids_max)
    draft.problems.error(clients.pointer,
                         std::to_string(draft.client_count()) + " clients with a connection to each of " +
                             std::to_string(brokers) + " brokers" +
                             (servers > 0 ? " and " + std::to_string(servers) + " name servers" : ""),
                         "at most 65535 connections");
}

bool read_chance(Fields& fields, std::string_view key, double& out) {
  const Place place = fields.place(key);
  if (place.value == nullptr || place.value->is(Value::Kind::number)) return fields.real(key, out, 0, 1);
  report_kind(place, "a chance between 0 and 1", fields.problems(), "0.01 is 1 %");
  return false;
}

namespace {

std::set<model::HostId> hosts_in_use(const model::Config& config) {
  std::set<model::HostId> used;
  for (const auto& broker : config.brokers) used.insert(broker.host);
  for (const auto& producer : config.producers) used.insert(producer.host);
  for (const auto& consumer : config.consumers) used.insert(consumer.host);
  for (const auto& consumer : config.push_consumers) used.insert(consumer.host);
  for (const auto& server : config.name_servers) used.insert(server.host);
  for (const auto& controller : config.controllers) used.insert(controller.host);
  return used;
}

}  // namespace

void warn_of_empty_hosts(Fields& file, Draft& draft) {
  const Value* list = file.find("hosts");
  if (list == nullptr || draft.problems.any_errors()) return;
  const std::set<model::HostId> used = hosts_in_use(draft.config());
  // Declared hosts are numbered first, in the order of the file.
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    if (used.contains(model::HostId(static_cast<std::uint16_t>(i)))) continue;
    draft.problems.warning(child(child(file.pointer_to("hosts"), i), "name"),
                           "nothing runs on host " + quoted(draft.config().hosts[i].name),
                           "a broker or client runs there if it says \"host\"");
  }
}

}  // namespace brokersim::scenarios::read
