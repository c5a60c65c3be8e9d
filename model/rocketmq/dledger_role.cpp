// What a change of role means for the broker (DLedgerRoleChangeHandler). A candidate or follower is a slave;
// a leader becomes the master when all that its log holds is committed and dispatched, for which it looks at
// once and then each 100 ms. Either tells the name servers at once, one-way.
//
// One change at a time (a single-threaded executor): while a leader that has been deposed still waits for its
// special services to end, one that is elected again waits with it.
#include "model/network/fabric.hpp"
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/registration.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr Duration look_interval = 100_ms;  ///< Thread.sleep(100)

bool may_serve(const Site& site) {
  const std::int64_t committed = member_of(site).committed;
  return committed == entries_of(site) && site.memory.dispatched == committed;
}

/// DefaultMessageStore.recoverTopicQueueTable: queue offsets go on behind what has been dispatched.
void recover_queue_table(Site& site) {
  for (Queue& queue : site.memory.queues) queue.next_offset = static_cast<std::int64_t>(queue.index.size());
}

void serve(Site& site) {
  recover_queue_table(site);
  member_of(site).serves = true;
  member_of(site).master = no_vote;
  stop_slave_sync(site);
  site.record(RecordKind::member_serves, site.subject(), member_of(site).term);
  start_special_services(site);
  registrar_role_taken(site.world, site.number, site.context);
}

void look(Site& site) {
  if (member_of(site).role != MemberRole::leader) return;
  if (may_serve(site)) return serve(site);
  const SimTime due = next_on_grid(member_of(site).take_over_grid, look_interval, site.now());
  arm(site, member_of(site).take_over_timer, due, DLedgerOn::take_over);
}

}  // namespace

void change_to_slave(Site& site) {
  member_of(site).serves = false;
  member_of(site).master = no_vote;
  end_special_services(site);
}

void member_goes_on(Site& site) {
  restart_slave_sync(site);
  registrar_role_taken(site.world, site.number, site.context);
  answer_suspended_pulls(site);
  if (member_of(site).role == MemberRole::leader) begin_take_over(site);
}

void master_named(Site& site, std::int32_t master) {
  if (site.is_slave()) member_of(site).master = master;
}

void begin_take_over(Site& site) {
  if (is_changing_role(site)) return;
  member_of(site).take_over_grid = site.now();
  look(site);
}

void take_over(Site& site, const DLedgerEvent& event) {
  if (fired(member_of(site).take_over_timer, event.ticket)) look(site);
}

}  // namespace brokersim::model::rocketmq
