#include "model/ledger/transaction_evidence.hpp"

#include "model/ledger/loss.hpp"
#include "model/ledger/reason.hpp"
#include "model/rocketmq/topics.hpp"

namespace brokersim::model::ledger {

namespace {

void saturating_increment(std::uint8_t& counter) {
  if (counter < 255) ++counter;
}

std::uint16_t broker_of(const sim::Record& record) { return static_cast<std::uint16_t>(record.a & 0xffff); }

/// What is known when a second COMMIT is executed.
struct SecondCommit {
  bool other_original;  ///< the two halves descend from two tries of the send
  bool late;            ///< a copy lay behind one of the two when its COMMIT came
  bool immune;          ///< and that copy was made because of CHECK_IMMUNITY_TIME_IN_SECONDS
  bool op_not_read;     ///< an acting master put it elsewhere although an op record named it
  bool went_back;       ///< a pass visited again what it had gone over before
  bool op_lost;         ///< of the first COMMIT
};

/// In this order, because what stands above would have doubled the message without what stands below it.
constexpr std::array<Reason<SecondCommit>, 7> why_committed_again{{
    {Cause::transaction_orphan_half, [](const SecondCommit& commit) { return commit.other_original; }},
    {Cause::transaction_check_immunity,
     [](const SecondCommit& commit) { return commit.late && commit.immune; }},
    {Cause::transaction_late_commit, [](const SecondCommit& commit) { return commit.late; }},
    {Cause::transaction_op_not_read, [](const SecondCommit& commit) { return commit.op_not_read; }},
    {Cause::transaction_offset_forgotten, [](const SecondCommit& commit) { return commit.went_back; }},
    {Cause::transaction_op_lost, [](const SecondCommit& commit) { return commit.op_lost; }},
    // The op was in memory, or was written when the pass had read the op queue already.
    {Cause::transaction_op_in_memory, [](const SecondCommit&) { return true; }},
}};

}  // namespace

void TransactionEvidence::reset(const Config& config) {
  trails_.clear();
  halves_.clear();
  copied_last_ = no_half;
  escapes_ = false;
  truncated_.assign(config.brokers.size(), SimTime{-1});
  offsets_back_.assign(config.brokers.size(), SimTime{-1});
  check_group_ = rocketmq::transaction_group(config).value;
  sets_.clear();
  for (std::size_t b = 0; b < config.brokers.size(); ++b)
    sets_.push_back({static_cast<std::uint16_t>(master_of(config, b)), config.brokers[b].elects_master()});
}

const TransactionTrail& TransactionEvidence::trail(std::size_t intent) const {
  static constexpr TransactionTrail nothing{};
  return intent < trails_.size() ? trails_[intent] : nothing;
}

TransactionTrail& TransactionEvidence::trail_of(std::uint32_t intent) {
  if (intent >= trails_.size()) trails_.resize(std::size_t{intent} + 1);
  return trails_[intent];
}

void TransactionEvidence::on(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::log_truncated || kind == RecordKind::entry_truncated) {
    truncated_[record.subject] = at;
  } else if (kind == RecordKind::offsets_back) {
    if (record.a == check_group_) offsets_back_[record.subject] = at;
  } else if (record.subject == no_intent.value) {
    return;  // A pass went past an offset where a truncation has left nothing.
  } else if (kind == RecordKind::local_done) {
    trail_of(record.subject).local_at = at;
  } else if (kind == RecordKind::local_skipped) {
    trail_of(record.subject).local_skipped = true;
  } else if (kind == RecordKind::check_received) {
    saturating_increment(trail_of(record.subject).checks);
  } else if (kind == RecordKind::half_stored || kind == RecordKind::half_copied ||
             kind == RecordKind::copy_stored || kind == RecordKind::op_stored ||
             kind == RecordKind::op_lost || kind == RecordKind::half_stepped_over) {
    on_half(at, record);
  } else if (kind == RecordKind::half_escaped || kind == RecordKind::half_escape_over) {
    on_escaped(at, record);
  } else if (kind == RecordKind::copy_lost || kind == RecordKind::half_lost) {
    on_lost(at, record);
  } else {
    on_ended(at, record);
  }
}

void TransactionEvidence::on_half(SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::half_stored && !escapes_) return add_half(at, record, no_half);
  if (kind == RecordKind::half_stored || kind == RecordKind::copy_stored)
    return add_half(at, record, copied_last_);
  const HalfNumber number = find(record.subject, record);
  if (kind == RecordKind::half_copied) copied_last_ = number;
  if (number == no_half) return;
  HalfTrail& half = halves_[number];
  if (kind == RecordKind::op_stored) half.op_stored = at;
  if (kind == RecordKind::op_lost) half.op_lost = true;
  if (kind == RecordKind::half_stepped_over) half.stepped_over = true;
  if (kind == RecordKind::half_copied) on_copied(at, half, static_cast<HalfCopy>(record.a >> 16));
}

