// Which events change nothing any more: those of an earlier life, to a dead target, on an earlier connection,
// of a cancelled timer.
#include "model/canonical.hpp"
#include "model/network/segment.hpp"

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

bool was_cancelled(const rocketmq::ServiceTimer& timer, const rocketmq::BrokerEvent& event) {
  return !timer.armed || timer.ticket != event.slot;
}

bool is_stale_body(const rocketmq::Broker& broker, const rocketmq::BrokerEvent& event) {
  using rocketmq::BrokerOn;
  switch (event.on) {
    case BrokerOn::flush_tick:
    case BrokerOn::group_commit_tick: return was_cancelled(broker.memory.flush_timer, event);
    case BrokerOn::commit_tick: return was_cancelled(broker.memory.commit_timer, event);
    case BrokerOn::flush_deadline: return was_cancelled(broker.memory.deadline_timer, event);
    case BrokerOn::queue_scan: return was_cancelled(broker.memory.scan_timer, event);
    case BrokerOn::flushed:
    case BrokerOn::reput_tick:
    case BrokerOn::answer:
    case BrokerOn::stop_done: return false;
    case BrokerOn::op_batch: return was_cancelled(broker.memory.transactions.batch.timer, event);
    case BrokerOn::offsets_persist: return was_cancelled(broker.memory.offsets_timer, event);
    case BrokerOn::delay_persist: return was_cancelled(broker.memory.delays.persist_timer, event);
    case BrokerOn::client_scan: return was_cancelled(broker.memory.client_scan_timer, event);
    case BrokerOn::pull_hold: return was_cancelled(broker.memory.hold_timer, event);
    case BrokerOn::check_pass: return was_cancelled(broker.memory.transactions.check_timer, event);
    case BrokerOn::delay_deliver: return false;
    case BrokerOn::timer_enqueue: return was_cancelled(broker.memory.timer.enqueue_timer, event);
    case BrokerOn::timer_dequeue: return was_cancelled(broker.memory.timer.dequeue_timer, event);
    case BrokerOn::timer_flush: return was_cancelled(broker.memory.timer.flush_timer, event);
    case BrokerOn::pop_poll: return was_cancelled(broker.memory.pop.poll_timer, event);
    case BrokerOn::pop_buffer: return was_cancelled(broker.memory.pop.buffer_timer, event);
    case BrokerOn::pop_revive: {
      const auto& queues = broker.memory.pop.revive;
      const auto number = static_cast<std::size_t>(event.records);
      return number >= queues.size() || was_cancelled(queues[number].timer, event);
    }
    case BrokerOn::ha_transfer: return was_cancelled(broker.memory.ha.transfers, event);
    case BrokerOn::ha_watch: return was_cancelled(broker.memory.ha.watch, event);
    case BrokerOn::ha_client: return was_cancelled(broker.memory.ha_client.timer, event);
    case BrokerOn::replica_deadline: return was_cancelled(broker.memory.ha.deadline, event);
    case BrokerOn::slave_sync: return was_cancelled(broker.memory.slave_sync.timer, event);
    case BrokerOn::clean_files: return was_cancelled(broker.memory.clean_timer, event);
    case BrokerOn::pre_online: return was_cancelled(broker.memory.acting.timer, event);
    case BrokerOn::escape_timeout: {
      const auto& escapes = broker.memory.acting.bridge.escapes;
      const auto level = static_cast<std::size_t>(event.records);
      return level >= escapes.size() || was_cancelled(escapes[level].timer, event);
    }
  }
  return false;
}

bool is_stale_body(const rocketmq::Broker& broker, const rocketmq::DLedgerEvent& event) {
  using rocketmq::DLedgerOn;
  const rocketmq::DLedgerMember& member = broker.memory.dledger;
  const auto over = [&](const rocketmq::ServiceTimer& timer) {
    return !timer.armed || timer.ticket != event.ticket;
  };
  switch (event.on) {
    case DLedgerOn::maintain: return over(member.maintain_timer);
    case DLedgerOn::dispatch: return over(member.dispatch_timer);
    case DLedgerOn::ack_deadline: return over(member.ack_timer);
    case DLedgerOn::gap_check: return over(member.gap_timer);
    case DLedgerOn::take_over: return over(member.take_over_timer);
    case DLedgerOn::connect_timeout:
      return event.peer >= member.peers.size() || over(member.peers[event.peer].connect_timer);
  }
  return false;
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
  return timer == nullptr || !timer->armed || timer->ticket != event.ticket;
}

bool is_stale_control(const World& world, const Process& process, const rocketmq::ControllerEvent& event) {
  using rocketmq::ControllerOn;
  const auto is_live = [&](const rocketmq::ServiceTimer& timer) {
    return timer.armed && timer.ticket == event.ticket;
  };
  if (process.role == host::Role::controller) {
    const auto& memory = world.controllers[0].memory;
    return !is_live(event.on == ControllerOn::scan_brokers ? memory.scan_timer : memory.masters_timer);
  }
  const rocketmq::Replicas& replicas = world.brokers[process.index].memory.replicas;
  switch (event.on) {
    case ControllerOn::start_try: return !is_live(replicas.start_timer);
    case ControllerOn::heartbeat_due: return !is_live(replicas.heartbeat_timer);
    case ControllerOn::metadata_due: return !is_live(replicas.metadata_timer);
    case ControllerOn::check_due: return !is_live(replicas.check_timer);
    case ControllerOn::connect_timeout: return !is_live(replicas.link.connect_timer);
    case ControllerOn::call_timeout: return !is_live(replicas.link.call_timer);
    case ControllerOn::scan_brokers:
    case ControllerOn::scan_masters: break;
  }
  return true;
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
