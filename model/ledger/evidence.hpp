// Evidence: what the recorder heard about each intent. Outside the world; steps never read it. One
// object per worker thread, recycled from seed to seed.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config.hpp"
#include "model/ledger/outcome.hpp"
#include "model/record.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::ledger {

/// The trail of one intent. Times are -1 until they happen.
struct Trail {
  SimTime begun{-1};
  SimTime believed{-1};  ///< acknowledged, or one-way: believed sent
  SimTime lost_at{-1};   ///< its last copy left the log in a crash
  SimTime told_at{-1};   ///< the application learnt of the failure
  /// Queue | broker << 16 that its first try left for. Within one producer and first queue the intents'
  /// numbers are their sequence.
  std::uint32_t first_queue = 0;
  std::uint16_t producer = 0;
  std::uint8_t attempts = 0;                   ///< that left; saturates at 255
  std::uint8_t appended = 0, copies_lost = 0;  ///< saturate at 255
  SendError error = SendError::none;
  LossKind loss = LossKind::unflushed_tail;
};

/// Per intent and group.
struct Consumption {
  std::uint8_t deliveries = 0;
  bool reordered = false;
  bool late = false;
};

class Evidence final : public sim::Recorder {
 public:
  /// Forgets the former run; keeps the memory.
  void reset(const Config& config);
  void on(SimTime at, const sim::Record& record) override;

  std::size_t size() const { return trails_.size(); }
  const Trail& trail(std::size_t intent) const { return trails_[intent]; }
  const Consumption& consumption(std::size_t group, std::size_t intent) const;
  std::size_t bytes() const;

 private:
  Trail& trail_of(const sim::Record& record);
  Consumption& consumption_of(std::size_t group, std::uint32_t intent);
  void on_sent(Trail& trail, const sim::Record& record);
  void on_processed(const sim::Record& record);

  std::vector<Trail> trails_;
  std::vector<std::vector<Consumption>> groups_;
  struct Stream {
    std::uint64_t key;       ///< group, producer and first queue
    std::uint32_t furthest;  ///< highest intent processed so far
  };
  std::vector<Stream> streams_;  ///< sorted by key
  bool healed_ = false;
};

}  // namespace brokersim::model::ledger
