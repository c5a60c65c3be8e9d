#include "model/event.hpp"

#include <array>

namespace brokersim::model {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(EventName::count)> names{
    "host.pages_written",
    "host.sync_done",
    "process.started",
    "process.catch_up",
    "connection.requested",
    "connection.opened",
    "connection.refused",
    "connection.broken",
    "connection.retransmit",
    "connection.closed",
    "broker.send_request",
    "producer.send_response",
    "broker.pull_request",
    "consumer.pull_response",
    "broker.flush_tick",
    "broker.commit_tick",
    "broker.group_commit_tick",
    "broker.flushed",
    "broker.reput_tick",
    "broker.answer",
    "broker.flush_deadline",
    "broker.queue_scan",
    "broker.stop_done",
    "producer.start",
    "producer.send",
    "producer.call_timeout",
    "producer.connect",
    "producer.connect_timeout",
    "producer.scan",
    "consumer.start",
    "consumer.pull",
    "consumer.worked",
    "consumer.connect_timeout",
    "fault.strike",
    "fault.restore",
    "fault.heal",
    "broker.end_transaction",
    "broker.op_batch",
    "broker.check_pass",
    "producer.check_request",
    "producer.local_transaction",
    "producer.checked",
    "broker.heartbeat",
    "broker.client_scan",
    "broker.unregister_client",
    "producer.heartbeat",
    "client.heartbeat_response",
    "producer.heartbeat_timeout",
    "broker.send_back",
    "broker.update_consumer_offset",
    "broker.query_consumer_offset",
    "broker.get_max_offset",
    "broker.get_consumer_list",
    "broker.offsets_persist",
    "broker.delay_persist",
    "broker.delay_deliver",
    "broker.pull_hold",
    "consumer.send_back_response",
    "consumer.offset_response",
    "consumer.max_offset_response",
    "consumer.list_response",
    "consumer.ids_changed",
    "consumer.rebalance",
    "consumer.heartbeat",
    "consumer.route_poll",
    "consumer.persist",
    "consumer.call_timeout",
    "consumer.handed_off_worked",
    "consumer.resubmit",
    "consumer.clean_expired",
    "consumer.returned",
    "consumer.call_failed",
    "consumer.fix_offset",
    "producer.end_transaction",
    "broker.ha_transfer",
    "broker.ha_watch",
    "broker.ha_client",
    "broker.replica_deadline",
    "broker.slave_sync",
    "broker.ha_connect",
    "broker.ha_report",
    "broker.ha_piece",
    "broker.ha_header",
    "broker.sync_request",
    "broker.sync_response",
    "fault.roll",
    "broker.clean_files",
    "broker.lock_batch",
    "broker.unlock_batch",
    "consumer.lock_response",
    "consumer.lock_all",
    "consumer.lock_later",
    "consumer.consume_later",
    "consumer.unlock_later",
    "consumer.release_timeout",
    "nameserver.broker_idle",
    "nameserver.register_broker",
    "nameserver.get_route",
    "broker.register",
    "broker.register_connect_timeout",
    "broker.register_timeout",
    "broker.register_response",
    "client.route_poll",
    "client.route_connect_timeout",
    "client.route_timeout",
    "client.route",
    "broker.timer_enqueue",
    "broker.timer_dequeue",
    "broker.timer_flush",
    "broker.pop_poll",
    "broker.pop_buffer",
    "broker.pop_revive",
    "broker.pop_message",
    "broker.ack_message",
    "broker.change_invisible_time",
    "consumer.pop_response",
    "consumer.pop_settled",
    "controller.scan_brokers",
    "controller.scan_masters",
    "controller.heartbeat",
    "controller.register_broker",
    "controller.elect_master",
    "controller.get_replica_info",
    "controller.alter_sync_state_set",
    "broker.controller_start",
    "broker.controller_heartbeat",
    "broker.sync_metadata",
    "broker.check_sync_state_set",
    "broker.controller_connect_timeout",
    "broker.controller_timeout",
    "broker.controller_response",
    "broker.role_changed",
    "broker.ha_handshake",
    "dledger.maintain",
    "dledger.dispatch",
    "dledger.ack_deadline",
    "dledger.gap_check",
    "dledger.connect_timeout",
    "dledger.take_over",
    "dledger.heartbeat",
    "dledger.heartbeat_response",
    "dledger.vote",
    "dledger.vote_response",
    "dledger.push",
    "dledger.push_response",
    "nameserver.broker_alive",
    "broker.alive_due",
    "broker.member_group",
    "broker.ha_info",
    "broker.pre_online",
    "broker.escape",
    "broker.escape_over",
    "broker.escape_timeout",
};

constexpr bool all_named() {
  for (const std::string_view name : names) {
    if (name.empty()) return false;
  }
  return true;
}
static_assert(all_named(), "an EventName has no public name");

EventName name_of_body(const host::Event& event) {
  switch (event.on) {
    case host::On::pages_written: return EventName::host_pages_written;
    case host::On::sync_done: return EventName::host_sync_done;
    case host::On::process_started: return EventName::process_started;
    case host::On::catch_up: return EventName::process_catch_up;
  }
  return EventName::count;
}

/// A segment that arrived is named by what it carries.
EventName name_of_payload(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::none: return EventName::connection_closed;
    case PayloadKind::send_request: return EventName::broker_send_request;
    case PayloadKind::send_response: return EventName::producer_send_response;
    case PayloadKind::pull_request: return EventName::broker_pull_request;
    case PayloadKind::pull_response: return EventName::consumer_pull_response;
    case PayloadKind::end_transaction: return EventName::broker_end_transaction;
    case PayloadKind::check_transaction_state: return EventName::producer_check_request;
    case PayloadKind::heartbeat: return EventName::broker_heartbeat;
    case PayloadKind::heartbeat_response: return EventName::client_heartbeat_response;
    case PayloadKind::unregister_client: return EventName::broker_unregister_client;
    case PayloadKind::send_back: return EventName::broker_send_back;
    case PayloadKind::send_back_response: return EventName::consumer_send_back_response;
    case PayloadKind::update_consumer_offset: return EventName::broker_update_consumer_offset;
    case PayloadKind::query_consumer_offset: return EventName::broker_query_consumer_offset;
    case PayloadKind::consumer_offset: return EventName::consumer_offset_response;
    case PayloadKind::get_max_offset: return EventName::broker_get_max_offset;
    case PayloadKind::max_offset: return EventName::consumer_max_offset_response;
    case PayloadKind::get_consumer_list: return EventName::broker_get_consumer_list;
    case PayloadKind::consumer_list: return EventName::consumer_list_response;
    case PayloadKind::notify_consumer_ids_changed: return EventName::consumer_ids_changed;
    case PayloadKind::ha_connect: return EventName::broker_ha_connect;
    case PayloadKind::ha_report: return EventName::broker_ha_report;
    case PayloadKind::ha_piece: return EventName::broker_ha_piece;
    case PayloadKind::ha_header: return EventName::broker_ha_header;
    case PayloadKind::sync_request: return EventName::broker_sync_request;
    case PayloadKind::sync_response: return EventName::broker_sync_response;
    case PayloadKind::lock_batch: return EventName::broker_lock_batch;
    case PayloadKind::lock_batch_response: return EventName::consumer_lock_response;
    case PayloadKind::unlock_batch: return EventName::broker_unlock_batch;
    case PayloadKind::register_broker: return EventName::nameserver_register_broker;
    case PayloadKind::register_response: return EventName::broker_register_response;
    case PayloadKind::get_route: return EventName::nameserver_get_route;
    case PayloadKind::route: return EventName::client_route;
    case PayloadKind::pop_message: return EventName::broker_pop_message;
    case PayloadKind::pop_response: return EventName::consumer_pop_response;
    case PayloadKind::ack_message: return EventName::broker_ack_message;
    case PayloadKind::change_invisible_time: return EventName::broker_change_invisible_time;
    case PayloadKind::pop_settled: return EventName::consumer_pop_settled;
    case PayloadKind::controller_heartbeat: return EventName::controller_heartbeat;
    case PayloadKind::controller_register: return EventName::controller_register_broker;
    case PayloadKind::controller_elect: return EventName::controller_elect_master;
    case PayloadKind::controller_get_replica_info: return EventName::controller_get_replica_info;
    case PayloadKind::controller_alter: return EventName::controller_alter_sync_state_set;
    case PayloadKind::controller_response: return EventName::broker_controller_response;
    case PayloadKind::role_changed: return EventName::broker_role_changed;
    case PayloadKind::ha_handshake: return EventName::broker_ha_handshake;
    case PayloadKind::dledger_heartbeat: return EventName::dledger_heartbeat;
    case PayloadKind::dledger_heartbeat_response: return EventName::dledger_heartbeat_response;
    case PayloadKind::dledger_vote: return EventName::dledger_vote;
    case PayloadKind::dledger_vote_response: return EventName::dledger_vote_response;
    case PayloadKind::dledger_push: return EventName::dledger_push;
    case PayloadKind::dledger_push_response: return EventName::dledger_push_response;
    case PayloadKind::broker_alive: return EventName::nameserver_broker_alive;
    case PayloadKind::member_group: return EventName::broker_member_group;
    case PayloadKind::ha_info: return EventName::broker_ha_info;
    case PayloadKind::escape: return EventName::broker_escape;
    case PayloadKind::escape_over: return EventName::broker_escape_over;
    case PayloadKind::count: break;
  }
  return EventName::count;
}

