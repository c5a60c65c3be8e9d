// The transition tables of one intent at its transactional producer (TransactionMQProducer): what its thread
// does, and what checks are answered, whichever instance of the group they reach, by what the application's
// database holds. Documents, the monitor (transaction_client_monitor.hpp) and row coverage come from them; no
// step reads them.
//
//   half_sending -> local_running -> local_committed   -> committed_ended -> done_committed
//        |               |        -> local_rolled_back -> done_rolled_back
//        |               '-> died_absent
//        |-> skipped -> done_skipped
//        '-> failed
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/config.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

namespace transaction_client {

enum class State : std::uint8_t {
  none,
  half_sending,       ///< the send with its retries
  local_running,      ///< executeLocalTransaction
  local_committed,    ///< the database has it; endTransaction is next
  local_rolled_back,  ///< likewise
  skipped,            ///< half stored with another status: no local transaction, ROLLBACK is next
  committed_ended,    ///< endTransaction returned; the application is about to be told
  committed_told,     ///< the application was told while END_TRANSACTION still waits for a connection (5.3)
  done_committed,
  done_rolled_back,
  done_skipped,
  failed,       ///< the send threw; a half message may be stored all the same (an orphan)
  died_absent,  ///< the process died, and nothing is in the database
  died_committed,
  died_rolled_back
};

constexpr std::string_view name(State state) {
  switch (state) {
    case State::none: return "none";
    case State::half_sending: return "half_sending";
    case State::local_running: return "local_running";
    case State::local_committed: return "local_committed";
    case State::local_rolled_back: return "local_rolled_back";
    case State::skipped: return "skipped";
    case State::committed_ended: return "committed_ended";
    case State::committed_told: return "committed_told";
    case State::done_committed: return "done_committed";
    case State::done_rolled_back: return "done_rolled_back";
    case State::done_skipped: return "done_skipped";
    case State::failed: return "failed";
    case State::died_absent: return "died_absent";
    case State::died_committed: return "died_committed";
    case State::died_rolled_back: return "died_rolled_back";
  }
  return {};
}

enum class On : std::uint8_t {
  begin,
  send_ok,
  flush_disk_timeout,
  flush_slave_timeout,
  slave_not_available,
  exception,
  local_commit,
  local_rollback,
  end,  ///< endTransaction: it left, or found no connection
  told,
  died
};

constexpr std::string_view name(On on) {
  switch (on) {
    case On::begin: return "begin";
    case On::send_ok: return "send_ok";
    case On::flush_disk_timeout: return "flush_disk_timeout";
    case On::flush_slave_timeout: return "flush_slave_timeout";
    case On::slave_not_available: return "slave_not_available";
    case On::exception: return "exception";
    case On::local_commit: return "local_commit";
    case On::local_rollback: return "local_rollback";
    case On::end: return "end";
    case On::told: return "told";
    case On::died: return "died";
  }
  return {};
}

/// What endTransaction said.
enum class Guard : std::uint8_t { any, commit, rollback, unknown };

constexpr std::string_view name(Guard guard) {
  switch (guard) {
    case Guard::any: return "any";
    case Guard::commit: return "commit";
    case Guard::rollback: return "rollback";
    case Guard::unknown: return "unknown";
  }
  return {};
}

/// What the database holds of the local transaction.
enum class Database : std::uint8_t { absent, running, committed, rolled_back };

constexpr std::string_view name(Database state) {
  switch (state) {
    case Database::absent: return "absent";
    case Database::running: return "running";
    case Database::committed: return "committed";
    case Database::rolled_back: return "rolled_back";
  }
  return {};
}

enum class OnCheck : std::uint8_t {
  begin,
  commit,
  rollback,
  die,
  check,  ///< CHECK_TRANSACTION_STATE arrived
  drop,   ///< and found the pool full
  reply_commit,
  reply_rollback,
  reply_unknown
};

constexpr std::string_view name(OnCheck on) {
  switch (on) {
    case OnCheck::begin: return "begin";
    case OnCheck::commit: return "commit";
    case OnCheck::rollback: return "rollback";
    case OnCheck::die: return "die";
    case OnCheck::check: return "check";
    case OnCheck::drop: return "drop";
    case OnCheck::reply_commit: return "reply_commit";
    case OnCheck::reply_rollback: return "reply_rollback";
    case OnCheck::reply_unknown: return "reply_unknown";
  }
  return {};
}

/// What checkLocalTransaction goes by.
enum class Handler : std::uint8_t {
  any,
  looks_up,            ///< the database; what is not there it does not know
  absent_is_rollback,  ///< the database; what is not there has rolled back
  fixed                ///< nothing: its answer is configured
};

constexpr std::string_view name(Handler handler) {
  switch (handler) {
    case Handler::any: return "any";
    case Handler::looks_up: return "looks_up";
    case Handler::absent_is_rollback: return "absent_is_rollback";
    case Handler::fixed: return "fixed";
  }
  return {};
}

inline constexpr sim::Profiles old_client = 1U << static_cast<unsigned>(Profile::v4_9);
inline constexpr sim::Profiles new_client = 1U << static_cast<unsigned>(Profile::v5_3);

inline constexpr std::string_view send = "DefaultMQProducerImpl.sendMessageInTransaction";
inline constexpr std::string_view end = "DefaultMQProducerImpl.endTransaction";
inline constexpr std::string_view oneway = "NettyRemotingClient.invokeOneway";
inline constexpr std::string_view checks = "DefaultMQProducerImpl.checkTransactionState";
inline constexpr std::string_view processor = "ClientRemotingProcessor.checkTransactionState";
inline constexpr std::string_view pool = "DefaultMQProducerImpl.initTransactionEnv";
inline constexpr std::string_view database = "the application's database";

inline constexpr std::string_view waited = "the thread was waiting for a connection";
inline constexpr std::string_view looked_before = "it looked before; the reply waited for a connection";

}  // namespace transaction_client

