// The lives of a member, and its events.
#include "model/network/fabric.hpp"
#include "model/rocketmq/dledger_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

void make_peers(Site& site) {
  DLedgerMember& member = member_of(site);
  member.peers.clear();
  for (const std::uint16_t broker : members_of(site.all(), master_of(site.all(), site.number))) {
    if (broker == site.number) continue;
    const auto place = static_cast<std::uint64_t>(member.peers.size());
    const auto service = static_cast<Service>(static_cast<std::uint64_t>(Service::dledger_dispatch) + place);
    DLedgerPeer& peer = member.peers.emplace_back();
    peer.broker = broker;
    peer.grid = site.now() - service_phase(site, service, 1_ms);
  }
}

/// The leader's heartbeats are alike for all members.
SimTime last_beat_before_the_run(Site& site) {
  const Site leader(site.world, master_of(site.all(), site.number), site.context);
  return site.now() - service_phase(leader, Service::dledger_beat, dledger::heartBeatTimeIntervalMs);
}

void lead_since_long(Site& site) {
  DLedgerMember& member = member_of(site);
  member.serves = true;
  member.last_beat = member.last_success = last_beat_before_the_run(site);
  for (DLedgerPeer& peer : member.peers) {
    peer.connection =
        network::establish(site.world, site.broker.process, broker_process(peer.broker), site.context);
    peer.open = true;
    peer.state = PushType::append;
    peer.term = member.term;
    peer.last_push = site.now();
  }
}

void begin(Site& site) {
  make_peers(site);
  DLedgerMember& member = member_of(site);
  const TermFile& file = site.broker.cache.dledger.written;
  member.term = file.term;
  member.vote = file.vote;
  member.committed = site.broker.cache.dledger.committed;
  member.last_success = never;
}

}  // namespace

void arm(Site& site, ServiceTimer& timer, SimTime due, DLedgerOn on, std::uint16_t peer) {
  arm(site.context, timer, site.now(), due, [&](std::uint32_t ticket) {
    Event event{};
    event.body = DLedgerEvent{on, peer, ticket};
    return host::to_process(site.world, site.broker.process, event);
  });
}

/// Its committed index is that of the checkpoint, which is at most 3 s old in the real member and the last
/// one here: nothing but a slave's readers notice, until the leader's next push.
void start_member(Site& site) {
  if (!site.in_group()) return;
  begin(site);
  DLedgerMember& member = member_of(site);
  member.role = MemberRole::candidate;
  member.grid = member.gap_grid = member.next_vote = site.now();
  site.record(RecordKind::member_role_changed, site.subject(), static_cast<std::int64_t>(member.role),
              member.term);
  arm_maintain(site);
}

void join_group(Site& site) {
  if (!site.in_group()) return;
  const auto leader = static_cast<std::int32_t>(master_of(site.all(), site.number));
  DLedgerFiles& files = site.broker.cache.dledger;
  files.written = files.before = {1, leader};
  begin(site);
  DLedgerMember& member = member_of(site);
  member.leader = leader;
  member.role = leader == self_id(site) ? MemberRole::leader : MemberRole::follower;
  member.last_heard = last_beat_before_the_run(site);
  member.grid = site.now() - service_phase(site, Service::dledger_maintain, 10_ms);
  member.gap_grid = site.now() - service_phase(site, Service::dledger_gap, 1_s);
  if (member.role == MemberRole::leader) lead_since_long(site);
  site.record(RecordKind::member_role_changed, site.subject(), static_cast<std::int64_t>(member.role),
              member.term);
  if (member.serves) site.record(RecordKind::member_serves, site.subject(), member.term);
  if (member.role == MemberRole::follower) member.master = leader;
  arm_maintain(site);
}

void stop_member(Site& site) {
  if (!site.in_group()) return;
  DLedgerMember& member = member_of(site);
  for (ServiceTimer* timer : {&member.maintain_timer, &member.dispatch_timer, &member.ack_timer,
                              &member.gap_timer, &member.take_over_timer})
    disarm(site, *timer);
  for (DLedgerPeer& peer : member.peers) {
    disarm(site, peer.connect_timer);
    for (const Payload& payload : peer.waiting) release_payload(site.world, payload);
  }
  for (const WaitingPush& push : member.waiting) release_payload(site.world, push.request);
  const std::int64_t committed = member.committed;
  const std::int32_t term = member.term;
  member = {};
  member.committed = committed;
  member.term = term;
}

/// Heartbeats are compared with System.currentTimeMillis, on either side.
void dledger_clock_set(Site& site, Duration by) {
  if (!site.in_group()) return;
  DLedgerMember& member = member_of(site);
  for (SimTime* time : {&member.last_heard, &member.last_beat, &member.last_success, &member.next_vote})
    *time = *time - by;
  arm_maintain(site);
}

void dledger_step(World& world, std::size_t broker, const DLedgerEvent& event, Context& context) {
  Site site(world, broker, context);
  switch (event.on) {
    case DLedgerOn::maintain: return maintain(site, event);
    case DLedgerOn::dispatch: return dispatch(site, event);
    case DLedgerOn::ack_deadline: return ack_deadline(site, event);
    case DLedgerOn::gap_check: return gap_check(site, event);
    case DLedgerOn::connect_timeout: return peer_connect_timeout(site, event);
    case DLedgerOn::take_over: return take_over(site, event);
  }
}

}  // namespace brokersim::model::rocketmq
