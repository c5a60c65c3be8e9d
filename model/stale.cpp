// Which events change nothing any more: those of an earlier life, to a dead target, on an earlier connection,
// of a cancelled timer.
#include "model/canonical.hpp"
#include "model/network/segment.hpp"
#include "model/rocketmq/replica_set.hpp"

namespace brokersim::model {

namespace {

using host::Life;
using host::Process;
using network::Connection;

/// A retransmission asks for a delay whatever became of its connection, so that one is executed.
bool is_stale_segment(const World& world, const network::Event& event) {
  const Connection& c = world.network.connections[event.connection.value];
  return c.generation != event.generation || (is_free(c) && event.on != network::On::retransmit);
}

bool is_sync(const host::Event& event) {
  return event.on == host::On::pages_written || event.on == host::On::sync_done;
}

bool is_void_sync(const World& world, ProcessId owner, const host::Event& event) {
  const HostId host = world.processes[owner.value].host;
  return event.power_losses != world.hosts[host.value].power_losses;
}

/// Of a wake-up whose owner is gone: it was never armed.
const rocketmq::ServiceTimer* nobodys_timer() {
  static constexpr rocketmq::ServiceTimer never_armed{};
  return &never_armed;
}

template <class Owners>
const rocketmq::ServiceTimer* timer_among(const Owners& owners, std::int64_t number) {
  const auto at = static_cast<std::size_t>(number);
  return at < owners.size() ? &owners[at].timer : nobodys_timer();
}

/// The timer that an event of a broker is the wake-up of; null: it is none.
const rocketmq::ServiceTimer* timer_of(const rocketmq::Broker& broker, const rocketmq::BrokerEvent& event) {
  using rocketmq::BrokerOn;
  const rocketmq::Broker::Memory& memory = broker.memory;
  switch (event.on) {
    case BrokerOn::flushed:
    case BrokerOn::reput_tick:
    case BrokerOn::answer:
    case BrokerOn::stop_done:
    case BrokerOn::delay_deliver: return nullptr;
    case BrokerOn::flush_tick:
    case BrokerOn::group_commit_tick: return &memory.flush_timer;
    case BrokerOn::commit_tick: return &memory.commit_timer;
    case BrokerOn::flush_deadline: return &memory.deadline_timer;
    case BrokerOn::queue_scan: return &memory.scan_timer;
    case BrokerOn::op_batch: return &memory.transactions.batch.timer;
    case BrokerOn::offsets_persist: return &memory.offsets_timer;
    case BrokerOn::delay_persist: return &memory.delays.persist_timer;
    case BrokerOn::client_scan: return &memory.client_scan_timer;
    case BrokerOn::pull_hold: return &memory.hold_timer;
    case BrokerOn::check_pass: return &memory.transactions.check_timer;
    case BrokerOn::timer_enqueue: return &memory.timer.enqueue_timer;
    case BrokerOn::timer_dequeue: return &memory.timer.dequeue_timer;
    case BrokerOn::timer_flush: return &memory.timer.flush_timer;
    case BrokerOn::pop_poll: return &memory.pop.poll_timer;
    case BrokerOn::pop_buffer: return &memory.pop.buffer_timer;
    case BrokerOn::pop_revive: return timer_among(memory.pop.revive, event.records);
    case BrokerOn::ha_transfer: return &memory.ha.transfers;
    case BrokerOn::ha_watch: return &memory.ha.watch;
    case BrokerOn::ha_client: return &memory.ha_client.timer;
    case BrokerOn::replica_deadline: return &memory.ha.deadline;
    case BrokerOn::slave_sync: return &memory.slave_sync.timer;
    case BrokerOn::clean_files: return &memory.clean_timer;
    case BrokerOn::pre_online: return &memory.acting.timer;
    case BrokerOn::escape_timeout: return timer_among(memory.acting.bridge.escapes, event.records);
  }
  return nullptr;
}

bool is_stale_body(const rocketmq::Broker& broker, const rocketmq::BrokerEvent& event) {
  const rocketmq::ServiceTimer* timer = timer_of(broker, event);
  return timer != nullptr && !is_pending(*timer, event.slot);
}

const rocketmq::ServiceTimer& timer_of(const rocketmq::DLedgerMember& member,
                                       const rocketmq::DLedgerEvent& event) {
  using rocketmq::DLedgerOn;
  switch (event.on) {
    case DLedgerOn::maintain: return member.maintain_timer;
    case DLedgerOn::dispatch: return member.dispatch_timer;
    case DLedgerOn::ack_deadline: return member.ack_timer;
    case DLedgerOn::gap_check: return member.gap_timer;
    case DLedgerOn::take_over: return member.take_over_timer;
    case DLedgerOn::connect_timeout: break;
  }
  return event.peer < member.peers.size() ? member.peers[event.peer].connect_timer : *nobodys_timer();
}

bool is_stale_body(const rocketmq::Broker& broker, const rocketmq::DLedgerEvent& event) {
  return !is_pending(timer_of(broker.memory.dledger, event), event.ticket);
}

bool is_stale_connect(const rocketmq::Producer& producer, const rocketmq::ProducerEvent& event) {
  const auto& channels = producer.memory.channels;
  return event.broker >= channels.size() || !channels[event.broker].connecting ||
         channels[event.broker].connects != event.call;
}

bool is_stale_timeout(const rocketmq::Producer& producer, const rocketmq::ProducerEvent& event) {
  const auto& calls = producer.memory.calls;
  const std::uint32_t slot = event.call & ((1U << rocketmq::slot_bits) - 1);
  return slot >= calls.size() || !calls[slot].open ||
         calls[slot].generation != event.call >> rocketmq::slot_bits;
}

bool is_stale_heartbeat(const rocketmq::Producer& producer, const rocketmq::ProducerEvent& event) {
  using rocketmq::HeartbeatBy;
  using rocketmq::Waits;
  const rocketmq::Heartbeats& beats = producer.memory.heartbeats;
  if (!beats.on) return true;
  const bool times_out = event.on == rocketmq::ProducerOn::heartbeat_timeout;
  if (!times_out && event.thread != static_cast<std::uint16_t>(HeartbeatBy::waiter)) return false;
  return beats.number != event.call || beats.waits != (times_out ? Waits::answer : Waits::processor);
}

bool is_stale_body(const rocketmq::Producer& producer, const rocketmq::ProducerEvent& event) {
  using rocketmq::ProducerOn;
  switch (event.on) {
    case ProducerOn::call_timeout: return is_stale_timeout(producer, event);
    case ProducerOn::connect:
    case ProducerOn::connect_timeout: return is_stale_connect(producer, event);
    case ProducerOn::start:
    case ProducerOn::send:
    case ProducerOn::scan:
    case ProducerOn::checked: return false;
    case ProducerOn::local_done:
    case ProducerOn::end_transaction: return is_stale_timeout(producer, event);
    case ProducerOn::heartbeat:
    case ProducerOn::heartbeat_timeout: return is_stale_heartbeat(producer, event);
  }
  return false;
}

const rocketmq::ServiceTimer* timer_of(const rocketmq::Registrar& registrar,
                                       const rocketmq::NameEvent& event) {
  using rocketmq::NameOn;
  if (event.on == NameOn::register_due) return &registrar.memory.timer;
  if (event.on == NameOn::alive_due) return &registrar.memory.alive_timer;
  if (event.server >= registrar.memory.links.size()) return nullptr;
  const rocketmq::NameLink& link = registrar.memory.links[event.server];
  return event.on == NameOn::register_connect_timeout ? &link.connect_timer : &link.call_timer;
}

const rocketmq::ServiceTimer* timer_of(const rocketmq::RouteClient& client,
                                       const rocketmq::NameEvent& event) {
  using rocketmq::NameOn;
  if (event.on == NameOn::route_poll) return &client.memory.poll_timer;
  return event.on == NameOn::route_timeout ? &client.memory.call_timer : &client.memory.connect_timer;
}

bool is_stale_name(const World& world, ProcessId target, const rocketmq::NameEvent& event) {
  const Process& process = world.processes[target.value];
  const rocketmq::ServiceTimer* timer = nullptr;
  if (process.role == host::Role::name_server)
    timer = &world.name_servers[process.index].memory.idle_timer;
  else if (process.role == host::Role::broker)
    timer = timer_of(world.registrars[process.index], event);
  else
    timer = timer_of(rocketmq::route_client_of(world, target), event);
  return timer == nullptr || !is_pending(*timer, event.ticket);
}

bool is_stale_control(const World& world, const Process& process, const rocketmq::ControllerEvent& event) {
  using rocketmq::ControllerOn;
  if (process.role == host::Role::controller) {
    const auto& memory = world.controllers[0].memory;
    return !is_pending(event.on == ControllerOn::scan_brokers ? memory.scan_timer : memory.masters_timer,
                       event.ticket);
  }
  const rocketmq::ServiceTimer* timer =
      rocketmq::timer_of(world.brokers[process.index].memory.replicas, event.on);
  return timer == nullptr || !is_pending(*timer, event.ticket);
}

/// Of an event to a life that still goes on.
bool is_stale_body(const World& world, const Process& process, const Event& event) {
  if (const auto* of_broker = std::get_if<rocketmq::BrokerEvent>(&event.body))
    return is_stale_body(world.brokers[process.index], *of_broker);
  if (const auto* of_member = std::get_if<rocketmq::DLedgerEvent>(&event.body))
    return is_stale_body(world.brokers[process.index], *of_member);
  if (const auto* of_producer = std::get_if<rocketmq::ProducerEvent>(&event.body))
    return is_stale_body(world.producers[process.index], *of_producer);
  if (const auto* of_names = std::get_if<rocketmq::NameEvent>(&event.body))
    return is_stale_name(world, event.target, *of_names);
  if (const auto* of_control = std::get_if<rocketmq::ControllerEvent>(&event.body))
    return is_stale_control(world, process, *of_control);
  return false;
}

}  // namespace

bool is_stale(const World& world, const Event& event) {
  if (std::holds_alternative<faults::Event>(event.body)) return false;
  if (const auto* segment = std::get_if<network::Event>(&event.body))
    return is_stale_segment(world, *segment);
  const auto* of_host = std::get_if<host::Event>(&event.body);
  if (of_host != nullptr && is_sync(*of_host)) return is_void_sync(world, event.target, *of_host);
  const Process& process = world.processes[event.target.value];
  if (event.incarnation != process.incarnation || process.life == Life::dead) return true;
  return is_stale_body(world, process, event);
}

}  // namespace brokersim::model
