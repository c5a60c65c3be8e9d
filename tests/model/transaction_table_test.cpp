// Every row of the half message's transition table can be taken by records, and nothing else can.
#include "model/rocketmq/transaction_monitor.hpp"

#include <array>
#include <optional>

#include "sim/check.hpp"
#include "tests/catch.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

using E = HalfEvent;
using S = HalfState;
using G = HalfGuard;

constexpr std::uint32_t intent = 4;

/// It outlives the monitors, which keep it.
const Config& one_broker(Profile profile) {
  static const std::array<Config, 2> configs = [] {
    std::array<Config, 2> all;
    for (const Profile each : {Profile::v5_3, Profile::v4_9}) {
      all[static_cast<std::size_t>(each)].brokers.resize(1);
      all[static_cast<std::size_t>(each)].brokers[0].profile = each;
    }
    return all;
  }();
  return configs[static_cast<std::size_t>(profile)];
}

std::int64_t with_verdict(TransactionVerdict verdict) { return static_cast<std::int64_t>(verdict) << 16; }
std::int64_t with_reason(DiscardReason reason) { return static_cast<std::int64_t>(reason) << 16; }
std::int64_t with_escape(HalfEscape how) { return static_cast<std::int64_t>(how) << 16; }
std::int64_t with_copy(HalfCopy copy) { return static_cast<std::int64_t>(copy) << 16; }

/// What the broker records when this happens to offset 0.
sim::Record record_of(E event) {
  using K = RecordKind;
  switch (event) {
    case E::stored: return make_record(K::half_stored, intent);
    case E::copy_stored: return make_record(K::copy_stored, intent, std::int64_t{1} << 16);
    case E::commit: return make_record(K::end_executed, intent, with_verdict(TransactionVerdict::commit));
    case E::rollback: return make_record(K::end_executed, intent, with_verdict(TransactionVerdict::rollback));
    case E::refusal:
      return make_record(K::end_refused, intent, 0, static_cast<std::int64_t>(EndRefusal::other_group));
    case E::late_refusal:
      return make_record(K::end_refused, intent, 0, static_cast<std::int64_t>(EndRefusal::too_late));
    case E::op_buffered: return make_record(K::op_buffered, intent);
    case E::op_written: return make_record(K::op_stored, intent);
    case E::op_lost: return make_record(K::op_lost, intent);
    case E::copied_to_check: return make_record(K::half_copied, intent, with_copy(HalfCopy::to_check));
    case E::copied_immune: return make_record(K::half_copied, intent, with_copy(HalfCopy::immune));
    case E::passed_by_op: return make_record(K::half_resolved, intent);
    case E::checks_spent:
      return make_record(K::half_discarded, intent, with_reason(DiscardReason::checks_spent));
    case E::too_old: return make_record(K::half_discarded, intent, with_reason(DiscardReason::too_old));
    case E::escape: return make_record(K::half_escape_over, intent, with_escape(HalfEscape::put));
    case E::escape_failure:
      return make_record(K::half_escape_over, intent, with_escape(HalfEscape::given_up));
    case E::pass_stops: return make_record(K::pass_ended, 0, 0, 0);
    case E::truncation: return make_record(K::half_lost, intent);
    case E::stepped_over: return make_record(K::half_stepped_over, intent);
  }
  return {};
}

void feed(TransactionMonitor& monitor, const std::vector<E>& events) {
  for (const E event : events) monitor.on({}, record_of(event));
}

/// The copy of another record that a pass found immune.
void feed_immune_copy(TransactionMonitor& monitor) {
  monitor.on({}, make_record(RecordKind::half_stored, intent, 0, 1));
  monitor.on({}, make_record(RecordKind::half_copied, intent, with_copy(HalfCopy::immune), 1));
  monitor.on({}, record_of(E::copy_stored));
}

