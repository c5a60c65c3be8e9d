// SlaveSynchronize: what is no part of the log comes from the master now and then, one request after another:
// topics, consumer offsets, delay offsets. (Subscription groups come too; in the model no count depends on
// them, as every group is created by its first request.)
//
//   5.3  a tick each 3 s from 10 s after the start; a round once more than 60 s have passed since the last,
//        or since the start (BrokerController.startServiceWithoutCondition)
//        where the master is elected more than 10 s, with a tick each 3 s from the role change
//        (handleSlaveSynchronize of ReplicasManager and DLedgerRoleChangeHandler): mostly the first tick
//        finds a last round that is old enough, or a process
//   4.9  a round each 10 s from 3 s after the start (BrokerController.handleSlaveSynchronize)
//
// A request that fails ends the round; the requests behind it are tried all the same in the real broker,
// which without a connection changes nothing. Offsets go one way: those that consumers committed at the slave
// are overwritten. A master that comes back asks its slaves by the same requests (pre_online.cpp).
#include <algorithm>

#include "model/rocketmq/remoting_times.hpp"
#include "model/rocketmq/stand_in.hpp"

namespace brokersim::model::rocketmq {

namespace {

struct Schedule {
  Duration first, tick, round;
};

Schedule schedule_of(const Site& site) {
  if (site.is_4_9()) return {3_s, 10_s, {}};
  return site.config.elects_master() ? Schedule{3_s, 3_s, 10_s + 1_ms} : Schedule{10_s, 3_s, 60_s + 1_ms};
}

SlaveSync& sync_of(const Site& site) { return site.memory.slave_sync; }

/// It is a master that comes back: what it asks for goes the other way.
bool asks_back(const Site& site) { return is_isolated(site) && !site.config.is_slave(); }

/// The channel is that of BrokerPreOnlineService.
bool prepares(const Site& site) { return acting_of(site).step == PreOnline::connecting || asks_back(site); }

void arm_round(Site& site) {
  SlaveSync& sync = sync_of(site);
  const Schedule schedule = schedule_of(site);
  const SimTime earliest = std::max(site.now(), sync.last + schedule.round - 1_ns);
  arm(site, sync.timer, next_on_grid(sync.grid, schedule.tick, earliest), BrokerOn::slave_sync);
}

void end_round(Site& site) {
  SlaveSync& sync = sync_of(site);
  sync.step = SyncStep::idle;
  sync.last = site.now();
  arm_round(site);
}

void ask(Site& site, SyncStep step) {
  SlaveSync& sync = sync_of(site);
  sync.step = step;
  Payload request;
  request.kind = PayloadKind::sync_request;
  request.queue = static_cast<std::uint16_t>(step);
  request.opaque = ++sync.asked;
  const std::uint64_t key = site.world.network.connections[sync.connection.value].key;
  network::send(site.world, sync.connection, true, request,
                sim::subject(key, static_cast<std::uint64_t>(request.kind)), sync.asked, site.context);
  arm(site, sync.timer, site.now() + outer_api_timeout, BrokerOn::slave_sync);
}

/// In controller mode the role brings an address, and each answer to a registration overwrites it: with null,
/// or with that of a master whose successor has not registered yet. (HAClient has learned that one, too.)
std::int32_t controlled_master(const Site& site) {
  const std::int32_t learned = site.memory.ha_client.master;
  const std::int32_t master = learned >= 0 ? learned : site.memory.replicas.view.master;
  return sync_of(site).has_master && master != self(site) ? master : -1;
}

/// -1: not known. setMasterAddr comes with each answer to a registration, also if it is null (HAClient keeps
/// its address).
std::int32_t master_to_ask(const Site& site) {
  if (site.in_group()) return site.memory.dledger.master;
  if (site.config.is_controlled()) return controlled_master(site);
  const bool is_known = site.memory.ha_client.address_known <= site.now() && !is_isolated(site);
  if (!is_known || !sync_of(site).has_master) return -1;
  return static_cast<std::int32_t>(master_of(site.all(), site.number));
}

/// Not one to a master of before.
bool is_open_to(const Site& site, ProcessId master) {
  const SlaveSync& sync = sync_of(site);
  return sync.open && site.world.network.connections[sync.connection.value].server == master;
}

void begin_round(Site& site) {
  SlaveSync& sync = sync_of(site);
  const std::int32_t number = master_to_ask(site);
  if (number < 0) return end_round(site);
  const ProcessId master = broker_process(static_cast<std::size_t>(number));
  if (is_open_to(site, master)) return ask(site, SyncStep::topics);
  if (std::exchange(sync.open, false)) network::close(site.world, sync.connection, true, site.context);
  sync.connection = network::connect(site.world, site.broker.process, master, site.context);
  sync.step = SyncStep::connecting;
  arm(site, sync.timer, site.now() + outer_api_timeout, BrokerOn::slave_sync);
}

/// The client closes a connection on which a call has timed out.
void give_up(Site& site) {
  SlaveSync& sync = sync_of(site);
  network::close(site.world, sync.connection, true, site.context);
  sync.open = false;
  end_round(site);
}

// --------------------------------------------------------------------------------- what is sent

std::vector<std::int64_t> content(Site& site, SyncStep step) {
  const auto& topics = site.broker.cache.topics;
  if (step == SyncStep::topics) return {topics.begin(), topics.end()};
  if (step == SyncStep::consumer_offsets) return site.memory.offsets;
  return delay_table(site);
}

void take_topics(Site& site, const std::vector<std::int64_t>& values) {
  auto& topics = site.broker.cache.topics;
  for (std::size_t topic = 0; topic < values.size() && topic < topics.size(); ++topic) {
    if (topics[topic] == values[topic]) continue;
    put_topic(site, TopicId(static_cast<std::uint16_t>(topic)), static_cast<std::int32_t>(values[topic]),
              site.now());
  }
}

void take(Site& site, SyncStep step, const std::vector<std::int64_t>& values) {
  if (asks_back(site)) return take_back(site, step, values);
  if (step == SyncStep::topics) return take_topics(site, values);
  if (step == SyncStep::consumer_offsets) return take_offsets(site, values);
  write_delay_file(site, values);
}

}  // namespace

namespace {

/// Behind the queues of the topic whose entry this is.
std::size_t end_of_topic(const std::vector<Queue>& queues, std::size_t entry) {
  const TopicId topic = queues[entry % queues.size()].topic;
  do ++entry;
  while (entry % queues.size() != 0 && queues[entry % queues.size()].topic == topic);
  return entry;
}

}  // namespace

/// putAll: of a topic and a group that the other one knows its map of queues replaces the own one, so a queue
/// that it has no offset of is unknown here, too. Behind all offsets stands a version. The file is written at
/// once.
void take_offsets(Site& site, const OffsetTable& values) {
  OffsetTable& table = site.memory.offsets;
  const std::size_t version = std::min(values.size(), table.size()) - version_entries(site);
  for (std::size_t begin = 0; begin < version;) {
    const std::size_t end = std::min(end_of_topic(site.memory.queues, begin), version);
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(end);
    if (std::any_of(first, last, [](std::int64_t offset) { return offset >= 0; }))
      std::copy(first, last, table.begin() + static_cast<std::ptrdiff_t>(begin));
    begin = end;
  }
  std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(version), version_entries(site),
              table.begin() + static_cast<std::ptrdiff_t>(version));
  persist_offsets(site);
}

