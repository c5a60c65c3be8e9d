// What the files of one broker share. Nothing outside model/rocketmq/ includes this.
//
//   send.cpp, pull.cpp      requests                     commit_log.cpp    append, sizes, positions, files
//   append_lock.cpp         who waits for the lock or for a thread (append_lock.hpp)
//   flush_async.cpp         FlushRealTimeService         commit_service.cpp  CommitRealTimeService
//   flush_sync.cpp          GroupCommitService           reput.cpp         ReputMessageService
//   recovery.cpp            lives and what survives      broker.cpp        events, answers, timers
//   half.cpp, end_transaction.cpp, op_batch.cpp, check_service.cpp, check_pass.cpp    transactions
//   client_table.cpp        heartbeats                   offsets.cpp       consumer offsets
//   send_back.cpp           retries, dead letters        delay.cpp         delay levels
//   timer.cpp               messages with a time of their own
//   special_services.cpp    which of these begin and end with the role of master
//   pop*.cpp                POP (pop_service.hpp)
//   replication: replication.hpp         controller mode: replica_set.hpp
//
// Class names in comments are RocketMQ's (5.3.3 unless said otherwise).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "model/dispatch.hpp"
#include "model/host/host.hpp"
#include "model/record.hpp"
#include "model/rocketmq/broker.hpp"
#include "model/rocketmq/put_status.hpp"
#include "model/rocketmq/service.hpp"
#include "model/rocketmq/topics.hpp"
#include "model/world.hpp"
#include "sim/check.hpp"

namespace brokersim::model::rocketmq {

/// One broker within one step.
struct Site {
  Site(World& w, std::size_t b, Context& c)
      : world(w),
        number(b),
        broker(w.brokers[b]),
        memory(broker.memory),
        config(c.config().brokers[b]),
        context(c) {}
  World& world;
  std::size_t number;
  Broker& broker;
  Broker::Memory& memory;
  const BrokerConfig& config;
  Context& context;

  const BrokerSettings& settings() const { return config.settings; }
  SimTime now() const { return host::monotonic(context); }
  bool is_4_9() const { return config.profile == Profile::v4_9; }
  bool in_group() const { return config.in_group(); }
  /// In controller mode also one that has not been told what it is; of a DLedger group whoever does not
  /// serve.
  bool is_slave() const {
    if (in_group()) return !memory.dledger.serves;
    if (!config.is_controlled()) return config.is_slave();
    return memory.replicas.role != ReplicaRole::master || memory.replicas.fenced;
  }
  bool flushes_sync() const { return settings().flushDiskType == FlushDiskType::SYNC_FLUSH; }
  /// 4.9 has the pool with ASYNC_FLUSH only (MessageStoreConfig.isTransientStorePoolEnable, 4.9.8).
  bool has_pool() const { return settings().transientStorePoolEnable && !(is_4_9() && flushes_sync()); }
  void record(RecordKind kind, std::uint32_t subject, std::int64_t a = 0, std::int64_t b = 0) const {
    context.record(make_record(kind, subject, a, b));
  }
  const Config& all() const { return context.config(); }
  /// System.currentTimeMillis of its host.
  WallTime wall() const { return host::wall_clock(world, broker.process, context); }
  /// For records whose subject is the broker itself.
  std::uint32_t subject() const { return static_cast<std::uint32_t>(number); }
};

// --------------------------------------------------------------------------------- broker.cpp

/// Arms the timer for `due` (now if that is over); a timer already armed for another time moves.
void arm(Site& site, ServiceTimer& timer, SimTime due, BrokerOn on);
void disarm(Site& site, ServiceTimer& timer);
/// True if this is the wake-up that was armed last.
bool fired(ServiceTimer& timer, const BrokerEvent& event);
void schedule(Site& site, Duration delay, BrokerOn on);

/// A service that loops each `interval` and each `thorough` makes a loop that has no page limit. Loops
/// that find nothing are not events; this says what they would have done. Loop k begins at start + k
/// intervals; `last` is the timestamp of the last thorough loop before loop `first`.
struct LoopGrid {
  SimTime start;
  Duration interval;
  SimTime last;
  Duration thorough;
  std::int64_t first = 0;

