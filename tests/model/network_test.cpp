// The network speaks TCP (docs/architecture.md, rule 10): every row of the table in model/network/fabric.hpp,
// with times by hand. The delay is 1 ms one way unless a test says otherwise; `open()` ends at 1 s.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/model/wire.hpp"

namespace brokersim::model {
namespace {

using network::Notice;
using Story = std::vector<Heard>;

}  // namespace

TEST_CASE("a connection is open after a round trip") {
  Wire wire;
  const ConnectionId id = wire.connect();
  CHECK_FALSE(wire.send(id, true, 1));
  wire.run();
  CHECK(wire.heard == Story{at(2_ms, 1, Notice::opened)});
  CHECK(network::is_open(wire.world(), id, true));
  CHECK(network::is_open(wire.world(), id, false));
}

TEST_CASE("nobody listens on a dead or starting process: refused after a round trip") {
  for (const host::Life life : {host::Life::dead, host::Life::starting}) {
    Wire wire;
    wire.process(0).life = life;
    const ConnectionId id = wire.connect();
    wire.run();
    CHECK(wire.heard == Story{at(2_ms, 1, Notice::refused)});
    CHECK_FALSE(network::is_open(wire.world(), id, true));
    CHECK(wire.connect() == id);  // the slot is free again
  }
}

TEST_CASE("the kernel of a paused process accepts") {
  Wire wire;
  wire.process(0).life = host::Life::paused;
  wire.connect();
  wire.run();
  CHECK(wire.heard == Story{at(2_ms, 1, Notice::opened)});
}

TEST_CASE("bytes arrive in order whatever their delays, and the FIN comes last") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Wire wire(Distribution::uniform(0_ms, 10_ms), seed);
    const ConnectionId id = wire.open();
    for (std::uint32_t i = 1; i <= 50; ++i) REQUIRE(wire.send(id, true, i));
    wire.close(id, true);
    CHECK_FALSE(wire.send(id, true, 51));
    wire.run();
    REQUIRE(wire.heard.size() == 51);
    for (std::uint32_t i = 0; i < 50; ++i) CHECK(wire.heard[i].opaque == i + 1);
    CHECK(wire.heard.back().notice == Notice::finished);
    CHECK(wire.world().network.requests == 0);
    CHECK(wire.connect() == id);
  }
}

TEST_CASE("a kill closes: the client hears of it one delay later, behind what was sent before") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.send(id, false, 7, PayloadKind::send_response);
  wire.die(0, false);
  wire.run();
  CHECK(wire.heard == Story{at(1001_ms, 1, Notice::bytes, 7), at(1001_ms, 1, Notice::finished)});
}

// Linux, tcp_close: a socket that is closed with bytes unread resets instead.
TEST_CASE("a process that dies with bytes unread resets that connection, and closes the others") {
  Wire wire;
  const ConnectionId id = wire.open(), other = wire.open(2);
  Payload pull{};
  pull.kind = PayloadKind::pull_request;
  Event unread{};
  unread.body = network::Event{network::On::arrived, true, id,
                               wire.world().network.connections[id.value].generation, pull};
  host::wait_behind(wire.process(0), unread);
  wire.die(0, false);
  wire.run();
  CHECK(wire.heard == Story{at(2001_ms, 1, Notice::lost), at(2001_ms, 2, Notice::finished)});
  CHECK(other != id);
}

TEST_CASE("bytes that reach a dead process are gone; who sent them has heard of its end") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.die(0, false);
  wire.send(id, true, 1);
  wire.run(1001_ms);
  wire.run();
  CHECK(wire.heard == Story{at(1001_ms, 1, Notice::finished)});
  CHECK(wire.world().network.requests == 0);
}

