// Half messages that no check pass will read any more. consumerOffset.json may survive a crash that takes the
// end of the log: then the passes begin behind what has lost its copy or its op record with that end, and
// behind what is stored until the half queue is as long as it was (commit_log.cpp tells of those).
//
// What is settled follows from the logs alone, as always: an op record names it, a later copy stands in the
// half queue, or it was moved to TRANS_CHECK_MAX_TIME_TOPIC.
#include <set>
#include <utility>

#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// Of a half message and all its copies.
using Origin = std::pair<std::uint32_t, std::uint8_t>;

Origin origin_of(const LogRecord& record) { return {record.intent.value, record.attempt}; }

std::set<std::int64_t> named_by_ops(const Broker& broker) {
  std::set<std::int64_t> named;
  for (const std::int64_t half : broker.cache.op_offsets) named.insert(half);
  return named;
}

/// An op of the original settles an immune copy too (checkPrepareQueueOffset).
bool is_named(const std::set<std::int64_t>& named, const LogRecord& half) {
  return named.contains(half.queue_offset) ||
         (half.prepared_offset >= 0 && named.contains(half.prepared_offset));
}

}  // namespace

void tell_stepped_over(const Site& site) {
  if (site.is_slave()) return;  // no pass reads there
  const TopicId half = half_topic(site.all()), discarded = discarded_topic(site.all());
  const std::int64_t begin = check_offset(site, half);
  if (begin == 0) return;
  const auto& log = site.broker.cache.log;
  const std::set<std::int64_t> named = named_by_ops(site.broker);
  std::set<Origin> behind;  // of these a later record has been met
  const auto first = static_cast<std::size_t>(site.broker.cache.first.records);
  for (std::size_t i = log.size(); i-- > first;) {
    const LogRecord& record = log[i];
    if (record.topic != half && record.topic != discarded) continue;
    const bool is_last = behind.insert(origin_of(record)).second;
    if (record.topic == discarded || !is_last || record.queue_offset >= begin) continue;
    if (!is_named(named, record))
      site.record(RecordKind::half_stepped_over, record.intent.value, site.subject(), record.queue_offset);
  }
}

}  // namespace brokersim::model::rocketmq
