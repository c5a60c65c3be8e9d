// Who is who in a world. All ids are dense indices into the world's vectors, given by the scenario's
// order, so that equal situations have equal ids.
#pragma once

#include <cstdint>

#include "sim/types.hpp"

namespace brokersim::model {

using sim::Duration;
using sim::SimTime;
using sim::Strong;

using HostId = Strong<struct HostTag, std::uint16_t>;
using ProcessId = Strong<struct ProcessTag, std::uint16_t>;
/// How often a process was started; events meant for an earlier life are stale.
using Incarnation = Strong<struct IncarnationTag, std::uint16_t>;
/// Lowest free slot of the connection table; `Connection::generation` tells its users apart.
using ConnectionId = Strong<struct ConnectionTag, std::uint16_t>;
using TopicId = Strong<struct TopicTag, std::uint16_t>;
using GroupId = Strong<struct GroupTag, std::uint16_t>;  ///< consumer group
using ProducerGroupId = Strong<struct ProducerGroupTag, std::uint16_t>;
/// The business event that must reach every consumer group once; dense, in order of first attempt.
using IntentId = Strong<struct IntentTag, std::uint32_t>;
/// A position in one queue (consume queue), in messages; reused after a truncation.
using QueueOffset = Strong<struct QueueOffsetTag, std::int64_t>;
/// The wall clock of a host, nanoseconds; may jump. Brokers stamp messages with it.
using WallTime = Strong<struct WallTimeTag, std::int64_t>;

inline constexpr IntentId no_intent{0xffffffffU};

}  // namespace brokersim::model