/// Brings offset 0 where a row begins.
void reach(TransactionMonitor& monitor, const sim::Row<S, E, G>& row) {
  const bool copy = row.guard == G::of_copy || row.guard == G::by_original;
  if (row.from == S::none && row.on != E::refusal && row.on != E::late_refusal) return;
  if (row.guard == G::by_original) {
    feed_immune_copy(monitor);
  } else {
    feed(monitor, {copy || row.from == S::copy || row.from == S::discarded ? E::copy_stored : E::stored});
  }
  if (row.from == S::none) feed(monitor, {E::truncation});
  if (row.from == S::op_in_memory || row.from == S::op_stored || row.from == S::resolved)
    feed(monitor, {E::op_buffered});
  if (row.guard == G::again) feed(monitor, {E::op_buffered});
  if (row.from == S::op_stored || row.from == S::resolved) feed(monitor, {E::op_written});
  if (row.from == S::resolved) feed(monitor, {E::passed_by_op});
  if (row.from == S::superseded) feed(monitor, {E::copied_to_check});
  if (row.from == S::discarded) feed(monitor, {E::checks_spent});
  if (row.from == S::escaped) feed(monitor, {E::escape});
  if (row.from == S::given_up) feed(monitor, {E::escape_failure});
  if (row.guard == G::after_crash) monitor.on({}, make_record(RecordKind::process_died, 0));
}

}  // namespace

TEST_CASE("transaction table: each row is taken by the records that mean it") {
  for (const Profile profile : {Profile::v4_9, Profile::v5_3}) {
    const auto bit = sim::Profiles{1} << static_cast<unsigned>(profile);
    sim::RowCoverage<transaction_rows> taken;
    for (const auto& row : transaction_rows) {
      if ((row.profiles & bit) == 0) continue;
      INFO(sim::to_text(row));
      TransactionMonitor monitor(one_broker(profile));
      reach(monitor, row);
      REQUIRE(monitor.state(0, 0) == row.from);
      feed(monitor, {row.on});
      CHECK(monitor.state(0, 0) == row.to);
      taken.merge(monitor.coverage());
    }
    CHECK(taken.uncovered(bit).empty());
  }
}

TEST_CASE("transaction table: what it does not know is a bug") {
  const std::vector<std::vector<E>> forbidden{
      {E::commit},                                          // of nothing
      {E::stored, E::stored},                               // an offset is given once
      {E::stored, E::passed_by_op},                         // without an op
      {E::stored, E::op_buffered, E::passed_by_op},         // the op is in memory only
      {E::stored, E::op_written},                           // never buffered
      {E::stored, E::checks_spent},                         // never checked
      {E::stored, E::copied_to_check, E::copied_to_check},  // twice, without a crash
      {E::stored, E::op_buffered, E::op_written, E::passed_by_op, E::copied_to_check},
      {E::copy_stored, E::passed_by_op},  // no immune copy
      {E::stored, E::escape, E::escape},  // the pass is behind it
  };
  for (const auto& events : forbidden) {
    TransactionMonitor monitor(one_broker(Profile::v5_3));
    CHECK_THROWS_AS(feed(monitor, events), sim::BugError);
  }
  TransactionMonitor older(one_broker(Profile::v4_9));
  CHECK_THROWS_AS(feed(older, {E::stored, E::late_refusal}), sim::BugError);
  older.reset();
  CHECK_THROWS_AS(feed(older, {E::stored, E::escape}), sim::BugError);
}

TEST_CASE("transaction table: a monitor forgets the run, not its coverage") {
  TransactionMonitor monitor(one_broker(Profile::v5_3));
  feed(monitor, {E::stored});
  monitor.reset();
  CHECK(monitor.state(0, 0) == S::none);
  feed(monitor, {E::stored});
  CHECK(monitor.coverage().hits(0) == 2);
}

TEST_CASE("transaction table: as a document") {
  const std::string text = sim::to_markdown(transaction_rows, profile_names);
  CHECK(text.find("| half | late_refusal | any | half | 5.3 |") != std::string::npos);
  CHECK(text.find("| op_in_memory | op_written | any | op_stored | 4.9 |") != std::string::npos);
}