inline constexpr auto transaction_client_rows = [] {
  using namespace transaction_client;
  using sim::all_profiles;
  using sim::Row;
  using S = State;
  using G = Guard;
  return std::array{
      Row{S::none, On::begin, G::any, S::half_sending, all_profiles, send},
      Row{S::half_sending, On::send_ok, G::any, S::local_running, all_profiles, send},
      Row{S::half_sending, On::flush_disk_timeout, G::any, S::skipped, all_profiles, send},
      Row{S::half_sending, On::flush_slave_timeout, G::any, S::skipped, all_profiles, send},
      Row{S::half_sending, On::slave_not_available, G::any, S::skipped, all_profiles, send},
      Row{S::half_sending, On::exception, G::any, S::failed, all_profiles, send,
          "no endTransaction: what is stored is an orphan until it is checked"},
      Row{S::half_sending, On::died, G::any, S::died_absent, all_profiles, database},
      Row{S::local_running, On::local_commit, G::any, S::local_committed, all_profiles, send},
      Row{S::local_running, On::local_rollback, G::any, S::local_rolled_back, all_profiles, send},
      Row{S::local_running, On::died, G::any, S::died_absent, all_profiles, database,
          "it rolls back what was open"},
      Row{S::local_committed, On::end, G::commit, S::committed_ended, all_profiles, end},
      Row{S::local_committed, On::end, G::unknown, S::committed_ended, all_profiles, end},
      Row{S::local_committed, On::told, G::any, S::committed_told, new_client, oneway,
          "a listener of the connect writes later"},
      Row{S::local_committed, On::died, G::any, S::died_committed, all_profiles, database,
          "only a check can commit it"},
      Row{S::local_rolled_back, On::end, G::rollback, S::done_rolled_back, all_profiles, end},
      Row{S::local_rolled_back, On::end, G::unknown, S::done_rolled_back, all_profiles, end},
      Row{S::local_rolled_back, On::died, G::any, S::died_rolled_back, all_profiles, database},
      Row{S::skipped, On::end, G::rollback, S::done_skipped, all_profiles, end},
      Row{S::committed_ended, On::told, G::any, S::done_committed, all_profiles, send},
      Row{S::committed_ended, On::died, G::any, S::died_committed, old_client, oneway, waited},
      Row{S::committed_told, On::end, G::commit, S::done_committed, new_client, oneway},
      Row{S::committed_told, On::end, G::unknown, S::done_committed, new_client, oneway},
      Row{S::done_rolled_back, On::died, G::any, S::died_rolled_back, old_client, oneway, waited},
      Row{S::done_skipped, On::died, G::any, S::died_absent, old_client, oneway, waited},
  };
}();

