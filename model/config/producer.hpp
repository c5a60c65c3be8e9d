// RocketMQ producers, and what their applications do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/config/broker.hpp"
#include "model/ids.hpp"
#include "sim/distribution.hpp"

namespace brokersim::model {

using sim::Distribution;
using namespace sim::literals;

enum class SendMode : std::uint8_t { sync, async, oneway };

/// What the application does with the result of a send.
enum class OnResult : std::uint8_t {
  checked,    ///< looks: a failure is known to the application ("told")
  unchecked,  ///< never looks: async without (or with an empty) callback, a swallowed exception
};

enum class Arrivals : std::uint8_t {
  constant,  ///< one message each 1/rate
  poisson,   ///< exponential gaps of mean 1/rate
  bursts,    ///< `burst_size` at once, each `burst_every`
  saturated  ///< each thread sends as soon as it is free
};

/// How threads share the arrivals.
enum class Pacing : std::uint8_t {
  per_thread_catch_up,  ///< each thread has its own schedule of rate/threads; late sends follow at once
  per_thread_skip,      ///< the same, but slots that passed while a send was busy are skipped
  per_thread_sleep,  ///< each thread pauses threads/rate *after* a send has returned (Thread.sleep in a loop)
  shared             ///< one schedule; arrivals wait for a free thread
};

enum class QueueChoice : std::uint8_t {
  round_robin,  ///< per thread, starting at a random queue (ThreadLocalIndex)
  fixed,        ///< MessageQueue given by the application: no sync retry
  by_key        ///< selector (hash of the intent): no sync retry
};

/// ClientConfig, NettyClientConfig and DefaultMQProducer.
struct ProducerSettings {
  Duration sendMsgTimeout = 3_s;
  Duration sendMsgMaxTimeoutPerRequest{-1'000'000};  ///< negative: no bound
  std::int32_t retryTimesWhenSendFailed = 2;
  std::int32_t retryTimesWhenSendAsyncFailed = 2;
  bool retryAnotherBrokerWhenNotStoreOK = false;
  Duration connectTimeoutMillis = 3_s;
  bool clientCloseSocketIfTimeout = true;
  Duration heartbeatBrokerInterval = 30_s;
  std::int32_t clientAsyncSemaphoreValue = 65535;
  std::int32_t clientOnewaySemaphoreValue = 65535;
  Duration pollNameServerInterval = 30_s;
  bool sendLatencyEnable = false;  ///< 4.9 has it as DefaultMQProducer.setSendLatencyFaultEnable only

  bool operator==(const ProducerSettings&) const = default;
};

/// What the local transaction of a message comes to, and so which verdict it deserves.
enum class LocalOutcome : std::uint8_t { commit, rollback };

/// What the check-back handler (checkLocalTransaction) answers.
enum class CheckAnswer : std::uint8_t {
  local_state,  ///< COMMIT or ROLLBACK as the database says; UNKNOWN while it runs or if it never ran
  commit,
  rollback,
  unknown
};

/// TransactionMQProducer and its TransactionListener. `send` is sync then: a half message is one synchronous
/// send with its retries.
struct TransactionConfig {
  Distribution local_time = Distribution::uniform(1_ms, 5_ms);  ///< executeLocalTransaction
  double rollback_chance = 0;    ///< of a local transaction to end in ROLLBACK, drawn per intent
  bool returns_unknown = false;  ///< executeLocalTransaction returns UNKNOW whatever became of it
  CheckAnswer check_answer = CheckAnswer::local_state;
  std::int32_t check_answers_from = 1;  ///< the first so many minus one checks of each message get UNKNOW
  /// A check of a message whose local transaction is not in the database (never ran, or the process died in
  /// it) is answered ROLLBACK instead of UNKNOW (check_answer local_state only).
  bool check_absent_is_rollback = false;
  Distribution check_time = Distribution::uniform(500_us, 2_ms);  ///< checkLocalTransaction
  /// CHECK_IMMUNITY_TIME_IN_SECONDS, a property of each message; 0: not set.
  std::int32_t check_immunity_seconds = 0;
  std::int32_t checkRequestHoldMax = 2000;  ///< the check pool (of one thread) holds so many

  bool operator==(const TransactionConfig&) const = default;
};

struct ProducerConfig {
  std::string name;  ///< of the instance: "shop", or "shop-2" when there are several
  HostId host;
  TopicId topic;
  Profile profile = Profile::v5_3;  ///< of the client
  SendMode send = SendMode::sync;
  OnResult on_result = OnResult::checked;
  /// Statuses other than SEND_OK (FLUSH_DISK_TIMEOUT ...) count as success for this application.
  bool accepts_every_status = false;
  /// setDelayTimeLevel of each message: a place in the brokers' messageDelayLevel, from 1; 0: sent without.
  std::int32_t delay_level = 0;
  std::optional<Distribution> delay;  ///< setDelayTimeMs, drawn for each message (5.3)
  std::optional<Duration>
      deliver_at;  ///< setDeliverTimeMs: by the clocks, counted from the begin of the run (5.3)
  std::int32_t threads = 1;
  Arrivals arrivals = Arrivals::constant;
  double rate = 100;  ///< messages per second over all threads (constant, poisson)
  Pacing pacing = Pacing::per_thread_catch_up;
  bool threads_start_together = false;  ///< else the phases of the threads are spread over one period
  std::int32_t burst_size = 0;
  Duration burst_every{};
  std::int64_t messages = 0;  ///< stops after so many intents; 0: an idle instance that only connects
  std::int32_t body_size_min = 256, body_size_max = 256;  ///< bytes, uniform between the two
  QueueChoice queue_choice = QueueChoice::round_robin;
  std::int32_t fixed_queue = 0;
  Duration start_at{};
  Distribution restart_time = Distribution::uniform(1_s, 2_s);
  /// What opening a channel takes in the client itself, before the network is asked (Netty bootstrap, event
  /// loop). Measured: three refused tries take 2 to 14 ms on loopback.
  Distribution connect_time = Distribution::uniform(700_us, 4700_us);
  ProducerSettings settings;
  ProducerGroupId group;  ///< the producer group: who may answer whose checks
  std::optional<TransactionConfig> transaction;

  bool is_timed() const { return delay || deliver_at; }
  bool operator==(const ProducerConfig&) const = default;
};

}  // namespace brokersim::model
