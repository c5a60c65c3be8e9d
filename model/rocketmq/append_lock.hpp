// The append lock while it is held (a stall), and the pools of threads before it.
//
//   arrives -> queue of its pool -> thread: blocked in the lock -> put
//              | waited too long     | none: whoever got so far is stored, however late
//              SYSTEM_BUSY
//
// DefaultMessageStore.isOSPageCacheBusy is asked before the lock: once it has been held longer than
// osPageCacheBusyTimeOutMills, a put that comes then is refused at once
// (HookUtils.checkBeforePutMessage; 4.9: checkStoreStatus).
#pragma once

#include "model/rocketmq/broker_internal.hpp"

namespace brokersim::model::rocketmq {

/// What a put meets before the lock.
enum class Gate : std::uint8_t {
  open,
  blocked,  ///< it waits for the lock, and succeeds once that is free
  refused   ///< OS_PAGE_CACHE_BUSY, SERVICE_NOT_AVAILABLE
};
Gate gate(const Site& site);
/// isOSPageCacheBusy.
bool page_cache_busy(const Site& site);
/// What a put that was blocked meets when the lock is free. DLedgerServer.handleAppend, which is asked in it,
/// refuses whatever comes to a member that does not lead (NOT_LEADER), or to a leader of too much that waits
/// for a majority (LEADER_PENDING_FULL). (One that leads again, and does not serve yet, would take it.)
PutStatus met_in_lock(const Site& site);
/// DLedgerCommitLog.asyncPutMessage: what handleAppend refuses has the position -1, whatever its code.
PutStatus pending_full(const Site& site);

// send.cpp
/// append() and what wakes the flush services; the caller has passed the gate.
const LogRecord& put_now(Site& site, const LogRecord& record);
/// What a send or a send-back meets in its thread before its put; PUT_OK: nothing.
PutStatus check_request(Site& site, const WaitingSend& send);
void put(Site& site, const WaitingSend& send);
void refuse(Site& site, const WaitingSend& send, PutStatus why);
/// check_request and put.
void execute(Site& site, const WaitingSend& send);

// send_back.cpp
PutStatus check_send_back(Site& site, const WaitingSend& send);
void put_send_back(Site& site, const WaitingSend& send);
void answer_send_back(Site& site, const WaitingSend& send, PutStatus put);

// append_lock.cpp
/// A request of the send threads comes while the lock is held, or all of them are.
bool has_to_wait(const Site& site);
void wait_for_thread(Site& site, const WaitingSend& send);
/// A send-back that held one has its majority, or the time for that is over.
void send_thread_free(Site& site);
/// The first scan of BrokerFastFailure that will answer somebody.
void arm_scan(Site& site);

// end_transaction.cpp
/// Those that waited waitTimeMillsInTransactionQueue for a thread are dropped.
void drop_old_ends(Site& site);
/// A thread of the pool has become free.
void end_thread_free(Site& site);
void release_ends(Site& site);

// op_batch.cpp, check_pass.cpp: the lock is free
void release_ops(Site& site);
void release_check(Site& site);

}  // namespace brokersim::model::rocketmq