void fetch_connect(Site& site, std::size_t other) {
  SlaveSync& sync = sync_of(site);
  sync.connection = network::connect(site.world, site.broker.process, broker_process(other), site.context);
  sync.step = SyncStep::connecting;
  arm(site, sync.timer, site.now() + outer_api_timeout, BrokerOn::slave_sync);
}

void fetch_begin(Site& site) { ask(site, SyncStep::consumer_offsets); }

void fetch_end(Site& site) {
  SlaveSync& sync = sync_of(site);
  const SlaveSync was = sync;
  stop_slave_sync(site);
  if (!site.config.is_slave()) return;
  sync.step = SyncStep::idle;
  sync.has_master = was.has_master;
  sync.grid = was.grid;
  arm_round(site);
}

void ask_ha_info(Site& site) {
  SlaveSync& sync = sync_of(site);
  Payload info;
  info.kind = PayloadKind::ha_info;
  info.oneway = !site.config.is_slave();
  const std::uint64_t key = site.world.network.connections[sync.connection.value].key;
  network::send(site.world, sync.connection, true, info,
                sim::subject(key, static_cast<std::uint64_t>(info.kind)), 0, site.context);
  if (!info.oneway) arm(site, sync.timer, site.now() + outer_api_timeout, BrokerOn::slave_sync);
}

