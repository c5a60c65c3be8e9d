// What the recorder heard of deliveries: to which listeners a message went, what they answered, by which ways
// it came again, and where each group began to read. From that it tells why an effect was applied twice, and
// what a group went past.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config.hpp"
#include "model/ledger/cause.hpp"
#include "model/ledger/delay_history.hpp"
#include "model/ledger/offset_history.hpp"
#include "model/record.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::ledger {

/// Per intent and group.
struct Consumption {
  SimTime processed_at{-1};     ///< its first effect
  std::uint8_t deliveries = 0;  ///< saturates at 255
  bool reordered = false;
  bool late = false;
};

inline constexpr std::uint16_t nobody = 0xffff;

/// The same for a group of push consumers. Times are -1 until they happen.
struct Work {
  SimTime acknowledged_at{-1};  ///< CONSUME_SUCCESS, the first
  // The last delivery to a listener, and of the first one its offset.
  SimTime delivered_at{-1};
  std::int64_t offset = -1, first_offset = -1;
  std::uint32_t retry_at = 0;           ///< queue | broker << 16 of its copy in the retry topic
  SimTime work_failed_at{-1};           ///< acknowledged before, and then the work failed
  SimTime returned_at{-1};              ///< the broker took it back: the last time
  SimTime returned_lost_at{-1};         ///< a crash took such a copy
  LossKind returned_loss{};             ///< ... from where
  bool asked_dead = false;              ///< the client asked for the dead-letter queue
  std::uint16_t consumer = nobody;      ///< the process
  std::uint16_t acknowledger = nobody;  ///< that of the first CONSUME_SUCCESS
  std::uint8_t times = 0;               ///< RECONSUME_TIMES
  std::uint8_t failed = 0;              ///< deliveries that ended in a send-back; these three saturate at 255
  std::uint8_t kept = 0;  ///< of those, the ones that could not be sent back: the client tries again itself
  std::uint8_t retries = 0;          ///< copies that entered the retry topic, each once
  bool effect_now = false;           ///< this delivery has had its effect, by ...
  std::uint16_t effect_by = nobody;  ///< ... this process,
  bool sent_back_now = false;        ///< was sent back,
  bool resent_now = false;           ///< could not be sent back, so the client sends it itself,
  bool ignored_now = false;       ///< had its queue taken away, or (POP) took longer than its invisible time,
  bool result_now = false;        ///< has ended,
  bool again_now = false;         ///< is not the first of its record
  Cause again = Cause::none;      ///< the first way by which one delivery too many came about
  SimTime popped_at{-1};          ///< POP: its last checkpoint
  bool dropped = false;           ///< POP: given up after maxReconsumeTimes
  bool not_revived = false;       ///< POP: the store has refused to bring it again
  Cause duplicate = Cause::none;  ///< why the effect was applied a second time
};

/// What else is known of an intent when its effect is applied a second time.
struct Copies {
  bool several = false;  ///< more than one copy entered the logs
  Cause why = Cause::none;
};

class ConsumptionEvidence {
 public:
  void reset(const Config& config);
  /// Every record, before any other part of the evidence takes it.
  void hear(SimTime at, const sim::Record& record);
  /// Every record whose kind has to do with consuming, and deaths.
  void on(SimTime at, const sim::Record& record);
  /// A copy of the intent has been put into this queue (its number | broker << 16).
  void on_appended(std::uint32_t intent, std::uint32_t place);
  void on_delivered(const sim::Record& record);
  /// The flags of a first effect are for the caller; later ones find their cause here.
  void on_processed(const sim::Record& record, const Copies& copies);

  const Consumption& consumption(std::size_t group, std::size_t intent) const;
  Consumption& edit(std::size_t group, std::size_t intent);
  const Work& work(std::size_t group, std::size_t intent) const;
  /// All deliveries of a group.
  std::int64_t deliveries(std::size_t group) const;
  /// Why the copy that is appended now comes from a delay level that had delivered it before; none: it does
  /// not.
  Cause take_delivered_again(std::uint32_t intent) { return delays_.take_again(intent); }
  /// When the process died last; -1: never.
  SimTime died_at(std::uint16_t process) const;

  /// Offset at which the group's first reader of this queue began; -1: it has had none.
  std::int64_t first_position(std::size_t group, TopicId topic, std::size_t broker,
                              std::uint16_t queue) const;
  /// The same of the latest.
  std::int64_t latest_position(std::size_t group, TopicId topic, std::size_t broker,
                               std::uint16_t queue) const;
  const OffsetHistory& offsets() const { return offsets_; }
  std::size_t bytes() const;

 private:
  struct Position {
    std::uint64_t key;  ///< group, topic, broker, queue
    std::int64_t first, latest;
  };
  Work& work_of(const sim::Record& record);
  Work& work_in(std::size_t group, std::size_t intent);
  void on_process(SimTime at, const sim::Record& record);
  void on_result(SimTime at, Work& work, const sim::Record& record);
  void on_send_back_failed(Work& work);
  void on_sent_back(SimTime at, Work& work, const sim::Record& record);
  void on_returned_lost(SimTime at, Work& work, const sim::Record& record);
  void on_retry_stored(Work& work, std::uint32_t intent);
  void on_pop(SimTime at, Work& work, const sim::Record& record);
  void on_position(SimTime at, const sim::Record& record);
  void on_begun(SimTime at, Work& work, const sim::Record& record);
  Delivered delivery_now(const Work& work, const sim::Record& record) const;
  Cause why_delivered_again(const Work& work, const Delivered& again) const;
  /// Where the position with this key stands, or would.
  std::vector<Position>::const_iterator place_for(std::uint64_t key) const;
  const Position* find(std::uint64_t key) const;

  std::vector<std::vector<Consumption>> groups_;
  std::vector<std::vector<Work>> work_;
  std::vector<std::int64_t> deliveries_;
  OffsetHistory offsets_;
  DelayHistory delays_;
  std::vector<std::uint32_t> lies_at_;   ///< per intent: queue | broker << 16 of its latest copy
  std::vector<SimTime> assigned_;        ///< per group: when one of its members last got a queue
  std::int64_t delivered_offset_ = -1;   ///< of the delivery that a consume_begun is about to tell
  std::vector<SimTime> died_;            ///< per process
  std::vector<std::uint16_t> group_of_;  ///< per process; nobody: it is no push consumer
  std::vector<Position> positions_;      ///< sorted by key
};

}  // namespace brokersim::model::ledger
