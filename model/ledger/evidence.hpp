// Evidence: what the recorder heard about each intent. Outside the world; steps never read it. One
// object per worker thread, recycled from seed to seed. What concerns half messages and listeners is kept by
// its two parts.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config.hpp"
#include "model/ledger/consumption_evidence.hpp"
#include "model/ledger/outcome.hpp"
#include "model/ledger/transaction_evidence.hpp"
#include "model/record.hpp"
#include "model/who_serves.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::ledger {

/// A crash that took the copy of a broker in controller mode that was no master.
struct ReplicaLoss {
  SimTime at{-1};
  std::uint16_t broker = 0;
  LossKind kind = LossKind::unflushed_tail;
};

/// The trail of one intent. Times are -1 until they happen.
struct Trail {
  SimTime begun{-1};
  SimTime believed{-1};  ///< acknowledged, or one-way: believed sent
  SimTime lost_at{-1};   ///< its last copy left the log in a crash
  SimTime told_at{-1};   ///< the application learnt of the failure
  SimTime due{
      -1};  ///< its producer has delayed it until then; a later try that is stored too changes nothing
  /// Queue | broker << 16 that its first try left for. Within one producer and first queue the intents'
  /// numbers are their sequence.
  std::uint32_t first_queue = 0;
  std::uint16_t producer = 0;
  std::uint8_t attempts = 0;                   ///< that left; saturates at 255
  std::uint8_t appended = 0, copies_lost = 0;  ///< saturate at 255
  /// Records in rmq_sys_wheel_timer that did not roll, and deliveries from there; saturate.
  std::uint8_t timers = 0, timers_over = 0;
  SendError error = SendError::none;
  Status status{};  ///< that the broker refused it with, if error says so
  LossKind loss = LossKind::unflushed_tail;
  std::uint16_t stored_by = 0;  ///< the broker that appended it last, once one has
  ReplicaLoss replica_loss;     ///< the last that another broker's copy suffered and that nothing made good
  /// Put by a master that had another one before it, whose log may have been longer.
  bool follows_another = false;
  bool route_old = false;  ///< its client had not learnt of the master that served when it gave up
  bool given_up = false;   ///< by the timer wheel
  bool passed = false;     ///< put into a slot of the timer wheel that is never read
  /// Why it has a second copy, if a delay level or the timer wheel was the reason.
  Cause copied_by = Cause::none;
  // In a DLedger group:
  bool member_lost = false;      ///< a crash took a member's copy; lost_at is the last time
  bool cut_off = false;          ///< a new leader had a member's copy cut off
  bool majority_missed = false;  ///< a try was refused though the entry was in the leader's log
};

class Evidence final : public sim::Recorder {
 public:
  /// Forgets the former run; keeps the memory. The configuration is looked at during the run.
  void reset(const Config& config);
  void on(SimTime at, const sim::Record& record) override;

  std::size_t size() const { return trails_.size(); }
  const Trail& trail(std::size_t intent) const { return trails_[intent]; }
  const Consumption& consumption(std::size_t group, std::size_t intent) const {
    return consuming_.consumption(group, intent);
  }
  const ConsumptionEvidence& consuming() const { return consuming_; }
  const TransactionEvidence& transactions() const { return transactions_; }
  /// A replica had it, lost it in a crash, and was elected afterwards: what it no longer had was gone.
  bool elected_lost(const Trail& trail) const;
  std::size_t bytes() const;

 private:
  Trail& trail_of(const sim::Record& record);
  void on_belief(SimTime at, const sim::Record& record);
  /// The client has not got another route since another broker began to serve the set of its queue (or, if no
  /// try of its found a connection, any set).
  bool has_old_route(const Trail& trail) const;
  void on_copy(SimTime at, const sim::Record& record);
  void on_appended(Trail& trail, const sim::Record& record);
  void on_lost(SimTime at, Trail& trail, LossKind kind);
  void on_replica(SimTime at, const sim::Record& record);
  void on_scheduled(SimTime at, Trail& trail, const sim::Record& record);
  void on_timer(SimTime at, Trail& trail, RecordKind kind, const sim::Record& record);
  void on_group(SimTime at, const sim::Record& record);
  void on_sent(Trail& trail, const sim::Record& record);
  void on_processed(SimTime at, const sim::Record& record);
  void see_order(const sim::Record& record, Consumption& consumption);

  std::vector<Trail> trails_;
  ConsumptionEvidence consuming_;
  TransactionEvidence transactions_;
  struct Stream {
    std::uint64_t key;       ///< group, producer and first queue
    std::uint32_t furthest;  ///< highest intent processed so far
  };
  std::vector<Stream> streams_;  ///< sorted by key
  WhoServes serves_;
  std::vector<SimTime> route_learned_;         ///< per process: the last time
  const Config* config_ = nullptr;             ///< of the run since reset()
  SimTime healed_at_{-1};                      ///< -1: not, or nothing was broken
  std::uint32_t timed_out_ = no_intent.value;  ///< whose time was over last, and no copy was put for it yet
};

}  // namespace brokersim::model::ledger
