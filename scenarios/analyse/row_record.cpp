#include "scenarios/analyse/row_record.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "scenarios/run/seed_run.hpp"

namespace brokersim::scenarios {

using model::rocketmq::CoveredTable;
using model::rocketmq::profile_names;

namespace {

constexpr std::string_view no_run = "no run";

std::vector<std::string> split(const std::string& line, char at) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<RecordedRow> parse_line(const std::string& line) {
  const std::vector<std::string> parts = split(line, '\t');
  if (parts.size() < 5) return std::nullopt;
  RecordedRow row{parts[0], parts[1], parts[2], std::nullopt, {}};
  if (parts[3] == no_run) {
    row.reason = parts[4];
    return row;
  }
  const bool counts = parts.size() == 6 && !parts[5].empty() &&
                      parts[5].find_first_not_of("0123456789") == std::string::npos && parts[5].size() < 20;
  if (!counts) return std::nullopt;
  row.run = {parts[3], parts[4], std::stoull(parts[5])};
  return row;
}

/// Of one row in one version.
struct Place {
  std::size_t table, row, profile;
};

std::optional<Place> place_of(const std::vector<CoveredTable>& tables, const RecordedRow& recorded) {
  for (std::size_t table = 0; table < tables.size(); ++table) {
    if (tables[table].name != recorded.table) continue;
    for (std::size_t row = 0; row < tables[table].rows.size(); ++row) {
      if (row_key(tables[table], tables[table].rows[row]) != recorded.row) continue;
      for (std::size_t profile = 0; profile < profile_names.size(); ++profile) {
        if (profile_names[profile] == recorded.version && tables[table].rows[row].has(profile))
          return Place{table, row, profile};
      }
    }
  }
  return std::nullopt;
}

std::string text_of(const RecordedRow& row) { return row.table + ": " + row.row + " (" + row.version + ")"; }

/// What a run takes, or why it cannot be run.
struct Taken {
  model::rocketmq::Monitors::Hits hits;
  std::string problem;
};

Taken take(const CoveringRun& run, const LoadRun& load) {
  try {
    SeedRunner runner(load(run));
    runner.run(sim::Seed(run.seed));
    return {runner.monitors().hits(), {}};
  } catch (const ScenarioError& error) {
    return {{}, error.what()};
  }
}

/// Keeps what each run has taken: many rows name the same one.
class Runs {
 public:
  explicit Runs(const LoadRun& load) : load_(load) {}
  const Taken& operator[](const CoveringRun& run) {
    const auto found = taken_.find(run);
    return found != taken_.end() ? found->second : taken_.emplace(run, take(run, load_)).first->second;
  }

 private:
  const LoadRun& load_;
  std::map<CoveringRun, Taken> taken_;
};

std::string stale_line(const RecordedRow& recorded, const std::vector<CoveredTable>& tables, Runs& runs) {
  const std::optional<Place> place = place_of(tables, recorded);
  if (!place) return text_of(recorded) + ": there is no such row";
  if (!recorded.run) return recorded.reason.empty() ? text_of(recorded) + ": no run, and no reason" : "";
  const Taken& taken = runs[*recorded.run];
  if (!taken.problem.empty()) return text_of(recorded) + ": " + taken.problem;
  if (taken.hits[place->table][place->row][place->profile] > 0) return {};
  return text_of(recorded) + ": " + short_name(*recorded.run) + " does not take it";
}

void add_missing(const RowRecord& record, const std::vector<CoveredTable>& tables,
                 std::vector<std::string>& lines) {
  for (const CoveredTable& table : tables) {
    for (const CoveredTable::Row& row : table.rows) {
      for (std::size_t profile = 0; profile < profile_names.size(); ++profile) {
        const RecordedRow wanted{std::string(table.name),
                                 row_key(table, row),
                                 std::string(profile_names[profile]),
                                 std::nullopt,
                                 {}};
        if (row.has(profile) && find(record, wanted.table, wanted.row, wanted.version) == nullptr)
          lines.push_back(text_of(wanted) + ": no run is recorded");
      }
    }
  }
}

}  // namespace

RowRecord parse_row_record(std::string_view text) {
  RowRecord record;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    auto row = parse_line(line);
    if (!row) throw std::runtime_error("line " + std::to_string(number) + " is no recorded row: " + line);
    record.push_back(std::move(*row));
  }
  return record;
}

RowRecord load_row_record(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return parse_row_record(text.str());
}

std::string to_text(const RowRecord& record) {
  std::string text =
      "# table, row, version, and a run that takes it: file, cluster.version if set, seed.\n"
      "# Written by `brokersim coverage --write`, checked by `brokersim coverage --recorded`.\n";
  for (const RecordedRow& row : record) {
    text.append(row.table).append("\t").append(row.row).append("\t").append(row.version).append("\t");
    if (row.run) {
      text.append(row.run->file).append("\t").append(row.run->as).append("\t");
      text.append(std::to_string(row.run->seed)).append("\n");
    } else {
      text.append(no_run).append("\t").append(row.reason).append("\n");
    }
  }
  return text;
}

RowRecord record_of(const Coverage& coverage, const RowRecord& before) {
  RowRecord record;
  for (std::size_t t = 0; t < coverage.tables().size(); ++t) {
    const CoveredTable& table = coverage.tables()[t];
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      for (std::size_t profile = 0; profile < profile_names.size(); ++profile) {
        if (!table.rows[r].has(profile)) continue;
        RecordedRow row{std::string(table.name),
                        row_key(table, table.rows[r]),
                        std::string(profile_names[profile]),
                        coverage.first(t, r)[profile],
                        {}};
        const RecordedRow* known = find(before, row.table, row.row, row.version);
        if (!row.run && known != nullptr) row.reason = known->reason;
        if (row.run || !row.reason.empty()) record.push_back(std::move(row));
      }
    }
  }
  return record;
}

const RecordedRow* find(const RowRecord& record, std::string_view table, std::string_view row,
                        std::string_view version) {
  const auto found = std::find_if(record.begin(), record.end(), [&](const RecordedRow& one) {
    return one.table == table && one.row == row && one.version == version;
  });
  return found == record.end() ? nullptr : &*found;
}

Coverage cover_recorded(const RowRecord& record, const LoadRun& load) {
  Coverage coverage;
  std::set<CoveringRun> done;
  for (const RecordedRow& row : record) {
    if (!row.run || !done.insert(*row.run).second) continue;
    const Taken taken = take(*row.run, load);
    if (taken.problem.empty()) coverage.add(*row.run, taken.hits);
  }
  return coverage;
}

std::vector<std::string> stale_rows(const RowRecord& record, const LoadRun& load) {
  const std::vector<CoveredTable> tables = model::rocketmq::all_tables();
  std::vector<std::string> lines;
  Runs runs(load);
  for (const RecordedRow& recorded : record) {
    std::string line = stale_line(recorded, tables, runs);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  add_missing(record, tables, lines);
  return lines;
}

std::string short_name(const CoveringRun& run) {
  std::string name = run.file.substr(run.file.find_last_of('/') + 1);
  if (name.ends_with(".json")) name.resize(name.size() - 5);
  name.append(" ").append(std::to_string(run.seed));
  return run.as.empty() ? name : name + " as " + run.as;
}

}  // namespace brokersim::scenarios
