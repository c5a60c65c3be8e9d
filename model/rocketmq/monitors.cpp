#include "model/rocketmq/monitors.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

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
    text.profiles = row.profiles & both_profiles;
    text.cells.push_back(
        text.profiles == both_profiles ? "all" : sim::detail::profile_text(row.profiles, profile_names));
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
      "UNKNOWN_ERROR",
      "SERVICE_NOT_AVAILABLE",
      "OS_PAGE_CACHE_BUSY",
      "OS_PAGECACHE_BUSY",
      "MESSAGE_ILLEGAL",
      "TOPIC_NOT_EXIST",
      "INVALID_QUEUE",
      "QUEUE_TIMEOUT",
      "NO_PERMISSION",
      "WHEEL_TIMER_MSG_ILLEGAL",
      "WHEEL_TIMER_NOT_ENABLE"};
  static_assert(!names.back().empty(), "a PutStatus has no name");
  CoveredTable table{"puts",
                     "What a broker answers to a send",
                     {"put", "response", "told as stored", "profiles", "source"},
                     {}};
  for (std::size_t i = 0; i < put_table.size(); ++i) {
    const PutRow& row = put_table[i];
    const sim::Profiles made = brokers_that_put(row.put), profiles = made == 0 ? both_profiles : made;
    table.rows.push_back(
        {{std::string(names[i]), std::string(to_string(row.response)), row.stored ? "yes" : "no",
          profiles == both_profiles ? "all" : sim::detail::profile_text(profiles, profile_names),
          std::string(row.source)},
         profiles,
         {},
         PutCoverage::is_shared(i)});
  }
  return table;
}

sim::Profiles profiles_of(Clients clients) {
  if (clients == Clients::both) return both_profiles;
  return clients == Clients::v4_9 ? only_4_9 : only_5_3;
}

CoveredTable text_of_retries() {
  CoveredTable table{"retries",
                     "Which failed try is followed by another one",
                     {"send", "error", "status", "profiles", "retried", "source"},
                     {}};
  constexpr std::array<std::string_view, 3> modes{"sync", "async", "oneway"};
  for (const RetryRule& rule : retry_rules) {
    const bool has_status = rule.error == SendError::broker_error || rule.error == SendError::not_stored_ok;
    const sim::Profiles profiles = profiles_of(rule.clients);
    table.rows.push_back(
        {{std::string(modes[static_cast<std::size_t>(rule.mode)]), std::string(to_string(rule.error)),
          has_status ? std::string(to_string(rule.status)) : "",
          profiles == both_profiles ? "all" : sim::detail::profile_text(profiles, profile_names),
          rule.retried ? "yes" : "no", std::string(rule.source)},
         profiles,
         {},
         false});
  }
  return table;
}

/// Anything that counts as hits(row, profile).
template <class Coverage>
std::vector<ProfileHits> hits_of(const Coverage& coverage, std::size_t rows) {
  std::vector<ProfileHits> hits(rows);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t profile = 0; profile < profile_names.size(); ++profile)
      hits[row][profile] = coverage.hits(row, static_cast<unsigned>(profile));
  return hits;
}

void add(Monitors::Hits& sum, const Monitors::Hits& more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (std::size_t table = 0; table < more.size(); ++table) {
    sum[table].resize(more[table].size());
    for (std::size_t row = 0; row < more[table].size(); ++row)
      for (std::size_t profile = 0; profile < profile_names.size(); ++profile)
        sum[table][row][profile] += more[table][row][profile];
  }
}

/// A table, and where its monitor counts so many rows.
struct Registered {
  CoveredTable table;
  std::vector<ProfileHits> (*hits)(const Monitors::All& all, std::size_t rows);
};

/// A transition table, and the monitor that holds runs to it.
template <const auto& rows, class Monitor, auto coverage = &Monitor::coverage>
Registered held_by(std::string_view name, std::string_view title) {
  return {text_of<rows>(name, title), [](const Monitors::All& all, std::size_t count) {
            return hits_of((std::get<Monitor>(all).*coverage)(), count);
          }};
}

