#include "model/rocketmq/monitors.hpp"

#include <algorithm>

namespace brokersim::model::rocketmq {

namespace {

/// A transition table as text.
template <const auto& rows>
CoveredTable text_of(std::string_view name_of_table, std::string_view title) {
  CoveredTable table{name_of_table, title, {"from", "on", "guard", "to", "profiles", "source", "note"}, {}};
  for (const auto& row : rows) {
    CoveredTable::Row text;
    for (const std::string_view cell : {name(row.from), name(row.on), name(row.guard), name(row.to)})
      text.cells.emplace_back(cell);
    text.cells.push_back(
        row.profiles == both_profiles ? "all" : sim::detail::profile_text(row.profiles, profile_names));
    text.cells.emplace_back(row.source);
    text.cells.emplace_back(row.note);
    table.rows.push_back(std::move(text));
  }
  return table;
}

CoveredTable text_of_puts() {
  constexpr std::array<std::string_view, static_cast<std::size_t>(PutStatus::count)> names{
      "PUT_OK",
      "FLUSH_DISK_TIMEOUT",
      "FLUSH_SLAVE_TIMEOUT",
      "SLAVE_NOT_AVAILABLE",
      "IN_SYNC_REPLICAS_NOT_ENOUGH",
      "CREATE_MAPPED_FILE_FAILED",
      "UNKNOWN_ERROR",
      "SERVICE_NOT_AVAILABLE",
      "OS_PAGE_CACHE_BUSY",
      "MESSAGE_ILLEGAL",
      "TOPIC_NOT_EXIST",
      "INVALID_QUEUE",
      "QUEUE_TIMEOUT",
      "NO_PERMISSION",
      "WHEEL_TIMER_MSG_ILLEGAL",
      "WHEEL_TIMER_NOT_ENABLE"};
  static_assert(!names.back().empty(), "a PutStatus has no name");
  CoveredTable table{"puts", "What a broker answers to a send", {"put", "response", "stored", "source"}, {}};
  for (std::size_t i = 0; i < put_table.size(); ++i) {
    const PutRow& row = put_table[i];
    table.rows.push_back({{std::string(names[i]), std::string(to_string(row.response)),
                           row.stored ? "yes" : "no", std::string(row.source)},
                          0,
                          PutCoverage::is_shared(i)});
  }
  return table;
}

CoveredTable text_of_retries() {
  CoveredTable table{"retries",
                     "Which failed try is followed by another one",
                     {"send", "error", "status", "profiles", "retried", "source"},
                     {}};
  constexpr std::array<std::string_view, 3> modes{"sync", "async", "oneway"};
  for (const RetryRule& rule : retry_rules) {
    const bool has_status = rule.error == SendError::broker_error || rule.error == SendError::not_stored_ok;
    const std::string clients = rule.clients == Clients::both   ? "all"
                                : rule.clients == Clients::v4_9 ? "4.9"
                                                                : "5.3";
    table.rows.push_back(
        {{std::string(modes[static_cast<std::size_t>(rule.mode)]), std::string(to_string(rule.error)),
          has_status ? std::string(to_string(rule.status)) : "", clients, rule.retried ? "yes" : "no",
          std::string(rule.source)},
         0,
         false});
  }
  return table;
}

template <const auto& rows>
std::vector<std::uint64_t> hits_of(const sim::RowCoverage<rows>& coverage) {
  std::vector<std::uint64_t> hits;
  for (std::size_t row = 0; row < rows.size(); ++row) hits.push_back(coverage.hits(row));
  return hits;
}

template <class Coverage>
std::vector<std::uint64_t> hits_of(const Coverage& coverage, std::size_t rows) {
  std::vector<std::uint64_t> hits;
  for (std::size_t row = 0; row < rows; ++row) hits.push_back(coverage.hits(row));
  return hits;
}

void add(std::vector<std::vector<std::uint64_t>>& sum, const std::vector<std::vector<std::uint64_t>>& more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (std::size_t table = 0; table < more.size(); ++table) {
    sum[table].resize(more[table].size());
    for (std::size_t row = 0; row < more[table].size(); ++row) sum[table][row] += more[table][row];
  }
}

}  // namespace

std::size_t CoveredTable::covered() const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.hits > 0; }));
}

