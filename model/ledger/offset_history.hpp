// What the recorder heard of the offsets of consumer groups: which commits reached a broker, who serves each
// set, what a crash set back, and where a reader went past messages. A queue is named as records name it: its
// number | its broker << 16; offsets belong to the queue of the broker's set.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config.hpp"
#include "model/who_serves.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::ledger {

/// A record that a group had got at this time.
struct Delivered {
  std::size_t group = 0;
  std::uint32_t place = 0;  ///< its queue
  std::int64_t offset = -1;
  bool retry = false;  ///< in %RETRY%
  SimTime at{-1};
  SimTime reader_died{-1};  ///< the last time; -1: never
};

/// What has become of the group's offsets since.
struct OffsetsSince {
  bool committed = false;  ///< a broker had stored one behind it
  /// Another broker serves since, whose copy of the offsets counts; or the commit went to one that does not
  /// serve.
  bool moved = false;
  bool back = false;  ///< a crash of the broker has set them back
};

class OffsetHistory {
 public:
  void reset(const Config& config);
  void on(SimTime at, const sim::Record& record);

  void delivered(const Delivered& record);
  /// What a death takes of a group's offsets: what was not committed. Where that comes first, it is the
  /// reason.
  OffsetsSince since(const Delivered& record) const;
  /// A crash has set the group's offsets at this broker back since then.
  bool is_back_since(std::size_t group, std::size_t broker, SimTime at) const;
  /// A reader of the group found its offset gone, and went on elsewhere. (The record does not say of which
  /// topic.)
  bool skipped(std::size_t group, std::size_t set, std::uint16_t queue) const;
  /// This broker has become the master with what it had got of the former one's log, and no crash has taken
  /// anything of that: whoever is beyond its end has read it there.
  bool follows_another(std::size_t broker) const;

 private:
  struct Commit {
    SimTime at;
    std::uint64_t key;  ///< group, set and queue
    std::int64_t offset;
    std::uint16_t broker;
  };
  struct Furthest {
    std::uint64_t key;  ///< the same, and whether it is %RETRY%
    std::int64_t offset;
  };
  void on_commit(SimTime at, const sim::Record& record);
  void on_skip(const sim::Record& record);
  void on_offsets_back(SimTime at, const sim::Record& record);
  std::size_t group_of(std::uint32_t process) const;
  std::uint64_t key_of(std::size_t group, std::int64_t place) const;
  std::uint64_t key_of(const Delivered& record) const;
  /// Where the furthest of this key stands, or would.
  std::size_t place_for(std::uint64_t key) const;

  WhoServes serves_;
  std::size_t groups_ = 0;
  std::vector<std::uint16_t> group_of_;  ///< per process; none: it is no push consumer
  std::vector<bool> elects_, in_group_;  ///< per broker
  std::vector<bool> down_;               ///< per broker
  std::vector<bool> torn_;       ///< per broker: a crash took the end of its log, and nothing made that good
  std::vector<SimTime> back_;    ///< per set and group
  std::vector<Commit> commits_;  ///< in their order
  std::vector<Furthest> furthest_;    ///< that was delivered; sorted by key
  std::vector<std::uint64_t> skips_;  ///< the keys of queues
  bool just_assigned_ = false;        ///< the last record that was heard is a queue_assigned
};

}  // namespace brokersim::model::ledger
