// Holds the client side of transactions to its tables (transaction_client_table.hpp). Fed with records only:
// it keeps a shadow of each intent and throws sim::BugError when something happens that no row allows.
#pragma once

#include <cstdint>
#include <vector>

#include "model/record.hpp"
#include "model/rocketmq/transaction_client_table.hpp"

namespace brokersim::model::rocketmq {

class TransactionClientMonitor final {
 public:
  explicit TransactionClientMonitor(const Config& config) : config_(config) {}

  void on(SimTime at, const sim::Record& record);
  const sim::RowCoverage<transaction_client_rows>& coverage() const { return coverage_; }
  const sim::RowCoverage<transaction_check_rows>& check_coverage() const { return check_coverage_; }
  /// Forgets the run, not the coverage.
  void reset() { intents_.clear(); }

 private:
  /// An intent of a producer that is not transactional stays `none`.
  struct Shadow {
    transaction_client::State state = transaction_client::State::none;
    transaction_client::Database database = transaction_client::Database::absent;
    std::uint16_t producer = 0;
  };

  Shadow& shadow_of(const sim::Record& record);
  void on_begun(const sim::Record& record);
  void on_local(Shadow& shadow, RecordKind kind, const sim::Record& record);
  void on_told(Shadow& shadow, RecordKind kind, const sim::Record& record);
  void on_end(Shadow& shadow, const sim::Record& record);
  void on_reply(Shadow& shadow, const sim::Record& record);
  void move(Shadow& shadow, transaction_client::On on, transaction_client::Guard guard,
            transaction_client::State to);
  void move(Shadow& shadow, std::size_t producer, transaction_client::OnCheck on,
            transaction_client::Handler handler, transaction_client::Database to);

  const Config& config_;
  std::vector<Shadow> intents_;
  sim::RowCoverage<transaction_client_rows> coverage_;
  sim::RowCoverage<transaction_check_rows> check_coverage_;
};

}  // namespace brokersim::model::rocketmq
