#include "model/canonical.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "model/network/segment.hpp"
#include "model/rocketmq/topics.hpp"

namespace brokersim::model {

namespace {

using host::Life;
using host::Process;
using network::Connection;
using network::End;

/// Closed at both ends for good: the slot's next user is another generation.
bool is_gone(const World& world, ConnectionId id, std::uint16_t generation) {
  const Connection& c = world.network.connections[id.value];
  return c.generation != generation || is_free(c);
}

// ------------------------------------------------------------------------------------- normal form

inline constexpr ConnectionId no_connection{0xffff};

/// An answer that would find no connection is dropped, whichever one it was.
template <class Reference>
void forget_if_gone(const World& world, Reference& reference) {
  if (is_gone(world, reference.connection, reference.generation)) reference.connection = no_connection;
}

template <class T, class IsFree>
void drop_free_tail(std::vector<T>& slots, IsFree is_free_slot) {
  while (!slots.empty() && is_free_slot(slots.back())) slots.pop_back();
}

/// One that does nothing stays as a mark, alike for all.
void mark_stale(const World& world, Process& process) {
  process.backlog.erase(process.backlog.begin(), process.backlog.begin() + process.backlog_done);
  process.backlog_done = 0;
  for (Event& event : process.backlog) {
    if (is_stale(world, event)) event = Event{};
  }
}

/// Since when a sender retransmits means something while it holds segments, and from the first SYN on.
void forget_back_off(Connection& c) {
  for (const bool to_server : {false, true}) {
    bool holds = to_server && c.server_end == End::none;
    for (const network::Held& held : c.held) holds = holds || held.to_server == to_server;
    if (!holds) c.held_since[to_server] = SimTime::max();
  }
}

void tidy(network::Fabric& fabric) {
  drop_free_tail(fabric.connections, network::is_free);
  for (Connection& c : fabric.connections) {
    if (is_free(c)) c = Connection{};
    forget_back_off(c);
  }
}

void tidy(const World& world, rocketmq::Broker::Memory& memory) {
  for (rocketmq::PendingAnswer& answer : memory.answers) {
    if (answer.used) forget_if_gone(world, answer);
  }
  drop_free_tail(memory.answers, [](const rocketmq::PendingAnswer& answer) { return !answer.used; });
  for (auto* waiting : {&memory.waiting_flush, &memory.waiting_replicas}) {
    for (rocketmq::WaitingSend& send : *waiting) {
      if (send.request.kind != PayloadKind::end_transaction) forget_if_gone(world, send);
    }
  }
  for (rocketmq::WaitingSend& send : memory.waiting_lock) forget_if_gone(world, send);
  for (rocketmq::SuspendedPull& pull : memory.suspended) forget_if_gone(world, pull);
  for (auto* waiting : {&memory.pop.polling, &memory.pop.blocked}) {
    for (rocketmq::PopWaiting& pop : *waiting) forget_if_gone(world, pop);
  }
  for (rocketmq::WaitingPush& push : memory.dledger.waiting) forget_if_gone(world, push);
  for (auto& channels : memory.clients.producers) {
    for (rocketmq::ClientChannel& channel : channels) forget_if_gone(world, channel);
  }
  for (rocketmq::GroupMembers& group : memory.clients.consumers) {
    for (rocketmq::ClientChannel& channel : group.members) forget_if_gone(world, channel);
  }
  // The client that has it, or one of its former lives.
  for (rocketmq::QueueLock& lock : memory.locks)
    lock.life = lock.life == world.processes[lock.client.value].incarnation.value ? 1 : 0;
}

/// Queues are taken in turns, so of a ThreadLocalIndex only the remainder counts.
void tidy(const World& world, rocketmq::Producer& producer) {
  auto& memory = producer.memory;
  drop_free_tail(memory.calls, [](const rocketmq::Call& call) { return !call.open; });
  const auto queues = static_cast<std::uint32_t>(producer.next_sequence.size());
  if (queues == 0 || rocketmq::asks_name_servers(world)) return;  // a route may have any number of queues
  for (rocketmq::Thread& thread : memory.threads) thread.next_queue %= queues;
  memory.callback_queue %= queues;
}

// ------------------------------------------------------------------------------------- ages

/// The first half message that a check pass may still read: none before what the check service has stored, in
/// memory or in a file that a crash may bring back. CID_RMQ_SYS_TRANS is the last group of an offset table.
std::int64_t first_open_half(const rocketmq::Broker& broker) {
  const auto& queues = broker.memory.queues;
  if (queues.empty()) return 0;
  const std::size_t half = broker.memory.first_queue[broker.cache.half_topic.value];
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (const auto* table :
       {&broker.memory.offsets, &broker.cache.offsets.written, &broker.cache.offsets.before})
    first =
        std::min(first, table->size() < queues.size() ? 0 : (*table)[table->size() - queues.size() + half]);
  return first;
}

/// LogRecord's fields are free of time; a pass asks how old a half message is, and so does END_TRANSACTION of
/// one with an immunity of its own, also if it is settled. Of an op record that counts within a pass only.
void write_transaction_ages(sim::CanonicalWriter& writer, const rocketmq::Broker& broker) {
  const bool in_pass = broker.memory.transactions.pass.running;
  const std::int64_t first = first_open_half(broker);
  for (const rocketmq::LogRecord& record : broker.cache.log) {
    const bool is_half = record.topic == broker.cache.half_topic;
    const bool is_open = is_half && (record.queue_offset >= first || record.immunity_seconds > 0);
    if (!is_open && (record.op_count == 0 || !in_pass)) continue;
    writer.write(SimTime{record.born.value});
    writer.write(SimTime{record.stored.value});
  }
}

/// The first message of a delay level (counted from 0) that may be delivered yet, now or after a crash.
std::int64_t first_undelivered(const rocketmq::Broker& broker, std::size_t level) {
  const auto& levels = broker.memory.delays.levels;
  const auto& file = broker.cache.delay_offsets;
  std::int64_t first = level < levels.size() ? levels[level].next : std::numeric_limits<std::int64_t>::max();
  for (const auto* table : {&file.written, &file.before})
    first = std::min(first, level < table->size() ? (*table)[level] : 0);
  return first;
}

/// ScheduleMessageService asks how old a message is that it has to deliver.
void write_delay_ages(sim::CanonicalWriter& writer, const rocketmq::Broker& broker) {
  const TopicId scheduled = rocketmq::scheduled_beside(broker.cache.half_topic);
  for (const rocketmq::LogRecord& record : broker.cache.log) {
    if (record.topic != scheduled || record.queue_offset < first_undelivered(broker, record.queue)) continue;
    writer.write(SimTime{record.stored.value});
  }
}

/// CleanCommitLogService asks how old the last record of a file is: of any that is not the last one. A log of
/// less than the smallest file (setting_tables.cpp) has only that.
void write_file_ages(sim::CanonicalWriter& writer, const rocketmq::Broker& broker) {
  constexpr std::int64_t smallest_file = 1 << 16;
  const auto& log = broker.cache.log;
  const auto first = static_cast<std::size_t>(broker.cache.first.records);
  if (log.size() == first || log.back().end - broker.cache.first.bytes <= smallest_file) return;
  for (std::size_t i = first; i < log.size(); ++i) writer.write(SimTime{log[i].stored.value});
}

/// A master that has a timer wheel; a dead one has left a checkpoint.
bool has_timer(const rocketmq::Broker& broker) {
  return broker.memory.timer.grid != SimTime::max() || broker.disk.timer.read != rocketmq::no_slot;
}

/// TimerMessageStore asks when a record was stored that it has yet to enqueue, now or after a crash. A slot
/// begins with a whole timerPrecisionMs of the wall clock, which divides a second; by how much the clock was
/// set is written with its host.
void write_timer_ages(sim::CanonicalWriter& writer, const rocketmq::Broker& broker) {
  if (has_timer(broker)) writer.write(sim::Phase<1'000'000'000>{SimTime{}});
  const std::int64_t from = std::min({broker.memory.timer.next, broker.disk.timer.next,
                                      broker.cache.timer_log.last + 1, broker.disk.timer.log_last + 1});
  for (const rocketmq::LogRecord& record : broker.cache.log) {
    const bool waits = record.timer_ms != 0 && record.queue_offset >= from;
    if (waits) writer.write(SimTime{record.stored.value});
  }
}

/// A consumer in POP mode asks how old a message is, and everybody when it was popped.
void write_pop_ages(sim::CanonicalWriter& writer, const rocketmq::Broker& broker) {
  const auto& log = broker.cache.log;
  bool pops = !broker.memory.pop.revive.empty();
  for (std::size_t i = 0; i < log.size() && !pops; ++i) pops = rocketmq::is_pop_mark(log[i]);
  for (std::size_t i = 0; i < log.size() && pops; ++i) writer.write(SimTime{log[i].born.value});
}

// ------------------------------------------------------------------------------------- memory

template <class T>
std::size_t heap(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

std::size_t heap_of(const rocketmq::Broker& broker) {
  const auto& memory = broker.memory;
  std::size_t total = heap(broker.disk.topics) + heap(broker.cache.topics) + broker.cache.log.bytes() +
                      heap(memory.first_queue) + heap(memory.queues) + heap(memory.answers) +
                      heap(memory.waiting_flush) + heap(memory.waiting_replicas) + heap(memory.ha.peers) +
                      heap(memory.waiting_lock) + heap(memory.suspended) + heap(memory.ends_blocked) +
                      heap(memory.ends_queued) + heap(memory.transactions.batch.blocked) +
                      broker.cache.op_offsets.bytes() + heap(memory.transactions.batch.ops) +
                      heap(memory.transactions.pass.removals) + heap(memory.transactions.pass.open_ops) +
                      heap(memory.transactions.pass.done_ops);
  total += heap(broker.cache.dledger.terms) + heap(memory.dledger.peers) + heap(memory.dledger.waiting);
  for (const rocketmq::BlockedOps& blocked : memory.transactions.batch.blocked) total += heap(blocked.ops);
  for (const rocketmq::Queue& queue : memory.queues) total += queue.index.bytes();
  for (const auto* file : {&broker.cache.offsets, &broker.cache.delay_offsets})
    total += heap(file->written) + heap(file->before);
  total += heap(memory.offsets) + heap(memory.delays.levels) + heap(memory.clients.producers) +
           heap(memory.clients.consumers) + heap(memory.locks);
  total += heap(broker.cache.timer_log.wheel);
  total +=
      heap(memory.pop.buffer) + heap(memory.pop.polling) + heap(memory.pop.blocked) + heap(memory.pop.revive);
  for (const rocketmq::TimerSlot& slot : broker.cache.timer_log.wheel) total += heap(slot.entries);
  for (const auto& channels : memory.clients.producers) total += heap(channels);
  for (const auto& group : memory.clients.consumers) total += heap(group.members) + heap(group.subscription);
  return total;
}

}  // namespace

World normal_form(const World& world) {
  World normal = world;
  for (Process& process : normal.processes) mark_stale(world, process);
  for (rocketmq::Broker& broker : normal.brokers) tidy(world, broker.memory);
  for (rocketmq::Producer& producer : normal.producers) tidy(world, producer);
  for (rocketmq::NameServer& server : normal.name_servers) {
    for (rocketmq::RegisteredBroker& broker : server.memory.brokers) {
      if (broker.registered) forget_if_gone(world, broker);
    }
  }
  for (rocketmq::Controller& controller : normal.controllers) {
    for (rocketmq::LiveBroker& broker : controller.memory.brokers) {
      if (!broker.known) continue;
      forget_if_gone(world, broker);
      forget_if_gone(world, broker.present);
    }
  }
  for (faults::FaultState& state : normal.faults.states) {
    if (state.has_connection) forget_if_gone(world, state);
  }
  drop_free_tail(normal.batches.slots, [](const rocketmq::Batch& batch) { return !batch.used; });
  drop_free_tail(normal.pop_batches.slots, [](const rocketmq::PopBatch& batch) { return !batch.used; });
  drop_free_tail(normal.log_pieces.slots, [](const rocketmq::LogPiece& piece) { return !piece.used; });
  drop_free_tail(normal.entry_batches.slots, [](const rocketmq::EntryBatch& batch) { return !batch.used; });
  drop_free_tail(normal.sync_tables.slots, [](const rocketmq::SyncTable& table) { return !table.used; });
  tidy(normal.network);
  return normal;
}

std::size_t bytes(const World& world) {
  std::size_t total = sizeof(World) + heap(world.hosts) + heap(world.processes) + heap(world.batches.slots) +
                      heap(world.faults.states) + world.verdict.told.bytes();
  for (const Process& process : world.processes) total += heap(process.backlog);
  for (const auto& effects : world.verdict.effects) total += effects.bytes();
  total += heap(world.network.connections) + heap(world.network.cuts) + heap(world.network.delays);
  for (const Connection& c : world.network.connections) total += heap(c.held);
  for (const auto& broker : world.brokers) total += sizeof(broker) + heap_of(broker);
  for (const auto& producer : world.producers) {
    const auto& memory = producer.memory;
    total += sizeof(producer) + heap(producer.next_sequence) + heap(memory.threads) + heap(memory.channels) +
             heap(memory.calls) + heap(memory.checks) + heap(memory.ends) + heap(memory.heartbeats.active) +
             heap(memory.faults);
  }
  for (const auto& consumer : world.consumers) {
    total += sizeof(consumer) + heap(consumer.queues) + heap(consumer.memory.channels);
    for (const auto& queue : consumer.queues) total += heap(queue.working);
  }
  return total;
}

void canonical(sim::CanonicalWriter& writer, const World& world) {
  const World normal = normal_form(world);
  sim::for_each_field(normal, [&](const auto& part) { writer.write(part); });
  for (const rocketmq::Broker& broker : normal.brokers) {
    write_transaction_ages(writer, broker);
    write_delay_ages(writer, broker);
    write_file_ages(writer, broker);
    write_timer_ages(writer, broker);
    write_pop_ages(writer, broker);
  }
}

}  // namespace brokersim::model