TEST_CASE("a silent death tells nothing; once the process serves again the next try draws a reset") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.die(0, true);
  wire.send(id, true, 1);                       // arrives, and is found unanswered, at 1001 ms
  const ConnectionId second = wire.connect(2);  // its SYN left at 1000 ms
  wire.run(4_s);
  CHECK(wire.heard.empty());
  wire.process(0).life = host::Life::running;
  wire.process(0).silent = false;
  wire.path_changed();
  wire.run();
  // Bytes: 1001 + 200, 400, 800, 1600 = 4001 ms. SYN: 1000 + 1000, 2000 = 4000 ms, that is now.
  CHECK(wire.heard == Story{at(4002_ms, 2, Notice::opened), at(4003_ms, 1, Notice::lost)});
  CHECK(network::is_open(wire.world(), second, true));
}

TEST_CASE("after a power loss peers learn nothing until their next bytes meet the host that came back") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.lose_power(0);
  wire.run(5_s);
  CHECK(wire.heard.empty());
  wire.world().hosts[0].powered = true;
  wire.path_changed();
  wire.run(6_s);
  CHECK(wire.heard.empty());
  CHECK(wire.send(id, true, 1));
  wire.run();
  CHECK(wire.heard == Story{at(6002_ms, 1, Notice::lost)});
}

TEST_CASE("bytes to a host without power are tried again with doubling back-off") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.lose_power(0);
  wire.send(id, true, 1);  // found unanswered at 1001 ms: tries at 1201, 1601, 2401 ms
  wire.run(1700_ms);
  wire.world().hosts[0].powered = true;
  wire.path_changed();
  wire.run();
  CHECK(wire.heard == Story{at(2403_ms, 1, Notice::lost)});
  CHECK(wire.world().network.requests == 0);
}

TEST_CASE("bytes sent into a partition arrive in order at the next try after it heals") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.send(id, true, 1);  // under way when the cut begins
  wire.cut(0, 1);
  wire.run(1010_ms);
  wire.send(id, true, 2);  // the back-off counts from here: 1210, 1610, 2410 ms
  wire.run(1050_ms);
  wire.send(id, true, 3);
  wire.run(2_s);
  wire.mend(0, 1);
  wire.run(2200_ms);
  wire.send(id, true, 4);  // waits behind the others although the path is open
  wire.close(id, true);
  wire.run();
  CHECK(wire.heard == Story{at(1001_ms, 0, Notice::bytes, 1), at(2411_ms, 0, Notice::bytes, 2),
                            at(2411_ms, 0, Notice::bytes, 3), at(2411_ms, 0, Notice::bytes, 4),
                            at(2411_ms, 0, Notice::finished)});
}

TEST_CASE("a try that falls into a second cut waits for the next one") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.cut(0, 1);
  wire.send(id, true, 1);  // 1200, 1600, 2400 ms
  wire.run(1100_ms);
  wire.mend(0, 1);
  wire.cut(0, 1);
  wire.run(1700_ms);
  wire.mend(0, 1);
  wire.run();
  CHECK(wire.heard == Story{at(2401_ms, 0, Notice::bytes, 1)});
}

