// PopBufferMergeService: checkpoints that are not stored yet, and the offsets that wait for them.
//
// Its thread looks each 5 ms at all of them. Here the next look is armed that will find something: a
// checkpoint that is done, one whose time in memory is over, one that the store has refused.
#include "model/rocketmq/pop.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration scan_interval = 5_ms;
constexpr Duration margin = 1500_ms;  ///< of addCk and addAk, before the scan takes the checkpoint away

std::vector<BufferedCheckpoint>& buffer(const Site& site) { return site.memory.pop.buffer; }

std::uint32_t all_bits(const BufferedCheckpoint& ck) {
  return ck.mark.count == 32 ? 0xffffffffU : (1U << ck.mark.count) - 1;
}

/// isCkDone.
bool is_done(const BufferedCheckpoint& ck) { return ck.acked == all_bits(ck); }

/// Nothing more is to be put for it: just its offset and stored, all acked, or everything known is stored.
bool is_safe(const BufferedCheckpoint& ck) {
  return (ck.just_offset && ck.stored) || is_done(ck) || (ck.acked == ck.acks_stored && ck.stored);
}

bool same_queue(const PopKey& a, const PopKey& b) {
  return a.group == b.group && a.topic == b.topic && a.queue == b.queue;
}

/// From when on the scan puts it into the store.
WallTime leaves_at(const Site& site, const BufferedCheckpoint& ck) {
  const std::int64_t stays = ck.mark.key.popped.value + site.settings().popCkStayBufferTime.ns;
  const std::int64_t times_out = ck.mark.revive_time().value - site.settings().popCkStayBufferTimeOut.ns;
  return WallTime(std::min(stays, times_out));
}

/// When the scan first does something with it; max: never.
SimTime due(const Site& site, const BufferedCheckpoint& ck) {
  if (ck.left) return SimTime::max();  // taken along with what is before it
  if (is_safe(ck)) return site.now();
  if (gate(site) != Gate::open) return SimTime::max();  // resume_pops
  if (ck.just_offset) return site.now();
  return site.now() + std::max(Duration{leaves_at(site, ck).value + 1 - site.wall().value}, Duration{});
}

/// scanCommitOffset: in the order of the pops of one queue, as far as they are safe.
void commit_offsets(Site& site) {
  std::vector<PopKey> held_up;  // one of each queue whose first checkpoint stays
  std::erase_if(buffer(site), [&](const BufferedCheckpoint& ck) {
    const PopKey& key = ck.mark.key;
    const auto is_its = [&](const PopKey& other) { return same_queue(other, key); };
    if (std::any_of(held_up.begin(), held_up.end(), is_its)) return false;
    if (ck.left) {
      commit_offset(site, key.group, key.topic, key.queue, ck.next);
    } else {
      held_up.push_back(key);
    }
    return ck.left;
  });
}

void tell_stored(Site& site, const BufferedCheckpoint& ck) {
  for (std::uint8_t i = 0; i < ck.mark.count; ++i)
    tell_pop(site, RecordKind::pop_stored, intent_of(site, ck.mark.key, i), ck.mark.key, i);
}

/// putCkToStore.
void store(Site& site, BufferedCheckpoint& ck) {
  if (ck.stored || !put_mark(site, ck.mark, ck.revive_queue)) return;
  ck.stored = true;
  tell_stored(site, ck);
}

/// putAckToStore, of the acks that only memory knows.
void store_acks(Site& site, BufferedCheckpoint& ck) {
  for (std::uint8_t i = 0; i < ck.mark.count; ++i) {
    const std::uint32_t bit = 1U << i;
    if ((ck.acked & ~ck.acks_stored & bit) == 0) continue;
    PopMark ack = ck.mark;
    ack.is_ack = true;
    ack.count = i;
    if (put_mark(site, ack, ck.revive_queue)) ck.acks_stored |= bit;
  }
}

