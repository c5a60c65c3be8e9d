// The model as the simulation sees it.
#pragma once

#include "model/config.hpp"
#include "model/event.hpp"
#include "sim/simulation.hpp"

namespace brokersim::model {

struct World;

struct Model {
  using Config = model::Config;
  using World = model::World;
  using Event = model::Event;
  static void start(World& world, sim::Context<Model>& context);
  static void step(World& world, const Event& event, sim::Context<Model>& context);
};

using Context = sim::Context<Model>;

/// What a draw is for (DrawKey::purpose). Append only: the numbers are part of every trace hash.
enum class Purpose : std::uint64_t {
  network_delay,
  sync_time,
  restart_time,
  arrival_gap,
  body_size,
  first_queue,
  fault_time,
  fault_delay,
  fault_restore,
  unsynced_files,
  page_writeback,
  work_time,
  service_phase,
  thread_phase,
  extra_delay,  ///< of a delay fault: drawn once per strike
  answer_time,
  pages_written,
  wakeup_latency,
  connect_time,
  local_time,
  local_outcome,
  check_time,
  op_batch_slip,  ///< whether a wake's own work took a millisecond (op_batch.cpp)
  pass_time,
  work_failure,
  poison,
  heartbeat_phase,
  chosen_broker,    ///< of several that could be asked (rebalance, resends)
  check_effect,     ///< what a copy, a question or a discard takes a check pass
  torn_page,        ///< which page of an unsynced tail had not reached the disk
  campaign_action,  ///< which of a campaign's actions
  rolling_pause,
  name_server,  ///< which one a client asks first
  message_delay,
  pop_random,    ///< which queue a pop begins with, and whether with the retry topic
  dledger_vote,  ///< how long a DLedger candidate waits: for answers, or before it asks again
  dledger_term   ///< what a power loss leaves of the file with a member's term and vote
};

}  // namespace brokersim::model
