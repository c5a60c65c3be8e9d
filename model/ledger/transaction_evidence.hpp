// What the recorder heard of half messages: which copies the check passes made of them, which verdicts came
// for which of them, and what became of the ops. From that it tells why a message was committed twice, and
// what took away one that never was.
//
//   half --copied--> copy 1 --copied--> copy 2 ...      a verdict may come for any of them
//
// What an acting master puts into another set is a copy too, in the half queue there.
//
// Only intents of transactional producers leave a trail here; others cost nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "model/config.hpp"
#include "model/ledger/cause.hpp"
#include "model/record.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::ledger {

/// Index of a HalfTrail.
using HalfNumber = std::uint32_t;
inline constexpr HalfNumber no_half = std::numeric_limits<HalfNumber>::max();

/// One record of a half topic. Times are -1 until they happen.
struct HalfTrail {
  std::int64_t offset = 0;
  SimTime made{-1};
  SimTime copied{-1};           ///< the check service put its first copy behind it
  SimTime op_stored{-1};        ///< an op record names it
  HalfNumber before = no_half;  ///< what it is a copy of
  HalfNumber older = no_half;   ///< the one of the same intent that was made before it
  std::uint16_t broker = 0;
  HalfCopy copied_as = HalfCopy::to_check;  ///< its first copy
  std::uint8_t copies = 0;                  ///< that no crash took
  bool ended = false;                       ///< a verdict was executed, or a pass went over it by its op
  bool op_lost = false;
  bool discarded = false;
  bool escaped = false;       ///< an acting master has put it here
  bool given_up = false;      ///< an acting master could not put it elsewhere
  bool lost = false;          ///< a crash took it
  bool stepped_over = false;  ///< no pass will read it
};

/// Of one intent.
struct TransactionTrail {
  SimTime local_at{-1};                 ///< the local transaction was over
  SimTime lost_at{-1};                  ///< what `loss` says happened
  HalfNumber committed_half = no_half;  ///< the first COMMIT was executed for this half message ...
  HalfNumber made_since = 0;            ///< ... before those from this number on were made ...
  std::uint16_t committed_by = 0;       ///< ... at this broker ...
  bool committed_late = false;          ///< ... and it had a copy behind it already
  HalfNumber newest = no_half;          ///< of its half messages
  std::uint8_t checks = 0;              ///< that reached a producer; saturates at 255
  std::uint8_t discarded = 0;           ///< half messages that were; saturates at 255
  bool local_skipped = false;
  Cause loss = Cause::none;       ///< what last ended it without a message, if anything did
  Cause duplicate = Cause::none;  ///< why it was committed a second time
};

class TransactionEvidence {
 public:
  void reset(const Config& config);
  /// Every record whose kind has to do with transactions, or with the loss of records.
  void on(SimTime at, const sim::Record& record);

  const TransactionTrail& trail(std::size_t intent) const;
  /// A half message of it waits for a verdict. `served`: the log of its set holds one, which an elected
  /// master's need not, though no record says that it is gone.
  bool is_pending(std::size_t intent, bool served) const;
  /// And none of those that wait will ever be checked.
  bool is_stepped_over(std::size_t intent) const;
  /// One of them was given up by an acting master.
  bool is_given_up(std::size_t intent) const;
  std::size_t bytes() const;

 private:
  TransactionTrail& trail_of(std::uint32_t intent);
  void on_half(SimTime at, const sim::Record& record);
  void on_escaped(SimTime at, const sim::Record& record);
  void on_copied(SimTime at, HalfTrail& half, HalfCopy why);
  void on_ended(SimTime at, const sim::Record& record);
  void on_lost(SimTime at, const sim::Record& record);
  void add_half(SimTime at, const sim::Record& record, HalfNumber before);
  /// The newest that lies there; of a set that elects its master, in the log of any broker of it.
  HalfNumber find(std::uint32_t intent, const sim::Record& record) const;
  /// ... of those that this broker has taken itself.
  HalfNumber find_own(std::uint32_t intent, const sim::Record& record) const;
  bool is_elected(std::uint16_t broker) const { return sets_[broker].elects; }
  void commit(TransactionTrail& trail, HalfNumber half, std::uint16_t broker);
  HalfNumber original_of(HalfNumber half) const;
  /// What an acting master has put, of which it is a copy of a copy ...; no_half: nothing.
  HalfNumber escape_of(HalfNumber half) const;
  bool escaped_twice(HalfNumber a, HalfNumber b) const;
  /// Whether `half` is `from`, or a copy of a copy ... of it.
  bool descends(HalfNumber half, HalfNumber from) const;
  Cause why_again(const TransactionTrail& trail, HalfNumber half, std::uint16_t broker) const;
  void on_half_lost(SimTime at, TransactionTrail& trail, HalfNumber number, LossKind loss);
  void on_copy_lost(SimTime at, TransactionTrail& trail, LossKind kind);

  struct Set {
    std::uint16_t number;
    bool elects;
  };

  std::vector<TransactionTrail> trails_;
  std::vector<HalfTrail> halves_;
  HalfNumber copied_last_ = no_half;   ///< by the half_copied that announces the next copy_stored
  bool escapes_ = false;               ///< half_escaped has announced the next half_stored or copy_stored
  std::vector<SimTime> truncated_;     ///< per broker: when the tail of its log was last taken
  std::vector<SimTime> offsets_back_;  ///< per broker: when a crash last set the check service back
  std::vector<Set> sets_;              ///< per broker: the set that it belongs to
  std::int64_t check_group_ = 0;       ///< CID_RMQ_SYS_TRANS
};

}  // namespace brokersim::model::ledger
