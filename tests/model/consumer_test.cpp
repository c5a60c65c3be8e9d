// The plain reader. One-way delay 1 ms.
#include "tests/catch.hpp"
#include "tests/model/client_lab.hpp"

namespace brokersim::model {
namespace {

Config reading(std::int64_t messages) {
  Config config = lab();
  config.producers[0].messages = messages;
  config.producers[0].rate = 1000;
  config.groups.push_back("billing");
  ConsumerConfig consumer;
  consumer.name = "billing";
  consumer.host = HostId(1);
  config.consumers.push_back(consumer);
  return config;
}

ProcessId reader(const Config& config) { return consumer_process(config, 0); }

void check_all_once(const ClientRun& run, std::uint32_t messages) {
  for (std::uint32_t i = 0; i < messages; ++i) {
    CAPTURE(i);
    CHECK(run.world().verdict.effects[0][i] == 1);
  }
}

std::int64_t batches_in_use(const World& world) {
  std::int64_t used = 0;
  for (const auto& batch : world.batches.slots) used += batch.used ? 1 : 0;
  return used;
}

}  // namespace

TEST_CASE("everything is delivered and processed once, in the order of each queue") {
  Config config = reading(1000);
  config.producers[0].queue_choice = QueueChoice::fixed;
  ClientRun run(config);
  run.until(5_s);
  check_all_once(run, 1000);
  CHECK(run.log.count(RecordKind::delivered) == 1000);
  CHECK(drained(run.world(), config));
  CHECK(batches_in_use(run.world()) == 0);
  std::uint32_t expected = 0;
  for (const sim::Record& record : run.log.order) {
    if (static_cast<RecordKind>(record.kind) == RecordKind::processed) CHECK(record.subject == expected++);
  }
}

TEST_CASE("work takes its time, one message after another in each queue") {
  Config config = reading(40);
  config.consumers[0].work_time = Distribution::constant(100_ms);
  ClientRun run(config);
  run.until(900_ms);  // 10 messages a queue, 100 ms each
  CHECK_FALSE(rocketmq::consumer_idle(run.world(), config, 0));
  CHECK(run.log.count(RecordKind::processed) >= 4 * 7);
  CHECK(run.log.count(RecordKind::processed) <= 4 * 9);
  run.until(1100_ms);
  CHECK(run.log.count(RecordKind::processed) == 40);
  CHECK(rocketmq::consumer_idle(run.world(), config, 0));
}

TEST_CASE("a killed reader gets again what it had not processed, and nothing else") {
  Config config = reading(40);
  config.consumers[0].work_time = Distribution::constant(100_ms);
  config.faults.push_back(fault_during(550_ms, 1_s, FaultKind::kill, reader(config)));
  ClientRun run(config);
  run.until(20_s);
  check_all_once(run, 40);
  CHECK(run.log.count(RecordKind::delivered) > 40);
  CHECK(drained(run.world(), config));
  CHECK(batches_in_use(run.world()) == 0);
}

TEST_CASE("a broker that dies and returns is read on, a second after an error") {
  Config config = reading(2000);
  config.faults.push_back(fault_during(500_ms, 4_s, FaultKind::kill, ProcessId(0)));
  ClientRun run(config);
  run.until(40_s);
  CHECK(drained(run.world(), config));
  CHECK(rocketmq::consumer_idle(run.world(), config, 0));
  CHECK(batches_in_use(run.world()) == 0);
  CHECK(run.log.count(RecordKind::processed) == run.log.count(RecordKind::appended));
}

TEST_CASE("a broker that lost its power without a word is found by the pull's time-out") {
  Config config = reading(100);
  FaultConfig fault;
  fault.trigger.time = Distribution::constant(2_s);
  fault.action.kind = FaultKind::power_loss;
  fault.action.host = HostId(0);
  fault.restores = true;
  fault.restore_after = Distribution::constant(1_s);
  config.faults.push_back(fault);
  ProducerConfig later = config.producers[0];
  later.start_at = 20_s;
  config.producers.push_back(later);
  ClientRun run(config);
  run.until(2_min);
  CHECK(drained(run.world(), config));
  CHECK(run.world().verdict.effects[0][150] == 1);
}

TEST_CASE("two groups read independently") {
  Config config = reading(100);
  config.groups.push_back("mail");
  config.consumers.push_back(config.consumers[0]);
  config.consumers[1].group = GroupId(1);
  ClientRun run(config);
  run.until(5_s);
  check_all_once(run, 100);
  CHECK(run.world().verdict.effects[1][99] == 1);
}

}  // namespace brokersim::model
