// What a broker's settings mean under enableDLegerCommitLog.
#pragma once

#include "model/config/broker.hpp"

namespace brokersim::model::rocketmq {

/// DLedgerMmapFileStore.FlushDataService flushes whatever there is, 10 ms after its last flush was over
/// (DLedgerConfig.flushFileInterval); nobody waits for it. There is no transient pool, and the role is
/// elected.
inline void fix_by_dledger(BrokerSettings& settings) {
  settings.flushDiskType = FlushDiskType::ASYNC_FLUSH;
  settings.flushIntervalCommitLog = 10_ms;
  settings.flushCommitLogLeastPages = 0;
  settings.flushCommitLogTimed = true;
  settings.transientStorePoolEnable = false;
  settings.brokerRole = BrokerRole::ASYNC_MASTER;
}

}  // namespace brokersim::model::rocketmq
