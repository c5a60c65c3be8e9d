// One record of a commit log, and the pieces of it that a master sends to its slaves.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "sim/canonical.hpp"

namespace brokersim::model::rocketmq {

/// One record of the commit log. Whoever puts a message fills in what stands above the line; `append` the
/// rest.
struct LogRecord {
  IntentId intent = no_intent;  ///< an op record has none
  std::uint32_t sequence = 0;   ///< per producer and queue of the first attempt
  std::uint32_t size = 0;       ///< of the body, bytes
  TopicId topic;
  std::uint16_t queue = 0;
  std::uint8_t attempt = 0;
  /// TRANSACTION_CHECK_TIMES of a half message (0: not set), RECONSUME_TIMES of any other.
  std::uint8_t times = 0;
  /// WAIT among its properties: a put of it waits for what SYNC_FLUSH asks. CONSUMER_SEND_MSG_BACK says no.
  bool waits = true;
  // Of a half message, of a scheduled one and of one in a retry topic: REAL_TOPIC, REAL_QID, PGROUP ...
  TopicId real_topic;
  std::uint16_t real_queue = 0;
  std::uint16_t group = 0;             ///< producer group of a half; consumer group of a retry or dead letter
  std::uint16_t immunity_seconds = 0;  ///< CHECK_IMMUNITY_TIME_IN_SECONDS; 0: not set
  std::uint16_t op_count = 0;          ///< of an op record: so many half offsets ...
  TopicId pop_topic;                   ///< of a mark of POP (pop_service.hpp: mark_in): of what topic
  std::int64_t first_op = 0;           ///< ... from here in PageCache::op_offsets
  std::int64_t timer_ms = 0;           ///< TIMER_OUT_MS, counted from `stored` in whole milliseconds
  std::int32_t invisible_ms = 0;       ///< of a mark of POP: invisibleTime; 0: it is none
  std::int64_t prepared_offset = -1;   ///< TRAN_PREPARED_QUEUE_OFFSET of an immune copy; -1: not set
  WallTime born;                       ///< bornTimestamp: when the first try of its send was made
  // ---------------------------------------------------------------------------------------------
  std::int64_t end = 0;  ///< physical offset just behind the record, bytes
  std::int64_t queue_offset = 0;
  WallTime stored;  ///< storeTimestamp
};

/// Of a record that stands for one which a slave does not have: it began with a later file.
inline constexpr TopicId no_topic{0xffff};

/// Free of time, so that sealed chunks keep their digests. The times that a step still reads (of unresolved
/// half messages and of delayed ones) are written as ages by model/canonical.cpp.
constexpr auto fields(const LogRecord& record) {
  const auto& [intent, sequence, size, topic, queue, attempt, times, waits, real_topic, real_queue, group,
               immunity_seconds, op_count, pop_topic, first_op, timer_ms, invisible_ms, prepared_offset, born,
               end, queue_offset, stored] = record;
  return std::tuple(intent, sequence, size, topic, queue, attempt, times, waits, real_topic, real_queue,
                    group, immunity_seconds, op_count, pop_topic, first_op, timer_ms, invisible_ms,
                    prepared_offset, end, queue_offset);
}
static_assert(sim::is_time_free<LogRecord>);

/// Whether two records are the same bytes at the same place.
constexpr bool is_same(const LogRecord& a, const LogRecord& b) {
  return a.end == b.end && a.intent == b.intent && a.topic == b.topic && a.queue == b.queue &&
         a.queue_offset == b.queue_offset && a.attempt == b.attempt && a.stored == b.stored;
}

/// Bytes `from` to `to` of a log (DefaultHAConnection: a transfer header and its body), at most
/// haTransferBatchSize and never across the end of a file. Its ends need not be those of records: then the
/// record that an end cuts through is known, so that a slave's half of one record does not pass for the first
/// half of another.
struct LogPiece {
  bool used = false;
  std::int64_t from = 0, to = 0;  ///< physical offsets, bytes
  std::int64_t first = 0;         ///< number in the sender's log of the first record that ends behind `from`
  bool begins_inside = false;     ///< `from` cuts through that record
  bool ends_inside = false;       ///< `to` cuts through `cut`
  LogRecord cut;
  std::vector<LogRecord> records;  ///< those that end within
  std::vector<std::int64_t> ops;   ///< the bodies of the op records among them, one after another
  // Of controller mode (AutoSwitchHAConnection's header):
  std::int32_t epoch = -1;
  std::int64_t epoch_start = 0;  ///< bytes
  std::int64_t confirmed = 0;    ///< confirmOffset of the master, bytes
};

constexpr auto fields(const LogPiece& piece) {
  const auto& [used, from, to, first, begins_inside, ends_inside, cut, records, ops, epoch, epoch_start,
               confirmed] = piece;
  return std::tie(used, from, to, first, begins_inside, ends_inside, cut, records, ops, epoch, epoch_start,
                  confirmed);
}

}  // namespace brokersim::model::rocketmq