EventName name_of_body(const network::Event& event) {
  switch (event.on) {
    case network::On::requested: return EventName::connection_requested;
    case network::On::opened: return EventName::connection_opened;
    case network::On::refused: return EventName::connection_refused;
    case network::On::broken: return EventName::connection_broken;
    case network::On::arrived: return name_of_payload(event.payload.kind);
    case network::On::retransmit: return EventName::connection_retransmit;
  }
  return EventName::count;
}

EventName name_of_body(const rocketmq::BrokerEvent& event) {
  switch (event.on) {
    case rocketmq::BrokerOn::flush_tick: return EventName::broker_flush_tick;
    case rocketmq::BrokerOn::commit_tick: return EventName::broker_commit_tick;
    case rocketmq::BrokerOn::group_commit_tick: return EventName::broker_group_commit_tick;
    case rocketmq::BrokerOn::flushed: return EventName::broker_flushed;
    case rocketmq::BrokerOn::reput_tick: return EventName::broker_reput_tick;
    case rocketmq::BrokerOn::answer: return EventName::broker_answer;
    case rocketmq::BrokerOn::flush_deadline: return EventName::broker_flush_deadline;
    case rocketmq::BrokerOn::queue_scan: return EventName::broker_queue_scan;
    case rocketmq::BrokerOn::stop_done: return EventName::broker_stop_done;
    case rocketmq::BrokerOn::op_batch: return EventName::broker_op_batch;
    case rocketmq::BrokerOn::check_pass: return EventName::broker_check_pass;
    case rocketmq::BrokerOn::offsets_persist: return EventName::broker_offsets_persist;
    case rocketmq::BrokerOn::delay_persist: return EventName::broker_delay_persist;
    case rocketmq::BrokerOn::delay_deliver: return EventName::broker_delay_deliver;
    case rocketmq::BrokerOn::timer_enqueue: return EventName::broker_timer_enqueue;
    case rocketmq::BrokerOn::timer_dequeue: return EventName::broker_timer_dequeue;
    case rocketmq::BrokerOn::timer_flush: return EventName::broker_timer_flush;
    case rocketmq::BrokerOn::pop_poll: return EventName::broker_pop_poll;
    case rocketmq::BrokerOn::pop_buffer: return EventName::broker_pop_buffer;
    case rocketmq::BrokerOn::pop_revive: return EventName::broker_pop_revive;
    case rocketmq::BrokerOn::client_scan: return EventName::broker_client_scan;
    case rocketmq::BrokerOn::pull_hold: return EventName::broker_pull_hold;
    case rocketmq::BrokerOn::ha_transfer: return EventName::broker_ha_transfer;
    case rocketmq::BrokerOn::ha_watch: return EventName::broker_ha_watch;
    case rocketmq::BrokerOn::ha_client: return EventName::broker_ha_client;
    case rocketmq::BrokerOn::replica_deadline: return EventName::broker_replica_deadline;
    case rocketmq::BrokerOn::slave_sync: return EventName::broker_slave_sync;
    case rocketmq::BrokerOn::clean_files: return EventName::broker_clean_files;
    case rocketmq::BrokerOn::pre_online: return EventName::broker_pre_online;
    case rocketmq::BrokerOn::escape_timeout: return EventName::broker_escape_timeout;
  }
  return EventName::count;
}

