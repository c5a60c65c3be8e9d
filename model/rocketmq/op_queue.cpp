// What a check pass knows of the op queue: TransactionalMessageServiceImpl.fillOpRemoveMap, its three
// collections, and calculateOpOffset. 4.9 has one half message per op record and no opMsgMap, which comes to
// the same.
#include "model/rocketmq/transaction_internal.hpp"

namespace brokersim::model::rocketmq {

namespace {

constexpr std::int64_t op_pull_size = 32;  ///< OP_MSG_PULL_NUMS

auto find_removal(CheckPass& pass, std::int64_t half) {
  return std::lower_bound(pass.removals.begin(), pass.removals.end(), half,
                          [](const Removal& removal, std::int64_t offset) { return removal.half < offset; });
}

/// HashMap.put; true if the op record did not name this one before.
bool put_removal(CheckPass& pass, std::int64_t half, std::int64_t op) {
  const auto place = find_removal(pass, half);
  if (place == pass.removals.end() || place->half != half) {
    pass.removals.insert(place, {half, op});
    return true;
  }
  return std::exchange(place->op, op) != op;
}

/// What lies before the offset where the pass began is of no interest any more; an op record that names
/// nothing else is done.
void note(const Site& site, CheckPass& pass, const LogRecord& op) {
  std::int64_t left = 0;
  for (std::int64_t k = op.first_op; k < op.first_op + op.op_count; ++k) {
    const std::int64_t half = site.broker.cache.op_offsets[static_cast<std::size_t>(k)];
    if (half >= pass.half_from && put_removal(pass, half, op.queue_offset)) ++left;
  }
  if (left > 0) pass.open_ops.push_back({op.queue_offset, left});
  if (left == 0) pass.done_ops.push_back(op.queue_offset);
}

}  // namespace

std::int64_t queue_end(const Broker& broker, TopicId topic) {
  return static_cast<std::int64_t>(queue_of(broker, topic, 0).index.size());
}

/// DefaultMessageStore.getMessage: NO_MESSAGE_IN_QUEUE and OFFSET_OVERFLOW_ONE are NO_NEW_MSG to the bridge,
/// OFFSET_OVERFLOW_BADLY is OFFSET_ILLEGAL.
bool nothing_new(const Broker& broker, TopicId topic, std::int64_t offset) {
  const std::int64_t end = queue_end(broker, topic);
  return end == 0 || offset == end;
}

void read_ops(Site& site, CheckPass& pass) {
  const TopicId topic = op_topic(site.all());
  const std::int64_t end = queue_end(site.broker, topic), from = pass.op_next;
  // fillOpRemoveMap, OFFSET_ILLEGAL: retention has deleted what it asks for.
  if (const std::int64_t first = first_offset(site.broker, topic, 0); from < first) {
    pass.ops_found = false;
    pass.op_next = first;
    return store_check_offset(site, topic, first);
  }
  pass.ops_found = from < end;
  pass.op_next = std::min(from + op_pull_size, end);
  if (from > end && end > 0) store_check_offset(site, topic, end);
  for (std::int64_t op = from; op < pass.op_next; ++op) {
    const LogRecord& record = *record_at(site.broker, topic, 0, op);
    note(site, pass, record);
    pass.last_op_born = record.born;
  }
}

std::int64_t take_removal(CheckPass& pass, std::int64_t half) {
  const auto place = find_removal(pass, half);
  if (place == pass.removals.end() || place->half != half) return -1;
  return std::exchange(place->op, -1);
}

void settle(CheckPass& pass, std::int64_t op) {
  const auto place =
      std::lower_bound(pass.open_ops.begin(), pass.open_ops.end(), op,
                       [](const OpenOp& open, std::int64_t offset) { return open.op < offset; });
  sim::check(place != pass.open_ops.end() && place->op == op, "an op record that is not open");
  if (--place->left == 0) pass.done_ops.push_back(op);
}

/// An op record that stands twice in the list (checkPrepareQueueOffset) stops the count, as in the source.
std::int64_t next_op_offset(const CheckPass& pass) {
  std::vector<std::int64_t> done = pass.done_ops;
  std::sort(done.begin(), done.end());
  std::int64_t next = pass.op_from;
  for (const std::int64_t op : done) {
    if (op != next) break;
    ++next;
  }
  return next;
}

void compact(CheckPass& pass) {
  std::erase_if(pass.removals, [](const Removal& removal) { return removal.op < 0; });
  std::erase_if(pass.open_ops, [](const OpenOp& open) { return open.left == 0; });
}

}  // namespace brokersim::model::rocketmq
