// The wall clock of a broker's host is set. What the real broker keeps as System.currentTimeMillis and
// compares with it later is an instant of the monotonic clock here, as long as nobody sets the clock; so
// these instants move when somebody does: set forward, everything is older than it was.
//
// - BrokerFastFailure: requests in the queues (SYSTEM_BUSY) and the append lock (isOSPageCacheBusy).
// - FlushRealTimeService: lastFlushTimestamp. CommitRealTimeService: lastCommitTimestamp.
// - ClientHousekeepingService: channels (120 s). PullRequestHoldService: suspended pulls.
// - DLedgerLeaderElector: heartbeats heard and sent, the next vote.
// - TransactionalOpBatchService: lastWriteTimestamp and wakeupTimestamp.
//
// Set back by d, the two services make no thorough loop for d longer: a broker with few messages flushes
// nothing meanwhile. What is stamped with times of the wall clock (half messages, delayed ones, files) asks
// that clock itself. waitForRunning, Thread.sleep and the deadline of a synchronous flush (System.nanoTime)
// do not hear of it, and neither do the time-outs of clients in this model.
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

void broker_clock_set(World& world, std::size_t broker, Duration by, Context& context) {
  Site site(world, broker, context);
  const host::Life life = world.processes[site.broker.process.value].life;
  if (life == host::Life::dead || life == host::Life::starting) return;
  if (!site.flushes_sync()) flush_clock_set(site, by);
  if (site.has_pool()) commit_clock_set(site, by);
  sends_clock_set(site, by);
  clients_clock_set(site, by);
  pulls_clock_set(site, by);
  ops_clock_set(site, by);
  delays_clock_set(site);
  timer_clock_set(site, by);
  pops_clock_set(site, by);
  dledger_clock_set(site, by);
  arm_clean(site);
}

}  // namespace brokersim::model::rocketmq
