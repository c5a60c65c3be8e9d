// A broker alone with hand-built half messages and verdicts. Its life begins at 1 s, so check passes are due
// at 31 s, 61 s ... (while they take no time), and op batches at 4 s, 7 s, 10 s ...
#pragma once

#include <set>
#include <vector>

#include "model/rocketmq/transaction_internal.hpp"
#include "model/rocketmq/transaction_monitor.hpp"
#include "tests/model/broker_bench.hpp"

namespace brokersim::model::rocketmq {

inline constexpr SimTime at_seconds(double s) { return SimTime{static_cast<std::int64_t>(s * 1e9)}; }

class TransactionBench : public BrokerBench {
 public:
  TransactionBench() : TransactionBench(transactional(Profile::v5_3)) {}
  explicit TransactionBench(const Config& c, std::uint64_t seed = 1) : BrokerBench(c, seed) {
    run_to(at_seconds(1));
    restart();
  }

  static Config transactional(Profile profile = Profile::v5_3) {
    Config c = plain();
    c.brokers[0].profile = profile;
    if (profile == Profile::v4_9) c.brokers[0].settings.transactionCheckInterval = 60_s;
    c.producer_groups = {"shop", "bank"};
    c.producers.resize(1);
    c.producers[0].transaction.emplace();
    return c;
  }

  /// A half message, born now; the number of its record, which the producer would hear.
  std::uint32_t half(std::uint32_t immunity_seconds = 0) {
    Payload request;
    request.kind = PayloadKind::send_request;
    request.mark = Mark::transactional;
    request.size = 256;
    request.intent = IntentId(intents++);
    request.record = immunity_seconds;
    request.offset = state.now.ns;
    receive(request);
    return static_cast<std::uint32_t>(memory().appended.records - 1);
  }

  /// END_TRANSACTION for a half message by its record and offset.
  static Payload verdict(TransactionVerdict verdict, std::uint32_t intent, std::uint32_t record,
                         std::int64_t offset, Mark mark = Mark::none) {
    Payload request;
    request.kind = PayloadKind::end_transaction;
    request.oneway = true;
    request.verdict = verdict;
    request.mark = mark;
    request.intent = IntentId(intent);
    request.record = record;
    request.offset = offset;
    return request;
  }
  void commit(std::uint32_t intent, std::uint32_t record, std::int64_t offset) {
    receive(verdict(TransactionVerdict::commit, intent, record, offset));
  }
  /// As a producer answers a question.
  void reply(const Payload& question, TransactionVerdict answer) {
    receive(verdict(answer, question.intent.value, question.record, question.offset, Mark::from_check));
  }

  /// A producer of group 0 has sent its heartbeat.
  void know_producer() {
    ClientChannel channel;
    channel.client = ProcessId(1);
    channel.connection = ConnectionId(0);
    channel.last_heartbeat = state.now;
    auto& producers = memory().clients.producers;
    if (producers.empty()) producers.resize(1);
    producers[0].push_back(channel);
  }

  /// CHECK_TRANSACTION_STATE requests that have arrived at it.
  std::vector<Answer> questions() const {
    std::vector<Answer> found;
    for (const Answer& answer : answers) {
      if (answer.payload.kind == PayloadKind::check_transaction_state) found.push_back(answer);
    }
    return found;
  }
  /// When something happened.
  std::vector<SimTime> times(RecordKind kind) const {
    std::vector<SimTime> found;
    for (const auto& r : all(kind)) found.push_back(r.at);
    return found;
  }

  void die() {
    at_now().record(make_record(RecordKind::process_died, 0));
    kill();
  }
  void lose_all_power(UnsyncedFiles files) {
    at_now().record(make_record(RecordKind::process_died, 0));
    lose_power(files);
  }

  /// The table holds for everything that was recorded.
  TransactionMonitor monitored() const {
    TransactionMonitor monitor(config);
    for (const auto& r : recorder.records()) monitor.on(r.at, r.record);
    return monitor;
  }
  std::int64_t half_records() { return queue_of(broker(), half_topic(config), 0).next_offset; }
  bool idle() { return transactions_idle(broker(), config); }
};

}  // namespace brokersim::model::rocketmq
