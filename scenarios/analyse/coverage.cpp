#include "scenarios/analyse/coverage.hpp"

#include <algorithm>

#include "scenarios/report/format.hpp"
#include "scenarios/run/seed_run.hpp"

namespace brokersim::scenarios {

using model::rocketmq::CoveredTable;

namespace {

/// "half  copied_to_check  any  superseded": without source and note, which stand in the document.
std::string row_text(const CoveredTable& table, const CoveredTable::Row& row) {
  std::string text;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    if (table.columns[i] == "source" || table.columns[i] == "note") continue;
    std::size_t width = 0;
    for (const auto& other : table.rows) width = std::max(width, other.cells[i].size());
    text += left(row.cells[i], width + 2);
  }
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string head_text(const CoveredTable& table) {
  const std::size_t covered = table.covered(), all = table.rows.size();
  const auto percent = all == 0 ? 100.0 : 100.0 * static_cast<double>(covered) / static_cast<double>(all);
  return std::string(table.name) + ": " + std::string(table.title) + ": " + std::to_string(covered) + " of " +
         std::to_string(all) + " rows, " + short_number(percent) + " %\n";
}

}  // namespace

std::vector<CoveredTable> cover(const std::shared_ptr<const model::Config>& config, std::uint64_t first_seed,
                                std::int64_t seeds) {
  SeedRunner runner(config);
  for (std::int64_t i = 0; i < seeds; ++i) runner.run(sim::Seed(first_seed + static_cast<std::uint64_t>(i)));
  return runner.monitors().tables();
}

void add(std::vector<CoveredTable>& sum, const std::vector<CoveredTable>& more) {
  if (sum.empty()) sum = model::rocketmq::all_tables();
  for (std::size_t table = 0; table < more.size(); ++table) {
    for (std::size_t row = 0; row < more[table].rows.size(); ++row)
      sum[table].rows[row].hits += more[table].rows[row].hits;
  }
}

std::string coverage_text(const std::vector<CoveredTable>& tables, bool only_uncovered) {
  std::string text;
  bool any_shared = false;
  for (const CoveredTable& table : tables) {
    text += head_text(table);
    for (const CoveredTable::Row& row : table.rows) {
      if (only_uncovered && row.hits > 0) continue;
      any_shared = any_shared || (row.shared && !only_uncovered);
      text +=
          right(std::to_string(row.hits) + (row.shared ? "*" : " "), 12) + "  " + row_text(table, row) + "\n";
    }
  }
  if (any_shared)
    text += "* records cannot tell these rows from others with the same answer: counted together\n";
  return text;
}

}  // namespace brokersim::scenarios
