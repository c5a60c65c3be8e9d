// What only a master does besides taking messages: its delay levels, and the checks of half messages. Where
// the master is elected they begin and end with its role (BrokerController.changeSpecialServiceStatus; 4.9:
// changeToMaster and changeToSlave). A slave that becomes the master begins with what its files and its log
// say: delayOffset.json and consumerOffset.json as SlaveSynchronize has last written them.
//
// TransactionalOpBatchService is none of them: it runs as long as its process, and what a deposed master has
// in memory it tries to write as a slave, in vain.
//
// The check service does not just end. ServiceThread.shutdown wakes it, a wait that ends makes a pass, and
// changeToSlave waits for that pass (join), by then as a slave. A half message that it finds old enough to be
// checked cannot be put back, and is tried again until the pass has lasted a minute: for so long the broker
// does not look for its new master. That of an acting master, which is a slave all the time, puts what it
// finds into another set (escape_half.cpp).
#include "model/rocketmq/dledger_internal.hpp"
#include "model/rocketmq/replica_set.hpp"
#include "model/rocketmq/stand_in.hpp"

namespace brokersim::model::rocketmq {

void start_special_services(Site& site) {
  start_delays(site, site.now());
  tell_stepped_over(site);
  start_checks(site, site.now());
}

void end_special_services(Site& site) {
  if (is_changing_role(site)) return;
  stop_delays(site);
  if (!end_checks(site)) slave_goes_on(site);
}

bool is_changing_role(const Site& site) { return site.memory.transactions.ends; }

void slave_goes_on(Site& site) {
  if (site.config.has_stand_in()) return acting_over(site);
  site.in_group() ? member_goes_on(site) : replica_goes_on(site);
}

}  // namespace brokersim::model::rocketmq