/// In the order of Monitors::hits.
std::vector<CoveredTable> all_tables() {
  return {text_of<transaction_rows>("transactions", "The life of a record in the half queue"),
          text_of<transaction_client_rows>("transaction-client", "A message in TransactionMQProducer"),
          text_of<transaction_check_rows>("transaction-checks", "A check at a producer"),
          text_of<consume_rows>("consuming", "A delivery at a push consumer"),
          text_of<delay_table>("delays", "The life of a place in a delay level's queue"),
          text_of<replica_table>("replication", "A slave's copy of its master's log"),
          text_of<role_table>("roles", "What a broker in controller mode is"),
          text_of<set_table>("sync-state-sets", "A replica set as its controller sees it"),
          text_of<queue_lock_rows>("queue-locks", "The lock of a queue that is consumed in order"),
          text_of<timer_table>("timers", "The life of a place in rmq_sys_wheel_timer"),
          text_of_puts(),
          text_of_retries()};
}

std::string to_markdown(const CoveredTable& table) {
  std::string head, line = "|";
  for (const std::string_view column : table.columns) {
    head.append("| ").append(column).append(" ");
    line.append("---|");
  }
  std::string text = head + "|\n" + line + "\n";
  for (const CoveredTable::Row& row : table.rows) {
    for (const std::string& cell : row.cells) text.append(cell.empty() ? "| " : "| " + cell + " ");
    text.append("|\n");
  }
  return text;
}

Monitors::Monitors(const Config& config)
    : transactions_(config),
      clients_(config),
      consuming_(config),
      delays_(config),
      replicas_(config),
      controlled_(config),
      locks_(config),
      timers_(config),
      puts_(config),
      retries_(config) {}

void Monitors::on(SimTime at, const sim::Record& record) {
  transactions_.on(at, record);
  clients_.on(at, record);
  consuming_.on(at, record);
  delays_.on(at, record);
  replicas_.on(record);
  controlled_.on(record);
  locks_.on(at, record);
  timers_.on(at, record);
  puts_.on(at, record);
  retries_.on(at, record);
}

void Monitors::reset() {
  transactions_.reset();
  clients_.reset();
  consuming_.reset();
  delays_.reset();
  replicas_.reset();
  controlled_.reset();
  locks_.reset();
  timers_.reset();
  puts_.reset();
  retries_.reset();
}

Monitors::Hits Monitors::hits() const {
  Hits hits{hits_of<transaction_rows>(transactions_.coverage()),
            hits_of<transaction_client_rows>(clients_.coverage()),
            hits_of<transaction_check_rows>(clients_.check_coverage()),
            hits_of<consume_rows>(consuming_.coverage()),
            hits_of<delay_table>(delays_.coverage()),
            hits_of<replica_table>(replicas_.coverage()),
            hits_of<role_table>(controlled_.roles()),
            hits_of<set_table>(controlled_.sets()),
            hits_of<queue_lock_rows>(locks_.coverage()),
            hits_of<timer_table>(timers_.coverage()),
            hits_of(puts_, put_table.size()),
            hits_of(retries_, retry_rules.size())};
  add(hits, merged_);
  return hits;
}

void Monitors::merge(const Monitors& other) { add(merged_, other.hits()); }

std::vector<CoveredTable> Monitors::tables() const {
  auto tables = all_tables();
  const Hits counted = hits();
  for (std::size_t table = 0; table < tables.size(); ++table) {
    for (std::size_t row = 0; row < tables[table].rows.size(); ++row)
      tables[table].rows[row].hits = counted[table][row];
  }
  return tables;
}

}  // namespace brokersim::model::rocketmq
