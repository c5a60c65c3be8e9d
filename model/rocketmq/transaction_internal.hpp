// What the files of the transaction machine share: half.cpp, end_transaction.cpp, op_batch.cpp,
// op_queue.cpp, check_service.cpp, check_pass.cpp, escape_half.cpp.
#pragma once

#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

/// CHECK_IMMUNITY_TIME_IN_SECONDS as the check pass reads it; transactionTimeOut if it is not set.
inline Duration immunity_of(const LogRecord& half, Duration time_out) {
  return half.immunity_seconds == 0 ? time_out : 1_s * half.immunity_seconds;
}

inline Duration since(WallTime now, WallTime then) { return Duration{now - then}; }

// half.cpp: what other messages are made of a half message
LogRecord copy_of(const LogRecord& half, HalfCopy why);
LogRecord final_of(const LogRecord& half);
LogRecord discarded_of(const LogRecord& half, const Config& config);

// op_queue.cpp: fillOpRemoveMap and what the pass does with it
/// Where the dispatched part of a system topic's queue ends.
std::int64_t queue_end(const Broker& broker, TopicId topic);
/// What a pull at `offset` would say: there is nothing new (neither a message, nor a wrong offset).
bool nothing_new(const Broker& broker, TopicId topic, std::int64_t offset);
/// Pulls the next op records and notes the half messages that they name.
void read_ops(Site& site, CheckPass& pass);
/// Takes a half message out of removeMap; the op record that named it, or -1.
std::int64_t take_removal(CheckPass& pass, std::int64_t half);
/// One of the half messages of an op record has been met.
void settle(CheckPass& pass, std::int64_t op);
/// calculateOpOffset: where the next pass begins to read ops.
std::int64_t next_op_offset(const CheckPass& pass);
/// Forgets what has been taken out.
void compact(CheckPass& pass);

// check_service.cpp
/// How far the check service has come in the half queue or the op queue (fetchConsumeOffset).
std::int64_t check_offset(const Site& site, TopicId topic);
/// updateConsumeOffset.
void store_check_offset(Site& site, TopicId topic, std::int64_t offset);
/// The pass is over: the service sleeps again.
void check_service_sleeps(Site& site);

// check_pass.cpp
void begin_pass(Site& site);
void continue_pass(Site& site);
/// The half message that the pass has come to is behind it.
void advance(CheckPass& pass);
void go_on_in(Site& site, Duration delay);

// escape_half.cpp
/// The pass runs on an acting master, or on one that is about to yield.
bool escapes_halves(const Site& site);
/// Puts the half message that the pass has come to into another set; the pass goes on when that is over.
void escape_half(Site& site, const LogRecord& half);

}  // namespace brokersim::model::rocketmq
