// Why a message is gone of which a log has held a copy.
#pragma once

#include "model/ledger/cause.hpp"
#include "model/record.hpp"

namespace brokersim::model::ledger {

constexpr Cause storage_cause(LossKind loss) {
  switch (loss) {
    case LossKind::uncommitted_pool: return Cause::storage_uncommitted_pool;
    case LossKind::unflushed_tail: return Cause::storage_unflushed_tail;
    case LossKind::torn_tail: return Cause::storage_torn_tail;
    case LossKind::truncated_tail: return Cause::storage_truncated_tail;
    case LossKind::disk_lost: return Cause::storage_disk_lost;
    case LossKind::retention: return Cause::storage_retention;
    case LossKind::diverged: return Cause::replication_truncated;
  }
  return Cause::storage_unflushed_tail;
}

/// Whether it was neither in the pool nor unsynced: flushing earlier would not have saved it.
constexpr bool is_beyond_flushing(LossKind loss) {
  return loss != LossKind::uncommitted_pool && loss != LossKind::unflushed_tail;
}

}  // namespace brokersim::model::ledger
