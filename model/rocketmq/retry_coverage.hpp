// Which rules of retry_rules.hpp a run has taken, and whether the clients kept to them: behind a failed try
// whose rule says that it is not retried, the same send makes no other try.
//
// attempt_failed names the error; which status a broker_error carried is that of the last `refused` of this
// intent, of not_stored_ok that of the last `answered`. Two tries of one send under way at once (a late
// answer) could be confused in this; the monitor then takes the later one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/profiles.hpp"
#include "model/rocketmq/retry_rules.hpp"

namespace brokersim::model::rocketmq {

class RetryCoverage final {
 public:
  explicit RetryCoverage(const Config& config);
  void on(SimTime at, const sim::Record& record);
  void reset() { sends_.clear(); }
  std::uint64_t hits(std::size_t rule, std::size_t profile) const { return hits_[rule][profile]; }

 private:
  struct Send {
    std::uint16_t producer = 0xffff;
    Status refused = Status::SEND_OK, answered = Status::SEND_OK;
    bool is_final = false;  ///< its last try failed by a rule that has no retry
  };
  Send& send_of(std::uint32_t intent);
  void on_failed(Send& send, SendError error);
  void on_told(Send& send, SendError error);
  void on_try(const Send& send, const sim::Record& record) const;

  struct Client {
    Profile profile;
    SendMode mode;
  };
  std::vector<Client> producers_;
  std::vector<Send> sends_;  ///< by intent
  std::array<std::array<std::uint64_t, profile_names.size()>, retry_rules.size()> hits_{};
};

}  // namespace brokersim::model::rocketmq
