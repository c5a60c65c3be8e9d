// Holds the records of a run to the transition table of half messages: a shadow of each record of each half
// queue, moved by records alone. A transition that the table does not know is a BugError.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/transaction_table.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::rocketmq {

class TransactionMonitor final {
 public:
  explicit TransactionMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<transaction_rows>& coverage() const { return coverage_; }
  /// For another run of the same configuration; the coverage stays.
  void reset();
  HalfState state(std::size_t broker, std::int64_t offset) const;

 private:
  /// One record of a half queue.
  struct Shadow {
    HalfState state = HalfState::none;
    bool is_copy = false, is_immune = false;
    std::int32_t buffered = 0;        ///< ops of it in memory
    std::int32_t life = 0;            ///< of the broker, when a pass last went past it
    HalfState was = HalfState::none;  ///< before a crash of the master took it, which a replica may have
    bool inherited = false;           ///< from the master before: an elected one's log may be shorter
  };
  struct BrokerShadow {
    sim::Monitor<transaction_rows> monitor;
    std::vector<Shadow> halves;                    ///< by offset
    std::map<std::uint32_t, std::int64_t> latest;  ///< offset of the last record of each intent
    std::int32_t lives = 0;
    bool copies_immune = false;  ///< the copy that is told next
    std::size_t set = 0;
    bool elects = false;  ///< ... its master, or has somebody who acts for it
  };

  /// It serves its set from now on.
  void elected(std::size_t broker);
  /// It acts for its master from now on.
  void acts(std::size_t broker);
  void lost(BrokerShadow& broker, const sim::Record& record);
  static void inherit(BrokerShadow& heir, const BrokerShadow& from);
  static void inherit_half(BrokerShadow& heir, const BrokerShadow& from, std::size_t i);
  /// Of a slave that acts: what its master has told of this one by now.
  void look_at_master(BrokerShadow& broker, std::int64_t offset);
  static Shadow& shadow(BrokerShadow& broker, std::int64_t offset);
  void take(BrokerShadow& broker, HalfEvent event, std::int64_t offset);
  void took_in(BrokerShadow& broker, HalfEvent event, std::uint32_t intent, std::int64_t offset);
  void refused(BrokerShadow& broker, std::uint32_t intent, EndRefusal why);
  void stopped_at(BrokerShadow& broker, std::int64_t offset);
  void of_end(RecordKind kind, const sim::Record& record);
  void of_pass(RecordKind kind, const sim::Record& record);
  BrokerShadow& broker_of(const sim::Record& record) {
    return brokers_[static_cast<std::size_t>(record.a & 0xffff)];
  }

  const Config& config_;
  std::vector<BrokerShadow> brokers_;
  std::vector<std::size_t> masters_;  ///< per set: who serves it, or has last
  sim::RowCoverage<transaction_rows> coverage_;
};

}  // namespace brokersim::model::rocketmq
