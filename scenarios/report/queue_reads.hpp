// Where each message lies, and how far each group has read its queues: what a story needs to tell that a
// group was ahead of a message, or got another one from its offset.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/config.hpp"
#include "sim/recorder.hpp"

namespace brokersim::scenarios {

/// A record that a group has read.
struct QueueRead {
  std::int64_t offset = -1;
  std::size_t broker = 0;  ///< whose log had it
};

class QueueReads {
 public:
  explicit QueueReads(const model::Config& config) : config_(&config) {}
  void on(const sim::Record& record);

  /// The record that was delivered lies at that place of that message, and is another message's.
  bool is_in_place_of(const sim::Record& delivered, std::uint32_t message) const;
  /// The furthest that a group has read of the queue in which this message lies; nothing: none of it.
  std::optional<QueueRead> furthest(std::size_t group, std::uint32_t message) const;
  /// Whose log has the latest copy of the message.
  std::size_t broker_of(std::uint32_t message) const;
  std::int64_t offset_of(std::uint32_t message) const { return place_of(message).offset; }

 private:
  struct Place {
    std::int64_t queue = -1;  ///< its number | its broker << 16; -1: none yet
    std::int64_t offset = -1;
  };
  struct Furthest {
    std::size_t group, set;
    std::int64_t queue, topic;
    QueueRead read;
  };
  Place place_of(std::uint32_t message) const;
  std::size_t set_of(const Place& place) const;
  std::int64_t topic_of(std::uint32_t message) const;
  /// Its number in the list; the list's size: not there.
  std::size_t find(std::size_t group, std::uint32_t message) const;
  void on_delivered(const sim::Record& record);

  const model::Config* config_;
  std::vector<Place> places_;             ///< per message
  std::vector<std::uint16_t> producers_;  ///< per message
  std::vector<Furthest> furthest_;
};

}  // namespace brokersim::scenarios
