#include "scenarios/analyse/coverage_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenarios/report/format.hpp"

namespace brokersim::scenarios {

using model::rocketmq::CoveredTable;
using model::rocketmq::profile_names;
using nlohmann::ordered_json;

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
  return text;
}

double percent(const CoveredTable& table) {
  return table.rows.empty()
             ? 100.0
             : 100.0 * static_cast<double>(table.covered()) / static_cast<double>(table.rows.size());
}

/// Why no run takes it, in the first version that has a reason.
std::string reason_of(const CoveredTable& table, const CoveredTable::Row& row, const RowRecord& record) {
  for (std::size_t profile = 0; profile < profile_names.size(); ++profile) {
    const RecordedRow* known = find(record, table.name, row_key(table, row), profile_names[profile]);
    if (row.hits_in[profile] == 0 && known != nullptr && !known->run) return known->reason;
  }
  return {};
}

std::string head_text(const CoveredTable& table, const RowRecord& record) {
  const auto argued = std::count_if(table.rows.begin(), table.rows.end(), [&](const CoveredTable::Row& row) {
    return !row.is_covered() && !reason_of(table, row, record).empty();
  });
  std::string text = std::string(table.name) + ": " + std::string(table.title) + ": " +
                     std::to_string(table.covered()) + " of " + std::to_string(table.rows.size()) +
                     " rows, " + short_number(percent(table)) + " %";
  if (argued > 0) text += "; " + std::to_string(argued) + " that no run can take";
  return text + "\n";
}

struct VersionCount {
  std::size_t rows = 0, covered = 0;
};

VersionCount count_in(const CoveredTable& table, std::size_t profile) {
  VersionCount count;
  for (const CoveredTable::Row& row : table.rows) {
    if (!row.has(profile)) continue;
    ++count.rows;
    if (row.hits_in[profile] > 0) ++count.covered;
  }
  return count;
}

bool was_run(const Coverage& coverage, std::size_t profile) {
  return std::any_of(coverage.tables().begin(), coverage.tables().end(),
                     [&](const CoveredTable& table) { return count_in(table, profile).covered > 0; });
}

/// Of some files, which may be of one version: what each version that was run has taken of its own rows.
std::string head_by_version(const Coverage& coverage, const CoveredTable& table) {
  std::string text;
  for (std::size_t profile = profile_names.size(); profile-- > 0;) {
    const VersionCount count = count_in(table, profile);
    if (count.rows == 0 || !was_run(coverage, profile)) continue;
    const double share = 100.0 * static_cast<double>(count.covered) / static_cast<double>(count.rows);
    text += (text.empty() ? "" : "; ") + std::string(profile_names[profile]) + ": " +
            std::to_string(count.covered) + " of " + std::to_string(count.rows) + " rows, " +
            short_number(share) + " %";
  }
  return std::string(table.name) + ": " + std::string(table.title) + ": " + text + "\n";
}

std::string hits_text(const CoveredTable::Row& row) {
  std::string text;
  for (std::size_t profile = 0; profile < profile_names.size(); ++profile)
    text += right(row.has(profile) ? std::to_string(row.hits_in[profile]) : "-", 10);
  return text + (row.shared ? "*  " : "   ");
}

/// "transaction-late-commit 17, 4.9: transaction-late-commit 3 as 4.9"
std::string runs_text(const CoveredTable::Row& row, const Coverage::FirstRuns& first) {
  std::string text;
  for (std::size_t profile = profile_names.size(); profile-- > 0;) {
    if (!row.has(profile) || !first[profile]) continue;
    text.append(text.empty() ? "" : ", ").append(profile_names[profile]).append(": ");
    text.append(short_name(*first[profile]));
  }
  return text;
}

ordered_json json_of(const CoveredTable& table, const CoveredTable::Row& row,
                     const Coverage::FirstRuns& first, const RowRecord& record) {
  ordered_json versions = ordered_json::object();
  for (std::size_t profile = 0; profile < profile_names.size(); ++profile) {
    if (!row.has(profile)) continue;
    ordered_json version{{"taken", row.hits_in[profile]}};
    if (first[profile]) {
      version["file"] = first[profile]->file;
      version["as"] = first[profile]->as.empty() ? ordered_json(nullptr) : ordered_json(first[profile]->as);
      version["seed"] = first[profile]->seed;
    }
    versions[std::string(profile_names[profile])] = version;
  }
  ordered_json cells = ordered_json::object();
  for (std::size_t i = 0; i < row.cells.size(); ++i) cells[std::string(table.columns[i])] = row.cells[i];
  const std::string reason = reason_of(table, row, record);
  return {{"row", cells},
          {"covered", row.is_covered()},
          {"shared", row.shared},
          {"no_run", reason.empty() ? ordered_json(nullptr) : ordered_json(reason)},
          {"versions", versions}};
}

ordered_json by_version_json(const CoveredTable& table) {
  ordered_json versions = ordered_json::object();
  for (std::size_t profile = 0; profile < profile_names.size(); ++profile) {
    const VersionCount count = count_in(table, profile);
    if (count.rows > 0)
      versions[std::string(profile_names[profile])] = {{"rows", count.rows}, {"covered", count.covered}};
  }
  return versions;
}

}  // namespace

std::string coverage_text(const Coverage& coverage, const RowRecord& record, ShownRows shown) {
  std::string text;
  bool any_shared = false;
  std::size_t hidden = 0;
  for (std::size_t t = 0; t < coverage.tables().size(); ++t) {
    const CoveredTable& table = coverage.tables()[t];
    const std::string head =
        shown == ShownRows::taken ? head_by_version(coverage, table) : head_text(table, record);
    std::string rows;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      const CoveredTable::Row& row = table.rows[r];
      const bool is_taken =
          std::any_of(row.hits_in.begin(), row.hits_in.end(), [](auto hits) { return hits > 0; });
      if (shown == ShownRows::uncovered && row.is_covered()) continue;
      if (shown == ShownRows::taken && !is_taken) {
        ++hidden;
        continue;
      }
      any_shared = any_shared || row.shared;
      const std::string reason = row.is_covered() ? "" : reason_of(table, row, record);
      const std::string told = reason.empty() ? runs_text(row, coverage.first(t, r)) : "no run: " + reason;
      const std::string line = hits_text(row) + row_text(table, row) + told;
      rows += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    if (rows.empty() && shown == ShownRows::taken) continue;
    text += head;
    if (rows.empty()) continue;
    for (const std::string_view version : profile_names) text += right(std::string(version), 10);
    text += "\n" + rows;
  }
  if (hidden > 0) text += std::to_string(hidden) + " other rows are not taken; --all lists them\n";
  if (any_shared)
    text += "* records cannot tell these rows from others with the same answer: counted together\n";
  return text;
}

std::string coverage_json(const Coverage& coverage, const RowRecord& record) {
  ordered_json tables = ordered_json::array();
  for (std::size_t t = 0; t < coverage.tables().size(); ++t) {
    const CoveredTable& table = coverage.tables()[t];
    ordered_json rows = ordered_json::array();
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      rows.push_back(json_of(table, table.rows[r], coverage.first(t, r), record));
    tables.push_back({{"name", table.name},
                      {"title", table.title},
                      {"rows", table.rows.size()},
                      {"covered", table.covered()},
                      {"percent", percent(table)},
                      {"by_version", by_version_json(table)},
                      {"each", rows}});
  }
  return tables.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace brokersim::scenarios
