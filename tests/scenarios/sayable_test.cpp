// Nothing in the configuration is left out of the file format.
#include "model/config.hpp"
#include "scenarios/read/settings.hpp"
#include "tests/catch.hpp"

namespace brokersim::tests {
namespace {

using namespace brokersim::scenarios;
using namespace brokersim::model;

// A member that is added to the configuration stops this from compiling. Then it must be sayable
// (scenarios/read), written by effective_json, described in scenarios/schema.json, and said in
// good/everything.json with a value that is not its default.
void every_member_is_sayable() {
  [[maybe_unused]] const auto& [h1, h2, h3, h4, h5, h6, h7, h8] = HostConfig{};
  [[maybe_unused]] const auto& [l1, l2, l3] = LinkConfig{};
  [[maybe_unused]] const auto& [n1, n2, n3, n4] = NetworkConfig{};
  [[maybe_unused]] const auto& [s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16, s17,
                                s18, s19, s20, s21, s22, s23, s24, s25, s26, s27, s28, s29, s30, s31, s32,
                                s33, s34, s35, s36, s37, s38, s39, s40, s41, s42, s43, s44, s45, s46, s47,
                                s48, s49, s50, s51, s52, s53, s54, s55, s56, s57, s58, s59, s60, s61, s62,
                                s63, s64, s65, s66, s67, s68, s69, s70, s71, s72, s73, s74, s75, s76, s77,
                                s78, s79, s80, s81, s82, s83, s84, s85, s86, s87, s88, s89, s90, s91] =
      BrokerSettings{};
  [[maybe_unused]] const auto& [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10] = BrokerConfig{};
  [[maybe_unused]] const auto& [o1, o2, o3, o4, o5] = NameServerConfig{};
  [[maybe_unused]] const auto& [i1] = NameServerSettings{};
  [[maybe_unused]] const auto& [v1, v2, v3, v4] = ControllerSettings{};
  [[maybe_unused]] const auto& [d1, d2, d3, d4] = ControllerConfig{};
  [[maybe_unused]] const auto& [t1, t2, t3, t4] = TopicConfig{};
  [[maybe_unused]] const auto& [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12] = ProducerSettings{};
  [[maybe_unused]] const auto& [r1, r2, r3, r4, r5, r6, r7, r8, r9] = TransactionConfig{};
  [[maybe_unused]] const auto& [q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13, q14, q15, q16, q17,
                                q18, q19, q20, q21, q22, q23, q24, q25, q26, q27, q28] = ProducerConfig{};
  [[maybe_unused]] const auto& [c1, c2, c3, c4, c5, c6, c7, c8, c9] = ConsumerConfig{};
  [[maybe_unused]] const auto& [w1, w2, w3, w4, w5, w6, w7, w8] = WorkConfig{};
  [[maybe_unused]] const auto& [u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, u14, u15, u16, u17,
                                u18, u19, u20, u21] = PushConsumerSettings{};
  [[maybe_unused]] const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11] = PushConsumerConfig{};
  [[maybe_unused]] const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,
                                a18, a19, a20] = FaultAction{};
  [[maybe_unused]] const auto& [k1, k2, k3, k4] = Campaign{};
  [[maybe_unused]] const auto& [g1, g2, g3, g4, g5, g6, g7, g8, g9] = FaultTrigger{};
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7] = FaultConfig{};
  [[maybe_unused]] const auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14] = Config{};
}

}  // namespace

TEST_CASE("the tables of settings have a row for each member") {
  every_member_is_sayable();
  CHECK(read::broker_settings().size() == 91);
  CHECK(read::name_server_settings().size() == 1);
  CHECK(read::controller_settings().size() == 4);
  // sendLatencyEnable has two names; and TransactionConfig::checkRequestHoldMax
  CHECK(read::producer_settings().size() == 12 + 1 + 1);
  CHECK(read::consumer_settings().size() == 21);
}

}  // namespace brokersim::tests