EventName name_of_body(const rocketmq::ProducerEvent& event) {
  switch (event.on) {
    case rocketmq::ProducerOn::start: return EventName::producer_start;
    case rocketmq::ProducerOn::send: return EventName::producer_send;
    case rocketmq::ProducerOn::call_timeout: return EventName::producer_call_timeout;
    case rocketmq::ProducerOn::connect: return EventName::producer_connect;
    case rocketmq::ProducerOn::connect_timeout: return EventName::producer_connect_timeout;
    case rocketmq::ProducerOn::scan: return EventName::producer_scan;
    case rocketmq::ProducerOn::heartbeat: return EventName::producer_heartbeat;
    case rocketmq::ProducerOn::heartbeat_timeout: return EventName::producer_heartbeat_timeout;
    case rocketmq::ProducerOn::local_done: return EventName::producer_local_transaction;
    case rocketmq::ProducerOn::checked: return EventName::producer_checked;
    case rocketmq::ProducerOn::end_transaction: return EventName::producer_end_transaction;
  }
  return EventName::count;
}

EventName name_of_body(const rocketmq::PushEvent& event) {
  switch (event.on) {
    case rocketmq::PushOn::start: return EventName::consumer_start;
    case rocketmq::PushOn::rebalance: return EventName::consumer_rebalance;
    case rocketmq::PushOn::heartbeat: return EventName::consumer_heartbeat;
    case rocketmq::PushOn::route_poll: return EventName::consumer_route_poll;
    case rocketmq::PushOn::persist: return EventName::consumer_persist;
    case rocketmq::PushOn::pull: return EventName::consumer_pull;
    case rocketmq::PushOn::call_timeout: return EventName::consumer_call_timeout;
    case rocketmq::PushOn::connect_timeout: return EventName::consumer_connect_timeout;
    case rocketmq::PushOn::worked: return EventName::consumer_worked;
    case rocketmq::PushOn::handed_off_worked: return EventName::consumer_handed_off_worked;
    case rocketmq::PushOn::resubmit: return EventName::consumer_resubmit;
    case rocketmq::PushOn::clean_expired: return EventName::consumer_clean_expired;
    case rocketmq::PushOn::returned: return EventName::consumer_returned;
    case rocketmq::PushOn::call_failed: return EventName::consumer_call_failed;
    case rocketmq::PushOn::fix_offset: return EventName::consumer_fix_offset;
    case rocketmq::PushOn::lock_all: return EventName::consumer_lock_all;
    case rocketmq::PushOn::lock_later: return EventName::consumer_lock_later;
    case rocketmq::PushOn::consume_later: return EventName::consumer_consume_later;
    case rocketmq::PushOn::unlock_later: return EventName::consumer_unlock_later;
    case rocketmq::PushOn::release_timeout: return EventName::consumer_release_timeout;
  }
  return EventName::count;
}

