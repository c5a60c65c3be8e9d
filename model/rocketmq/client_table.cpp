// ProducerManager, ConsumerManager, ClientHousekeepingService, and ClientManageProcessor that feeds them.
//
//   heartbeat            registers the channel; a new member or another subscription is told to all members
//   channel closed       forgotten at once; the remaining members are told (doChannelCloseEvent)
//   UNREGISTER_CLIENT    likewise
//   120 s of silence     a scan each 10 s forgets the channel and closes it, and tells nobody: closing is
//   only
//                        begun when the entry goes (scanNotActiveChannel), so its close event finds no member
//
// The real tables are hash maps of channels; here they are lists in the order of arrival.
#include <algorithm>
#include <numeric>
#include <utility>

#include "model/rocketmq/broker_internal.hpp"
#include "sim/random.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration channel_expired = 120_s;  ///< ProducerManager, ConsumerManager: CHANNEL_EXPIRED_TIMEOUT
constexpr Duration scan_interval = 10_s;     ///< ClientHousekeepingService.start
constexpr int available_tries = 3;           ///< ProducerManager.GET_AVAILABLE_CHANNEL_RETRY_COUNT

using Channels = std::vector<ClientChannel>;

const network::Connection& at(const Site& site, ConnectionId connection) {
  return site.world.network.connections[connection.value];
}

bool is_active(const Site& site, const ClientChannel& channel) {
  return at(site, channel.connection).generation == channel.generation &&
         network::is_open(site.world, channel.connection, false);
}

template <class T>
T& grown(std::vector<T>& table, std::size_t index) {
  if (index >= table.size()) table.resize(index + 1);
  return table[index];
}

/// True if the channel is new.
bool register_channel(Channels& channels, const ClientChannel& channel) {
  for (ClientChannel& known : channels) {
    if (known.connection != channel.connection || known.generation != channel.generation) continue;
    known.last_heartbeat = channel.last_heartbeat;
    return false;
  }
  channels.push_back(channel);
  return true;
}

/// DefaultConsumerIdsChangeListener, event CHANGE: to every member, the one that caused it too. `change` keys
/// the delays.
void tell_members(Site& site, GroupId group, std::uint64_t change) {
  if (!site.settings().notifyConsumerIdsChangedEnable) return;
  Payload notice;
  notice.kind = PayloadKind::notify_consumer_ids_changed;
  notice.group = group.value;
  for (const ClientChannel& member : site.memory.clients.consumers[group.value].members) {
    if (at(site, member.connection).generation != member.generation) continue;
    network::send(site.world, member.connection, false, notice, sim::subject(change, member.client.value), 0,
                  site.context);
  }
}

void register_producer(Site& site, const ClientChannel& channel, const ProducerConfig& config) {
  Channels& channels = grown(site.memory.clients.producers, config.group.value);
  if (register_channel(channels, channel))
    site.record(RecordKind::producer_known, channel.client.value, site.subject());
}

/// TopicConfigManager.createTopicInSendMessageBackMethod with retryQueueNums (1).
void know_retry_topic(Site& site, GroupId group) {
  const TopicId topic = retry_topic(site.all(), group);
  if (site.broker.cache.topics[topic.value] == 0) put_topic(site, topic, 1, site.now());
}

std::vector<TopicId> subscription_of(const Site& site, const PushConsumerConfig& config) {
  std::vector<TopicId> topics = config.topics;
  if (config.settings.messageModel == MessageModel::CLUSTERING)
    topics.push_back(retry_topic(site.all(), config.group));
  std::sort(topics.begin(), topics.end());
  return topics;
}

/// ConsumerManager.registerConsumer. Members that subscribe to different topics overwrite each other with
/// every heartbeat (ConsumerGroupInfo.updateSubscription).
void register_consumer(Site& site, const ClientChannel& channel, const PushConsumerConfig& config,
                       std::uint32_t opaque) {
  know_retry_topic(site, config.group);
  GroupMembers& group = grown(site.memory.clients.consumers, config.group.value);
  const bool is_new = register_channel(group.members, channel);
  if (is_new)
    site.record(RecordKind::member_joined, channel.client.value, site.subject(), config.group.value);
  std::vector<TopicId> topics = subscription_of(site, config);
  const bool is_other = std::exchange(group.subscription, topics) != topics;
  if (!is_new && !is_other) return;
  constexpr std::uint64_t joining = std::uint64_t{1} << 32;
  tell_members(site, config.group, sim::subject(at(site, channel.connection).key, joining | opaque));
}

void tell_left(const Site& site, const ClientChannel& channel, std::size_t group) {
  site.record(RecordKind::member_left, channel.client.value, site.subject(),
              static_cast<std::int64_t>(group));
}

void tell_forgotten(const Site& site, const ClientChannel& channel) {
  site.record(RecordKind::producer_forgotten, channel.client.value, site.subject());
}

/// Takes out who `goes`; true if there was one. `tell` records each.
template <class Goes, class Tell>
bool drop_channels(Channels& channels, Goes goes, Tell tell) {
  return std::erase_if(channels, [&](const ClientChannel& channel) {
           const bool gone = goes(channel);
           if (gone) tell(channel);
           return gone;
         }) > 0;
}

