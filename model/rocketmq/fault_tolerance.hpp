// sendLatencyEnable: for how long a client's synchronous and asynchronous sends avoid a broker after a slow
// or failed try (MQFaultStrategy, LatencyFaultToleranceImpl), as data and as steps.
//
// Off by default, and then none of this counts. It is a preference: where every broker is avoided, one of
// them is taken all the same.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "model/config.hpp"
#include "model/record.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// A latency of at least `from` makes a broker unavailable for `unavailable` (latencyMax,
/// notAvailableDuration).
struct LatencyStep {
  Duration from, unavailable;
};

using LatencySteps = std::array<LatencyStep, 7>;
inline constexpr LatencySteps latency_steps_5_3{{
    {50_ms, {}},
    {100_ms, {}},
    {550_ms, 2_s},
    {1'800_ms, 5_s},
    {3_s, 6_s},
    {5_s, 10_s},
    {15_s, 30_s},
}};
inline constexpr LatencySteps latency_steps_4_9{{
    {50_ms, {}},
    {100_ms, {}},
    {550_ms, 30_s},
    {1_s, 60_s},
    {2_s, 120_s},
    {3_s, 180_s},
    {15_s, 600_s},
}};

/// What a try that failed is taken for instead of its own latency (MQFaultStrategy.updateFaultItem).
constexpr Duration isolation_latency(Profile profile) { return profile == Profile::v4_9 ? 30_s : 10_s; }

/// MQFaultStrategy.computeNotAvailableDuration.
constexpr Duration unavailable_for(Profile profile, Duration latency) {
  Duration unavailable{};
  for (const LatencyStep& step : profile == Profile::v4_9 ? latency_steps_4_9 : latency_steps_5_3) {
    if (latency >= step.from) unavailable = step.unavailable;
  }
  return unavailable;
}

/// What a failed try says of its broker.
struct FaultRule {
  SendMode mode;
  SendError error;
  bool isolates;   ///< counts as isolation_latency; else as its own latency
  bool reachable;  ///< 5.3: false until a try succeeds. Only asked where no other broker is available
  std::string_view source;
};

namespace fault {
inline constexpr std::string_view remoting =
    "DefaultMQProducerImpl.sendDefaultImpl: RemotingException, without the detector";
inline constexpr std::string_view broker = "DefaultMQProducerImpl.sendDefaultImpl: MQBrokerException";
inline constexpr std::string_view callback = "MQClientAPIImpl.sendMessageAsync: operationFail";
inline constexpr std::string_view answer = "MQClientAPIImpl.sendMessageAsync: processSendResponse threw";
}  // namespace fault

/// What is not listed says nothing: a send whose budget was spent before its next try, a one-way send. A
/// status other than SEND_OK is a success here.
inline constexpr std::array fault_rules{
    FaultRule{SendMode::sync, SendError::timed_out, true, true, fault::remoting},
    FaultRule{SendMode::sync, SendError::connection_broken, true, true, fault::remoting},
    FaultRule{SendMode::sync, SendError::refused, true, true, fault::remoting},
    FaultRule{SendMode::sync, SendError::broker_error, true, false, fault::broker},
    FaultRule{SendMode::async, SendError::timed_out, true, true, fault::callback},
    FaultRule{SendMode::async, SendError::connection_broken, true, true, fault::callback},
    FaultRule{SendMode::async, SendError::refused, true, true, fault::callback},
    FaultRule{SendMode::async, SendError::budget_spent, true, true, fault::callback},
    FaultRule{SendMode::async, SendError::broker_error, true, true, fault::answer},
    FaultRule{SendMode::oneway, SendError::refused, true, true, fault::remoting},
};

/// Null: the failure says nothing.
constexpr const FaultRule* fault_rule(SendMode mode, SendError error) {
  for (const FaultRule& rule : fault_rules) {
    if (rule.mode == mode && rule.error == error) return &rule;
  }
  return nullptr;
}

/// LatencyFaultToleranceImpl.FaultItem: what a client keeps of one broker.
struct FaultItem {
  bool known = false;      ///< it is in the table
  bool reachable = true;   ///< reachableFlag (5.3)
  Duration latency{};      ///< currentLatency: which of the unavailable ones is the best (4.9)
  SimTime available_at{};  ///< startTimestamp
};

/// An instant in the past holds nobody up.
constexpr auto fields(const FaultItem& item) {
  const auto& [known, reachable, latency, available_at] = item;
  return std::tuple(known, reachable, latency, sim::Since<0>{available_at});
}

/// LatencyFaultToleranceImpl.updateFaultItem. A good try of 5.3 shortens no isolation; one of 4.9 ends it.
inline void update(FaultItem& item, Profile profile, SimTime now, Duration latency, bool isolates,
                   bool reachable) {
  const Duration counted = isolates ? isolation_latency(profile) : latency;
  const Duration unavailable = unavailable_for(profile, counted);
  const bool later = unavailable > Duration{} && now + unavailable > item.available_at;
  if (profile == Profile::v4_9 || later) item.available_at = now + unavailable;
  item.known = true;
  item.reachable = reachable;
  item.latency = latency;
}

constexpr bool is_available(const FaultItem& item, SimTime now) { return now >= item.available_at; }

}  // namespace brokersim::model::rocketmq
