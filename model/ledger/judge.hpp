// The omniscient judge: reads the world after heal and drain, with the evidence, and says what became
// of every intent.
//
// Each consumer group is judged on the intents of the topics that it reads. Behind the groups stands the
// log, if anything was sent to a topic that no group reads (without consumers: everything).
//
// A copy is a record in a topic of the scenario. A half message is none yet, and neither is what a producer
// has delayed; a retry in SCHEDULE_TOPIC_XXXX or a retry topic is a delivery that is still to come.
#pragma once

#include <cstdint>
#include <vector>

#include "model/ledger/evidence.hpp"
#include "model/world.hpp"

namespace brokersim::model::ledger {

/// How a group of push consumers came past a copy that it has not got.
enum class Passed : std::uint8_t {
  not_at_all,
  at_its_start,
  by_a_skip,
  by_a_later_start  ///< a broadcasting consumer has begun again, further on
};

/// As the number of a broker: none.
inline constexpr std::uint16_t nowhere = 0xffff;

/// Working memory of the judge, recycled from seed to seed.
struct Inventory {
  std::vector<std::uint8_t>
      copies;  ///< per intent: copies in the logs of all replica sets, each set counted once (saturates)
  std::vector<std::uint8_t> reachable;  ///< copies in queues of topics that their broker knows
  std::vector<std::uint8_t> halves;     ///< per intent: records in the half topics (saturates)
  std::vector<std::uint8_t>
      delayed;  ///< per intent: its producer has delayed it, and it is yet to be delivered
  std::vector<std::uint16_t> buried;  ///< per intent: a broker that never comes back and has it in its log
  std::int64_t op_records = 0;        ///< in all logs
  /// Per group, per intent: a copy lies at or beyond the group's position, or out of its reach; or one is
  /// delayed or in the retry topic.
  std::vector<std::vector<std::uint8_t>> pending;
  std::vector<std::vector<std::uint8_t>> dead;  ///< per group, per intent: in its dead-letter queue
  std::vector<std::vector<Passed>> passed;      ///< per group, per intent
  /// Per judged group, per producer: the producer's intents concern it.
  std::vector<std::vector<std::uint8_t>> judged;
  /// Per group and topic: a member subscribes to it, and another does not.
  std::vector<std::vector<std::uint8_t>> mismatched;
};

/// Looks through all logs. `drained`: the run ended because nothing was pending, so what a listener has
/// acknowledged is settled, whether or not its offset has reached the broker.
void take_inventory(const World& world, const Config& config, const Evidence& evidence, bool drained,
                    Inventory& inventory);

/// How many groups are judged: all consumer groups and, where it is needed, the log. At least 1.
std::size_t judged_groups(const Config& config);

/// Whether this judged group is the log.
inline bool is_log(const Config& config, std::size_t group) { return group >= config.groups.size(); }
/// The group is one broadcasting consumer: its offsets are no broker's business, and nobody reads what it
/// sends back.
bool is_broadcasting(const Config& config, std::size_t group);
bool consumes_by_pop(const Config& config, std::size_t group);

/// Whether the intent concerns this judged group.
bool is_judged(const Evidence& evidence, const Inventory& inventory, std::size_t intent, std::size_t group);

/// One intent for one judged group that it concerns.
Outcome judge(const World& world, const Config& config, const Evidence& evidence, const Inventory& inventory,
              std::size_t intent, std::size_t group);

}  // namespace brokersim::model::ledger
