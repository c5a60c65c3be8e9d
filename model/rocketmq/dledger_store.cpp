// The entries of a member, and the file with its term and vote (DLedgerMmapFileStore, MemberState).
//
// A leader's append, a follower's append and a truncation go to the page cache; FlushDataService syncs what
// is there 10 ms after its last sync was over. Nobody's acknowledgement asks for that.
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

DLedgerFiles& files_of(const Site& site) { return site.broker.cache.dledger; }

void note_term(Site& site, std::int64_t index, std::int32_t term, bool pushed) {
  std::vector<TermSpan>& terms = files_of(site).terms;
  if (terms.empty() || terms.back().term != term) terms.push_back({index, term});
  site.record(RecordKind::entry_appended, site.subject(), index,
              std::int64_t{term} | (pushed ? std::int64_t{1} << 32 : 0));
}

std::int64_t place_of(const Site& site, const LogRecord& record) {
  return record.queue | static_cast<std::int64_t>(site.number) << 16;
}

/// What a producer has sent, in whatever form it lies there.
bool is_of_producer(const Site& site, const LogRecord& record) {
  const TopicKind kind = kind_of(site.all(), record.topic);
  const bool scheduled = kind == TopicKind::scheduled && is_user_topic(site.all(), record.real_topic);
  return kind == TopicKind::user || kind == TopicKind::half || scheduled;
}

/// Queue offsets come with the entry.
void append_entry(Site& site, LogRecord record, std::int32_t term) {
  Broker::PageCache& cache = site.broker.cache;
  note_term(site, entries_of(site), term, true);
  cache.log.append(record);
  Queue& queue = queue_of(site.broker, record.topic, record.queue);
  queue.next_offset = std::max(queue.next_offset, record.queue_offset + 1);
  if (is_user_topic(site.all(), record.topic))
    site.record(RecordKind::copy_copied, record.intent.value, place_of(site, record), record.queue_offset);
}

/// MemberState.persistTerm: string2File, which renames a new file over the old one and syncs neither.
void write_term(Site& site) {
  const DLedgerMember& member = member_of(site);
  DLedgerFiles& files = files_of(site);
  if (site.now() >= files.durable) {
    files.before = files.written;
    files.durable = site.now() + draw_writeback(site, std::uint64_t{2} << 32 | ++files.version);
  }
  files.written = {member.term, member.vote};
}

void set_ends(Site& site, LogPosition end) {
  site.broker.cache.committed = end;
  site.memory.appended = site.memory.committed = end;
}

/// Those that were committed here, and dispatched, go from their queues too. (The real one leaves them
/// there.)
void forget_entry(Site& site, const LogRecord& record) {
  Queue& queue = queue_of(site.broker, record.topic, record.queue);
  queue.next_offset = std::min(queue.next_offset, record.queue_offset);
  if (static_cast<std::int64_t>(queue.index.size()) > record.queue_offset)
    queue.index.truncate(static_cast<std::size_t>(record.queue_offset));
  if (kind_of(site.all(), record.topic) == TopicKind::half)
    site.record(RecordKind::half_lost, record.intent.value,
                static_cast<std::int64_t>(site.number) | static_cast<std::int64_t>(LossKind::diverged) << 16,
                record.queue_offset);
  if (is_of_producer(site, record))
    site.record(RecordKind::copy_truncated, record.intent.value, place_of(site, record), record.queue_offset);
}

}  // namespace

std::int32_t end_term(const Broker& broker) {
  const std::vector<TermSpan>& terms = broker.cache.dledger.terms;
  return terms.empty() ? -1 : terms.back().term;
}

std::int32_t term_of_entry(const Site& site, std::int64_t index) {
  std::int32_t term = -1;
  for (const TermSpan& span : files_of(site).terms) {
    if (span.first > index) break;
    term = span.term;
  }
  return term;
}

/// DLedgerEntry.equals.
bool has_entry(const Site& site, const EntryBatch& batch, std::size_t at, std::int64_t index) {
  if (index < 0 || index >= entries_of(site)) return false;
  const LogRecord& own = site.broker.cache.log[static_cast<std::size_t>(index)];
  return term_of_entry(site, index) == batch.terms[at] && is_same(own, batch.records[at]);
}

namespace {

/// Of the last record of the batch.
void take_ops(const Site& site, EntryBatch& batch) {
  const LogRecord& record = batch.records.back();
  const auto& ops = site.broker.cache.op_offsets;
  for (std::int64_t k = record.first_op; k < record.first_op + record.op_count; ++k)
    batch.ops.push_back(ops[static_cast<std::size_t>(k)]);
}

/// Logs that agree up to an entry agree in its place among the ops too.
void append_ops(Site& site, const EntryBatch& batch, std::size_t from) {
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < from; ++i) skipped += batch.records[i].op_count;
  for (std::size_t k = skipped; k < batch.ops.size(); ++k) site.broker.cache.op_offsets.append(batch.ops[k]);
}

}  // namespace