  SimTime begin(std::int64_t loop) const { return start + interval * loop; }
  /// The loop that is going on at `now`.
  std::int64_t at(SimTime now) const { return std::max<std::int64_t>(0, (now - start) / interval); }
  /// The first thorough loop that is not before `loop`.
  std::int64_t thorough_from(std::int64_t loop) const;
  /// The timestamp of the last thorough loop once `loop` has begun.
  SimTime last_after(std::int64_t loop) const;

 private:
  static std::int64_t round_up(std::int64_t a, std::int64_t b) { return a <= 0 ? 0 : (a + b - 1) / b; }
  std::int64_t stride() const { return std::max<std::int64_t>(1, round_up(thorough.ns, interval.ns)); }
  std::int64_t first_thorough() const {
    return std::max(first, round_up((last + thorough - start).ns, interval.ns));
  }
};

/// "Never": a timestamp field of a Java object that starts at 0, which is 1970.
inline constexpr SimTime never{std::numeric_limits<std::int64_t>::min() / 4};

// --------------------------------------------------------------------------------- commit_log.cpp

inline constexpr std::int64_t os_page_size = 4096;  ///< DefaultMappedFile.OS_PAGE_SIZE

std::int64_t file_end(const Site& site, std::int64_t bytes);
/// Records that end at a position or before it.
std::int64_t records_until(const sim::SealedLog<LogRecord>& log, std::int64_t bytes);
/// How far one call that works on one mapped file gets from `from` (MappedFileQueue.flush, commit).
LogPosition within_file(const Site& site, LogPosition from, LogPosition upto);
/// Dirty pages between two positions of one file: page *numbers*, not bytes (isAbleToFlush).
bool has_pages(const Site& site, LogPosition from, LogPosition upto, std::int32_t least);
/// Appends one record, and starts what follows every put: flush, commit, dispatch. The caller has checked
/// that it may (`may_append`).
const LogRecord& append(Site& site, LogRecord record);
/// Whether a put of the broker's own succeeds at once: the store is not shutting down, the append lock is
/// free, the disk is not marked full.
bool may_append(const Site& site);
/// Whether it throws instead (InternalError of the mapped file): nothing stands before it but a disk without
/// any room.
bool put_throws(const Site& site);
/// The bodies of op records that are about to go with the end of the log.
void cut_ops(Broker& broker, std::size_t kept);
/// Position of the last record that ends at or before `bytes`.
LogPosition record_end_before(const Site& site, std::int64_t bytes);
/// append() and what wakes the flush services, for a put that does not wait for its flush (WAIT=false: ops,
/// copies, discards, retries, delayed deliveries). False if it may not.
bool put_without_waiting(Site& site, const LogRecord& record);
std::int64_t queue_number(const Broker& broker, TopicId topic, std::uint16_t queue);
/// The record at an offset of a queue that has been dispatched; null if there is none.
const LogRecord* record_at(const Broker& broker, TopicId topic, std::uint16_t queue, std::int64_t offset);
Queue& queue_of(Broker& broker, TopicId topic, std::uint16_t number);
const Queue& queue_of(const Broker& broker, TopicId topic, std::uint16_t number);
/// How many queues a send gives a topic that it creates: the lesser of the client's defaultTopicQueueNums
/// (4) and the queues of TBW102 (TopicConfigManager.createTopicInSendMessageMethod).
inline std::int32_t auto_created_queues(const BrokerSettings& settings) {
  return std::min(4, settings.defaultTopicQueueNums);
}
/// How many queues of a topic can ever exist here.
std::int32_t queues_at_most(const Site& site, TopicId topic);
/// One Queue for everything that can exist: as many per topic as an operator or auto-creation makes.
void make_queues(Site& site);

// --------------------------------------------------------------------------------- flushing

/// What the next flush call would cover.
LogPosition flushable(const Site& site);
void start_flush(Site& site);
/// New bytes are readable: the flush service may have work.
void arm_flush(Site& site);
void on_flushed(Site& site);
/// The log of a living replica ends here from now on: what was flushed behind it, or is being flushed, counts
/// for nothing.
void forget_flushed_beyond(Site& site, LogPosition end);

void async_arm(Site& site);
void async_wakeup(Site& site);
void async_tick(Site& site, const BrokerEvent& event);
void async_flushed(Site& site);

/// The put waits for its flush; flush_over() (replication.hpp) hears of it.
void group_wait(Site& site, const WaitingSend& waiting);
void group_arm(Site& site);
void group_wakeup(Site& site);
void group_tick(Site& site, const BrokerEvent& event);
void group_flushed(Site& site);
void flush_deadline(Site& site, const BrokerEvent& event);
/// The log has been cut there: what waits for a flush of more waits no longer.
void drop_flush_waits(Site& site, std::int64_t bytes);

void commit_arm(Site& site);
void commit_wakeup(Site& site);
void commit_tick(Site& site, const BrokerEvent& event);
/// Commits everything at once (graceful shutdown).
void commit_all(Site& site);

// --------------------------------------------------------------------------------- the rest

void arm_reput(Site& site);
void reput_tick(Site& site);
/// ConsumeQueue.putMessagePositionInfo; false: the queue has one for this offset already.
bool add_to_queue(Site& site, const LogRecord& record, std::int64_t number);
/// A record has got its consume-queue entry: who reads its queue may have work.
void dispatched(Site& site, const LogRecord& record);

void on_send_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void queue_scan(Site& site, const BrokerEvent& event);
void answer_send(Site& site, const Payload& request, ConnectionId connection, std::uint16_t generation,
                 PutStatus put, std::int64_t queue_offset, std::int64_t record);

void on_pull_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void answer_suspended_pulls(Site& site);

// --------------------------------------------------------------------------------- transactions

// half.cpp: TransactionalMessageBridge
/// A send with TRAN_MSG becomes a half message: its destination is kept, the topic is the half topic.
LogRecord half_of(const Site& site, const Payload& request);

// end_transaction.cpp: EndTransactionProcessor
void on_end_transaction(Site& site, const Payload& request);

// op_batch.cpp: deletePrepareMessage, TransactionalOpBatchService (4.9: one op record per half, at once)
void add_op(Site& site, IntentId intent, std::int64_t half_offset);
void op_batch_wakes(Site& site, const BrokerEvent& event);
/// The last wake of a graceful stop.
void op_batch_stops(Site& site);
/// A final message has its flush and its replicas, or the time for them is over: its op follows.
void final_stored(Site& site, const Payload& request);
/// No majority of a DLedger group had it in time: no op follows.
void final_refused(Site& site, const Payload& request);

// check_service.cpp, check_pass.cpp: TransactionalMessageCheckService, TransactionalMessageServiceImpl.check
void check_pass(Site& site, const BrokerEvent& event);
/// A half message or an op record has become readable: the next pass has work.
void arm_check(Site& site);
/// The store is shut down: a pass that goes on finds nothing to read and ends without storing its offsets.
void check_stops(Site& site);
/// Half messages that the stored offset of the check service leaves behind though nothing settles them.
void tell_stepped_over(const Site& site);

/// The services begin: with the broker, `since` then.
void start_transactions(Site& site, SimTime since);
/// TransactionalMessageCheckService, of a broker that has become a master.
void start_checks(Site& site, SimTime since);
/// Of one that is none any more: it makes a last pass. False: it does not run at all; else
/// slave_goes_on() says when it is over, at the earliest within this call.
bool end_checks(Site& site);
/// Records what dies with the process: buffered ops.
void forget_transactions(Site& site);
/// No half message waits for a verdict or for the pass that goes over it.
bool transactions_idle(const Broker& broker, const Config& config);

// --------------------------------------------------------------------------------- clients and offsets

// client_table.cpp: ClientManageProcessor, ProducerManager, ConsumerManager
void on_heartbeat(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void on_unregister(Site& site, ConnectionId connection);
void on_consumer_list(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void client_scan(Site& site, const BrokerEvent& event);
/// A channel is closed: its client is forgotten, and the other members of its groups are told.
void client_gone(Site& site, ConnectionId connection);
/// ProducerManager.getAvailableChannel: whom to ask about a half message.
std::optional<ClientChannel> available_producer(Site& site, ProducerGroupId group);

// offsets.cpp: ConsumerOffsetManager, ConsumerManageProcessor
// acting_master.cpp: enableSlaveActingMaster
/// changeSpecialServiceStatus: it is a master, or acts for one.
bool runs_special_services(const Site& site);
/// It has started, and BrokerPreOnlineService has not let it register yet.
bool is_isolated(const Site& site);
/// A commit of a consumer, which may step the version of the offsets.
void count_commit(Site& site);
/// How many entries of an offset table are its DataVersion.
std::size_t version_entries(const Site& site);

/// -1: none.
std::int64_t committed_offset(const Site& site, GroupId group, TopicId topic, std::uint16_t queue);
void commit_offset(Site& site, GroupId group, TopicId topic, std::uint16_t queue, std::int64_t offset);
/// The same for a consumer, which is told of if it changed something.
void store_offset(Site& site, ProcessId consumer, const Payload& request, std::int64_t offset);
void on_update_offset(Site& site, ConnectionId connection, const Payload& request);
void on_query_offset(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void on_max_offset(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void offsets_persist(Site& site, const BrokerEvent& event);
void start_offsets(Site& site, SimTime since);
/// Writes consumerOffset.json now.
void persist_offsets(Site& site);
/// A graceful stop writes all files.
void persist_all(Site& site);
/// What a power loss leaves of a file that was never synced; `rewritten`: by a broker that lived.
void lose_file(Site& site, OffsetFile& file, UnsyncedFiles files, std::uint64_t which, bool rewritten);
void write_file(Site& site, OffsetFile& file, const OffsetTable& content, std::uint64_t which);
/// What a crash is about to make the broker forget, and what it did make it forget.
OffsetTable offsets_before_crash(const Broker& broker);
void tell_offsets_back(const Site& site, const OffsetTable& had);

// queue_locks.cpp: RebalanceLockManager, AdminBrokerProcessor.lockBatchMQ, unlockBatchMQ
void on_lock_batch(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void on_unlock_batch(Site& site, ConnectionId connection, const Payload& request);
/// Not isLockAllExpired: a client of the group consumes in order.
bool has_lock(const Site& site, GroupId group);

// needed_replicas.cpp: CommitLog.asyncPutMessage
/// How many replicas, the master among them, a put needs that waits for any.
std::int32_t needed_replicas(const Site& site);
/// There are not so many: such a put is refused before it is appended.
bool lacks_replicas(const Site& site);

// special_services.cpp: what begins and ends with the role of a broker whose set elects its master
void start_special_services(Site& site);
/// slave_goes_on() follows, at once or when the last check pass is over.
void end_special_services(Site& site);
/// changeToSlave waits for the last check pass.
bool is_changing_role(const Site& site);
/// The rest of changeToSlave.
void slave_goes_on(Site& site);

// delay.cpp: ScheduleMessageService
/// Puts a message into SCHEDULE_TOPIC_XXXX at a level (1 ..; higher ones are capped). False: not put.
bool schedule_message(Site& site, LogRecord message, std::int32_t level);
/// A scheduled message has become readable.
void arm_delay(Site& site, const LogRecord& record);
void delay_deliver(Site& site, const BrokerEvent& event);
void delay_persist(Site& site, const BrokerEvent& event);
void start_delays(Site& site, SimTime since);
/// ScheduleMessageService.stop.
void stop_delays(Site& site);
/// What a level has put has its majority, or the time for that is over.
void delay_put_over(Site& site, std::size_t level, PutStatus put);
bool delays_idle(const Broker& broker, const Config& config);
/// What a send or send-back with a delay level becomes: its destination is kept, the topic is the level's
/// queue.
LogRecord delayed(const Site& site, LogRecord message, std::int32_t level);
/// The append lock is free again: levels that found it taken go on.
void resume_delays(Site& site);
/// delayOffset.json, if anything changed.
void write_delays(Site& site);
/// What a slave gets from its master.
void write_delay_file(Site& site, const OffsetTable& offsets);

// timer.cpp: TimerMessageStore (5.3)
/// Whether a send with a time of its own is taken.
PutStatus check_timer(const Site& site, const Payload& request);
/// How far away the asked time is; not positive: not in the future.
std::int64_t asked_delay_ms(const Site& site, const Payload& request);
/// What such a send becomes: its destination is kept, the topic is rmq_sys_wheel_timer.
LogRecord timer_form(const Site& site, LogRecord message, const Payload& request);
/// A message in rmq_sys_wheel_timer has become readable.
void arm_timer(Site& site);
void timer_enqueue(Site& site, const BrokerEvent& event);
void timer_dequeue(Site& site, const BrokerEvent& event);
void timer_flush(Site& site, const BrokerEvent& event);
void start_timer(Site& site, SimTime since);
/// The append lock is free again.
void resume_timer(Site& site);
/// A graceful stop begins.
void timer_stops(Site& site);
/// Before its memory is gone: how far the checkpoint had followed the clock.
void timer_dies(Site& site);
void timer_loses_power(Site& site);
bool timer_idle(const Broker& broker, const Config& config);

// pop.cpp, pop_ack.cpp, pop_buffer.cpp, pop_revive.cpp
void on_pop(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
/// ACK_MESSAGE and CHANGE_MESSAGE_INVISIBLETIME.
void on_pop_settlement(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
/// Messages have become readable: pops that wait may have some.
void pop_arrivals(Site& site);
/// A ck or ak has become readable in this revive queue.
void revive_arrival(Site& site, std::uint16_t queue);
void pop_poll(Site& site, const BrokerEvent& event);
void pop_buffer(Site& site, const BrokerEvent& event);
void pop_revive(Site& site, const BrokerEvent& event);
void start_pop(Site& site, SimTime since);
void start_revive(Site& site, SimTime since);
void arm_revive(Site& site);
/// The append lock is free again, or the disk is not full any more.
void resume_pops(Site& site);
/// Nobody will read the answers of this connection.
void forget_pops(Site& site, ConnectionId connection);
/// A graceful stop begins.
void pop_stops(Site& site);
void pops_clock_set(Site& site, Duration by);
bool pops_idle(const Broker& broker, const Config& config);

// send_back.cpp: AbstractSendMessageProcessor.consumerSendMsgBack
void on_send_back(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
/// A plain send to a retry topic: what a consumer does when its send-back failed.
LogRecord retry_of(Site& site, const Payload& request);

// clean_files.cpp: DefaultMessageStore.CleanCommitLogService
void clean_files(Site& site, const BrokerEvent& event);
/// The first look that will find something: a disk that is too full or no longer, a file that is old enough.
void arm_clean(Site& site);
/// The disk has no room left at all: an append faults.
bool is_disk_exhausted(const Site& site);

// clock_set.cpp, and what each service has to do with it
void flush_clock_set(Site& site, Duration by);
void commit_clock_set(Site& site, Duration by);
void sends_clock_set(Site& site, Duration by);
void clients_clock_set(Site& site, Duration by);
void pulls_clock_set(Site& site, Duration by);
void delays_clock_set(Site& site);
void timer_clock_set(Site& site, Duration by);
void ops_clock_set(Site& site, Duration by);

// pull.cpp
/// Nobody will read the answers of this connection.
void forget_pulls(Site& site, ConnectionId connection);
void pull_hold(Site& site, const BrokerEvent& event);

// recovery.cpp
/// A record is gone: from the end of the log, or with its file.
void tell_lost(const Site& site, const LogRecord& record, LossKind kind);
/// How long ago a service that has been running for long began its present period.
Duration service_phase(const Site& site, Service service, Duration period);
/// How long the kernel takes to write back a page that became dirty now; `what` keys the draw.
Duration draw_writeback(const Site& site, std::uint64_t what);

/// The answer leaves after answer_time, if the process lives so long.
void answer_later(Site& site, const PendingAnswer& answer);
void answer_leaves(Site& site, std::uint32_t slot);
/// Sends if the connection is still the one that the request came on.
bool respond(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& response,
             std::uint64_t subject, std::uint64_t attempt);

/// The same at once, for requests that an opaque tells apart (all but a producer's sends).
bool reply(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& response);

/// Goes on with the graceful shutdown: flushes what is left, then ends.
void continue_stop(Site& site);
void stop_done(Site& site);
/// Creates or changes a topic and writes topics.json.
void put_topic(Site& site, TopicId topic, std::int32_t queues, SimTime written);

}  // namespace brokersim::model::rocketmq