void TransactionEvidence::on_copied(SimTime at, HalfTrail& half, HalfCopy why) {
  saturating_increment(half.copies);
  if (half.copied.ns >= 0) return;
  half.copied = at;
  half.copied_as = why;
}

/// Where it was put is told next.
void TransactionEvidence::on_escaped(SimTime at, const sim::Record& record) {
  const HalfNumber number = find(record.subject, record);
  const bool put = static_cast<RecordKind>(record.kind) == RecordKind::half_escaped;
  if (put) {
    copied_last_ = number;
    escapes_ = true;
  }
  if (number == no_half) return;
  if (put) return on_copied(at, halves_[number], HalfCopy::to_check);
  if (static_cast<HalfEscape>(record.a >> 16) == HalfEscape::given_up) halves_[number].given_up = true;
}

void TransactionEvidence::add_half(SimTime at, const sim::Record& record, HalfNumber before) {
  TransactionTrail& trail = trail_of(record.subject);
  HalfTrail& half = halves_.emplace_back();
  half.offset = record.b;
  half.made = at;
  half.before = before;
  half.older = trail.newest;
  half.broker = broker_of(record);
  half.escaped = std::exchange(escapes_, false);
  trail.newest = static_cast<HalfNumber>(halves_.size() - 1);
}

/// Offsets are used again after a truncation: what stands there now is the newest.
HalfNumber TransactionEvidence::find(std::uint32_t intent, const sim::Record& record) const {
  if (broker_of(record) >= sets_.size()) return no_half;  // a record about passes: it names an offset there
  const std::uint16_t set = sets_[broker_of(record)].number;
  HalfNumber number = trail(intent).newest;
  while (number != no_half) {
    const HalfTrail& half = halves_[number];
    if (half.offset == record.b && sets_[half.broker].number == set && !half.lost) return number;
    number = half.older;
  }
  return no_half;
}

HalfNumber TransactionEvidence::find_own(std::uint32_t intent, const sim::Record& record) const {
  HalfNumber number = trail(intent).newest;
  while (number != no_half) {
    const HalfTrail& half = halves_[number];
    if (half.offset == record.b && half.broker == broker_of(record) && !half.lost) return number;
    number = half.older;
  }
  return no_half;
}

void TransactionEvidence::on_ended(SimTime at, const sim::Record& record) {
  const HalfNumber number = find(record.subject, record);
  if (number == no_half) return;
  TransactionTrail& trail = trail_of(record.subject);
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::half_resolved) halves_[number].ended = true;
  if (kind == RecordKind::half_discarded) {
    halves_[number].discarded = true;
    saturating_increment(trail.discarded);
    const auto why = static_cast<DiscardReason>(record.a >> 16);
    trail.loss =
        why == DiscardReason::too_old ? Cause::transaction_half_too_old : Cause::transaction_checks_spent;
    trail.lost_at = at;
  }
  if (kind != RecordKind::end_executed) return;
  halves_[number].ended = true;
  const auto verdict = static_cast<TransactionVerdict>(record.a >> 16 & 0xff);
  if (verdict == TransactionVerdict::commit) return commit(trail, number, broker_of(record));
  trail.loss = Cause::transaction_check_answered_rollback;
  trail.lost_at = at;
}

/// By number, not by time: a process that was paused does at one instant what waited for it.
void TransactionEvidence::commit(TransactionTrail& trail, HalfNumber half, std::uint16_t broker) {
  if (trail.committed_half == no_half) {
    trail.committed_half = half;
    trail.committed_by = broker;
    trail.made_since = static_cast<HalfNumber>(halves_.size());
    trail.committed_late = halves_[half].copied.ns >= 0;
  } else if (trail.duplicate == Cause::none) {
    trail.duplicate = why_again(trail, half, broker);
  }
}

HalfNumber TransactionEvidence::original_of(HalfNumber half) const {
  while (halves_[half].before != no_half) half = halves_[half].before;
  return half;
}

HalfNumber TransactionEvidence::escape_of(HalfNumber half) const {
  while (half != no_half && !halves_[half].escaped) half = halves_[half].before;
  return half;
}

/// The answer to the first of the two was lost.
bool TransactionEvidence::escaped_twice(HalfNumber a, HalfNumber b) const {
  const HalfNumber one = escape_of(a), other = escape_of(b);
  return one != no_half && other != no_half && one != other && halves_[one].before == halves_[other].before;
}

bool TransactionEvidence::descends(HalfNumber half, HalfNumber from) const {
  while (half != from && halves_[half].before != no_half) half = halves_[half].before;
  return half == from;
}

