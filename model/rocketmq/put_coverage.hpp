// Which rows of put_table (put_status.hpp) a run has taken, from what brokers answered. An answer carries a
// Status, and some puts share one: their rows cannot be told apart and are counted together. What a broker
// has stored is answered without its number: among brokers of both versions such a row counts for neither.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/profiles.hpp"
#include "model/rocketmq/put_status.hpp"

namespace brokersim::model::rocketmq {

/// Whose brokers answer so in the model. The others' rows say what a real one does: 5.3.3 asks for replicas
/// without SLAVE_NOT_AVAILABLE.
constexpr sim::Profiles brokers_that_put(PutStatus put) {
  switch (put) {
    case PutStatus::SLAVE_NOT_AVAILABLE:
    case PutStatus::OS_PAGECACHE_BUSY: return only_4_9;
    case PutStatus::IN_SYNC_REPLICAS_NOT_ENOUGH:
    case PutStatus::WHEEL_TIMER_MSG_ILLEGAL:
    case PutStatus::WHEEL_TIMER_NOT_ENABLE: return only_5_3;
    case PutStatus::PUT_OK:
    case PutStatus::FLUSH_DISK_TIMEOUT:
    case PutStatus::FLUSH_SLAVE_TIMEOUT:
    case PutStatus::UNKNOWN_ERROR:
    case PutStatus::SERVICE_NOT_AVAILABLE:
    case PutStatus::OS_PAGE_CACHE_BUSY:
    case PutStatus::MESSAGE_ILLEGAL:
    case PutStatus::TOPIC_NOT_EXIST:
    case PutStatus::INVALID_QUEUE:
    case PutStatus::QUEUE_TIMEOUT:
    case PutStatus::NO_PERMISSION:
    case PutStatus::count: break;
  }
  return both_profiles;
}

class PutCoverage final {
 public:
  explicit PutCoverage(const Config& config) {
    for (const BrokerConfig& broker : config.brokers)
      profiles_.push_back(static_cast<std::size_t>(broker.profile));
  }

  void on(SimTime, const sim::Record& record) {
    const auto kind = static_cast<RecordKind>(record.kind);
    if (kind != RecordKind::answered && kind != RecordKind::refused) return;
    const bool stored = kind == RecordKind::answered;
    bool known = false;
    for (std::size_t row = 0; row < put_table.size(); ++row) {
      if (put_table[row].response != static_cast<Status>(record.a) || put_table[row].stored != stored)
        continue;
      known = true;
      const auto profile = profile_of(record, stored);
      if (profile && (brokers_that_put(put_table[row].put) >> *profile & 1) != 0) ++hits_[row][*profile];
    }
    if (!known && is_of_send(static_cast<Status>(record.a)))
      throw sim::BugError(
          "a broker answered a send with " + std::string(to_string(static_cast<Status>(record.a))) +
          (stored ? " and stored it" : " and did not store it") + ", which no row of put_table says");
  }
  void reset() {}
  std::uint64_t hits(std::size_t row, std::size_t profile) const { return hits_[row][profile]; }

  /// Whether some other row that is put has the same answer.
  static constexpr bool is_shared(std::size_t row) {
    for (std::size_t other = 0; other < put_table.size(); ++other) {
      if (other != row && put_table[other].response == put_table[row].response &&
          (brokers_that_put(put_table[other].put) & brokers_that_put(put_table[row].put)) != 0)
        return true;
    }
    return false;
  }

 private:
  std::optional<std::size_t> profile_of(const sim::Record& record, bool stored) const {
    if (!stored) return profiles_[static_cast<std::size_t>(record.b)];
    const bool alike = std::count(profiles_.begin(), profiles_.end(), profiles_[0]) == std::ssize(profiles_);
    return alike ? std::optional(profiles_[0]) : std::nullopt;
  }
  static constexpr bool is_of_send(Status status) {
    for (const PutRow& row : put_table) {
      if (row.response == status) return true;
    }
    return false;
  }

  std::vector<std::size_t> profiles_;  ///< per broker
  std::array<std::array<std::uint64_t, profile_names.size()>, put_table.size()> hits_{};
};

}  // namespace brokersim::model::rocketmq