inline constexpr auto transaction_check_rows = [] {
  using namespace transaction_client;
  using sim::all_profiles;
  using sim::Row;
  using D = Database;
  using H = Handler;
  return std::array{
      Row{D::absent, OnCheck::begin, H::any, D::running, all_profiles, send},
      Row{D::running, OnCheck::commit, H::any, D::committed, all_profiles, send},
      Row{D::running, OnCheck::rollback, H::any, D::rolled_back, all_profiles, send},
      Row{D::running, OnCheck::die, H::any, D::absent, all_profiles, database},
      Row{D::absent, OnCheck::check, H::any, D::absent, all_profiles, processor},
      Row{D::running, OnCheck::check, H::any, D::running, all_profiles, processor,
          "longer than transactionTimeOut and the rest of an interval"},
      Row{D::committed, OnCheck::check, H::any, D::committed, all_profiles, processor},
      Row{D::rolled_back, OnCheck::check, H::any, D::rolled_back, all_profiles, processor},
      Row{D::absent, OnCheck::drop, H::any, D::absent, all_profiles, pool},
      Row{D::running, OnCheck::drop, H::any, D::running, all_profiles, pool},
      Row{D::committed, OnCheck::drop, H::any, D::committed, all_profiles, pool},
      Row{D::rolled_back, OnCheck::drop, H::any, D::rolled_back, all_profiles, pool},
      Row{D::absent, OnCheck::reply_unknown, H::any, D::absent, all_profiles, checks},
      Row{D::running, OnCheck::reply_unknown, H::any, D::running, all_profiles, checks},
      Row{D::committed, OnCheck::reply_unknown, H::any, D::committed, all_profiles, checks,
          "check_answers_from, or it looked before"},
      Row{D::rolled_back, OnCheck::reply_unknown, H::any, D::rolled_back, all_profiles, checks,
          "check_answers_from, or it looked before"},
      Row{D::committed, OnCheck::reply_commit, H::looks_up, D::committed, all_profiles, checks},
      Row{D::committed, OnCheck::reply_commit, H::absent_is_rollback, D::committed, all_profiles, checks},
      Row{D::rolled_back, OnCheck::reply_rollback, H::looks_up, D::rolled_back, all_profiles, checks},
      Row{D::rolled_back, OnCheck::reply_rollback, H::absent_is_rollback, D::rolled_back, all_profiles,
          checks},
      Row{D::absent, OnCheck::reply_rollback, H::absent_is_rollback, D::absent, all_profiles, checks,
          "of an orphan it may be said too early"},
      Row{D::running, OnCheck::reply_rollback, H::absent_is_rollback, D::running, all_profiles, checks,
          looked_before},
      Row{D::committed, OnCheck::reply_rollback, H::absent_is_rollback, D::committed, all_profiles, checks,
          looked_before},
      Row{D::absent, OnCheck::reply_commit, H::fixed, D::absent, all_profiles, checks},
      Row{D::running, OnCheck::reply_commit, H::fixed, D::running, all_profiles, checks},
      Row{D::committed, OnCheck::reply_commit, H::fixed, D::committed, all_profiles, checks},
      Row{D::rolled_back, OnCheck::reply_commit, H::fixed, D::rolled_back, all_profiles, checks},
      Row{D::absent, OnCheck::reply_rollback, H::fixed, D::absent, all_profiles, checks},
      Row{D::running, OnCheck::reply_rollback, H::fixed, D::running, all_profiles, checks},
      Row{D::committed, OnCheck::reply_rollback, H::fixed, D::committed, all_profiles, checks},
      Row{D::rolled_back, OnCheck::reply_rollback, H::fixed, D::rolled_back, all_profiles, checks},
  };
}();

}  // namespace brokersim::model::rocketmq