/// A master that had the op record of another one's COMMIT in its log would have gone past the half message,
/// wherever its passes begin.
Cause TransactionEvidence::why_again(const TransactionTrail& trail, HalfNumber half,
                                     std::uint16_t broker) const {
  const HalfTrail& first = halves_[trail.committed_half];
  const HalfTrail& second = halves_[half];
  // The copy that a pass made although a COMMIT had been executed.
  HalfNumber after = half;
  while (halves_[after].before != no_half && halves_[after].before >= trail.made_since)
    after = halves_[after].before;
  const bool elsewhere = is_elected(broker) && trail.committed_by != broker;
  const bool op_gone = first.op_stored.ns >= 0 && truncated_[trail.committed_by] >= first.op_stored;
  const bool forgot =
      first.op_stored.ns >= 0 && !op_gone && offsets_back_[trail.committed_by] >= first.op_stored;

  // Copies of copies stand in one line, unless a pass came by again.
  const bool in_line = descends(half, trail.committed_half) || descends(trail.committed_half, half);

  SecondCommit facts{};
  facts.other_original =
      original_of(trail.committed_half) != original_of(half) || escaped_twice(trail.committed_half, half);
  facts.late = in_line && (trail.committed_late || half < trail.made_since);
  facts.immune = (trail.committed_late ? first : second).copied_as == HalfCopy::immune;
  facts.op_not_read = halves_[after].escaped && halves_[after].before == trail.committed_half &&
                      first.op_stored.ns >= 0 && first.op_stored <= halves_[after].made;
  facts.went_back = !elsewhere && (!in_line || halves_[after].before != trail.committed_half || forgot);
  facts.op_lost = first.op_lost || op_gone || elsewhere;
  return first_that_holds(why_committed_again, facts);
}

void TransactionEvidence::on_lost(SimTime at, const sim::Record& record) {
  if (trail(record.subject).newest == no_half) return;
  TransactionTrail& trail = trail_of(record.subject);
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::copy_lost) return on_copy_lost(at, trail, static_cast<LossKind>(record.a));
  const HalfNumber number = find_own(record.subject, record);
  if (number != no_half) on_half_lost(at, trail, number, static_cast<LossKind>(record.a >> 16));
}

/// What it was a copy of may be the last again, and waits for its verdict.
void TransactionEvidence::on_half_lost(SimTime at, TransactionTrail& trail, HalfNumber number,
                                       LossKind loss) {
  HalfTrail& half = halves_[number];
  // What a crash takes from a master another replica may have; what is cut off nobody has.
  half.lost = !is_elected(half.broker) || loss == LossKind::diverged;
  if (half.lost && half.before != no_half) {
    HalfTrail& before = halves_[half.before];
    if (before.copies > 0 && --before.copies == 0) before.copied = SimTime{-1};
  }
  // Of one that was committed the final message tells what became of it.
  if (half.discarded || half.ended || trail.committed_half != no_half) return;
  if (loss == LossKind::retention && half.copied.ns >= 0) return;  // its copy lies in a later file
  trail.loss = is_beyond_flushing(loss) ? storage_cause(loss) : Cause::transaction_half_lost;
  trail.lost_at = at;
}

/// Op records lie behind the final message: its half, if that is left, is open again.
void TransactionEvidence::on_copy_lost(SimTime at, TransactionTrail& trail, LossKind kind) {
  trail.loss = kind == LossKind::unflushed_tail ? Cause::transaction_commit_not_flushed : storage_cause(kind);
  trail.lost_at = at;
  for (HalfNumber number = trail.newest; number != no_half; number = halves_[number].older)
    halves_[number].ended = false;
}

namespace {

bool waits(const HalfTrail& half) {
  return half.copied.ns < 0 && !half.ended && !half.discarded && !half.lost;
}

}  // namespace

bool TransactionEvidence::is_pending(std::size_t intent, bool served) const {
  for (HalfNumber number = trail(intent).newest; number != no_half; number = halves_[number].older) {
    const HalfTrail& half = halves_[number];
    if (waits(half) && (served || !is_elected(half.broker))) return true;
  }
  return false;
}

bool TransactionEvidence::is_stepped_over(std::size_t intent) const {
  for (HalfNumber number = trail(intent).newest; number != no_half; number = halves_[number].older) {
    if (waits(halves_[number]) && !halves_[number].stepped_over) return false;
  }
  return is_pending(intent, true);
}

bool TransactionEvidence::is_given_up(std::size_t intent) const {
  for (HalfNumber number = trail(intent).newest; number != no_half; number = halves_[number].older) {
    if (waits(halves_[number]) && halves_[number].given_up) return true;
  }
  return false;
}

std::size_t TransactionEvidence::bytes() const {
  return trails_.capacity() * sizeof(TransactionTrail) + halves_.capacity() * sizeof(HalfTrail);
}

}  // namespace brokersim::model::ledger
