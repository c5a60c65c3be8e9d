// POP (5.3): the broker hands messages out one by one, from any queue, and remembers by itself what is out.
//
//   pop      a checkpoint (ck) says: these messages of this queue are out until the revive time
//   ack      an ack record (ak) says: this one of them is done
//   revive   once the revive time is over, what has a ck and no ak is put into %RETRY%group_topic
//
// Both kinds of records lie in rmq_sys_REVIVE_LOG_cluster, in one of reviveQueueNum queues. They come there
// by the timer wheel: a ck one second before its revive time, an ak at it. With enablePopBufferMerge a ck
// stays in memory for popCkStayBufferTime, where acks meet it, and is only put if some are missing.
//
//   pop.cpp          PopMessageProcessor, PopLongPollingService
//   pop_ack.cpp      AckMessageProcessor, ChangeInvisibleTimeProcessor
//   pop_buffer.cpp   PopBufferMergeService
//   pop_revive.cpp   PopReviveService
//   pop_table.hpp    the life of one message that is out, and its monitor
//   push_pop.cpp     the client: DefaultMQPushConsumerImpl.popMessage, ConsumeMessagePopConcurrentlyService
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/ids.hpp"
#include "model/payload.hpp"
#include "model/rocketmq/log_record.hpp"
#include "model/rocketmq/service_timer.hpp"

namespace brokersim::model::rocketmq {

/// Which messages a checkpoint, or an ack, is about. Ck and ak belong together if all of it is equal but
/// `count`.
struct PopKey {
  GroupId group;
  TopicId topic;
  std::uint16_t queue = 0;
  std::int64_t start = 0;  ///< startOffset
  WallTime popped;         ///< popTime, whole milliseconds
  friend bool operator==(const PopKey&, const PopKey&) = default;
};

constexpr auto fields(const PopKey& key) {
  const auto& [group, topic, queue, start, popped] = key;
  return std::tuple(group, topic, queue, start, SimTime{popped.value});
}

/// PopCheckPoint, AckMsg. The messages of a checkpoint follow each other.
struct PopMark {
  PopKey key;
  std::int32_t invisible_ms = 0;
  std::uint8_t count = 0;  ///< of a ck: how many messages; of an ak: which of them, from 0
  bool is_ack = false;

  WallTime revive_time() const { return WallTime(key.popped.value + std::int64_t{invisible_ms} * 1'000'000); }
  /// TIMER_DELIVER_MS: PopAckConstants.ackTimeInterval before its acks.
  WallTime deliver_time() const {
    return is_ack ? revive_time() : WallTime(revive_time().value - 1'000'000'000);
  }
};

constexpr auto fields(const PopMark& mark) {
  const auto& [key, invisible_ms, count, is_ack] = mark;
  return std::tuple(key, invisible_ms, count, is_ack);
}

/// A record of the revive topic has no intent, and a group and a pop time of its own.
constexpr bool is_pop_mark(const LogRecord& record) { return record.invisible_ms > 0; }

constexpr PopMark mark_in(const LogRecord& record) {
  return {{GroupId(record.group), record.pop_topic, static_cast<std::uint16_t>(record.sequence),
           record.first_op, record.born},
          record.invisible_ms,
          record.times,
          record.attempt != 0};
}

/// PopCheckPointWrapper: a ck that has not left PopBufferMergeService. In the order in which they were
/// popped.
struct BufferedCheckpoint {
  PopMark mark;
  std::uint8_t revive_queue = 0;
  std::int64_t next = 0;          ///< nextBeginOffset: what is committed once it and all before it are safe
  std::uint32_t acked = 0;        ///< bits
  std::uint32_t acks_stored = 0;  ///< toStoreBits
  bool just_offset = false;       ///< it takes no acks: it is (to be) stored
  bool stored = false;            ///< ckStored
  bool left = false;              ///< only its offset waits, for those before it
};

constexpr auto fields(const BufferedCheckpoint& ck) {
  const auto& [mark, revive_queue, next, acked, acks_stored, just_offset, stored, left] = ck;
  return std::tuple(mark, revive_queue, next, acked, acks_stored, just_offset, stored, left);
}

/// A request to the processors of POP: a pop that waits for messages, or any that is blocked in the append
/// lock.
struct PopWaiting {
  Payload request;
  ConnectionId connection;
  std::uint16_t generation = 0;
  SimTime until = SimTime::max();  ///< of a pop
};

constexpr auto fields(const PopWaiting& waiting) {
  const auto& [request, connection, generation, until] = waiting;
  return std::tuple(request, connection, until);
}

/// PopReviveService of one queue. It waits, scans, rests, and so on; while it has nothing to read only where
/// it is in that matters.
struct ReviveQueue {
  bool scanning = false;  ///< it has read something in this scan
  bool reviving = false;  ///< it goes through the checkpoints that it has read
  std::uint8_t slow = 1;  ///< length of the rest, in reviveIntervals
  SimTime round{};        ///< when a round begins or began, with its wait
  SimTime scan_begun{};
  SimTime found{};           ///< when this scan last read anything
  std::int64_t done = -1;    ///< reviveOffset: all up to here is revived
  std::int64_t read = 0;     ///< what lies before has been read; behind `done` in vain, if it is idle
  std::int64_t next = 0;     ///< reviving: the offset that is looked at ...
  std::uint8_t message = 0;  ///< ... and which message of its checkpoint
  WallTime end_time;         ///< endTime, as the scan has left it
  ServiceTimer timer;
};

constexpr auto fields(const ReviveQueue& queue) {
  const auto& [scanning, reviving, slow, round, scan_begun, found, done, read, next, message, end_time,
               timer] = queue;
  return std::tuple_cat(
      std::tuple(scanning, reviving, slow, round, scanning ? scan_begun : SimTime::max(),
                 scanning ? found : SimTime::max(), done, read, reviving ? next : 0, reviving ? message : 0,
                 reviving ? SimTime{end_time.value} : SimTime::max()),
      std::tie(timer));
}

/// All of it is process memory.
struct PopService {
  std::uint32_t number = 0;  ///< ckMessageNumber: which revive queue is next
  std::vector<BufferedCheckpoint> buffer;
  std::vector<PopWaiting> polling;  ///< PopLongPollingService
  std::vector<PopWaiting> blocked;
  std::vector<ReviveQueue> revive;
  SimTime buffer_grid = SimTime::max(), poll_grid = SimTime::max();
  ServiceTimer buffer_timer, poll_timer;
};

constexpr auto fields(const PopService& pop) {
  const auto& [number, buffer, polling, blocked, revive, buffer_grid, poll_grid, buffer_timer, poll_timer] =
      pop;
  const std::uint32_t turn = revive.empty() ? 0 : number % static_cast<std::uint32_t>(revive.size());
  return std::tuple_cat(std::tuple(turn), std::tie(buffer, polling, blocked, revive, buffer_grid, poll_grid,
                                                   buffer_timer, poll_timer));
}

// --------------------------------------------------------------------------------- on the wire

/// One message of a pop's answer, with what an ack of it must say (POP_CK).
struct PoppedMessage {
  IntentId intent = no_intent;
  PopKey key;              ///< of its checkpoint
  std::uint8_t place = 0;  ///< which of the checkpoint's messages
  std::uint8_t times = 0;  ///< RECONSUME_TIMES
  WallTime born;

