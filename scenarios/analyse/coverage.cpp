#include "scenarios/analyse/coverage.hpp"

#include <algorithm>

#include "scenarios/run/seed_run.hpp"

namespace brokersim::scenarios {

using model::rocketmq::CoveredTable;
using model::rocketmq::Monitors;
using model::rocketmq::ProfileHits;

namespace {

/// `after` - `before`: of the monitors of one runner, which count on from seed to seed.
Monitors::Hits difference(Monitors::Hits after, const Monitors::Hits& before) {
  for (std::size_t table = 0; table < after.size(); ++table) {
    for (std::size_t row = 0; row < after[table].size(); ++row) {
      ProfileHits& hits = after[table][row];
      for (std::size_t profile = 0; profile < hits.size(); ++profile)
        hits[profile] -= before[table][row][profile];
    }
  }
  return after;
}

}  // namespace

Coverage::Coverage() : tables_(model::rocketmq::all_tables()) {
  for (const CoveredTable& table : tables_) first_.emplace_back(table.rows.size());
}

void Coverage::add(const CoveringRun& run, const Monitors::Hits& taken) {
  for (std::size_t table = 0; table < taken.size(); ++table) {
    for (std::size_t row = 0; row < taken[table].size(); ++row) {
      const ProfileHits& hits = taken[table][row];
      for (std::size_t profile = 0; profile < hits.size(); ++profile) {
        if (hits[profile] == 0) continue;
        tables_[table].rows[row].hits_in[profile] += hits[profile];
        auto& first = first_[table][row][profile];
        if (!first) first = run;
      }
    }
  }
}

bool Coverage::complete() const {
  return std::all_of(tables_.begin(), tables_.end(),
                     [](const CoveredTable& table) { return table.covered() == table.rows.size(); });
}

void cover(Coverage& coverage, CoveringRun from, const std::shared_ptr<const model::Config>& config,
           std::int64_t seeds, const std::function<void(std::int64_t)>& progress) {
  SeedRunner runner(config);
  Monitors::Hits before = runner.monitors().hits();
  for (std::int64_t done = 0; done < seeds; ++done, ++from.seed) {
    runner.run(sim::Seed(from.seed));
    Monitors::Hits after = runner.monitors().hits();
    coverage.add(from, difference(after, before));
    before = std::move(after);
    if (progress) progress(done + 1);
  }
}

/// Of a mixed cluster: a broker that names its version keeps it, so that the first producer tells more.
std::string_view other_version(const model::Config& config) {
  const model::Profile own =
      config.producers.empty() ? config.brokers.at(0).profile : config.producers[0].profile;
  const bool old = own == model::Profile::v4_9;
  return model::rocketmq::profile_names[old ? 1 : 0];
}

std::string row_key(const CoveredTable& table, const CoveredTable::Row& row) {
  std::string key;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    if (table.columns[i] == "source" || table.columns[i] == "note" || row.cells[i].empty()) continue;
    key.append(key.empty() ? "" : " ").append(row.cells[i]);
  }
  return key;
}

}  // namespace brokersim::scenarios
