// What a slave makes of a piece of its master's log (DefaultMessageStore.appendToCommitLog): bytes behind
// bytes, into the page cache, without a look at what they say. Its own ReputMessageService builds the
// consume queues from them.
//
// There is no epoch. After a master has lost its tail, a slave that is ahead of it waits until the master has
// outgrown it, and then appends what comes: silent divergence. If a record begins exactly there, the slave
// goes on with a log of its own; if not, what follows is no record to it, and its ReputMessageService stops
// there for good (doReput: only a master steps over what it cannot read). It acknowledges all the same.
#include "model/rocketmq/replication.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// An empty slave begins with the master's last file: what stands before it is not here.
void begin_log(Site& site, const LogPiece& piece) {
  Broker::PageCache& cache = site.broker.cache;
  LogRecord absent;
  absent.topic = no_topic;
  absent.end = piece.from;
  while (static_cast<std::int64_t>(cache.log.size()) < piece.first) cache.log.append(absent);
  cache.first = cache.committed = {piece.first, piece.from};
  site.memory.dispatched = cache.indexed = piece.first;
  site.memory.flushed = site.memory.committed = site.memory.appended = cache.committed;
}

const LogRecord& first_of(const LogPiece& piece) {
  return piece.records.empty() ? piece.cut : piece.records.front();
}

/// Whether the piece goes on with what the log ends with.
bool fits(const Broker::PageCache& cache, const LogPiece& piece) {
  if (cache.ends_inside != piece.begins_inside) return false;
  return !cache.ends_inside || is_same(cache.cut, first_of(piece));
}

void take_record(Site& site, LogRecord record, std::int64_t first_op) {
  Broker::PageCache& cache = site.broker.cache;
  record.first_op += first_op;
  cache.log.append(record);
  Queue& queue = queue_of(site.broker, record.topic, record.queue);
  queue.next_offset = std::max(queue.next_offset, record.queue_offset + 1);
  if (is_user_topic(site.all(), record.topic))
    site.record(RecordKind::replicated, record.intent.value,
                record.queue | static_cast<std::int64_t>(site.number) << 16, record.queue_offset);
}

void take_records(Site& site, const LogPiece& piece) {
  Broker::PageCache& cache = site.broker.cache;
  const auto ops = static_cast<std::int64_t>(cache.op_offsets.size());
  std::int64_t first_op = -1;
  for (const LogRecord& record : piece.records) {
    if (record.op_count > 0 && first_op < 0) first_op = record.first_op;
    take_record(site, record, record.op_count > 0 ? ops - first_op : 0);
  }
  for (const std::int64_t op : piece.ops) cache.op_offsets.append(op);
  cache.ends_inside = piece.ends_inside;
  cache.cut = piece.cut;
}

void garble(Site& site, const LogPiece& piece) {
  Broker::PageCache& cache = site.broker.cache;
  if (cache.garbled) return;
  cache.garbled = true;
  site.record(RecordKind::replica_garbled, site.subject(), piece.from);
}

}  // namespace

void append_piece(Site& site, const LogPiece& piece) {
  Broker::PageCache& cache = site.broker.cache;
  if (site.memory.stopping) return;  // "appendToCommitLog is forbidden", and nobody looks
  if (site.memory.appended.bytes == 0) begin_log(site, piece);
  sim::check(site.memory.appended.bytes == piece.from, "a piece that does not begin at the slave's end");
  if (!fits(cache, piece)) garble(site, piece);
  if (!cache.garbled) take_records(site, piece);
  cache.committed = {static_cast<std::int64_t>(cache.log.size()), piece.to};
  site.memory.appended = site.memory.committed = cache.committed;
  arm_flush(site);
  arm_reput(site);
}

LogPosition end_of_whole_records(const Broker& broker, std::int64_t file_size, LogPosition end) {
  const Broker::PageCache& cache = broker.cache;
  const bool empty = end.records <= cache.first.records;
  const std::int64_t last =
      empty ? cache.first.bytes : cache.log[static_cast<std::size_t>(end.records - 1)].end;
  // The blank that fills a file counts as a whole one.
  const std::int64_t file_end = (last / file_size + 1) * file_size;
  const bool blank = !cache.garbled && end.bytes >= file_end;
  return {end.records, blank ? file_end : last};
}

}  // namespace brokersim::model::rocketmq
