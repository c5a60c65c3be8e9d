// A plain reader of one topic: pulls each queue from offset 0, processes every message once it has
// it, remembers its offsets (they survive its own crash). The full push consumer comes later.
//
//   each queue:  pulling -> got a batch -> works on its messages one by one -> pulling ...
//                   | error, no connection                                      ^
//                   '--------- 3 s later (pullTimeDelayMillsWhenException) -----'
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "model/context.hpp"
#include "model/rocketmq/route_client.hpp"

namespace brokersim::model::rocketmq {

enum class ReaderState : std::uint8_t {
  resting,  ///< not started, or an error: a `pull` event is scheduled
  connecting,
  pulling,  ///< a pull is in flight or suspended at the broker
  working
};

struct ReaderQueue {
  std::uint16_t broker = 0, queue = 0;  ///< the replica set, and the queue there
  std::uint16_t address = 0;            ///< the broker that the last pull went to
  std::int64_t next = 0;                ///< first offset whose effect is not applied (survives)
  ReaderState state = ReaderState::resting;
  std::uint32_t opaque = 0;       ///< of the last pull
  sim::TimerId timer;             ///< of the pull
  std::int64_t behind = 0;        ///< offset behind the messages in `working`
  std::vector<IntentId> working;  ///< got, in order; the first `done` are processed
  std::uint32_t done = 0;
};

// The opaques of pulls and the numbers of connects count: a reader that was asked more often is another one.
// That keeps equal states apart, which costs an exploration time and never truth.
constexpr auto fields(const ReaderQueue& reader) {
  const auto& [broker, queue, address, next, state, opaque, timer, behind, working, done] = reader;
  return std::tuple_cat(std::tuple(broker, queue, address, next, state, opaque, behind), std::tie(working),
                        std::tuple(done));
}

struct Consumer {
  TopicId topic;
  ProcessId process;
  sim::LaneId timeout_lane;
  std::vector<ReaderQueue> queues;
  struct Memory {
    struct Channel {
      bool connecting = false, open = false;
      std::uint16_t connects = 0;
      ConnectionId connection;
      sim::TimerId connect_timer;
    };
    bool started = false;
    bool reading = false;           ///< the look-up of its start is over
    std::vector<Channel> channels;  ///< per broker
    std::uint32_t next_opaque = 1;
  } memory;
};

constexpr auto fields(const Consumer::Memory::Channel& channel) {
  const auto& [connecting, open, connects, connection, connect_timer] = channel;
  return std::tuple(connecting, open, connects, connecting || open ? connection : ConnectionId{});
}

constexpr auto fields(const Consumer::Memory& memory) {
  const auto& [started, reading, channels, next_opaque] = memory;
  return std::tie(started, reading, channels, next_opaque);
}

constexpr auto fields(const Consumer& consumer) {
  const auto& [topic, process, timeout_lane, queues, memory] = consumer;
  return std::tie(topic, process, timeout_lane, queues, memory);
}

void consumer_start_world(World& world, std::size_t consumer, Context& context);
void consumer_serve(World& world, std::size_t consumer, Context& context);
void consumer_killed(World& world, std::size_t consumer, Context& context);
void consumer_receive(World& world, std::size_t consumer, ConnectionId connection, const Payload& payload,
                      Context& context);
void consumer_connection_opened(World& world, std::size_t consumer, ConnectionId connection,
                                Context& context);
void consumer_connection_refused(World& world, std::size_t consumer, ConnectionId connection,
                                 Context& context);
void consumer_connection_lost(World& world, std::size_t consumer, ConnectionId connection, Context& context);
/// A look-up of its client has ended (route_client.hpp).
void consumer_route_over(World& world, std::size_t consumer, LookedUp result, Context& context);
void consumer_step(World& world, std::size_t consumer, const ConsumerEvent& event, Context& context);
/// True when it has processed everything that it can see.
bool consumer_idle(const World& world, const Config& config, std::size_t consumer);

}  // namespace brokersim::model::rocketmq
