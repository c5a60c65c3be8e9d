// Swarm: a broker with drawn settings is driven by drawn half messages, verdicts (late ones, repeated ones,
// ones for records that are gone), crashes and waits. The monitor holds every run to the table, and all runs
// together must take every row of it: a row that none takes is a wrong row, or is argued for here.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/random.hpp"
#include "tests/catch.hpp"
#include "tests/model/transaction_bench.hpp"

using namespace brokersim;
using namespace brokersim::model;
using namespace brokersim::model::rocketmq;

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t below(std::uint64_t n) { return sim::below(sim::keyed_bits(seed_, {78, ++asked_, 0}), n); }
  bool once_in(std::uint64_t n) { return below(n) == 0; }
  template <class T, std::size_t N>
  T one_of(const T (&all)[N]) {
    return all[below(N)];
  }

 private:
  std::uint64_t seed_, asked_ = 0;
};

/// Time-outs so short that every order of batch, pass and verdict comes up within seconds.
Config any_config(Dice& dice) {
  Config config = TransactionBench::transactional(dice.once_in(3) ? Profile::v4_9 : Profile::v5_3);
  BrokerSettings& broker = config.brokers[0].settings;
  const Duration intervals[] = {500_ms, 2_s, 7_s};
  broker.transactionCheckInterval = dice.one_of(intervals);
  broker.transactionTimeOut = dice.one_of(intervals);
  broker.transactionOpBatchInterval = dice.one_of(intervals);
  broker.transactionCheckMax = static_cast<std::int32_t>(1 + dice.below(4));
  const Duration kept[] = {20_s, 72_h};
  broker.fileReservedTime = dice.one_of(kept);
  broker.flushDiskType = dice.once_in(2) ? FlushDiskType::SYNC_FLUSH : FlushDiskType::ASYNC_FLUSH;
  return config;
}

/// What a producer knows of a record in the half queue.
struct Handle {
  std::uint32_t intent, record;
  std::int64_t offset;
  bool asked;   ///< by a check
  bool immune;  ///< CHECK_IMMUNITY_TIME_IN_SECONDS
};

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : dice_(seed), bench_(any_config(dice_), seed) {
    bench_.know_producer();
    for (int i = 0; i < 60; ++i) step();
  }
  const TransactionBench& bench() const { return bench_; }

 private:
  void step() {
    hear_questions();
    const std::uint64_t what = dice_.below(20);
    if (what < 3) return send();
    if (what < 9) return answer();
    if (what == 9) return crash();
    const Duration waits[] = {1_ms, 100_ms, 1_s, 3_s, 8_s};
    bench_.run(dice_.one_of(waits));
  }

  void send() {
    const std::uint32_t immunities[] = {0, 0, 1, 4, 15};
    const auto intent = bench_.intents;
    const std::int64_t offset = bench_.half_records();
    const std::uint32_t immunity = dice_.one_of(immunities);
    const std::uint32_t record = bench_.half(immunity);
    if (bench_.half_records() > offset) handles_.push_back({intent, record, offset, false, immunity > 0});
  }

  void hear_questions() {
    const auto questions = bench_.questions();
    for (; heard_ < questions.size(); ++heard_) {
      const Payload& asked = questions[heard_].payload;
      handles_.push_back({asked.intent.value, asked.record, asked.offset, true, false});
    }
  }

  /// Mostly about what is new; now and then about what nobody remembers.
  void answer() {
    if (handles_.empty()) return;
    const std::size_t back =
        dice_.below(dice_.once_in(3) ? handles_.size() : std::min<std::size_t>(handles_.size(), 3));
    const Handle& handle = handles_[handles_.size() - 1 - back];
    const TransactionVerdict verdicts[] = {TransactionVerdict::commit, TransactionVerdict::commit,
                                           TransactionVerdict::rollback, TransactionVerdict::unknown};
    bench_.receive(TransactionBench::verdict(dice_.one_of(verdicts), handle.intent, handle.record,
                                             handle.offset, handle.asked ? Mark::from_check : Mark::none));
  }

  void crash() {
    dice_.once_in(2) ? kill() : lose_power();
    bench_.restart();
    if (!dice_.once_in(4)) bench_.know_producer();
  }

  void kill() {
    bench_.die();
    const Duration downs[] = {10_ms, 3_s};
    bench_.run(dice_.one_of(downs));
  }

  void lose_power() {
    const UnsyncedFiles files[] = {UnsyncedFiles::old_version, UnsyncedFiles::new_version,
                                   UnsyncedFiles::empty};
    bench_.lose_all_power(dice_.one_of(files));
    const Duration downs[] = {10_ms, 3_s, 8_s};
    bench_.run(dice_.one_of(downs));
  }

  Dice dice_;
  TransactionBench bench_;
  std::vector<Handle> handles_;
  std::size_t heard_ = 0;
};

