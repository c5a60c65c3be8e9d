// What TransactionalMessageServiceImpl.check does on a slave with enableSlaveActingMaster: each half message
// that no op names is put into another set as a new half message (TransactionalMessageBridge.escapeMessage,
// EscapeBridge.putMessage). Nobody is asked here: the other set does that.
//
//   half --- put there ---> the next one
//     `---- failed, eleven times ---> the next one: no pass comes back to it
//
// It comes before everything that a master asks: how old the message is, how often it was checked, whether
// more op records lie behind the first 32. What had been committed or rolled back with an op record further
// on escapes as well, and is checked there.
//
// Without enableRemoteEscape each try fails at once (SERVICE_NOT_AVAILABLE): a half message costs 5.5 s of
// the pass's minute, and is given up all the same.
#include "model/rocketmq/stand_in.hpp"
#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::uint8_t failures_max = 10;  ///< MAX_RETRY_TIMES_FOR_ESCAPE

CheckPass& pass_of(Site& site) { return site.memory.transactions.pass; }

/// Thread.sleep(100L * (2 ^ escapeFailCnt)): in Java that is no power but an exclusive or.
Duration sleep_after(std::uint8_t failures) { return 100_ms * (2 ^ failures); }

void pass_it(Site& site, HalfEscape how) {
  CheckPass& pass = pass_of(site);
  const LogRecord* half = record_at(site.broker, half_topic(site.all()), 0, pass.at);
  site.record(RecordKind::half_escape_over, half == nullptr ? no_intent.value : half->intent.value,
              static_cast<std::int64_t>(site.number) | static_cast<std::int64_t>(how) << 16, pass.at);
  pass.escape_failures = 0;
  advance(pass);
  go_on_in(site, {});
}

void failed(Site& site) {
  std::uint8_t& failures = pass_of(site).escape_failures;
  if (failures == failures_max) return pass_it(site, HalfEscape::given_up);
  ++failures;
  go_on_in(site, sleep_after(failures));
}

}  // namespace

/// The role decides, not who has the lowest brokerId: BrokerController.getMinBrokerIdInGroup is its own id.
bool escapes_halves(const Site& site) { return site.config.has_stand_in() && site.is_slave(); }

void escape_half(Site& site, const LogRecord& half) {
  if (!site.settings().enableRemoteEscape) return failed(site);
  pass_of(site).escaping = true;
  escape(site, half_slot(site), half);
}

void half_escape_over(Site& site, bool stored) {
  if (!std::exchange(pass_of(site).escaping, false)) return;
  stored ? pass_it(site, HalfEscape::put) : failed(site);
}

}  // namespace brokersim::model::rocketmq
