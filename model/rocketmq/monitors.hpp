// All monitors of one run behind one recorder: each hears every record, holds its protocol to its table and
// counts how often each row was taken (docs/architecture.md, rule 6). A transition that no table knows is a
// sim::BugError, thrown from within the step that recorded it.
//
//   Monitors monitors(config);
//   Simulation<Model> simulation(config, seed, &monitors);       // or behind other recorders
//   for (const CoveredTable& table : monitors.tables()) ...      // rows as text, with their hits
//
// One per thread; `merge` adds up what others have counted.
//
// A new table: its monitor joins `All`, and it gets a line in `registered` (monitors.cpp). `brokersim
// tables`, `brokersim coverage` and the test that every row is taken then know it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/config.hpp"
#include "model/record.hpp"
#include "model/rocketmq/acting_table.hpp"
#include "model/rocketmq/consume_monitor.hpp"
#include "model/rocketmq/controller_table.hpp"
#include "model/rocketmq/delay_table.hpp"
#include "model/rocketmq/dledger_table.hpp"
#include "model/rocketmq/pop_table.hpp"
#include "model/rocketmq/profiles.hpp"
#include "model/rocketmq/put_coverage.hpp"
#include "model/rocketmq/queue_lock_table.hpp"
#include "model/rocketmq/replication_table.hpp"
#include "model/rocketmq/retry_coverage.hpp"
#include "model/rocketmq/timer_table.hpp"
#include "model/rocketmq/transaction_client_monitor.hpp"
#include "model/rocketmq/transaction_monitor.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::rocketmq {

/// How often a row was taken, by the version of who took it.
using ProfileHits = std::array<std::uint64_t, profile_names.size()>;

/// One table for people: documents and coverage are made of it.
struct CoveredTable {
  std::string_view name;  ///< public: "transactions"
  std::string_view title;
  std::vector<std::string_view> columns;
  struct Row {
    std::vector<std::string> cells;
    sim::Profiles profiles = both_profiles;  ///< the versions that have it
    ProfileHits hits_in{};
    /// Records cannot tell it from another row: the hits are those of both.
    bool shared = false;

    std::uint64_t hits() const;
    bool has(std::size_t profile) const { return (profiles >> profile & 1) != 0; }
    bool is_covered() const;  ///< taken in each version that has it
  };
  std::vector<Row> rows;

  std::size_t covered() const;
};

/// All tables, as if nothing had run.
std::vector<CoveredTable> all_tables();

/// As a Markdown table.
std::string to_markdown(const CoveredTable& table);

class Monitors final : public sim::Recorder {
 public:
  explicit Monitors(const Config& config);
  void on(SimTime at, const sim::Record& record) override;
  /// Before another run of the same configuration. What was counted stays.
  void reset();
  /// Adds what another one has counted, of whatever configuration.
  void merge(const Monitors& other);
  std::vector<CoveredTable> tables() const;

  using Hits = std::vector<std::vector<ProfileHits>>;  ///< per table, per row: as all_tables() has them
  Hits hits() const;

  using All = std::tuple<TransactionMonitor, TransactionClientMonitor, ConsumeMonitor, DelayMonitor,
                         TimerMonitor, ReplicaMonitor, ControllerMonitor, StandInMonitor, QueueLockMonitor,
                         PopMonitor, PutCoverage, RetryCoverage, DLedgerMonitor>;

 private:
  All all_;
  Hits merged_;
};

}  // namespace brokersim::model::rocketmq
