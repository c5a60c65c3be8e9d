// What the events are called in fault triggers, traces and the schema: names that stay.
#pragma once

#include <cstdint>

namespace brokersim::model {

/// The public names. A segment that arrived is named by what it carries.
enum class EventName : std::uint16_t {
  host_pages_written,  ///< "host.pages_written"
  host_sync_done,      ///< "host.sync_done"
  process_started,     ///< "process.started"
  process_catch_up,    ///< "process.catch_up": one of the backlog after a pause (which then happens under its
                       ///< own name)
  connection_requested,      ///< "connection.requested": a SYN reached the server's kernel
  connection_opened,         ///< "connection.opened"
  connection_refused,        ///< "connection.refused"
  connection_broken,         ///< "connection.broken"
  connection_retransmit,     ///< "connection.retransmit"
  connection_closed,         ///< "connection.closed": a FIN arrived
  broker_send_request,       ///< "broker.send_request": a send arrived and is executed
  producer_send_response,    ///< "producer.send_response"
  broker_pull_request,       ///< "broker.pull_request"
  consumer_pull_response,    ///< "consumer.pull_response"
  broker_flush_tick,         ///< "broker.flush_tick"
  broker_commit_tick,        ///< "broker.commit_tick"
  broker_group_commit_tick,  ///< "broker.group_commit_tick"
  broker_flushed,            ///< "broker.flushed"
  broker_reput_tick,         ///< "broker.reput_tick"
  broker_answer,             ///< "broker.answer"
  broker_flush_deadline,     ///< "broker.flush_deadline"
  broker_queue_scan,         ///< "broker.queue_scan"
  broker_stop_done,          ///< "broker.stop_done"
  producer_start,            ///< "producer.start"
  producer_send,             ///< "producer.send": a thread begins a message
  producer_call_timeout,     ///< "producer.call_timeout"
  producer_connect,          ///< "producer.connect"
  producer_connect_timeout,  ///< "producer.connect_timeout"
  producer_scan,             ///< "producer.scan"
  consumer_start,            ///< "consumer.start"
  consumer_pull,             ///< "consumer.pull"
  consumer_worked,           ///< "consumer.worked"
  consumer_connect_timeout,  ///< "consumer.connect_timeout"
  fault_strike,              ///< "fault.strike"
  fault_restore,             ///< "fault.restore"
  fault_heal,                ///< "fault.heal"
  // transactions
  broker_end_transaction,      ///< "broker.end_transaction": END_TRANSACTION arrived and is executed
  broker_op_batch,             ///< "broker.op_batch"
  broker_check_pass,           ///< "broker.check_pass"
  producer_check_request,      ///< "producer.check_request": CHECK_TRANSACTION_STATE arrived
  producer_local_transaction,  ///< "producer.local_transaction": executeLocalTransaction has done its work
  producer_checked,            ///< "producer.checked": checkLocalTransaction has its answer
  // heartbeats
  broker_heartbeat,            ///< "broker.heartbeat"
  broker_client_scan,          ///< "broker.client_scan"
  broker_unregister_client,    ///< "broker.unregister_client"
  producer_heartbeat,          ///< "producer.heartbeat"
  client_heartbeat_response,   ///< "client.heartbeat_response": at a producer or consumer
  producer_heartbeat_timeout,  ///< "producer.heartbeat_timeout"
  // consuming
  broker_send_back,               ///< "broker.send_back": CONSUMER_SEND_MSG_BACK arrived and is executed
  broker_update_consumer_offset,  ///< "broker.update_consumer_offset"
  broker_query_consumer_offset,   ///< "broker.query_consumer_offset"
  broker_get_max_offset,          ///< "broker.get_max_offset"
  broker_get_consumer_list,       ///< "broker.get_consumer_list"
  broker_offsets_persist,         ///< "broker.offsets_persist"
  broker_delay_persist,           ///< "broker.delay_persist"
  broker_delay_deliver,           ///< "broker.delay_deliver"
  broker_pull_hold,               ///< "broker.pull_hold"
  consumer_send_back_response,    ///< "consumer.send_back_response"
  consumer_offset_response,       ///< "consumer.offset_response"
  consumer_max_offset_response,   ///< "consumer.max_offset_response"
  consumer_list_response,         ///< "consumer.list_response"
  consumer_ids_changed,           ///< "consumer.ids_changed"
  consumer_rebalance,             ///< "consumer.rebalance"
  consumer_heartbeat,             ///< "consumer.heartbeat"
  consumer_route_poll,            ///< "consumer.route_poll"
  consumer_persist,               ///< "consumer.persist"
  consumer_call_timeout,          ///< "consumer.call_timeout"
  consumer_handed_off_worked,     ///< "consumer.handed_off_worked"
  consumer_resubmit,              ///< "consumer.resubmit"
  consumer_clean_expired,         ///< "consumer.clean_expired"
  consumer_returned,              ///< "consumer.returned"
  consumer_call_failed,           ///< "consumer.call_failed"
  consumer_fix_offset,            ///< "consumer.fix_offset"
  producer_end_transaction,  ///< "producer.end_transaction": endTransaction, behind the local transaction
  // replication
  broker_ha_transfer,       ///< "broker.ha_transfer": a master sends a slave the next piece of its log
  broker_ha_watch,          ///< "broker.ha_watch"
  broker_ha_client,         ///< "broker.ha_client"
  broker_replica_deadline,  ///< "broker.replica_deadline"
  broker_slave_sync,        ///< "broker.slave_sync"
  broker_ha_connect,        ///< "broker.ha_connect": at the master
  broker_ha_report,         ///< "broker.ha_report": a slave's acknowledgement, at the master
  broker_ha_piece,          ///< "broker.ha_piece": at the slave, which appends it
  broker_ha_header,         ///< "broker.ha_header"
  broker_sync_request,      ///< "broker.sync_request"
  broker_sync_response,     ///< "broker.sync_response"
  fault_roll,               ///< "fault.roll"
  broker_clean_files,       ///< "broker.clean_files"
  // orderly consuming
  broker_lock_batch,         ///< "broker.lock_batch": LOCK_BATCH_MQ arrived and is executed
  broker_unlock_batch,       ///< "broker.unlock_batch"
  consumer_lock_response,    ///< "consumer.lock_response"
  consumer_lock_all,         ///< "consumer.lock_all"
  consumer_lock_later,       ///< "consumer.lock_later"
  consumer_consume_later,    ///< "consumer.consume_later"
  consumer_unlock_later,     ///< "consumer.unlock_later"
  consumer_release_timeout,  ///< "consumer.release_timeout"
  // name servers and routes
  nameserver_broker_idle,           ///< "nameserver.broker_idle"
  nameserver_register_broker,       ///< "nameserver.register_broker": REGISTER_BROKER arrived and is executed
  nameserver_get_route,             ///< "nameserver.get_route": GET_ROUTEINFO_BY_TOPIC, likewise
  broker_register,                  ///< "broker.register"
  broker_register_connect_timeout,  ///< "broker.register_connect_timeout"
  broker_register_timeout,          ///< "broker.register_timeout"
  broker_register_response,         ///< "broker.register_response"
  client_route_poll,                ///< "client.route_poll"
  client_route_connect_timeout,     ///< "client.route_connect_timeout"
  client_route_timeout,             ///< "client.route_timeout"
  client_route,                     ///< "client.route": the answer of a name server
  // timer wheel
  broker_timer_enqueue,  ///< "broker.timer_enqueue"
  broker_timer_dequeue,  ///< "broker.timer_dequeue"
  broker_timer_flush,    ///< "broker.timer_flush"
  // POP
  broker_pop_poll,               ///< "broker.pop_poll"
  broker_pop_buffer,             ///< "broker.pop_buffer"
  broker_pop_revive,             ///< "broker.pop_revive"
  broker_pop_message,            ///< "broker.pop_message": POP_MESSAGE arrived and is executed
  broker_ack_message,            ///< "broker.ack_message": ACK_MESSAGE, likewise
  broker_change_invisible_time,  ///< "broker.change_invisible_time"
  consumer_pop_response,         ///< "consumer.pop_response"
  consumer_pop_settled,          ///< "consumer.pop_settled": the answer to an ack, or to a change
  // controller mode
  controller_scan_brokers,            ///< "controller.scan_brokers"
  controller_scan_masters,            ///< "controller.scan_masters"
  controller_heartbeat,               ///< "controller.heartbeat": BROKER_HEARTBEAT arrived and is executed
  controller_register_broker,         ///< "controller.register_broker": likewise
  controller_elect_master,            ///< "controller.elect_master"
  controller_get_replica_info,        ///< "controller.get_replica_info"
  controller_alter_sync_state_set,    ///< "controller.alter_sync_state_set"
  broker_controller_start,            ///< "broker.controller_start"
  broker_controller_heartbeat,        ///< "broker.controller_heartbeat"
  broker_sync_metadata,               ///< "broker.sync_metadata"
  broker_check_sync_state_set,        ///< "broker.check_sync_state_set"
  broker_controller_connect_timeout,  ///< "broker.controller_connect_timeout"
  broker_controller_timeout,          ///< "broker.controller_timeout"
  broker_controller_response,         ///< "broker.controller_response"
  broker_role_changed,                ///< "broker.role_changed": NOTIFY_BROKER_ROLE_CHANGED
  broker_ha_handshake,                ///< "broker.ha_handshake": at the slave, which truncates its log
  // DLedger
  dledger_maintain,            ///< "dledger.maintain"
  dledger_dispatch,            ///< "dledger.dispatch"
  dledger_ack_deadline,        ///< "dledger.ack_deadline"
  dledger_gap_check,           ///< "dledger.gap_check"
  dledger_connect_timeout,     ///< "dledger.connect_timeout"
  dledger_take_over,           ///< "dledger.take_over"
  dledger_heartbeat,           ///< "dledger.heartbeat": a leader's, at another member
  dledger_heartbeat_response,  ///< "dledger.heartbeat_response"
  dledger_vote,                ///< "dledger.vote": a candidate asks another member
  dledger_vote_response,       ///< "dledger.vote_response"
  dledger_push,                ///< "dledger.push": COMPARE, TRUNCATE, APPEND or COMMIT, at another member
  dledger_push_response,       ///< "dledger.push_response"
  nameserver_broker_alive,     ///< "nameserver.broker_alive": BROKER_HEARTBEAT arrived and is executed
  broker_alive_due,            ///< "broker.alive_due"
  broker_member_group,         ///< "broker.member_group"
  broker_ha_info,              ///< "broker.ha_info"
  broker_pre_online,           ///< "broker.pre_online"
  broker_escape,               ///< "broker.escape": a message of another set's acting master arrived
  broker_escape_over,          ///< "broker.escape_over"
  broker_escape_timeout,       ///< "broker.escape_timeout"
  count
};

}  // namespace brokersim::model