EventName name_of_body(const rocketmq::ConsumerEvent& event) {
  switch (event.on) {
    case rocketmq::ConsumerOn::start: return EventName::consumer_start;
    case rocketmq::ConsumerOn::pull: return EventName::consumer_pull;
    case rocketmq::ConsumerOn::worked: return EventName::consumer_worked;
    case rocketmq::ConsumerOn::connect_timeout: return EventName::consumer_connect_timeout;
  }
  return EventName::count;
}

EventName name_of_body(const rocketmq::NameEvent& event) {
  switch (event.on) {
    case rocketmq::NameOn::broker_idle: return EventName::nameserver_broker_idle;
    case rocketmq::NameOn::register_due: return EventName::broker_register;
    case rocketmq::NameOn::register_connect_timeout: return EventName::broker_register_connect_timeout;
    case rocketmq::NameOn::register_timeout: return EventName::broker_register_timeout;
    case rocketmq::NameOn::route_poll: return EventName::client_route_poll;
    case rocketmq::NameOn::route_connect_timeout: return EventName::client_route_connect_timeout;
    case rocketmq::NameOn::route_timeout: return EventName::client_route_timeout;
    case rocketmq::NameOn::alive_due: return EventName::broker_alive_due;
  }
  return EventName::count;
}

EventName name_of_body(const rocketmq::ControllerEvent& event) {
  switch (event.on) {
    case rocketmq::ControllerOn::scan_brokers: return EventName::controller_scan_brokers;
    case rocketmq::ControllerOn::scan_masters: return EventName::controller_scan_masters;
    case rocketmq::ControllerOn::start_try: return EventName::broker_controller_start;
    case rocketmq::ControllerOn::heartbeat_due: return EventName::broker_controller_heartbeat;
    case rocketmq::ControllerOn::metadata_due: return EventName::broker_sync_metadata;
    case rocketmq::ControllerOn::check_due: return EventName::broker_check_sync_state_set;
    case rocketmq::ControllerOn::connect_timeout: return EventName::broker_controller_connect_timeout;
    case rocketmq::ControllerOn::call_timeout: return EventName::broker_controller_timeout;
  }
  return EventName::count;
}

