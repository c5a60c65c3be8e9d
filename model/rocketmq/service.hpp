// The services of a broker that loop.
#pragma once

#include <cstdint>

namespace brokersim::model::rocketmq {

/// The services that loop, as subjects of the draws of their phases: the numbers are part of every trace
/// hash.
enum class Service : std::uint16_t {
  flush,
  commit,
  reput,
  scan,
  hold,
  client_scan,
  op_batch = 100,
  check,
  offsets_persist = 110,
  delay_persist,
  delay_poll = 120,
  ha_transfer = 130,
  ha_silence,
  slave_sync,
  clean = 140,
  registration = 150,
  timer = 160,
  timer_flush,
  controller_heartbeat = 170,
  controller_poll,
  controller_check,
  dledger_maintain = 180,
  dledger_beat,
  dledger_gap,
  broker_alive = 185,
  dledger_dispatch = 190,  ///< and the place of the peer
  pop_poll = 200,
  pop_revive = 1000  ///< and the number of the revive queue
};

}  // namespace brokersim::model::rocketmq