/// Rules that are no transitions.
template <class Coverage>
Registered counted_by(CoveredTable table) {
  return {std::move(table), [](const Monitors::All& all, std::size_t count) {
            return hits_of(std::get<Coverage>(all), count);
          }};
}

/// Every table, in the order in which people meet them.
std::vector<Registered> registered() {
  return {
      held_by<transaction_rows, TransactionMonitor>("transactions", "The life of a record in the half queue"),
      held_by<transaction_client_rows, TransactionClientMonitor>("transaction-client",
                                                                 "A message in TransactionMQProducer"),
      held_by<transaction_check_rows, TransactionClientMonitor, &TransactionClientMonitor::check_coverage>(
          "transaction-checks", "A check at a producer"),
      held_by<consume_rows, ConsumeMonitor>("consuming", "A delivery at a push consumer"),
      held_by<delay_table, DelayMonitor>("delays", "The life of a place in a delay level's queue"),
      held_by<timer_table, TimerMonitor>("timers", "The life of a place in rmq_sys_wheel_timer"),
      held_by<replica_table, ReplicaMonitor>("replication", "A slave's copy of its master's log"),
      held_by<role_table, ControllerMonitor, &ControllerMonitor::roles>(
          "roles", "What a broker in controller mode is"),
      held_by<set_table, ControllerMonitor, &ControllerMonitor::sets>(
          "sync-state-sets", "A replica set as its controller sees it"),
      held_by<stand_table, StandInMonitor>("acting-masters", "A broker with enableSlaveActingMaster"),
      held_by<queue_lock_rows, QueueLockMonitor>("queue-locks",
                                                 "The lock of a queue that is consumed in order"),
      held_by<pop_table, PopMonitor>("pop", "A message that is out to a group in POP mode"),
      counted_by<PutCoverage>(text_of_puts()),
      counted_by<RetryCoverage>(text_of_retries()),
      held_by<member_table, DLedgerMonitor, &DLedgerMonitor::members>("dledger-members",
                                                                      "A member of a DLedger group"),
      held_by<entry_table, DLedgerMonitor, &DLedgerMonitor::entries>("dledger-entries",
                                                                     "An entry in a member's log")};
}

template <std::size_t... i>
Monitors::All make_all(const Config& config, std::index_sequence<i...>) {
  return Monitors::All(std::tuple_element_t<i, Monitors::All>(config)...);
}

}  // namespace

std::uint64_t CoveredTable::Row::hits() const {
  return std::accumulate(hits_in.begin(), hits_in.end(), std::uint64_t{0});
}

bool CoveredTable::Row::is_covered() const {
  for (std::size_t profile = 0; profile < hits_in.size(); ++profile) {
    if (has(profile) && hits_in[profile] == 0) return false;
  }
  return true;
}

std::size_t CoveredTable::covered() const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.is_covered(); }));
}

std::vector<CoveredTable> all_tables() {
  std::vector<CoveredTable> tables;
  for (Registered& one : registered()) tables.push_back(std::move(one.table));
  return tables;
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
    : all_(make_all(config, std::make_index_sequence<std::tuple_size_v<All>>())) {}

void Monitors::on(SimTime at, const sim::Record& record) {
  std::apply([&](auto&... monitor) { (monitor.on(at, record), ...); }, all_);
}

void Monitors::reset() {
  std::apply([](auto&... monitor) { (monitor.reset(), ...); }, all_);
}

Monitors::Hits Monitors::hits() const {
  Hits hits;
  for (const Registered& one : registered()) hits.push_back(one.hits(all_, one.table.rows.size()));
  add(hits, merged_);
  return hits;
}

void Monitors::merge(const Monitors& other) { add(merged_, other.hits()); }

std::vector<CoveredTable> Monitors::tables() const {
  auto tables = all_tables();
  const Hits counted = hits();
  for (std::size_t table = 0; table < tables.size(); ++table) {
    for (std::size_t row = 0; row < tables[table].rows.size(); ++row)
      tables[table].rows[row].hits_in = counted[table][row];
  }
  return tables;
}

}  // namespace brokersim::model::rocketmq