/// One checkpoint of scan().
void look_at(Site& site, BufferedCheckpoint& ck, bool serving) {
  if (is_safe(ck)) {
    ck.left = true;
    return;
  }
  if (!ck.just_offset && serving && site.wall() <= leaves_at(site, ck)) return;
  store(site, ck);
  if (!ck.stored) return;
  if (!ck.just_offset) store_acks(site, ck);
  ck.left = is_safe(ck);
}

void scan(Site& site, bool serving) {
  for (BufferedCheckpoint& ck : buffer(site)) {
    if (!ck.left) look_at(site, ck, serving);
  }
  commit_offsets(site);
}

/// addCk: whether it may stay in memory.
bool is_buffered(const Site& site, const PopMark& mark) {
  const std::int64_t left = mark.revive_time().value - site.wall().value;
  const auto taken = std::count_if(buffer(site).begin(), buffer(site).end(),
                                   [](const BufferedCheckpoint& ck) { return !ck.left; });
  return site.settings().enablePopBufferMerge &&
         left >= (site.settings().popCkStayBufferTimeOut + margin).ns &&
         taken <= site.settings().popCkMaxBufferSize;
}

/// The checkpoint that an ack may meet in memory.
BufferedCheckpoint* find(const Site& site, const PopKey& key) {
  for (BufferedCheckpoint& ck : buffer(site)) {
    if (!ck.left && !ck.just_offset && ck.mark.key == key) return &ck;
  }
  return nullptr;
}

}  // namespace

/// A checkpoint that is stored at once waits for the next scan to have its offset committed; whatever happens
/// in these 5 ms, no file has the offset yet, so here it is committed with the pop.
void add_checkpoint(Site& site, const PopMark& mark, std::uint8_t revive_queue, std::int64_t next) {
  BufferedCheckpoint ck;
  ck.mark = mark;
  ck.revive_queue = revive_queue;
  ck.next = next;
  ck.just_offset = !is_buffered(site, mark);
  if (ck.just_offset) store(site, ck);
  if (!ck.stored) {
    for (std::uint8_t i = 0; i < mark.count; ++i)
      tell_pop(site, RecordKind::pop_buffered, intent_of(site, mark.key, i), mark.key, i);
  }
  ck.left = ck.stored;
  buffer(site).push_back(ck);
  commit_offsets(site);
  arm_buffer(site);
}

bool ack_in_buffer(Site& site, const PopMark& ack) {
  BufferedCheckpoint* ck = find(site, ack.key);
  if (ck == nullptr) return false;
  const std::int64_t left = ack.revive_time().value - site.wall().value;
  if (left < (site.settings().popCkStayBufferTimeOut + margin).ns) return false;
  if (site.wall().value - ack.key.popped.value > (site.settings().popCkStayBufferTime - margin).ns)
    return false;
  ck->acked |= 1U << ack.count;
  arm_buffer(site);
  return true;
}

std::int64_t latest_offset(const Broker& broker, GroupId group, TopicId topic, std::uint16_t queue) {
  std::int64_t latest = -1;
  for (const BufferedCheckpoint& ck : broker.memory.pop.buffer) {
    const PopKey& key = ck.mark.key;
    if (key.group == group && key.topic == topic && key.queue == queue) latest = ck.next;
  }
  return latest;
}

void arm_buffer(Site& site) {
  SimTime first = SimTime::max();
  for (const BufferedCheckpoint& ck : buffer(site)) first = std::min(first, due(site, ck));
  if (first == SimTime::max()) return disarm(site, site.memory.pop.buffer_timer);
  const SimTime earliest = std::max(first - 1_ns, site.now());
  arm(site, site.memory.pop.buffer_timer, next_on_grid(site.memory.pop.buffer_grid, scan_interval, earliest),
      BrokerOn::pop_buffer);
}

void pop_buffer(Site& site, const BrokerEvent& event) {
  if (!fired(site.memory.pop.buffer_timer, event)) return;
  scan(site, true);
  arm_buffer(site);
}

/// The end of run(): everything is stored, until nothing is left. The second scan finds what the first has
/// stored.
void pop_stops(Site& site) {
  scan(site, false);
  scan(site, false);
}

}  // namespace brokersim::model::rocketmq
