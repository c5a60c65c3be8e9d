#include "model/world.hpp"

namespace brokersim::model {

void release_payload(World& world, const Payload& payload) {
  const bool found = payload.kind == PayloadKind::pull_response && payload.status == Status::PULL_FOUND;
  if (found) world.batches.release(payload.size);
  if (payload.kind == PayloadKind::consumer_list) world.member_lists.release(payload.size);
  if (payload.kind == PayloadKind::ha_piece) world.log_pieces.release(payload.size);
  const bool registers_all = payload.kind == PayloadKind::register_broker && payload.mark != Mark::one_topic;
  const bool has_route = payload.kind == PayloadKind::route && payload.status == Status::SEND_OK;
  if (registers_all || has_route) world.routes.release(payload.size);
  const bool has_table =
      payload.kind == PayloadKind::sync_response || payload.kind == PayloadKind::ha_handshake;
  if (has_table) world.sync_tables.release(payload.size);
  const bool names_queues = payload.kind == PayloadKind::lock_batch ||
                            payload.kind == PayloadKind::lock_batch_response ||
                            payload.kind == PayloadKind::unlock_batch;
  if (names_queues) world.queue_sets.release(payload.size);
  const bool popped = payload.kind == PayloadKind::pop_response && payload.status == Status::PULL_FOUND;
  if (popped) world.pop_batches.release(payload.size);
  if (payload.kind == PayloadKind::dledger_push) world.entry_batches.release(payload.size);
}

}  // namespace brokersim::model
