// Which master epoch wrote which part of a log (EpochFileCache). A replica that comes back compares its list
// with its master's, and cuts off what lies behind the last point at which both agree.
//
//   own      1:0        2:4000                 |8000        the log's end closes the last entry
//   master   1:0        2:4000     3:6000      |9000        cut at 6000: epoch 2 ended there
//
//   own      1:0        2:4000    |3500                     a power loss took the log, not the entry: nothing
//   master   1:0        2:4000                 |9000        closes it, both agree up to 9000, nothing is cut
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

namespace brokersim::model::rocketmq {

struct EpochEntry {
  std::int32_t epoch = 0;
  std::int64_t start = 0;  ///< startOffset, bytes
};

constexpr auto fields(const EpochEntry& entry) {
  const auto& [epoch, start] = entry;
  return std::tie(epoch, start);
}

/// By epoch, and so by start.
using Epochs = std::vector<EpochEntry>;

inline std::int32_t last_epoch(const Epochs& epochs) { return epochs.empty() ? -1 : epochs.back().epoch; }

/// EpochEntry.endOffset of an entry that nothing closes (Long.MAX_VALUE).
inline constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();

/// Where the entry ends: where the next one begins; the last one with the log, unless that ends before it
/// (setLastEpochEntryEndOffset).
inline std::int64_t end_of_entry(const Epochs& epochs, std::size_t entry, std::int64_t log_end) {
  if (entry + 1 < epochs.size()) return epochs[entry + 1].start;
  return epochs[entry].start <= log_end ? log_end : no_end;
}

/// The epoch of this byte, which the log may yet have to get (findEpochEntryByOffset); -1: of none.
inline std::int32_t epoch_at(const Epochs& epochs, std::int64_t bytes) {
  std::int32_t found = -1;
  for (const EpochEntry& entry : epochs) {
    if (entry.start <= bytes) found = entry.epoch;
  }
  return found;
}

/// EpochFileCache.appendEntry. An epoch that begins where the last one did is *not* noted: then two masters
/// of different epochs have written behind the same entry, and no comparison tells their records apart.
inline void append_epoch(Epochs& epochs, EpochEntry entry) {
  if (!epochs.empty() && (epochs.back().epoch >= entry.epoch || epochs.back().start >= entry.start)) return;
  epochs.push_back(entry);
}

/// truncateSuffixByOffset, truncateSuffixByEpoch.
inline void cut_epochs_from(Epochs& epochs, std::int64_t bytes) {
  std::erase_if(epochs, [&](const EpochEntry& entry) { return entry.start >= bytes; });
}
inline void cut_epochs_since(Epochs& epochs, std::int32_t epoch) {
  std::erase_if(epochs, [&](const EpochEntry& entry) { return entry.epoch >= epoch; });
}

/// findConsistentPoint: the end of the last epoch that both began at the same place, whichever ended first.
/// It may lie behind the end of the own log.
inline std::optional<std::int64_t> consistent_point(const Epochs& own, std::int64_t own_end,
                                                    const Epochs& masters, std::int64_t masters_end) {
  for (std::size_t i = own.size(); i-- > 0;) {
    for (std::size_t m = 0; m < masters.size(); ++m) {
      if (masters[m].epoch != own[i].epoch || masters[m].start != own[i].start) continue;
      return std::min(end_of_entry(own, i, own_end), end_of_entry(masters, m, masters_end));
    }
  }
  return std::nullopt;
}

}  // namespace brokersim::model::rocketmq
