// TransactionalMessageCheckService: sleeps transactionCheckInterval, then makes a pass; so a pass begins an
// interval and the duration of the pass before after that one's begin.
//
// Where the master is elected, the service runs while its broker is it (special_services.cpp); a slave with
// enableSlaveActingMaster has it while it acts (acting_master.cpp).
//
// A pass that finds its offsets at the ends of both queues changes nothing and takes no time: such passes are
// no events. Every other one is, also if all half messages turn out to be too young: what it reads and how
// far it gets decide whether later passes sleep.
#include "model/rocketmq/stand_in.hpp"
#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

/// ServiceThread sleeps first: the first wake is a period after the start.
Beat begin_beat(const Site& site, Service service, Duration period, SimTime since) {
  period = std::max(period, 1_ms);
  return {since == never ? site.now() - service_phase(site, service, period) : since, period};
}

bool has_transactions(const Config& config) {
  return std::any_of(config.producers.begin(), config.producers.end(),
                     [](const ProducerConfig& producer) { return producer.transaction.has_value(); });
}

bool has_work(const Site& site) {
  const TopicId half = half_topic(site.all()), op = op_topic(site.all());
  return !nothing_new(site.broker, half, check_offset(site, half)) ||
         !nothing_new(site.broker, op, check_offset(site, op));
}

}  // namespace

std::int64_t check_offset(const Site& site, TopicId topic) {
  return std::max<std::int64_t>(0, committed_offset(site, transaction_group(site.all()), topic, 0));
}

void store_check_offset(Site& site, TopicId topic, std::int64_t offset) {
  count_commit(site);
  commit_offset(site, transaction_group(site.all()), topic, 0, offset);
}

/// Where nobody sends half messages the services have no phase either: nothing tells two idle instants apart.
/// (The op batch begins with the process whatever its role: TransactionalMessageServiceImpl.open.)
void start_transactions(Site& site, SimTime since) {
  site.broker.cache.half_topic = half_topic(site.all());
  if (!has_transactions(site.all())) return;
  if (!site.is_4_9() && (!site.is_slave() || site.config.elects_master()))
    site.memory.transactions.batch.wakes =
        begin_beat(site, Service::op_batch, site.settings().transactionOpBatchInterval, since);
  if (runs_special_services(site)) start_checks(site, since);
}

void start_checks(Site& site, SimTime since) {
  if (!has_transactions(site.all())) return;
  site.memory.transactions.checks =
      begin_beat(site, Service::check, site.settings().transactionCheckInterval, since);
  arm_check(site);
}

namespace {

/// The thread ends.
void checks_ended(Site& site) {
  TransactionService& service = site.memory.transactions;
  disarm(site, service.check_timer);
  service.checks = {};
  service.ends = false;
  slave_goes_on(site);
}

/// An acting master's pass sleeps or waits for another set: the InterruptedException ends it, and
/// updateConsumeOffset is not called ("Check error").
void interrupt_pass(Site& site) {
  forget_half_escape(site);
  site.memory.transactions.pass = {};
  checks_ended(site);
}

}  // namespace

/// A sleep within a pass is interrupted.
bool end_checks(Site& site) {
  TransactionService& service = site.memory.transactions;
  if (service.checks.period == Duration{}) return false;
  service.ends = true;
  if (service.pass.running) {
    if (escapes_halves(site)) return interrupt_pass(site), true;
    if (service.pass.blocked == BlockedPut::none)
      arm(site, service.check_timer, site.now(), BrokerOn::check_pass);
    return true;
  }
  disarm(site, service.check_timer);
  has_work(site) ? begin_pass(site) : checks_ended(site);
  return true;
}

void arm_check(Site& site) {
  TransactionService& service = site.memory.transactions;
  if (service.checks.period == Duration{} || site.memory.stopping) return;
  if (service.pass.running || service.check_timer.armed || !has_work(site)) return;
  arm(site, service.check_timer, next_on_grid(service.checks.last, service.checks.period, site.now()),
      BrokerOn::check_pass);
}

void check_service_sleeps(Site& site) {
  if (site.memory.transactions.ends) return checks_ended(site);
  site.memory.transactions.checks.last = site.now();
  arm_check(site);
}

/// DefaultMessageStore.shutdown comes first: getMessage returns null from then on. A pass that begins skips
/// the queue; one that is under way ends in a NullPointerException ("Check error"), and updateConsumeOffset
/// is not called. A thread that is blocked in the append lock has its put before it.
void check_stops(Site& site) {
  TransactionService& service = site.memory.transactions;
  disarm(site, service.check_timer);
  forget_half_escape(site);
  if (service.pass.blocked == BlockedPut::none) service.pass = {};
}

void check_pass(Site& site, const BrokerEvent& event) {
  TransactionService& service = site.memory.transactions;
  if (!fired(service.check_timer, event)) return;
  if (service.pass.running) return continue_pass(site);
  begin_pass(site);
}

/// The check timer is armed as long as some half message or op record has not been read.
bool transactions_idle(const Broker& broker, const Config&) {
  const TransactionService& service = broker.memory.transactions;
  return service.batch.ops.empty() && service.batch.blocked.empty() && !service.pass.running &&
         !service.check_timer.armed;
}

}  // namespace brokersim::model::rocketmq
