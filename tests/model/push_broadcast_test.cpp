// Broadcasting consumers against real brokers: every network delay 1 ms, a message in work for 2 ms.
#include "tests/catch.hpp"
#include "tests/model/push_lab.hpp"

namespace brokersim::model {
namespace {

const ProcessId first{2};

/// Each member is a group of its own.
Config broadcasting(std::size_t members, std::int64_t messages, Profile profile = Profile::v5_3) {
  Config config = PushLab::config(members, messages, 2);
  config.groups.clear();
  for (BrokerConfig& broker : config.brokers) broker.profile = profile;
  for (std::size_t i = 0; i < members; ++i) {
    PushConsumerConfig& consumer = config.push_consumers[i];
    consumer.profile = profile;
    consumer.name = "cache-" + std::to_string(i);
    consumer.group = GroupId(static_cast<std::uint16_t>(i));
    consumer.settings.messageModel = MessageModel::BROADCASTING;
    config.groups.push_back("caches@" + consumer.name);
  }
  return config;
}

/// How many effects each member's group has.
std::vector<std::int64_t> effects_by_group(const PushLab& lab, std::size_t groups) {
  std::vector<std::int64_t> count(groups);
  for (const sim::Record& r : lab.all(RecordKind::processed)) ++count[static_cast<std::size_t>(r.a)];
  return count;
}

}  // namespace

TEST_CASE("broadcasting: every member reads every queue, and nothing is committed to a broker") {
  for (const Profile profile : {Profile::v5_3, Profile::v4_9}) {
    const PushLab lab(broadcasting(3, 50, profile), 40_s);
    CHECK(effects_by_group(lab, 3) == std::vector<std::int64_t>{50, 50, 50});
    CHECK(lab.count(RecordKind::offset_committed) == 0);
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), i));
    CHECK(lab.world().push_consumers[0].file.written == rocketmq::OffsetTable{25, 25});
  }
}

TEST_CASE("broadcasting: what fails is dropped") {
  Config config = broadcasting(1, 20);
  config.push_consumers[0].work.fails_first = 1;
  const PushLab lab(config, 100_s);
  CHECK(lab.count(RecordKind::consume_begun) == 20);
  CHECK(lab.count(RecordKind::processed) == 0);
  CHECK(lab.count(RecordKind::sent_back) == 0);
  CHECK(rocketmq::push_consumer_idle(lab.world(), lab.run.simulation.config(), 0));
}

// persistAllConsumerOffset at 10, 15, 20 s: a kill at 19 s leaves the file of 15 s. 10 messages a second from
// 5 s on and one at 5 s itself, each processed within 10 ms: those from 15 s to 19 s come again.
TEST_CASE("broadcasting: a killed member goes on where its file says") {
  Config config = broadcasting(1, 200);
  config.faults.push_back(restoring(PushLab::fault(19050_ms, FaultKind::kill, first), 1_s));
  const PushLab lab(config, 60_s);
  std::size_t twice = 0;
  for (const auto& [intent, times] : lab.effects()) twice += times > 1 ? 1 : 0;
  CHECK(lab.effects().size() == 200);
  CHECK(twice == 41);
}

TEST_CASE("broadcasting: a graceful stop writes the file") {
  Config config = broadcasting(1, 200);
  config.faults.push_back(restoring(PushLab::fault(19050_ms, FaultKind::stop, first), 1_s));
  const PushLab lab(config, 60_s);
  CHECK(lab.once_each(200));
}

// LocalFileOffsetStore never syncs: CONSUME_FROM_LAST_OFFSET with an empty file begins at the end.
TEST_CASE("broadcasting: a power loss may take the file, and with it what comes before the restart") {
  Config config = broadcasting(1, 200);
  config.hosts.push_back(config.hosts[1]);
  config.push_consumers[0].host = HostId(2);
  config.push_consumers[0].settings.consumeFromWhere = ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET;
  FaultConfig loss = fault_at(19050_ms, FaultKind::power_loss);
  loss.action.host = HostId(2);
  for (const UnsyncedFiles files : {UnsyncedFiles::empty, UnsyncedFiles::new_version}) {
    Config lost = config;
    loss.action.files = files;
    lost.faults = {restoring(loss, 2_s)};
    const PushLab lab(lost, 60_s);
    // Dark for 2 s, 1 s to start, 1 s to the first rebalance: what was sent meanwhile is gone for it, or not.
    const std::size_t missed = 200 - lab.effects().size();
    CHECK((files == UnsyncedFiles::empty ? missed >= 39 && missed <= 41 : missed == 0));
  }
}

}  // namespace brokersim::model
