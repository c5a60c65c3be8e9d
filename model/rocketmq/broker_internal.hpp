// What the files of one broker share. Nothing outside model/rocketmq/ includes this.
//
//   send.cpp, pull.cpp      requests                     commit_log.cpp    append, sizes, positions, files
//   flush_async.cpp         FlushRealTimeService         commit_service.cpp  CommitRealTimeService
//   flush_sync.cpp          GroupCommitService           reput.cpp         ReputMessageService
//   recovery.cpp            lives and what survives      broker.cpp        events, answers, timers
//
// Class names in comments are RocketMQ's (5.3.3 unless said otherwise).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "model/dispatch.hpp"
#include "model/host/host.hpp"
#include "model/record.hpp"
#include "model/rocketmq/broker.hpp"
#include "model/rocketmq/put_status.hpp"
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
  bool flushes_sync() const { return settings().flushDiskType == FlushDiskType::SYNC_FLUSH; }
  /// 4.9 has the pool with ASYNC_FLUSH only (MessageStoreConfig.isTransientStorePoolEnable, 4.9.8).
  bool has_pool() const { return settings().transientStorePoolEnable && !(is_4_9() && flushes_sync()); }
  void record(RecordKind kind, std::uint32_t subject, std::int64_t a = 0, std::int64_t b = 0) const {
    context.record(make_record(kind, subject, a, b));
  }
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
/// The first instant after `now` on a grid.
SimTime next_on_grid(SimTime grid, Duration period, SimTime now);

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
/// How far one call that works on one mapped file gets from `from` (MappedFileQueue.flush, commit).
LogPosition within_file(const Site& site, LogPosition from, LogPosition upto);
/// Dirty pages between two positions of one file: page *numbers*, not bytes (isAbleToFlush).
bool has_pages(const Site& site, LogPosition from, LogPosition upto, std::int32_t least);
/// Appends one record; the caller has checked that it may.
const LogRecord& append(Site& site, const Payload& request, std::int64_t size);
Queue& queue_of(Broker& broker, TopicId topic, std::uint16_t number);
const Queue& queue_of(const Broker& broker, TopicId topic, std::uint16_t number);
/// How many queues a send gives a topic that it creates: the lesser of the client's defaultTopicQueueNums
/// (4) and the queues of TBW102 (TopicConfigManager.createTopicInSendMessageMethod).
inline std::int32_t auto_created_queues(const BrokerSettings& settings) {
  return std::min(4, settings.defaultTopicQueueNums);
}
/// One Queue for everything that can exist: as many per topic as an operator or auto-creation makes.
void make_queues(Site& site);

// --------------------------------------------------------------------------------- flushing

/// What the next flush call would cover.
LogPosition flushable(const Site& site);
void start_flush(Site& site);
/// New bytes are readable: the flush service may have work.
void arm_flush(Site& site);
void on_flushed(Site& site);

void async_arm(Site& site);
void async_wakeup(Site& site);
void async_tick(Site& site, const BrokerEvent& event);
void async_flushed(Site& site);

void group_wait(Site& site, const WaitingSend& waiting);
void group_arm(Site& site);
void group_wakeup(Site& site);
void group_tick(Site& site, const BrokerEvent& event);
void group_flushed(Site& site);
void flush_deadline(Site& site, const BrokerEvent& event);

void commit_arm(Site& site);
void commit_wakeup(Site& site);
void commit_tick(Site& site, const BrokerEvent& event);
/// Commits everything at once (graceful shutdown).
void commit_all(Site& site);

// --------------------------------------------------------------------------------- the rest

void arm_reput(Site& site);
void reput_tick(Site& site);

void on_send_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void queue_scan(Site& site, const BrokerEvent& event);
void release_lock(Site& site);
void answer_send(Site& site, const Payload& request, ConnectionId connection, std::uint16_t generation,
                 PutStatus put, std::int64_t queue_offset);

void on_pull_request(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request);
void answer_suspended_pulls(Site& site);

/// The answer leaves after answer_time, if the process lives so long.
void answer_later(Site& site, const PendingAnswer& answer);
void answer_leaves(Site& site, std::uint32_t slot);
/// Sends if the connection is still the one that the request came on.
bool respond(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& response,
             std::uint64_t subject, std::uint64_t attempt);

/// Goes on with the graceful shutdown: flushes what is left, then ends.
void continue_stop(Site& site);
void stop_done(Site& site);
/// Creates or changes a topic and writes topics.json.
void put_topic(Site& site, TopicId topic, std::int32_t queues, SimTime written);

}  // namespace brokersim::model::rocketmq
