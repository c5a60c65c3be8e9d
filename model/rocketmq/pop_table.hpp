// The life of one message that is out to a group in POP mode, as data, and the monitor that holds the broker
// to it. Fed with records only. A second pop of the message is another life.
//
//   none -> out -> acknowledged                      (a checkpoint in the store, then an ack record)
//            '---> revived                           (put into %RETRY%group_topic)
//   none -> buffered -> buffered_done                (enablePopBufferMerge: both in memory)
//              '------> out                          (it has stayed there too long)
//
// What the table forbids: an ack or a revival of what is not out, a revival of what only memory knows, and,
// while its broker lives and its store takes everything, a revival of what was acknowledged or a second one.
#pragma once

#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/broker_watch.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class Popped : std::uint8_t { none, buffered, buffered_done, out, acknowledged, revived };
enum class PopOn : std::uint8_t { buffered, stored, acknowledged, revived, not_revived };
enum class PopGuard : std::uint8_t {
  any,
  alive,     ///< its broker lives since it was popped, and its store has refused nothing;
  late,      ///< the same, but it was acknowledged when its time was nearly over: the ack came before its
             ///< checkpoint
  disturbed  ///< offsets may have gone back, acks may be lost, the timer wheel may have delivered or given up
             ///< more
};

constexpr std::string_view name(Popped state) {
  switch (state) {
    case Popped::none: return "none";
    case Popped::buffered: return "buffered";
    case Popped::buffered_done: return "buffered_done";
    case Popped::out: return "out";
    case Popped::acknowledged: return "acknowledged";
    case Popped::revived: return "revived";
  }
  return {};
}

constexpr std::string_view name(PopOn on) {
  switch (on) {
    case PopOn::buffered: return "pop_buffered";
    case PopOn::stored: return "pop_stored";
    case PopOn::acknowledged: return "pop_acked";
    case PopOn::revived: return "pop_revived";
    case PopOn::not_revived: return "pop_not_revived";
  }
  return {};
}

constexpr std::string_view name(PopGuard guard) {
  switch (guard) {
    case PopGuard::any: return "any";
    case PopGuard::alive: return "alive";
    case PopGuard::late: return "late";
    case PopGuard::disturbed: return "disturbed";
  }
  return {};
}

namespace pop_source {
inline constexpr std::string_view pop = "PopMessageProcessor.appendCheckPoint";
inline constexpr std::string_view buffer = "PopBufferMergeService.addCk";
inline constexpr std::string_view merge = "PopBufferMergeService.addAk";
inline constexpr std::string_view scan = "PopBufferMergeService.scan: putCkToStore";
inline constexpr std::string_view ack = "AckMessageProcessor.appendAck";
inline constexpr std::string_view revive = "PopReviveService.reviveMsgFromCk";
inline constexpr std::string_view refused = "PopReviveService.rePutCK: its put is refused too";
inline constexpr std::string_view again = "PopReviveService: reviveOffset is read from consumerOffset.json";
}  // namespace pop_source

inline constexpr sim::Profiles only_with_pop = 1U << static_cast<unsigned>(Profile::v5_3);

inline constexpr std::array pop_table{
    sim::Row{Popped::none, PopOn::stored, PopGuard::any, Popped::out, only_with_pop, pop_source::pop},
    sim::Row{Popped::none, PopOn::buffered, PopGuard::any, Popped::buffered, only_with_pop,
             pop_source::buffer},
    sim::Row{Popped::buffered, PopOn::stored, PopGuard::any, Popped::out, only_with_pop, pop_source::scan},
    sim::Row{Popped::buffered, PopOn::acknowledged, PopGuard::any, Popped::buffered_done, only_with_pop,
             pop_source::merge},
    sim::Row{Popped::buffered_done, PopOn::stored, PopGuard::any, Popped::acknowledged, only_with_pop,
             pop_source::scan, "others of its checkpoint are missing"},
    sim::Row{Popped::out, PopOn::acknowledged, PopGuard::any, Popped::acknowledged, only_with_pop,
             pop_source::ack},
    sim::Row{Popped::out, PopOn::revived, PopGuard::any, Popped::revived, only_with_pop, pop_source::revive},
    sim::Row{Popped::out, PopOn::not_revived, PopGuard::any, Popped::revived, only_with_pop,
             pop_source::refused, "the group does not get it again"},
    sim::Row{Popped::acknowledged, PopOn::revived, PopGuard::late, Popped::revived, only_with_pop,
             pop_source::revive, "an ack that is read before its checkpoint is left out"},
    sim::Row{Popped::acknowledged, PopOn::revived, PopGuard::disturbed, Popped::revived, only_with_pop,
             pop_source::revive, "its ack was lost, or its checkpoint delivered again behind it"},
    sim::Row{Popped::acknowledged, PopOn::not_revived, PopGuard::disturbed, Popped::revived, only_with_pop,
             pop_source::refused, "the timer wheel has given up its ack"},
    sim::Row{Popped::revived, PopOn::revived, PopGuard::disturbed, Popped::revived, only_with_pop,
             pop_source::again},
    sim::Row{Popped::revived, PopOn::not_revived, PopGuard::disturbed, Popped::revived, only_with_pop,
             pop_source::again},
    sim::Row{Popped::revived, PopOn::acknowledged, PopGuard::any, Popped::revived, only_with_pop,
             pop_source::ack, "too late"},
};

class PopMonitor final {
 public:
  explicit PopMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<pop_table>& coverage() const { return coverage_; }
  void reset();

 private:
  using Life = std::tuple<std::int64_t, std::int64_t>;  ///< as PopPlace has it
  struct Shadow {
    Popped state = Popped::none;
    SimTime acknowledged_at{};
    std::uint32_t disturbances = 0;  ///< when it was popped
  };
  /// More than one if a listener fails within the millisecond of its pop: changing the invisible time stores
  /// a second checkpoint of that time, and both are legal. The oldest comes first.
  using Lives = std::vector<Shadow>;
  static Shadow& life_of(Lives& lives, PopOn on);
  void move(SimTime at, const sim::Record& record, PopOn on);
  PopGuard guard_of(SimTime at, const Shadow& shadow, std::size_t broker) const;
  std::uint32_t disturbances(std::size_t broker) const { return brokers_.deaths(broker) + disturbances_; }

  const Config& config_;
  BrokerWatch brokers_;
  std::uint32_t disturbances_ =
      0;  ///< pauses, clocks that were set, stores that began or ceased to refuse puts
  std::map<Life, Lives> lives_;
  sim::Monitor<pop_table> monitor_{static_cast<unsigned>(Profile::v5_3)};
  sim::RowCoverage<pop_table> coverage_;
};

}  // namespace brokersim::model::rocketmq
