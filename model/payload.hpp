// What travels on a connection: requests and responses of the protocols. The network carries them
// without looking inside.
#pragma once

#include <cstdint>
#include <tuple>
#include <type_traits>

#include "model/ids.hpp"

namespace brokersim::model {

/// RocketMQ remoting commands, as far as the model has them (RequestCode, ResponseCode).
enum class PayloadKind : std::uint8_t { none, send_request, send_response, pull_request, pull_response };

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
  PULL_OFFSET_MOVED
};

struct Payload {
  PayloadKind kind = PayloadKind::none;
  Status status = Status::SEND_OK;
  std::uint8_t attempt = 0;  ///< of a send: 0, 1, 2
  bool oneway = false;       ///< the sender does not wait for an answer
  TopicId topic;
  std::uint16_t queue = 0;
  IntentId intent = no_intent;
  std::uint32_t opaque = 0;    ///< matches a response with its request (RemotingCommand.opaque)
  std::uint32_t size = 0;      ///< body bytes of a send; slot in World::batches of a found pull
  std::uint32_t sequence = 0;  ///< per producer and queue of the first attempt, consecutive
  std::int64_t offset = 0;     ///< queue offset: of a pull request, its answer, a send response
};
static_assert(std::is_trivially_copyable_v<Payload> && sizeof(Payload) <= 40);

/// Without the opaque of a send, which counts the tries of its slot: intent and attempt name the try (it
/// leaves once at the most), so they say as well which call the answer is for, if one still waits for it.
constexpr auto fields(const Payload& payload) {
  const auto& [kind, status, attempt, oneway, topic, queue, intent, opaque, size, sequence, offset] = payload;
  const bool pulls = kind == PayloadKind::pull_request || kind == PayloadKind::pull_response;
  return std::tuple(kind, status, attempt, oneway, topic, queue, intent, pulls ? opaque : 0U, size, sequence,
                    offset);
}

}  // namespace brokersim::model