TEST_CASE("the back-off stops growing at two minutes") {
  using network::next_try;
  const SimTime zero{};
  CHECK(next_try(zero, 200_ms, zero) == zero + 200_ms);
  CHECK(next_try(zero, 200_ms, zero + 200_ms) == zero + 200_ms);
  CHECK(next_try(zero, 200_ms, zero + 201_ms) == zero + 600_ms);
  // 0.2 s * (2^10 - 1) = 204.6 s; the next gap would be 204.8 s.
  CHECK(next_try(zero, 200_ms, zero + 205_s) == zero + Duration{204'600'000'000} + 120_s);
}

TEST_CASE("a SYN into a cut is tried again after 1, 3, 7 seconds") {
  for (const auto& [healed, opened] : {std::pair{500_ms, 1002_ms}, {1_s, 1002_ms}, {3001_ms, 7002_ms}}) {
    Wire wire;
    wire.cut(0, 1);
    wire.connect();
    wire.run(healed);
    wire.mend(0, 1);
    wire.run();
    CHECK(wire.heard == Story{at(opened, 1, Notice::opened)});
  }
}

TEST_CASE("a client that gave up connecting hears nothing more") {
  Wire wire;
  wire.cut(0, 1);
  const ConnectionId id = wire.connect();
  wire.run(2_s);
  wire.close(id, true);
  wire.mend(0, 1);
  wire.run();
  CHECK(wire.heard.empty());
  CHECK(wire.connect() == id);
}

TEST_CASE("held bytes survive their sender, but not its host") {
  for (const bool power : {false, true}) {
    Wire wire;
    const ConnectionId id = wire.open();
    wire.cut(0, 1);
    wire.send(id, true, 1);
    if (power) {
      wire.lose_power(1);
    } else {
      wire.die(1, false);
    }
    wire.run(1100_ms);
    wire.mend(0, 1);
    wire.run();
    const Story story{at(1201_ms, 0, Notice::bytes, 1), at(1201_ms, 0, Notice::finished)};
    CHECK(wire.heard == (power ? Story{} : story));
    CHECK(wire.world().network.requests == 0);
  }
}

TEST_CASE("a reset breaks both ends now, bytes in flight included") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.send(id, true, 1);
  wire.send(id, false, 2, PayloadKind::send_response);
  wire.reset(id);
  CHECK_FALSE(wire.send(id, true, 3));
  wire.run();
  CHECK(wire.heard == Story{at(1_s, 1, Notice::lost), at(1_s, 0, Notice::lost)});
  CHECK(wire.world().network.requests == 0);
}

TEST_CASE("a reset takes what is held, too") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.cut(0, 1);
  wire.send(id, true, 1);
  CHECK(wire.world().network.requests == 1);
  wire.reset(id);
  CHECK(wire.world().network.requests == 0);
}

TEST_CASE("a slot is used again with another generation, and old bytes do not reach its new user") {
  Wire wire;
  const ConnectionId id = wire.open();
  wire.send(id, true, 1);
  wire.reset(id);
  wire.run(1_s);  // both ends know
  CHECK(wire.world().network.requests == 1);
  CHECK(wire.connect(2) == id);
  wire.run();
  CHECK(wire.heard.back() == at(1002_ms, 2, Notice::opened));
  CHECK(wire.heard.size() == 3);
  CHECK(wire.world().network.requests == 0);
}

TEST_CASE("a found pull that nobody reads gives its batch back") {
  Wire wire;
  const ConnectionId id = wire.open();
  Payload found{};
  found.kind = PayloadKind::pull_response;
  found.status = Status::PULL_FOUND;
  found.size = wire.world().batches.take();
  Context context = wire.context();
  REQUIRE(network::send(wire.world(), id, false, found, 0, 0, context));
  wire.die(1, false);
  wire.run();
  CHECK_FALSE(wire.world().batches[found.size].used);
}

TEST_CASE("delays: loopback, the exception of a link, and extra delays add up") {
  Wire wire;
  wire.config.network.loopback = Distribution::constant(5_us);
  wire.config.network.links.push_back({HostId(2), HostId(0), Distribution::constant(3_ms)});
  wire.connect(1);
  wire.connect(2);
  wire.run(1_s);
  CHECK(wire.heard == Story{at(2_ms, 1, Notice::opened), at(6_ms, 2, Notice::opened)});
  wire.heard.clear();
  network::slow_down(wire.world(), {HostId(0), network::any_host, 10_ms});
  wire.connect(1);
  wire.run(2_s);
  network::speed_up(wire.world(), HostId(0), network::any_host);
  wire.process(1).host = HostId(0);
  wire.connect(1);
  wire.run();
  CHECK(wire.heard == Story{at(1022_ms, 1, Notice::opened), at(2_s + 10_us, 1, Notice::opened)});
}

TEST_CASE("one more connection of another client leaves the delays of the first alone") {
  const Distribution delay = Distribution::uniform(1_ms, 9_ms);
  Wire alone(delay), crowded(delay);
  crowded.connect(2);
  alone.connect(1);
  crowded.connect(1);
  alone.run();
  crowded.run();
  REQUIRE(crowded.heard.size() == 2);
  CHECK(std::count(crowded.heard.begin(), crowded.heard.end(), alone.heard.front()) == 1);
}

}  // namespace brokersim::model
