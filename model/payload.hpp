// What travels on a connection: requests and responses of the protocols. The network carries them
// without looking inside.
#pragma once

#include <cstdint>
#include <tuple>
#include <type_traits>

#include "model/ids.hpp"

namespace brokersim::model {

/// RocketMQ remoting commands, as far as the model has them (RequestCode, ResponseCode), and the fields that
/// each of them uses besides `kind`.
enum class PayloadKind : std::uint8_t {
  none,
  send_request,     ///< attempt, oneway, topic, queue, intent, opaque, size, sequence, offset (bornTimestamp,
                    ///< WallTime), record (DELAY: the delay level); a half message: its mark, group (producer
                    ///< group), record (CHECK_IMMUNITY_TIME_IN_SECONDS); one to a retry topic: group, record
                    ///< (RECONSUME_TIMES), sequence (maxReconsumeTimes), attempt (DELAY), mark
  send_response,    ///< the request's, and status, offset, record
  pull_request,     ///< topic, queue, opaque, size (how many), offset; a push consumer: group, mark, sequence
                    ///< (commitOffset)
  pull_response,    ///< the request's, and status, size (batch), offset (nextBeginOffset)
  end_transaction,  ///< END_TRANSACTION, one-way: verdict, mark, group, intent, record, offset (of the half)
  check_transaction_state,  ///< CHECK_TRANSACTION_STATE, one-way to a producer: group, intent, record, offset
  heartbeat,                ///< HEART_BEAT: opaque (what its process takes part in, the configuration says)
  heartbeat_response,       ///< opaque
  unregister_client,        ///< UNREGISTER_CLIENT, one-way, by a client that shuts down
  send_back,  ///< CONSUMER_SEND_MSG_BACK: group, intent, opaque, record (of the message), attempt (delay
              ///< level, an int8), sequence (maxReconsumeTimes)
  send_back_response,           ///< status, opaque
  update_consumer_offset,       ///< UPDATE_CONSUMER_OFFSET, one-way: group, topic, queue, offset
  query_consumer_offset,        ///< QUERY_CONSUMER_OFFSET: group, topic, queue, opaque
  consumer_offset,              ///< its answer: offset, or status QUERY_NOT_FOUND
  get_max_offset,               ///< GET_MAX_OFFSET: topic, queue, opaque
  max_offset,                   ///< its answer: offset
  get_consumer_list,            ///< GET_CONSUMER_LIST_BY_GROUP: group, opaque
  consumer_list,                ///< its answer: opaque, size (slot in World::member_lists)
  notify_consumer_ids_changed,  ///< NOTIFY_CONSUMER_IDS_CHANGED, one-way to consumers: group
  ha_connect,                   ///< a slave's replication connection: stands for its accept
  ha_report,                    ///< of a slave to its master: offset (its end of the log, bytes)
  ha_piece,       ///< of a master to its slave: offset (bytes), size (slot in World::log_pieces)
  ha_header,      ///< a transfer without a body: offset
  sync_request,   ///< SlaveSynchronize: queue (SyncStep), opaque
  sync_response,  ///< its answer: queue, opaque, size (slot in World::sync_tables)
  lock_batch,     ///< LOCK_BATCH_MQ: group, record (of the clientId: the incarnation), opaque, size (slot in
                  ///< World::queue_sets)
  lock_batch_response,  ///< the request's; its queues are those that are locked now
  unlock_batch,         ///< UNLOCK_BATCH_MQ, one-way: group, record, size as above
  register_broker,    ///< REGISTER_BROKER: oneway, opaque, size (slot in World::routes: queues per topic), or
                      ///< mark, topic, queue (how many it has)
  register_response,  ///< its answer: opaque, status, record (to a slave: 1 + its master's number; 0: none)
  get_route,          ///< GET_ROUTEINFO_BY_TOPIC: topic, opaque
  route,              ///< its answer: topic, opaque, size (slot in World::routes), or status TOPIC_NOT_EXIST
  pop_message,        ///< POP_MESSAGE: group, topic, queue (any_queue), opaque, size (maxMsgNums), record
                ///< (invisibleTime, ms), sequence (ConsumeInitMode: 1: MAX), offset (bornTime, WallTime),
                ///< attempt (how often it was executed)
  pop_response,           ///< its answer: status, size (slot in World::pop_batches)
  ack_message,            ///< ACK_MESSAGE: opaque, and what pop_service.hpp says (mark_of)
  change_invisible_time,  ///< CHANGE_MESSAGE_INVISIBLETIME: likewise
  pop_settled,            ///< the answer to either: status
  // Controller mode. Of a broker to its controller; the fields of a set: controller.hpp, put_view.
  controller_heartbeat,         ///< BROKER_HEARTBEAT, one-way: sequence (last epoch), offset (maxPhyOffset)
  controller_register,          ///< CONTROLLER_REGISTER_BROKER: opaque
  controller_elect,             ///< CONTROLLER_ELECT_MASTER: opaque
  controller_get_replica_info,  ///< CONTROLLER_GET_REPLICA_INFO: opaque
  controller_alter,     ///< CONTROLLER_ALTER_SYNC_STATE_SET: opaque, offset (the set), sequence, record
  controller_response,  ///< the answer to these: queue (PayloadKind of the request), opaque, status, the set
  role_changed,         ///< NOTIFY_BROKER_ROLE_CHANGED, one-way to a broker: the set
  ha_handshake,  ///< of a master to its slave: size (slot in World::sync_tables: its end, then its epochs)
  dledger_heartbeat,           ///< of a DLedger leader: sequence (term), opaque
  dledger_heartbeat_response,  ///< sequence (its sender's term), opaque, attempt (HeartbeatCode)
  dledger_vote,  ///< of a candidate: sequence (term), record (ledgerEndTerm), offset (entries), opaque
  dledger_vote_response,  ///< sequence (its sender's term), opaque, attempt (VoteResult)
  dledger_push,  ///< of a DLedger leader: attempt (PushType), sequence (term), offset (index), record
                 ///< (entries that are committed), size (slot in World::entry_batches), opaque
  dledger_push_response,  ///< attempt, offset and sequence as asked, size (how many entries), queue
                          ///< (PushCode), record (entries of its sender's log), opaque
  // Slave as acting master.
  broker_alive,  ///< BROKER_HEARTBEAT and GET_BROKER_MEMBER_GROUP, of a broker to a name server:
                 ///< opaque, record (1: the first of the two as well)
  member_group,  ///< its answer: offset (the registered brokers of its set, a mask of their numbers)
  ha_info,       ///< EXCHANGE_BROKER_HA_INFO, one-way: a master that comes back to a slave of its
  escape,        ///< SEND_MESSAGE of an acting master to another set: as of send_request, and attempt
           ///< (RECONSUME_TIMES), group, record (offset in the delay level), opaque (level | tries << 8);
           ///< a half message: its mark, attempt (TRANSACTION_CHECK_TIMES), record (half offset), opaque
           ///< (slot | tries << 8, eight bits of them | CHECK_IMMUNITY_TIME_IN_SECONDS << 16)
  escape_over,  ///< its answer: opaque, status
  count
};

/// Requests that make, move or settle a message when they arrive: while one is under way, nothing is over.
constexpr bool moves_a_message(PayloadKind kind) {
  return kind == PayloadKind::send_request || kind == PayloadKind::end_transaction ||
         kind == PayloadKind::check_transaction_state || kind == PayloadKind::send_back ||
         kind == PayloadKind::ack_message || kind == PayloadKind::change_invisible_time ||
         kind == PayloadKind::escape;
}

/// What distinguishes a request of its kind.
enum class Mark : std::uint8_t {
  none,
  transactional,  ///< SEND_MESSAGE with TRAN_MSG: becomes a half message
  from_check,     ///< END_TRANSACTION that answers a check (fromTransactionCheck)
  commits,        ///< PULL_MESSAGE with FLAG_COMMIT_OFFSET: `sequence` is the commitOffset
  no_wait,        ///< SEND_MESSAGE with WAIT=false among its properties
  one_topic,      ///< REGISTER_BROKER with a single topic (registerIncrementBrokerData, 5.3)
  timer_delay,    ///< SEND_MESSAGE with TIMER_DELAY_MS: `record`, ms
  timer_deliver   ///< SEND_MESSAGE with TIMER_DELIVER_MS: `record`, ms of the wall clock
};

/// TransactionType in the sysFlag of END_TRANSACTION.
enum class TransactionVerdict : std::uint8_t { unknown, commit, rollback };

/// RocketMQ ResponseCode and, for SUCCESS-like answers of a send, SendStatus.
enum class Status : std::uint8_t {
  SEND_OK,
  FLUSH_DISK_TIMEOUT,
  FLUSH_SLAVE_TIMEOUT,
  SLAVE_NOT_AVAILABLE,
  SYSTEM_ERROR,
  SYSTEM_BUSY,
  SERVICE_NOT_AVAILABLE,
  TOPIC_NOT_EXIST,
  MESSAGE_ILLEGAL,
  PULL_FOUND,
  PULL_NOT_FOUND,
  PULL_OFFSET_MOVED,
  PULL_RETRY_IMMEDIATELY,
  SUBSCRIPTION_NOT_EXIST,
  QUERY_NOT_FOUND,
  NO_PERMISSION
};

struct Payload {
  PayloadKind kind = PayloadKind::none;
  Status status = Status::SEND_OK;
  std::uint8_t attempt = 0;  ///< of a send: 0, 1, 2; of CONSUMER_SEND_MSG_BACK: the delay level
  bool oneway = false;       ///< the sender does not wait for an answer
  TopicId topic;
  std::uint16_t queue = 0;
  IntentId intent = no_intent;
  std::uint32_t opaque = 0;    ///< matches a response with its request (RemotingCommand.opaque)
  std::uint32_t size = 0;      ///< body bytes of a send; slot in World::batches of a found pull
  std::uint32_t sequence = 0;  ///< per producer and queue of the first attempt, consecutive
  std::int64_t offset = 0;     ///< queue offset: of a pull request, its answer, a send response
  /// Number of a record in the commit log: stands for the commitLogOffset of END_TRANSACTION and
  /// CONSUMER_SEND_MSG_BACK. Other uses: see PayloadKind.
  std::uint32_t record = 0;
  std::uint16_t group = 0;  ///< GroupId or ProducerGroupId
  TransactionVerdict verdict = TransactionVerdict::unknown;
  Mark mark = Mark::none;
};
static_assert(std::is_trivially_copyable_v<Payload> && sizeof(Payload) <= 40);

/// The number of no queue: a pop is of all queues of its topic.
inline constexpr std::uint16_t any_queue = 0xffff;

/// A request that says by `record`, in ms, when its message was popped.
constexpr bool names_pop_time(PayloadKind kind) {
  return kind == PayloadKind::ack_message || kind == PayloadKind::change_invisible_time ||
         kind == PayloadKind::pop_settled;
}

/// When the message of a request was born, if that matters, was popped, or the request itself was made.
constexpr SimTime time_in(const Payload& payload) {
  constexpr std::int64_t millisecond = 1'000'000;
  if (names_pop_time(payload.kind)) return SimTime{std::int64_t{payload.record} * millisecond};
  const bool sends = payload.kind == PayloadKind::send_request || payload.kind == PayloadKind::escape;
  const bool is_half = sends && payload.mark == Mark::transactional;
  const bool pops = payload.kind == PayloadKind::pop_message || payload.kind == PayloadKind::pop_response;
  return is_half || pops ? SimTime{payload.offset} : SimTime::max();
}

/// Without the opaque of a send, which counts the tries of its slot: intent and attempt name the try (it
/// leaves once at the most), so they say as well which call the answer is for, if one still waits for it.
/// Times count as ages.
constexpr auto fields(const Payload& payload) {
  const auto& [kind, status, attempt, oneway, topic, queue, intent, opaque, size, sequence, offset, record,
               group, verdict, mark] = payload;
  const bool sends = kind == PayloadKind::send_request || kind == PayloadKind::send_response;
  return std::tuple(kind, status, attempt, oneway, topic, queue, intent, sends ? 0U : opaque, size, sequence,
                    kind == PayloadKind::send_request || kind == PayloadKind::pop_message ||
                            kind == PayloadKind::pop_response || kind == PayloadKind::escape
                        ? 0
                        : offset,
                    time_in(payload), names_pop_time(kind) ? 0U : record, group, verdict, mark);
}

}  // namespace brokersim::model
