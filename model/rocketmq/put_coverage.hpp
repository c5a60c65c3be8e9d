// Which rows of put_table (put_status.hpp) a run has taken, from what brokers answered. An answer carries a
// Status, and some puts share one: their rows cannot be told apart and are counted together.
#pragma once

#include <array>
#include <cstdint>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/put_status.hpp"

namespace brokersim::model::rocketmq {

class PutCoverage final {
 public:
  explicit PutCoverage(const Config&) {}

  void on(SimTime, const sim::Record& record) {
    const auto kind = static_cast<RecordKind>(record.kind);
    if (kind != RecordKind::answered && kind != RecordKind::refused) return;
    const bool stored = kind == RecordKind::answered;
    bool known = false;
    for (std::size_t row = 0; row < put_table.size(); ++row) {
      if (put_table[row].response != static_cast<Status>(record.a) || put_table[row].stored != stored)
        continue;
      ++hits_[row];
      known = true;
    }
    if (!known && is_of_send(static_cast<Status>(record.a)))
      throw sim::BugError(
          "a broker answered a send with " + std::string(to_string(static_cast<Status>(record.a))) +
          (stored ? " and stored it" : " and did not store it") + ", which no row of put_table says");
  }
  void reset() {}
  std::uint64_t hits(std::size_t row) const { return hits_[row]; }

  /// Whether some other row has the same answer.
  static constexpr bool is_shared(std::size_t row) {
    for (std::size_t other = 0; other < put_table.size(); ++other) {
      if (other != row && put_table[other].response == put_table[row].response) return true;
    }
    return false;
  }

 private:
  static constexpr bool is_of_send(Status status) {
    for (const PutRow& row : put_table) {
      if (row.response == status) return true;
    }
    return false;
  }

  std::array<std::uint64_t, put_table.size()> hits_{};
};

}  // namespace brokersim::model::rocketmq
