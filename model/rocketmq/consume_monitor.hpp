// Holds the records of a run to the life of messages at push consumers (consume_table.hpp): a shadow per
// message and consumer, moved by records alone. A transition that the table does not know is a BugError.
//
// Records name the message and the consumer, not the copy. Where one consumer has several copies of a message
// in hand at once, the first of them that may take the step has taken it; effects and what the broker
// executes do not name the consumer either and are found likewise.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/consume_table.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::rocketmq {

class ConsumeMonitor final {
 public:
  explicit ConsumeMonitor(const Config& config);
  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<consume_rows>& coverage() const { return coverage_; }
  /// For another run of the same configuration; the coverage stays.
  void reset();

 private:
  struct Shadow {
    std::size_t consumer = 0;  ///< index of its configuration
    std::int64_t offset = 0;
    SimTime begun{};
    Consuming state = Consuming::none;
  };
  struct Copies {
    std::vector<Shadow> shadows;
    int effects = 0;  ///< of which nobody can say yet whose they were
    bool shared =
        false;  ///< several copies were under way at once: an effect may have been put to the wrong one
  };
  struct Member {
    std::uint32_t process = 0;
    std::int64_t group = 0;
    Duration timeout{};
    bool result_first = false;
    bool orderly = false, broadcasting = false;
    unsigned profile = 0;
  };
  using Key = std::pair<std::int64_t, std::uint32_t>;  ///< group, intent

  std::optional<std::size_t> member_of(std::int64_t process) const;
  void begun(SimTime at, const sim::Record& record);
  void died(const sim::Record& record);
  /// Of whichever consumer, unless one is named.
  void step(SimTime at, const sim::Record& record, ConsumeOn on, std::optional<std::size_t> consumer);
  ConsumeGuard guard_of(const Shadow& shadow, ConsumeOn on, SimTime at) const;
  Shadow* find(Copies& copies, ConsumeOn on, SimTime at, std::optional<std::size_t> consumer);
  bool put_by(Copies& copies, SimTime at, std::size_t consumer);
  void take_up(Copies& copies, std::size_t consumer, SimTime at);
  void refuse(SimTime at, const Key& key, ConsumeOn on, std::optional<std::size_t> consumer);
  bool try_step(Shadow& shadow, ConsumeOn on, ConsumeGuard guard);
  void forget_settled();

  std::vector<Member> members_;
  std::vector<bool> is_watched_;  ///< per group: it has push consumers
  std::map<Key, Copies> copies_;
  std::int64_t delivered_offset_ = 0;  ///< of the delivery whose beginning is told next
  std::optional<Key> settled_;         ///< may still turn out to have been ignored
  sim::RowCoverage<consume_rows> coverage_;
};

}  // namespace brokersim::model::rocketmq