/// Rows that no run takes here, each with its reason. (Of those about clocks tests/rows/taken.tsv has runs.)
struct Untaken {
  HalfState from;
  HalfEvent on;
  HalfGuard guard;
  const char* because;
};

constexpr Untaken untaken[] = {
    {HalfState::superseded, HalfEvent::pass_stops, HalfGuard::after_crash,
     "who was old enough to be copied stays so: only a wall clock that is set back makes it young"},
    {HalfState::discarded, HalfEvent::pass_stops, HalfGuard::after_crash,
     "count and age are looked at before a pass stops, and neither falls: only a wall clock that is set "
     "back"},
    {HalfState::discarded, HalfEvent::copied_to_check, HalfGuard::after_crash,
     "neither count nor age falls: only a wall clock that is set back"},
    {HalfState::discarded, HalfEvent::copied_immune, HalfGuard::after_crash,
     "neither count nor age falls: only a wall clock that is set back"},
    {HalfState::op_in_memory, HalfEvent::passed_by_op, HalfGuard::by_original,
     "an END names an original or a copy that was checked, never an immune copy; and a checked one is too "
     "old "
     "for its original to count"},
    {HalfState::op_in_memory, HalfEvent::truncation, HalfGuard::any,
     "memory dies before a lone broker's log is cut: tests/rows/elected-op-in-memory-cut.json"},
};

/// There is one broker here, and nobody who acts for it (acting_transactions_test, tests/rows).
bool is_of_acting_master(const sim::Row<HalfState, HalfEvent, HalfGuard>& row) {
  return row.on == HalfEvent::escape || row.on == HalfEvent::escape_failure ||
         row.from == HalfState::escaped || row.from == HalfState::given_up;
}

bool is_argued(const sim::Row<HalfState, HalfEvent, HalfGuard>& row) {
  if (is_of_acting_master(row)) return true;
  return std::any_of(std::begin(untaken), std::end(untaken), [&](const Untaken& one) {
    return one.from == row.from && one.on == row.on && one.guard == row.guard;
  });
}

using Taken = sim::RowCoverage<transaction_rows>;

/// An immune half message is copied, and the crash takes the pass's offset back to it. The pass of the second
/// life copies it again, and only then its COMMIT comes: the op that it reads for another half message names
/// an original that lies behind it, and the first copy still lies before it.
Taken committed_between_original_and_copy() {
  Config config = TransactionBench::transactional();
  config.brokers[0].settings.transactionOpMsgMaxSize = 1;  // written at once
  config.brokers[0].settings.transactionCheckInterval = 2_s;
  TransactionBench bench(config);
  bench.know_producer();
  const std::uint32_t other = bench.half();
  bench.commit(0, other, 0);
  const std::uint32_t original = bench.half(60);
  for (int i = 0; i < 40; ++i) bench.half(60);  // each takes a pass 0.25 ms
  bench.half();                                 // too young for the first pass, which stops here
  bench.run(3_s);
  bench.die();
  bench.run(4_s);
  bench.restart();
  bench.run(2_s + 5_ms);  // in the pass: the immune ones are copied again
  bench.commit(1, original, 1);
  bench.run(2_s);
  return bench.monitored().coverage();
}

}  // namespace

TEST_CASE("transaction swarm: no run leaves the table, and together they take every row of it") {
  Taken taken;
  for (std::uint64_t seed = 1; seed <= 40000; ++seed) {
    INFO("walk " << seed);
    taken.merge(Walk(seed).bench().monitored().coverage());
  }
  taken.merge(committed_between_original_and_copy());
  std::string missing, taken_after_all;
  for (std::size_t row = 0; row < transaction_rows.size(); ++row) {
    const std::string text = sim::to_text(transaction_rows[row]) + "\n";
    if (taken.hits(row) == 0 && !is_argued(transaction_rows[row])) missing += text;
    if (taken.hits(row) > 0 && is_argued(transaction_rows[row])) taken_after_all += text;
  }
  CHECK(missing == "");
  CHECK(taken_after_all == "");  // then its reason is wrong
}
