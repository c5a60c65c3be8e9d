// The follower's side of the log (DLedgerEntryPusher.EntryHandler). An APPEND waits for its turn; one whose
// turn cannot come, because an entry before it is missing, is answered INCONSISTENT_STATE after 1 to 2 s,
// upon which its leader compares. COMPARE and TRUNCATE drop what waits.
//
// A COMPARE is answered whatever its term: so a leader that does not know of its successor yet may learn that
// a follower has its entries, but neither append nor truncate there.
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration check_interval = 1_s;  ///< checkAbnormalFuture, and TimeoutFuture(1000)

void answer(Site& site, const WaitingPush& push, PushCode code) {
  Payload response = push.request;
  response.kind = PayloadKind::dledger_push_response;
  response.queue = static_cast<std::uint16_t>(code);
  response.size = static_cast<std::uint32_t>(site.world.entry_batches[push.request.size].records.size());
  response.record = static_cast<std::uint32_t>(entries_of(site));
  site.world.entry_batches.release(push.request.size);
  reply(site, push.connection, push.generation, response);
}

std::int32_t term_of(const WaitingPush& push) { return static_cast<std::int32_t>(push.request.sequence); }

bool is_of_leader(const Site& site, const WaitingPush& push) {
  const DLedgerMember& member = member_of(site);
  return term_of(push) == member.term && member_behind(site, push.connection) == member.leader;
}

void commit(Site& site, const WaitingPush& push) {
  update_committed(site, term_of(push), push.request.record);
}

/// What it has of them already must be the same.
PushCode take_entries(Site& site, const WaitingPush& push) {
  const EntryBatch& batch = site.world.entry_batches[push.request.size];
  const auto have = static_cast<std::size_t>(entries_of(site) - push.request.offset);
  for (std::size_t i = 0; i < std::min(have, batch.records.size()); ++i) {
    if (!has_entry(site, batch, i, push.request.offset + static_cast<std::int64_t>(i)))
      return PushCode::inconsistent_state;
  }
  if (have >= batch.records.size()) return PushCode::success;
  if (!is_of_leader(site, push) || site.memory.stopping) return PushCode::inconsistent_state;
  append_entries(site, batch, have);
  return PushCode::success;
}

void append(Site& site, const WaitingPush& push) {
  const PushCode code = take_entries(site, push);
  answer(site, push, code);
  if (code == PushCode::success) commit(site, push);
}

PushCode compare(const Site& site, const WaitingPush& push) {
  const EntryBatch& batch = site.world.entry_batches[push.request.size];
  return has_entry(site, batch, 0, push.request.offset) ? PushCode::success : PushCode::inconsistent_state;
}

/// DLedgerMmapFileStore.truncate: the entry is the last one from now on, whether it was there or not.
PushCode truncate(Site& site, const WaitingPush& push) {
  const EntryBatch& batch = site.world.entry_batches[push.request.size];
  const std::int64_t index = push.request.offset;
  if (!is_of_leader(site, push) || index > entries_of(site)) return PushCode::inconsistent_state;
  const bool has_it = has_entry(site, batch, 0, index);
  truncate_entries(site, has_it ? index + 1 : index);
  if (!has_it) append_entries(site, batch, 0);
  return PushCode::success;
}

void drop_waiting(Site& site) {
  for (const WaitingPush& push : member_of(site).waiting) release_payload(site.world, push.request);
  member_of(site).waiting.clear();
  disarm(site, member_of(site).gap_timer);
}

void handle(Site& site, const WaitingPush& push) {
  const auto type = static_cast<PushType>(push.request.attempt);
  if (type != PushType::commit) drop_waiting(site);
  if (member_of(site).role != MemberRole::follower) return answer(site, push, PushCode::not_follower);
  switch (type) {
    case PushType::compare: return answer(site, push, compare(site, push));
    case PushType::truncate: {
      const PushCode code = truncate(site, push);
      answer(site, push, code);
      if (code == PushCode::success) commit(site, push);
      return;
    }
    case PushType::commit: commit(site, push); return answer(site, push, PushCode::success);
    case PushType::append: return;
  }
}

}  // namespace

void on_push(Site& site, ConnectionId connection, std::uint16_t generation, const Payload& request) {
  const WaitingPush push{request, connection, generation};
  if (static_cast<PushType>(request.attempt) != PushType::append) return handle(site, push);
  member_of(site).waiting.push_back(push);
  handle_waiting(site);
}

void handle_waiting(Site& site) {
  std::vector<WaitingPush>& waiting = member_of(site).waiting;
  const auto is_next = [&](const WaitingPush& push) { return push.request.offset <= entries_of(site); };
  while (member_of(site).role == MemberRole::follower) {
    const auto next = std::find_if(waiting.begin(), waiting.end(), is_next);
    if (next == waiting.end()) break;
    const WaitingPush push = *next;
    waiting.erase(next);
    append(site, push);
  }
  if (waiting.empty()) return disarm(site, member_of(site).gap_timer);
  if (member_of(site).gap_timer.armed) return;
  const SimTime due = next_on_grid(member_of(site).gap_grid, check_interval, site.now() + check_interval);
  arm(site, member_of(site).gap_timer, due, DLedgerOn::gap_check);
}

void gap_check(Site& site, const DLedgerEvent& event) {
  if (!fired(member_of(site).gap_timer, event.ticket)) return;
  if (member_of(site).role != MemberRole::follower) return;
  const std::vector<WaitingPush> waiting = std::exchange(member_of(site).waiting, {});
  for (const WaitingPush& push : waiting) answer(site, push, PushCode::inconsistent_state);
}

}  // namespace brokersim::model::rocketmq