std::uint32_t batch_of(const Site& site, std::int64_t first, std::int64_t end) {
  const std::uint32_t slot = site.world.entry_batches.take();
  EntryBatch& batch = site.world.entry_batches[slot];
  for (std::int64_t index = first; index < end; ++index) {
    batch.records.push_back(site.broker.cache.log[static_cast<std::size_t>(index)]);
    batch.terms.push_back(term_of_entry(site, index));
    take_ops(site, batch);
  }
  return slot;
}

/// Nobody makes a batch meanwhile: it stays where it is.
void append_entries(Site& site, const EntryBatch& batch, std::size_t from) {
  append_ops(site, batch, from);
  for (std::size_t i = from; i < batch.records.size(); ++i)
    append_entry(site, batch.records[i], batch.terms[i]);
  const auto& log = site.broker.cache.log;
  set_ends(site, {entries_of(site), log.size() == 0 ? 0 : log.back().end});
  arm_flush(site);
}

/// What was flushed of the entries that go is as if it had not been.
void truncate_entries(Site& site, std::int64_t kept) {
  Broker& broker = site.broker;
  const std::int64_t all = entries_of(site);
  if (kept >= all) return;
  for (std::int64_t i = kept; i < all; ++i) forget_entry(site, broker.cache.log[static_cast<std::size_t>(i)]);
  site.memory.dispatched = std::min(site.memory.dispatched, kept);
  cut_ops(broker, static_cast<std::size_t>(kept));
  broker.cache.indexed = std::min(broker.cache.indexed, kept);
  broker.cache.log.truncate(static_cast<std::size_t>(kept));
  const LogPosition end{kept, kept == 0 ? 0 : broker.cache.log.back().end};
  set_ends(site, end);
  forget_flushed_beyond(site, end);
  cut_member_log(site);
  site.record(RecordKind::entry_truncated, site.subject(), kept, all - kept);
}

/// DLedgerMmapFileStore.updateCommittedIndex.
void update_committed(Site& site, std::int32_t term, std::int64_t entries) {
  DLedgerMember& member = member_of(site);
  entries = std::min(entries, entries_of(site));
  if (term < member.term || entries <= member.committed) return;
  site.record(RecordKind::entry_committed, site.subject(), entries, entries - member.committed);
  member.committed = files_of(site).committed = entries;
  arm_reput(site);
}

void set_vote(Site& site, std::int32_t vote) {
  member_of(site).vote = vote;
  write_term(site);
}

void next_term(Site& site) {
  DLedgerMember& member = member_of(site);
  member.term = member.known_max > member.term ? member.known_max : member.term + 1;
  set_vote(site, no_vote);
}

void cut_member_log(Site& site) {
  DLedgerFiles& files = files_of(site);
  while (!files.terms.empty() && files.terms.back().first >= entries_of(site)) files.terms.pop_back();
  files.committed = std::min(files.committed, entries_of(site));
  DLedgerMember& member = member_of(site);
  member.committed = std::min(member.committed, entries_of(site));
}

void lose_term_file(Site& site, const PowerLoss& loss) {
  DLedgerFiles& own = files_of(site);
  UnsyncedFiles files = loss.files;
  if (loss.disk_lost) own.written = TermFile{};
  if (site.now() < own.durable && !loss.disk_lost) {
    const auto key = sim::DrawKey::of(Purpose::dledger_term, site.broker.process.value, own.version);
    constexpr UnsyncedFiles fates[] = {UnsyncedFiles::old_version, UnsyncedFiles::new_version,
                                       UnsyncedFiles::empty};
    if (files == UnsyncedFiles::draw) files = fates[site.context.choices().pick(key, 3)];
    if (files == UnsyncedFiles::old_version) own.written = own.before;
    if (files == UnsyncedFiles::empty) own.written = TermFile{};
  }
  own.before = own.written;
  own.durable = site.now();
}

void dledger_appended(Site& site) {
  if (!site.in_group()) return;
  sim::check(member_of(site).role == MemberRole::leader, "a member that does not lead appends");
  note_term(site, entries_of(site) - 1, member_of(site).term, false);
  wake_dispatchers(site);
  advance_commit(site);
  arm_dispatch(site);
}

}  // namespace brokersim::model::rocketmq
