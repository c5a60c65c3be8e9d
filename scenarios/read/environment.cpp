// Hosts, network, and the names of things.
#include <algorithm>
#include <utility>

#include "scenarios/read/quantities.hpp"
#include "scenarios/read/sections.hpp"

namespace brokersim::scenarios::read {

std::optional<std::size_t> Names::add(const std::string& name) {
  const auto [at, added] = numbers_.emplace(name, order_.size());
  if (!added) return std::nullopt;
  order_.push_back(name);
  return at->second;
}

std::optional<std::size_t> Names::find(std::string_view name) const {
  const auto at = numbers_.find(name);
  return at == numbers_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<std::size_t> read_reference(const Place& place, const Names& names, std::string_view noun,
                                          Problems& problems) {
  if (place.value == nullptr) return std::nullopt;
  if (!place.value->is(Value::Kind::text)) {
    report_kind(place, "the name of a " + std::string(noun), problems);
    return std::nullopt;
  }
  const auto number = names.find(place.value->text);
  if (!number) {
    const auto known = names.all();
    problems.error(place.pointer, "there is no " + std::string(noun) + " " + quoted(place.value->text),
                   known.empty() ? "there is none at all" : suggest(place.value->text, known));
  }
  return number;
}

std::vector<Place> some_elements(Fields& fields, std::string_view key, std::string_view noun) {
  const Place list = fields.required(key, noun);
  std::vector<Place> all = elements(list, fields.problems());
  const bool is_array = list.value != nullptr && list.value->is(Value::Kind::array);
  if (is_array && all.empty()) fields.problems().error(list.pointer, "needs at least one element");
  if (all.size() <= ids_max) return all;
  fields.problems().error(list.pointer, "has more than " + std::to_string(ids_max) + " elements");
  return {};
}

void name_process(const std::string& pointer, const std::string& name, Draft& draft) {
  // That one has no name at all is reported already.
  if (!draft.processes.add(name) && !name.empty())
    draft.problems.error(pointer, "another broker, producer or consumer is called " + quoted(name) + " too");
}

namespace {

/// Nothing if there are too many of them.
std::optional<model::HostId> add_host(const std::string& name, Draft& draft) {
  if (draft.hosts.size() >= ids_max) return std::nullopt;
  const auto number = draft.hosts.add(name);
  if (!number) return std::nullopt;
  draft.config().hosts.emplace_back().name = name;
  return model::HostId(static_cast<std::uint16_t>(*number));
}

void read_disk(Fields& host_fields, model::HostConfig& host) {
  if (!host_fields.has("disk")) return;
  Fields fields(host_fields.place("disk"), host_fields.problems());
  if (fields.required("size", "a disk").value != nullptr) read_bytes(fields, "size", host.disk_size);
  read_bytes(fields, "used", host.disk_used);
  if (host.disk_used > host.disk_size && host.disk_size > 0)
    fields.problems().error(fields.pointer_to("used"), "is more than its size");
  fields.finish("a disk");
}

void read_one_host(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  model::HostConfig host;
  const bool named = name_at(fields.required("name", "a host"), host.name, draft.problems);
  fields.distribution("sync_time", host.sync_time);
  fields.distribution("page_writeback", host.page_writeback);
  fields.distribution("wakeup_latency", host.wakeup_latency);
  fields.duration("wall_clock_offset", host.wall_clock_offset, -longest_fixed, longest_fixed);
  if (fields.has("rack")) name_at(fields.place("rack"), host.rack, draft.problems);
  read_disk(fields, host);
  fields.finish("a host");
  if (!named) return;
  if (add_host(host.name, draft))
    draft.config().hosts.back() = host;
  else
    draft.problems.error(fields.pointer_to("name"), "another host is called " + quoted(host.name) + " too");
}

}  // namespace

void read_hosts(Fields& file, Draft& draft) {
  for (const Place& place : elements(file.place("hosts"), draft.problems)) read_one_host(place, draft);
}

bool read_bytes(Fields& fields, std::string_view key, std::int64_t& out) {
  const Place place = fields.place(key);
  if (place.value == nullptr) return false;
  if (!place.value->is(Value::Kind::text))
    return report_kind(place, "a size", fields.problems(), "with its unit, like \"100GiB\""), false;
  const auto bytes = parse_bytes(place.value->text);
  if (!bytes.value) return fields.problems().error(place.pointer, bytes.message, bytes.suggestion), false;
  out = *bytes.value;
  return true;
}

model::HostId read_host(Fields& fields, const std::string& otherwise, Draft& draft) {
  std::string name = otherwise;
  if (fields.has("host") && !name_at(fields.place("host"), name, draft.problems)) return {};
  if (const auto number = draft.hosts.find(name)) return model::HostId(static_cast<std::uint16_t>(*number));
  if (const auto added = add_host(name, draft)) return *added;
  draft.problems.error(fields.pointer(), "there are more than " + std::to_string(ids_max) + " hosts");
  return {};
}

namespace {

bool read_link_end(const Place& place, model::HostId& host, Draft& draft) {
  const auto number = read_reference(place, draft.hosts, "host", draft.problems);
  if (number) host = model::HostId(static_cast<std::uint16_t>(*number));
  return number.has_value();
}

void read_link(const Place& place, Draft& draft) {
  Fields fields(place, draft.problems);
  model::LinkConfig link{{}, {}, draft.config().network.delay};
  const Place between = fields.required("between", "a link");
  const auto ends = elements(between, draft.problems);
  const bool is_array = between.value != nullptr && between.value->is(Value::Kind::array);
  if (is_array && ends.size() != 2)
    draft.problems.error(between.pointer, "a link has two ends", "like [\"host-1\", \"host-2\"]");
  const bool good =
      ends.size() == 2 && read_link_end(ends[0], link.a, draft) && read_link_end(ends[1], link.b, draft);
  if (good && link.a == link.b)
    draft.problems.error(between.pointer, "both ends are the same host", "\"loopback\" is for these");
  if (fields.required("delay", "a link").value != nullptr) fields.distribution("delay", link.delay);
  fields.finish("a link");
  draft.config().network.links.push_back(std::move(link));
}

/// A pair of hosts has one delay, whichever way it is written.
void refuse_repeated_links(const Place& links, Draft& draft) {
  std::map<std::pair<model::HostId, model::HostId>, std::size_t> seen;
  const auto& all = draft.config().network.links;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].a == all[i].b) continue;
    if (!seen.emplace(std::minmax(all[i].a, all[i].b), i).second)
      draft.problems.error(child(links.pointer, i), "the link between these hosts stands here already");
  }
}

}  // namespace

void read_network(Fields& file, Draft& draft) {
  if (!file.has("network")) return;
  Fields fields(file.place("network"), draft.problems);
  model::NetworkConfig& network = draft.config().network;
  fields.distribution("delay", network.delay);
  fields.distribution("loopback", network.loopback);
  fields.duration("retransmission_timeout", network.retransmission_timeout, {1'000'000});
  const Place links = fields.place("links");
  for (const Place& link : elements(links, draft.problems)) read_link(link, draft);
  refuse_repeated_links(links, draft);
  fields.finish("the network");
}

}  // namespace brokersim::scenarios::read
