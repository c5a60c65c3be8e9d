// What became of a put, and what the producer hears: RocketMQ's PutMessageStatus, as data.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/payload.hpp"

namespace brokersim::model::rocketmq {

enum class PutStatus : std::uint8_t {
  PUT_OK,
  FLUSH_DISK_TIMEOUT,
  FLUSH_SLAVE_TIMEOUT,
  SLAVE_NOT_AVAILABLE,
  IN_SYNC_REPLICAS_NOT_ENOUGH,
  UNKNOWN_ERROR,
  SERVICE_NOT_AVAILABLE,
  OS_PAGE_CACHE_BUSY,
  OS_PAGECACHE_BUSY,  ///< 4.9's spelling, as the result of a put: another code than where a send is rejected
  MESSAGE_ILLEGAL,
  // Not PutMessageStatus: refused before the store is asked.
  TOPIC_NOT_EXIST,
  INVALID_QUEUE,
  QUEUE_TIMEOUT,
  NO_PERMISSION,
  WHEEL_TIMER_MSG_ILLEGAL,
  WHEEL_TIMER_NOT_ENABLE,
  count
};

struct PutRow {
  PutStatus put;
  Status response;
  bool stored;  ///< the code says that the message is in the log (DLedger appends before it knows)
  std::string_view source;
};

inline constexpr std::array<PutRow, static_cast<std::size_t>(PutStatus::count)> put_table{{
    {PutStatus::PUT_OK, Status::SEND_OK, true, "SendMessageProcessor.handlePutMessageResult"},
    {PutStatus::FLUSH_DISK_TIMEOUT, Status::FLUSH_DISK_TIMEOUT, true,
     "SendMessageProcessor.handlePutMessageResult"},
    {PutStatus::FLUSH_SLAVE_TIMEOUT, Status::FLUSH_SLAVE_TIMEOUT, true,
     "SendMessageProcessor.handlePutMessageResult"},
    {PutStatus::SLAVE_NOT_AVAILABLE, Status::SLAVE_NOT_AVAILABLE, true,
     "SendMessageProcessor.handlePutMessageResult"},
    {PutStatus::IN_SYNC_REPLICAS_NOT_ENOUGH, Status::SYSTEM_ERROR, false,
     "SendMessageProcessor.handlePutMessageResult"},
    {PutStatus::UNKNOWN_ERROR, Status::SYSTEM_ERROR, false, "SendMessageProcessor.handlePutMessageResult"},
    {PutStatus::SERVICE_NOT_AVAILABLE, Status::SERVICE_NOT_AVAILABLE, false,
     "HookUtils.checkBeforePutMessage: shut down, or the disk is marked full (RunningFlags.isWriteable)"},
    {PutStatus::OS_PAGE_CACHE_BUSY, Status::SYSTEM_BUSY, false,
     "SendMessageProcessor.rejectRequest, BrokerFastFailure.cleanExpiredRequest; 5.3: "
     "handlePutMessageResult"},
    {PutStatus::OS_PAGECACHE_BUSY, Status::SYSTEM_ERROR, false,
     "SendMessageProcessor.handlePutMessageResult: of DLedgerCommitLog"},
    {PutStatus::MESSAGE_ILLEGAL, Status::MESSAGE_ILLEGAL, false, "MessageExtEncoder.encode"},
    {PutStatus::TOPIC_NOT_EXIST, Status::TOPIC_NOT_EXIST, false, "AbstractSendMessageProcessor.msgCheck"},
    // The real code is INVALID_PARAMETER; a client treats both alike (an error that is not retried).
    {PutStatus::INVALID_QUEUE, Status::MESSAGE_ILLEGAL, false,
     "AbstractSendMessageProcessor.msgCheck: queueId is illegal"},
    {PutStatus::QUEUE_TIMEOUT, Status::SYSTEM_BUSY, false, "BrokerFastFailure.cleanExpiredRequestInQueue"},
    {PutStatus::NO_PERMISSION, Status::NO_PERMISSION, false,
     "SendMessageProcessor.sendMessage: rejectTransactionMessage"},
    {PutStatus::WHEEL_TIMER_MSG_ILLEGAL, Status::MESSAGE_ILLEGAL, false,
     "HookUtils.transformTimerMessage: timerMaxDelaySec"},
    {PutStatus::WHEEL_TIMER_NOT_ENABLE, Status::SYSTEM_ERROR, false,
     "HookUtils.handleScheduleMessage: timerWheelEnable"},
}};

/// Whether an answer with this code means that the message is in the log.
constexpr bool is_stored(Status response) {
  for (const PutRow& row : put_table) {
    if (row.response == response) return row.stored;
  }
  return false;
}

constexpr const PutRow& row_of(PutStatus put) { return put_table[static_cast<std::size_t>(put)]; }

static_assert(
    [] {
      for (std::size_t i = 0; i < put_table.size(); ++i) {
        if (put_table[i].put != static_cast<PutStatus>(i)) return false;
      }
      return true;
    }(),
    "the rows stand in the order of PutStatus");

}  // namespace brokersim::model::rocketmq