void ha_info_told(Site& site) {
  sync_of(site).step = SyncStep::idle;
  arm_round(site);
}

/// `never`: the slave has been up for long, and its rounds are anywhere.
void start_slave_sync(Site& site, SimTime since) {
  SlaveSync& sync = sync_of(site);
  // lastSyncTimeMs is set when the object is made.
  if (site.config.elects_master() && since != never) sync.last = since;
  const bool is_told = !site.config.is_controlled() || site.memory.replicas.role == ReplicaRole::slave;
  if (!site.is_slave() || !is_told) return;
  const Schedule schedule = schedule_of(site);
  const Duration between = std::max(schedule.round, schedule.tick);
  sync.step = SyncStep::idle;
  sync.last = since == never ? site.now() - service_phase(site, Service::slave_sync, between) : since;
  sync.grid = since == never ? sync.last : since + schedule.first;
  arm_round(site);
}

/// The connection to the former master is of no more use.
void stop_slave_sync(Site& site) {
  SlaveSync& sync = sync_of(site);
  disarm(site, sync.timer);
  if (sync.open || sync.step == SyncStep::connecting)
    network::close(site.world, sync.connection, true, site.context);
  const SlaveSync was = sync;
  sync = {};
  sync.asked = was.asked;
  sync.last = was.last;
}

void restart_slave_sync(Site& site) {
  SlaveSync& sync = sync_of(site);
  stop_slave_sync(site);
  sync.step = SyncStep::idle;
  if (sync.last == SimTime{}) sync.last = never;
  sync.grid = site.now() + schedule_of(site).first;
  arm_round(site);
}

void slave_sync_tick(Site& site, const BrokerEvent& event) {
  if (!fired(sync_of(site).timer, event)) return;
  if (prepares(site)) return pre_online_failed(site);
  sync_of(site).step == SyncStep::idle ? begin_round(site) : give_up(site);
}

void sync_opened(Site& site) {
  sync_of(site).open = true;
  if (!prepares(site)) return ask(site, SyncStep::topics);
  disarm(site, sync_of(site).timer);
  pre_online_connected(site);
}

/// Refused, or broken: between two rounds too.
void sync_lost(Site& site) {
  sync_of(site).open = false;
  if (prepares(site)) {
    sync_of(site).step = SyncStep::off;
    return pre_online_failed(site);
  }
  if (sync_of(site).step != SyncStep::idle) end_round(site);
}

/// AdminBrokerProcessor: GET_ALL_TOPIC_CONFIG, GET_ALL_CONSUMER_OFFSET, GET_ALL_DELAY_OFFSET.
void on_sync_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  Payload response = request;
  response.kind = PayloadKind::sync_response;
  response.size = site.world.sync_tables.take();
  site.world.sync_tables[response.size].values = content(site, static_cast<SyncStep>(request.queue));
  if (!reply(site, connection, generation, response)) release_payload(site.world, response);
}

void on_sync_response(Site& site, const Payload& response) {
  SlaveSync& sync = sync_of(site);
  const std::vector<std::int64_t> values = site.world.sync_tables[response.size].values;
  site.world.sync_tables.release(response.size);
  if (response.opaque != sync.asked || sync.step == SyncStep::idle) return;
  if (asks_back(site)) disarm(site, sync.timer);
  const SyncStep step = sync.step;
  take(site, step, values);
  if (site.config.has_stand_in() && !site.config.is_slave()) {
    if (step == SyncStep::consumer_offsets) ask(site, SyncStep::delay_offsets);
    return;
  }
  site.record(RecordKind::replica_synchronized, site.subject(), static_cast<std::int64_t>(sync.step));
  if (sync.step == SyncStep::delay_offsets) return end_round(site);
  ask(site, static_cast<SyncStep>(static_cast<std::uint8_t>(sync.step) + 1));
}

}  // namespace brokersim::model::rocketmq