  std::int64_t offset() const { return key.start + place; }
};

constexpr auto fields(const PoppedMessage& message) {
  const auto& [intent, key, place, times, born] = message;
  return std::tuple(intent, key, place, times, SimTime{born.value});
}

/// The answer to a pop.
struct PopBatch {
  bool used = false;
  std::uint8_t revive_queue = 0;
  std::int32_t invisible_ms = 0;
  std::vector<PoppedMessage> messages;
};

constexpr auto fields(const PopBatch& batch) {
  const auto& [used, revive_queue, invisible_ms, messages] = batch;
  return std::tuple_cat(std::tuple(used, revive_queue, invisible_ms), std::tie(messages));
}

/// ACK_MESSAGE and CHANGE_MESSAGE_INVISIBLETIME carry POP_CK: how it stands in a Payload.
///   topic, queue, group, offset (of the message), intent, record (popTime, ms), size (invisibleTime, ms),
///   attempt (revive queue), sequence (place | new invisible time in seconds << 8)
constexpr PopMark mark_of(const Payload& request) {
  PopMark mark;
  mark.is_ack = true;
  mark.count = static_cast<std::uint8_t>(request.sequence & 0xff);
  mark.invisible_ms = static_cast<std::int32_t>(request.size);
  mark.key = {GroupId(request.group), request.topic, request.queue, request.offset - mark.count,
              WallTime(std::int64_t{request.record} * 1'000'000)};
  return mark;
}

/// A message that is out, in the records about it: `a` and `b`.
struct PopPlace {
  std::int64_t where =
      0;  ///< group | topic << 16 | queue << 32 | broker << 48: as (queue | broker << 16) << 32
  std::int64_t which = 0;  ///< offset | popTime in ms << 32
};

constexpr PopPlace place_in(const PopKey& key, std::uint8_t message, std::size_t broker) {
  constexpr std::int64_t half = 0x7fffffff;
  return {static_cast<std::int64_t>(key.group.value) | static_cast<std::int64_t>(key.topic.value) << 16 |
              static_cast<std::int64_t>(key.queue) << 32 | static_cast<std::int64_t>(broker) << 48,
          (key.start + message) | (key.popped.value / 1'000'000 & half) << 32};
}

}  // namespace brokersim::model::rocketmq
