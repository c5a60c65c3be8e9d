// The configurations that RocketMQ is delivered with (distribution/conf of 5.3.3): what each family of files
// comes to, and that it runs. The lines are the files' own, without their comments.
#include <algorithm>

#include "scenarios/analyse/import_config.hpp"
#include "scenarios/scenario.hpp"
#include "tests/catch.hpp"

namespace brokersim::scenarios {

namespace {

Import imported(std::vector<ConfigFile> files, const std::string& version = "5.3") {
  ImportRequest request;
  request.files = std::move(files);
  request.version = version;
  return import_config(request);
}

/// What `check` reads of it.
model::Config config_of(const Import& import) {
  CAPTURE(import.scenario);
  CHECK(import.refused == std::vector<std::string>{});
  return read_scenario(import.scenario, "import").config;
}

std::vector<std::string> names_of(const model::Config& config) {
  std::vector<std::string> names;
  for (const model::BrokerConfig& broker : config.brokers) names.push_back(broker.name);
  std::sort(names.begin(), names.end());
  return names;
}

const std::string& host_of(const model::Config& config, const std::string& name) {
  const auto broker = std::find_if(config.brokers.begin(), config.brokers.end(),
                                   [&](const model::BrokerConfig& one) { return one.name == name; });
  REQUIRE(broker != config.brokers.end());
  return config.hosts.at(broker->host.value).name;
}

bool is_left_out(const Import& import, const std::string& place, const std::string& part) {
  return std::any_of(import.left_out.begin(), import.left_out.end(), [&](const std::string& line) {
    return line.starts_with(place) && line.find(part) != std::string::npos;
  });
}

/// As the files that controllers run with begin.
constexpr const char* licence =
    "<!--\n  Licensed to the ASF under one or more\n  contributor agreements.\n-->\n";

std::string quick_start(const std::string& number) {
  return "brokerClusterName = DefaultCluster\nbrokerName = broker-a\nbrokerId = -1\nbrokerRole = SLAVE\n"
         "deleteWhen = 04\nfileReservedTime = 48\nenableControllerMode = true\n"
         "controllerAddr = 127.0.0.1:9878\nnamesrvAddr = 127.0.0.1:9876\nallAckInSyncStateSet=true\n"
         "listenPort=309" +
         number + "1\nstorePathRootDir=/data/rmqstore/node0" + number +
         "\nstorePathCommitLog=/data/rmqstore/node0" + number + "/commitlog\n";
}

std::string controller(const std::string& id) {
  return "controllerDLegerGroup = group1\n"
         "controllerDLegerPeers = n0-127.0.0.1:9878;n1-127.0.0.1:9868;n2-127.0.0.1:9858\n"
         "controllerDLegerSelfId = " +
         id + "\n";
}

std::string broker_of_a_pair(const std::string& name, const std::string& id, const std::string& role) {
  return "brokerClusterName=DefaultCluster\nbrokerName=" + name + "\nbrokerId=" + id +
         "\ndeleteWhen=04\nfileReservedTime=48\nbrokerRole=" + role + "\nflushDiskType=ASYNC_FLUSH\n";
}

std::vector<ConfigFile> two_pairs(const std::string& role) {
  return {{"broker-a.properties", broker_of_a_pair("broker-a", "0", role)},
          {"broker-a-s.properties", broker_of_a_pair("broker-a", "1", "SLAVE")},
          {"broker-b.properties", broker_of_a_pair("broker-b", "0", role)},
          {"broker-b-s.properties", broker_of_a_pair("broker-b", "1", "SLAVE")}};
}

std::string member(const std::string& id) {
  return "brokerClusterName = RaftCluster\nbrokerName=RaftNode00\nlistenPort=30911\n"
         "namesrvAddr=127.0.0.1:9876\nstorePathRootDir=/data/rmqstore/node00\n"
         "storePathCommitLog=/data/rmqstore/node00/commitlog\nenableDLegerCommitLog=true\n"
         "dLegerGroup=RaftNode00\n"
         "dLegerPeers=n0-127.0.0.1:40911;n1-127.0.0.1:40912;n2-127.0.0.1:40913\n"
         "dLegerSelfId=" +
         id + "\nsendMessageThreadPoolNums=16\n";
}

std::string in_container(const std::string& name, const std::string& id, const std::string& role) {
  return "brokerClusterName=DefaultCluster\nbrokerName=" + name + "\nbrokerId=" + id +
         "\nbrokerRole=" + role +
         "\nflushDiskType=ASYNC_FLUSH\nlistenPort=10911\nhaListenPort=10912\ntotalReplicas=2\n"
         "inSyncReplicas=2\nminInSyncReplicas=1\nenableAutoInSyncReplicas=true\nslaveReadEnable=true\n"
         "brokerHeartbeatInterval=1000\nbrokerNotActiveTimeoutMillis=5000\nsendHeartbeatTimeoutMillis=1000\n"
         "enableSlaveActingMaster=true\n";
}

std::string acting(const std::string& id, const std::string& role) {
  return "brokerName=broker-a\nbrokerId=" + id + "\nbrokerRole=" + role +
         "\nnamesrvAddr=10.0.0.1:9876\ntotalReplicas=2\nslaveReadEnable=true\nenableSlaveActingMaster=true\n";
}

}  // namespace

TEST_CASE("import: the quick start of controllers is two replicas, a name server and its controller",
          "[import]") {
  const Import import =
      imported({{"broker-n0.conf", quick_start("1")},
                {"broker-n1.conf", quick_start("2")},
                {"namesrv.conf", std::string(licence) + "enableControllerInNamesrv = true\n"
                                                        "controllerDLegerGroup = group1\n"
                                                        "controllerDLegerPeers = n0-127.0.0.1:9878\n"
                                                        "controllerDLegerSelfId = n0\n"}});
  const model::Config config = config_of(import);
  CHECK(names_of(config) == std::vector<std::string>{"broker-a-1", "broker-a-2"});
  CHECK(config.name_servers.size() == 1);
  CHECK(config.controllers.size() == 1);
  for (const model::BrokerConfig& broker : config.brokers) {
    CHECK(broker.is_controlled());
    CHECK(broker.settings.brokerName == "broker-a");
    CHECK(broker.settings.allAckInSyncStateSet);
  }
  CHECK(is_left_out(import, "broker-n0.conf:3: brokerId: ", "the controller says who is the master"));
  CHECK(is_left_out(import, "broker-n1.conf:4: brokerRole: ", "the controller says who is the master"));
  CHECK(is_left_out(import, "namesrv.conf:1: <!-- ... -->: ", "a comment of XML"));
  CHECK(is_left_out(import, "namesrv.conf:5: enableControllerInNamesrv: ", "a process of its own"));
  CHECK(is_left_out(import, "namesrv.conf:7: controllerDLegerPeers: not modelled: ", "one process stands"));
  CHECK(!is_left_out(import, "broker-n0.conf:8: controllerAddr", ""));
  CHECK(!is_left_out(import, "broker-n0.conf:9: namesrvAddr", ""));
}

TEST_CASE("import: one process stands for three controllers, and says so", "[import]") {
  const std::string addresses = "127.0.0.1:9878;127.0.0.1:9868;127.0.0.1:9858";
  std::string broker = quick_start("1");
  broker.replace(broker.find("127.0.0.1:9878"), 14, addresses);
  const Import import =
      imported({{"broker-n0.conf", broker},
                {"controller-n0.conf", controller("n0") + "enableElectUncleanMaster=true\n"},
                {"controller-n1.conf", controller("n1")},
                {"controller-n2.conf", controller("n2") + "enableElectUncleanMaster=true\n"}});
  const model::Config config = config_of(import);
  REQUIRE(config.controllers.size() == 1);
  CHECK(config.controllers[0].settings.enableElectUncleanMaster);
  CHECK(is_left_out(import, "broker-n0.conf:8: controllerAddr: ", "stands for these 3 controllers"));
  CHECK(is_left_out(import, "controller-n1.conf: ", "the settings of controller-n0.conf"));
  CHECK(!is_left_out(import, "controller-n2.conf: ", ""));
}

TEST_CASE("import: controllers in three name servers, and brokers that know them all", "[import]") {
  std::string broker = quick_start("1");
  broker += "namesrvAddr = 127.0.0.1:9876;127.0.0.1:9886;127.0.0.1:9896\n";
  std::vector<ConfigFile> files{{"broker-n0.conf", broker}};
  for (const std::string n : {"0", "1", "2"})
    files.push_back({"namesrv-n" + n + ".conf",
                     licence + ("#Namesrv config\nlistenPort = 9876\n" +
                                ("enableControllerInNamesrv = true\n" + controller("n" + n)))});
  const Import import = imported(files);
  const model::Config config = config_of(import);
  CHECK(config.name_servers.size() == 3);
  CHECK(config.controllers.size() == 1);
  CHECK(is_left_out(import, "namesrv-n2.conf:6: listenPort: not modelled: ", "by their names in the file"));
}

TEST_CASE("import: controllers of brokers that are in no controller mode are left out", "[import]") {
  const Import import =
      imported({{"broker.conf", "brokerName=a\n"}, {"controller-n0.conf", controller("n0")}});
  CHECK(config_of(import).controllers.empty());
  CHECK(is_left_out(import, "controller-n0.conf: ", "no broker of these files is in controller mode"));
}

TEST_CASE("import: 4.9 has neither controllers nor acting masters", "[import]") {
  const Import import = imported({{"broker.conf",
                                   "brokerName=a\nenableControllerMode=true\n"
                                   "controllerAddr=127.0.0.1:9878\n"}},
                                 "4.9");
  CHECK(config_of(import).controllers.empty());
  CHECK(is_left_out(import, "broker.conf:2: enableControllerMode: ", "4.9 has no such setting"));
}

TEST_CASE("import: masters with slaves, and masters alone", "[import]") {
  for (const std::string role : {"SYNC_MASTER", "ASYNC_MASTER"}) {
    const model::Config config = config_of(imported(two_pairs(role)));
    CHECK(names_of(config) ==
          std::vector<std::string>{"broker-a", "broker-a-slave-1", "broker-b", "broker-b-slave-1"});
    CHECK(config.name_servers.empty());  // the files name none: routes stand for ever
  }
  const model::Config alone = config_of(
      imported({{"broker-a.properties", broker_of_a_pair("broker-a", "0", "ASYNC_MASTER")},
                {"broker-b.properties", broker_of_a_pair("broker-b", "0", "ASYNC_MASTER")},
                {"broker-trace.properties", broker_of_a_pair("broker-trace", "0", "ASYNC_MASTER")}}));
  CHECK(alone.brokers.size() == 3);
}

TEST_CASE("import: the members of a DLedger group", "[import]") {
  const model::Config config = config_of(imported({{"broker-n0.conf", member("n0")},
                                                   {"broker-n1.conf", member("n1")},
                                                   {"broker-n2.conf", member("n2")}}));
  CHECK(names_of(config) == std::vector<std::string>{"RaftNode00-n0", "RaftNode00-n1", "RaftNode00-n2"});
  CHECK(config.name_servers.size() == 1);
  CHECK(config.brokers[0].in_group());
}

TEST_CASE("import: a set with an acting master, and the name server's file", "[import]") {
  const Import import = imported({{"a.conf", acting("0", "ASYNC_MASTER")},
                                  {"a-s.conf", acting("1", "SLAVE")},
                                  {"nameserver.conf", "supportActingMaster=true\n"}});
  const model::Config config = config_of(import);
  REQUIRE(config.name_servers.size() == 1);
  CHECK(config.name_servers[0].settings.supportActingMaster);
  CHECK(config.brokers.size() == 2);
  CHECK(import.left_out.empty());
}

TEST_CASE("import: one namesrv.conf is that of all name servers that the brokers know", "[import]") {
  const Import import = imported({{"a.conf", "brokerName=a\nnamesrvAddr=10.0.0.1:9876;10.0.0.2:9876\n"},
                                  {"nameserver.conf", "supportActingMaster=true\n"}});
  const model::Config config = config_of(import);
  REQUIRE(config.name_servers.size() == 2);
  CHECK(config.name_servers[1].settings.supportActingMaster);
  CHECK(config.name_servers[0].name != config.name_servers[1].name);
}

TEST_CASE("import: brokers in containers share a host", "[import]") {
  const std::string container =
      "listenPort=10811\nnamesrvAddr=172.22.144.49:9876\n"
      "fetchNamesrvAddrByAddressServer=false\nbrokerConfigPaths=";
  const Import import = imported(
      {{"conf/broker-container1.conf", container + "/data/a-in-1.conf:/data/b-in-1.conf\n"},
       {"conf/broker-container2.conf", container + "/data/a-in-2.conf:/data/b-in-2.conf:/data/c-in-2.conf\n"},
       {"conf/a-in-1.conf", in_container("broker-a", "0", "SYNC_MASTER")},
       {"conf/b-in-1.conf", in_container("broker-b", "1", "SLAVE")},
       {"conf/a-in-2.conf", in_container("broker-a", "1", "SLAVE")},
       {"conf/b-in-2.conf", in_container("broker-b", "0", "SYNC_MASTER")},
       {"conf/nameserver.conf", "supportActingMaster=true\n"}});
  CHECK(import.refused.empty());
  const model::Config config = read_scenario(import.scenario, "import").config;
  CHECK(config.brokers[0].settings.enableAutoInSyncReplicas);
  CHECK(config.name_servers.size() == 1);
  CHECK(host_of(config, "broker-a") == host_of(config, "broker-b-slave-1"));
  CHECK(host_of(config, "broker-a") != host_of(config, "broker-b"));
  CHECK(is_left_out(import, "conf/broker-container1.conf:4: brokerConfigPaths: ", "processes of their own"));
  CHECK(
      is_left_out(import, "conf/broker-container2.conf:4: brokerConfigPaths: ", "c-in-2.conf is not among"));
  CHECK(is_left_out(import, "conf/broker-container1.conf:1: listenPort: ", "a setting of the container"));
}

TEST_CASE("import: files that their settings do not tell, and lines that are said twice", "[import]") {
  ImportRequest request;
  request.files = {{"broker.conf", quick_start("1") + "allAckInSyncStateSet=false\n"}};
  request.name_servers = {{"ns.conf", "configStorePath=/x\n"}};
  request.controllers = {{"c.conf", "scanNotActiveBrokerInterval=2000\n"}};
  const Import import = import_config(request);
  const model::Config config = config_of(import);
  CHECK(config.name_servers.size() == 1);
  REQUIRE(config.controllers.size() == 1);
  CHECK(config.controllers[0].settings.scanNotActiveBrokerInterval == sim::Duration{2'000'000'000});
  CHECK(!config.brokers[0].settings.allAckInSyncStateSet);
  CHECK(is_left_out(import, "broker.conf:10: allAckInSyncStateSet: ", "a later line says it again"));
}

TEST_CASE("import: where clients ask other name servers than brokers, the brokers' count", "[import]") {
  ImportRequest request;
  request.files = {{"broker.conf", "brokerName=a\nnamesrvAddr=10.0.0.1:9876\n"}};
  request.producers = {{"p.properties", "namesrvAddr=a:9876;b:9876\nsendMsgTimeout=1000\n"}};
  const Import import = import_config(request);
  CHECK(config_of(import).name_servers.size() == 1);
  CHECK(import.left_out ==
        std::vector<std::string>{"p.properties:1: namesrvAddr: it names 2, the brokers 1: here "
                                 "clients ask all that the brokers know"});
}

}  // namespace brokersim::scenarios
