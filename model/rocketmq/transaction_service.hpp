// What a broker keeps in memory for transactions: the op batch, and the check service between two steps of a
// pass. What survives is in the logs: half messages, op records, and the offsets of CID_RMQ_SYS_TRANS.
// (The real broker stores no transaction status, and neither does this one.)
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "model/rocketmq/service_timer.hpp"
#include "sim/canonical.hpp"

namespace brokersim::model::rocketmq {

/// A service that wakes each `period` after `last`, mostly for nothing: those wake-ups are no events.
struct Beat {
  SimTime last{};
  Duration period{};

  friend bool operator==(const Beat&, const Beat&) = default;
};

/// However many empty wake-ups ago the last one was, only the position within the period counts. Without a
/// period there is no such service.
inline void canonical(sim::CanonicalWriter& writer, const Beat& beat) {
  if (beat.period == Duration{}) return writer.write(SimTime::max());
  const bool is_past = beat.last < writer.now();
  writer.write(is_past ? writer.now() - (writer.now() - beat.last) % beat.period : beat.last);
}

/// An instant of which only the age counts, up to a horizon that a setting gives.
struct Aged {
  SimTime at{};
  Duration horizon{};

  friend bool operator==(const Aged&, const Aged&) = default;
};

inline void canonical(sim::CanonicalWriter& writer, const Aged& aged) {
  writer.write(std::max(aged.at, writer.now() - aged.horizon));
}

/// A half message that END_TRANSACTION has resolved, as long as no op record says so.
struct BufferedOp {
  IntentId intent = no_intent;
  std::int64_t half_offset = 0;
};

constexpr auto fields(const BufferedOp& op) {
  const auto& [intent, half_offset] = op;
  return std::tie(intent, half_offset);
}

/// The ops of one record whose put is blocked in the append lock.
struct BlockedOps {
  std::vector<BufferedOp> ops;
  std::int64_t bytes = 0;
};

constexpr auto fields(const BlockedOps& blocked) {
  const auto& [ops, bytes] = blocked;
  return std::tie(ops, bytes);
}

/// MessageQueueOpContext and TransactionalOpBatchService (5.3). In 4.9 the thread that executes
/// END_TRANSACTION writes the op itself: `ops` is what it has on its stack.
struct OpBatch {
  std::vector<BufferedOp> ops;      ///< contextQueue, in order
  std::int64_t bytes = 0;           ///< totalSize: of the body that they make
  std::vector<BlockedOps> blocked;  ///< 5.3: of the service's thread; 4.9: of END_TRANSACTION's, one each
  SimTime last_write{};             ///< lastWriteTimestamp; valid if `used`
  bool used = false;                ///< the context exists since the first op of this life
  std::uint32_t writes = 0;         ///< batches written in this life: keys draws
  Beat wakes;                       ///< the service's last wake: the next is an interval later
  ServiceTimer timer;
};

/// Of the number of batches it only matters whether there was one.
constexpr auto fields(const OpBatch& batch) {
  const auto& [ops, bytes, blocked, last_write, used, writes, wakes, timer] = batch;
  return std::tuple_cat(
      std::tie(ops, bytes, blocked),
      std::tuple(used ? Aged{last_write, wakes.period} : Aged{SimTime::max(), {}}, used, writes > 0),
      std::tie(wakes, timer));
}

/// An entry of removeMap: an op record names this half message. `op` -1: taken out.
struct Removal {
  std::int64_t half = 0;
  std::int64_t op = 0;
};

constexpr auto fields(const Removal& removal) {
  const auto& [half, op] = removal;
  return std::tie(half, op);
}

/// An entry of opMsgMap: so many half messages of this op record has the pass not met yet.
struct OpenOp {
  std::int64_t op = 0;
  std::int64_t left = 0;
};

constexpr auto fields(const OpenOp& open) {
  const auto& [op, left] = open;
  return std::tie(op, left);
}

/// The put in which the check thread is blocked (append lock).
enum class BlockedPut : std::uint8_t { none, copy_to_check, immune_copy, discard };

/// TransactionalMessageServiceImpl.check between two of its effects: its local variables.
struct CheckPass {
  bool running = false;
  WallTime begun;              ///< startTime
  std::int64_t half_from = 0;  ///< halfOffset
  std::int64_t op_from = 0;    ///< opOffset
  std::int64_t at = 0;         ///< i
  std::int64_t next = 0;       ///< newOffset
  std::int64_t op_next = 0;    ///< nextBeginOffset of the last pull of ops
  bool ops_found = false;      ///< that pull's list was not empty ...
  WallTime last_op_born;       ///< ... and this its last one's bornTimestamp
  bool missed = false;         ///< getMessageNullCount: one half message was not there
  std::int64_t asking = -1;    ///< record of the copy whose question leaves next
  BlockedPut blocked = BlockedPut::none;
  bool escaping = false;               ///< an acting master: it waits for another set (EscapeBridge)
  std::uint8_t escape_failures = 0;    ///< escapeFailCnt
  std::vector<Removal> removals;       ///< removeMap, by half offset
  std::vector<OpenOp> open_ops;        ///< opMsgMap, by op offset
  std::vector<std::int64_t> done_ops;  ///< doneOpOffset
};

/// A pass that is over has left nothing behind.
constexpr auto fields(const CheckPass& pass) {
  const auto& [running, begun, half_from, op_from, at, next, op_next, ops_found, last_op_born, missed, asking,
               blocked, escaping, escape_failures, removals, open_ops, done_ops] = pass;
  return std::tuple_cat(
      std::tuple(running, running ? SimTime{begun.value} : SimTime::max(), half_from, op_from, at, next,
                 op_next, ops_found, ops_found ? SimTime{last_op_born.value} : SimTime::max(), missed, asking,
                 blocked, escaping, escape_failures),
      std::tie(removals, open_ops, done_ops));
}

struct TransactionService {
  OpBatch batch;
  Beat checks;  ///< when TransactionalMessageCheckService last began to sleep
  CheckPass pass;
  ServiceTimer check_timer;  ///< of the next pass, or of the next step of this one
  bool ends = false;         ///< ServiceThread.shutdown: the pass that runs is the last, and somebody waits
};

constexpr auto fields(const TransactionService& service) {
  const auto& [batch, checks, pass, check_timer, ends] = service;
  return std::tie(batch, checks, pass, check_timer, ends);
}

}  // namespace brokersim::model::rocketmq