/// From all tables; `left(group)` for each consumer group that lost a member. A group without members is gone
/// with its subscription.
template <class Goes, class Left>
void drop_clients(Site& site, Goes goes, Left left) {
  ClientTable& clients = site.memory.clients;
  for (Channels& channels : clients.producers)
    drop_channels(channels, goes, [&](const ClientChannel& channel) { tell_forgotten(site, channel); });
  for (std::size_t number = 0; number < clients.consumers.size(); ++number) {
    GroupMembers& group = clients.consumers[number];
    const auto tell = [&](const ClientChannel& channel) { tell_left(site, channel, number); };
    if (!drop_channels(group.members, goes, tell)) continue;
    if (group.members.empty()) group.subscription.clear();
    left(GroupId(static_cast<std::uint16_t>(number)));
  }
}

template <class F>
void for_each_channel(const ClientTable& clients, F f) {
  for (const Channels& channels : clients.producers) std::for_each(channels.begin(), channels.end(), f);
  for (const GroupMembers& group : clients.consumers)
    std::for_each(group.members.begin(), group.members.end(), f);
}

/// The first scan that finds somebody who has been silent for more than 120 s.
void arm_client_scan(Site& site) {
  SimTime oldest = SimTime::max();
  for_each_channel(site.memory.clients,
                   [&](const ClientChannel& channel) { oldest = std::min(oldest, channel.last_heartbeat); });
  if (oldest == SimTime::max()) return disarm(site, site.memory.client_scan_timer);
  const SimTime due = next_on_grid(site.memory.client_scan_grid, scan_interval, oldest + channel_expired);
  arm(site, site.memory.client_scan_timer, due, BrokerOn::client_scan);
}

bool is_expired(const Site& site, const ClientChannel& channel) {
  return site.now() - channel.last_heartbeat > channel_expired;
}

void close_expired(Site& site, const ClientChannel& channel) {
  if (at(site, channel.connection).generation != channel.generation) return;
  forget_pulls(site, channel.connection);
  network::close(site.world, channel.connection, false, site.context);
}

/// The counter only ever counts modulo the size of some group, so it may begin anew at a multiple of all
/// sizes. (Twice as many channels as producers: an old one may not have been noticed yet.)
std::uint32_t counted_up(const Site& site, std::uint32_t counter) {
  constexpr std::size_t sizes_max = 12;
  const std::size_t sizes = 2 * site.all().producers.size();
  std::uint32_t multiple = 1;
  for (std::uint32_t n = 1; n <= sizes && sizes <= sizes_max; ++n) multiple = std::lcm(multiple, n);
  return sizes <= sizes_max ? (counter + 1) % multiple : counter + 1;
}

}  // namespace

void on_heartbeat(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const ProcessId client = at(site, connection).client;
  const host::Process& process = site.world.processes[client.value];
  const ClientChannel channel{client, connection, generation, site.now()};
  if (process.role == host::Role::producer)
    register_producer(site, channel, site.all().producers[process.index]);
  if (process.role == host::Role::push_consumer)
    register_consumer(site, channel, site.all().push_consumers[process.index], request.opaque);
  arm_client_scan(site);
  Payload response;
  response.kind = PayloadKind::heartbeat_response;
  response.opaque = request.opaque;
  reply(site, connection, generation, response);
}

void client_gone(Site& site, ConnectionId connection) {
  const std::uint64_t change = sim::subject(at(site, connection).key, 0);
  const auto is_its = [&](const ClientChannel& channel) { return channel.connection == connection; };
  drop_clients(site, is_its, [&](GroupId group) { tell_members(site, group, change); });
  arm_client_scan(site);
}

/// ProducerManager.unregisterProducer, ConsumerManager.unregisterConsumer: as if the channel had closed.
void on_unregister(Site& site, ConnectionId connection) { client_gone(site, connection); }

void on_consumer_list(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  Payload response = request;
  response.kind = PayloadKind::consumer_list;
  response.size = site.world.member_lists.take();
  std::vector<ProcessId>& list = site.world.member_lists.slots[response.size].members;
  const auto& groups = site.memory.clients.consumers;
  if (request.group < groups.size()) {
    for (const ClientChannel& member : groups[request.group].members) list.push_back(member.client);
  }
  // "no consumer for this group"
  if (list.empty()) response.status = Status::SYSTEM_ERROR;
  if (!reply(site, connection, generation, response)) release_payload(site.world, response);
}

void client_scan(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.client_scan_timer, event)) return;
  const auto expired = [&](const ClientChannel& channel) { return is_expired(site, channel); };
  Channels gone;
  for_each_channel(site.memory.clients, [&](const ClientChannel& channel) {
    if (expired(channel)) gone.push_back(channel);
  });
  drop_clients(site, expired, [](GroupId) {});
  for (const ClientChannel& channel : gone) close_expired(site, channel);
  arm_client_scan(site);
}

void clients_clock_set(Site& site, Duration by) {
  for (Channels& channels : site.memory.clients.producers) {
    for (ClientChannel& channel : channels) channel.last_heartbeat = channel.last_heartbeat - by;
  }
  for (GroupMembers& group : site.memory.clients.consumers) {
    for (ClientChannel& channel : group.members) channel.last_heartbeat = channel.last_heartbeat - by;
  }
  arm_client_scan(site);
}

std::optional<ClientChannel> available_producer(Site& site, ProducerGroupId group) {
  ClientTable& clients = site.memory.clients;
  if (group.value >= clients.producers.size() || clients.producers[group.value].empty()) return std::nullopt;
  const Channels& channels = clients.producers[group.value];
  clients.next_producer = counted_up(site, clients.next_producer);
  std::size_t index = clients.next_producer % channels.size();
  for (int tries = 0; tries < available_tries; ++tries) {
    if (is_active(site, channels[index])) return channels[index];
    index = (index + 1) % channels.size();
  }
  return std::nullopt;
}

}  // namespace brokersim::model::rocketmq