EventName name_of_body(const rocketmq::DLedgerEvent& event) {
  switch (event.on) {
    case rocketmq::DLedgerOn::maintain: return EventName::dledger_maintain;
    case rocketmq::DLedgerOn::dispatch: return EventName::dledger_dispatch;
    case rocketmq::DLedgerOn::ack_deadline: return EventName::dledger_ack_deadline;
    case rocketmq::DLedgerOn::gap_check: return EventName::dledger_gap_check;
    case rocketmq::DLedgerOn::connect_timeout: return EventName::dledger_connect_timeout;
    case rocketmq::DLedgerOn::take_over: return EventName::dledger_take_over;
  }
  return EventName::count;
}

EventName name_of_body(const faults::Event& event) {
  switch (event.on) {
    case faults::On::strike: return EventName::fault_strike;
    case faults::On::restore: return EventName::fault_restore;
    case faults::On::heal: return EventName::fault_heal;
    case faults::On::roll: return EventName::fault_roll;
  }
  return EventName::count;
}

}  // namespace

EventName name_of(const Event& event) {
  return std::visit([](const auto& body) { return name_of_body(body); }, event.body);
}

std::string_view to_string(EventName name) {
  const auto index = static_cast<std::size_t>(name);
  return index < names.size() ? names[index] : std::string_view{};
}

std::optional<EventName> event_name(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<EventName>(i);
  }
  return std::nullopt;
}

}  // namespace brokersim::model
