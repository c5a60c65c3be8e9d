// A record as a plain sentence about one message, for people who know RocketMQ and not this program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/config.hpp"
#include "model/who_serves.hpp"
#include "scenarios/report/queue_reads.hpp"
#include "sim/recorder.hpp"

namespace brokersim::scenarios {

/// Tells the records of one run in their order; remembers what later sentences refer to.
class Storyteller {
 public:
  /// Without a group: of all of them.
  Storyteller(const model::Config& config, std::uint32_t message, std::optional<std::size_t> group);

  /// Nothing: it says nothing about this message.
  std::optional<std::string> sentence(sim::SimTime at, const sim::Record& record);
  /// Of each set that another broker serves than at first: who, and since when.
  std::vector<std::string> masters() const;

 private:
  std::string of_producer(const sim::Record& record) const;
  std::string of_copy(const sim::Record& record) const;
  std::string of_half(const sim::Record& record) const;
  std::string of_verdict(const sim::Record& record) const;
  std::string of_consumer(const sim::Record& record) const;
  std::string of_retry(const sim::Record& record) const;
  std::string of_pop(const sim::Record& record) const;
  std::string of_process(sim::SimTime at, const sim::Record& record) const;
  std::string of_fault(const sim::Record& record) const;
  std::string struck(const sim::Record& record) const;
  std::string of_broker(const sim::Record& record) const;
  std::string of_reader(const sim::Record& record) const;

  std::string of_controller(const sim::Record& record) const;
  std::string of_stand_in(const sim::Record& record) const;
  std::string of_escape(const sim::Record& record) const;
  std::string broker(std::int64_t number) const;
  std::string where(std::int64_t number) const;
  std::string level_at(std::int64_t number) const;
  std::string asked(std::int64_t number) const;
  std::string slave_at(std::int64_t number) const;
  std::string read_before() const;
  std::string of_other(const sim::Record& record) const;
  bool is_deposed(std::size_t number) const;
  bool is_of_several(std::int64_t number) const;
  std::string producer(std::int64_t number) const;
  std::string group_name(std::int64_t number) const;
  std::string process(std::int64_t number) const;
  std::string host(std::int64_t number) const;
  std::string level(std::int64_t broker_and_level) const;
  std::string last_flushes(sim::SimTime at, std::size_t host) const;
  bool is_transactional() const;
  bool may_answer(std::uint32_t process) const;
  bool is_member(std::uint32_t process) const;
  bool is_orderly(std::int64_t process) const;
  std::string of_lock(const sim::Record& record);
  bool is_told_again(const sim::Record& record);
  bool concerns_group(std::int64_t number) const;
  bool is_own_queue(std::int64_t place) const;

  const model::Config& config_;
  std::uint32_t message_;
  std::optional<std::size_t> group_;
  std::size_t producer_ = 0;
  std::int64_t copied_ = 0;               ///< the half message that a check pass has just copied ...
  bool copied_by_immunity_ = false;       ///< ... because of its immunity
  std::vector<std::int64_t> places_;      ///< queue | broker << 16 where it was sent to
  std::vector<sim::SimTime> flushed_;     ///< per broker: when the last flush ended
  std::optional<std::uint32_t> refused_;  ///< who was refused a lock last
  model::WhoServes serves_;
  QueueReads reads_;
};

}  // namespace brokersim::scenarios
