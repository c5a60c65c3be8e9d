// What the recorder heard of the delay levels: who has delivered what lies at an offset of
// SCHEDULE_TOPIC_XXXX, and why it was delivered once more.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config.hpp"
#include "model/ledger/cause.hpp"
#include "model/who_serves.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::ledger {

class DelayHistory {
 public:
  void reset(const Config& config);
  void on(SimTime at, const sim::Record& record);
  /// Why the copy that is put now comes from a delay level that had delivered it before; none: it does not.
  /// (A record from the delay levels enters its topic in the same step.)
  Cause take_again(std::uint32_t intent);
  /// The broker of the scheduled or delay_over that was heard last.
  std::uint16_t broker() const { return broker_; }

 private:
  struct Delivery {
    SimTime at{-1};        ///< -1: not yet
    std::uint16_t by = 0;  ///< broker
  };
  /// How a broker's set may come to other offsets of its levels than it had.
  enum class Kind : std::uint8_t { alone, controlled, member, stands_in };

  static Kind kind_of(const BrokerConfig& broker);
  void on_level(SimTime at, const sim::Record& record);
  void on_stand_in(SimTime at, const sim::Record& record);
  /// An acting master is told of in its set's name.
  std::size_t who_delivers(std::size_t broker) const;
  bool has_moved_since(const Delivery& before, std::size_t broker) const;
  Cause why_again(const Delivery& before, std::size_t broker) const;

  WhoServes serves_;
  std::vector<Kind> kinds_;     ///< per broker
  std::vector<SimTime> died_;   ///< per broker: the last time
  std::vector<SimTime> taken_;  ///< per broker: when it last took the offsets of the levels from another
  /// Per set and delay level, per offset. What a truncation took away, something else may lie at.
  std::vector<std::vector<Delivery>> delivered_;
  std::uint16_t broker_ = 0;
  /// Of the delay_over that was heard last, if it is a second one and nothing was put yet for it.
  std::uint32_t again_ = no_intent.value;
  Cause why_ = Cause::none;
};

}  // namespace brokersim::model::ledger
