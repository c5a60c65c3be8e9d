#include "model/rocketmq/consume_monitor.hpp"

#include <algorithm>

namespace brokersim::model::rocketmq {

namespace {

using Index = sim::TransitionIndex<consume_rows>;

/// The consumer process, where a record carries it in the upper bits of `b`.
std::int64_t process_in(const sim::Record& record) { return record.b >> 16; }

bool is_over(Consuming state) { return state == Consuming::settled || state == Consuming::gone; }

std::optional<ConsumeOn> of_consumer(RecordKind kind, const sim::Record& record) {
  if (kind == RecordKind::consume_result) {
    const auto result = static_cast<ConsumeResult>(record.b & 0xffff);
    if (result == ConsumeResult::never) return ConsumeOn::stuck;
    return result == ConsumeResult::success ? ConsumeOn::success : ConsumeOn::failure;
  }
  if (kind == RecordKind::processed) return ConsumeOn::effect;
  if (kind == RecordKind::result_ignored) return ConsumeOn::ignored;
  if (kind == RecordKind::effect_behind) return ConsumeOn::effect_behind;
  if (kind == RecordKind::work_failed) return ConsumeOn::work_failed;
  if (kind == RecordKind::send_back_failed) return ConsumeOn::send_back_failed;
  if (kind == RecordKind::consume_expired) return ConsumeOn::expired;
  if (kind == RecordKind::given_up) return ConsumeOn::given_up;
  return std::nullopt;
}

/// A failure, by the listener that has failed.
ConsumeOn as_of(bool orderly, bool broadcasting, ConsumeOn on) {
  if (on == ConsumeOn::failure && broadcasting) return ConsumeOn::dropped;
  if (on == ConsumeOn::failure && orderly) return ConsumeOn::suspended;
  return on == ConsumeOn::send_back_failed && orderly ? ConsumeOn::give_up_failed : on;
}

}  // namespace

ConsumeMonitor::ConsumeMonitor(const Config& config) : is_watched_(config.groups.size()) {
  for (std::size_t c = 0; c < config.push_consumers.size(); ++c) {
    const PushConsumerConfig& consumer = config.push_consumers[c];
    members_.push_back(
        {push_consumer_process(config, c).value, consumer.group.value, consumer.settings.consumeTimeout,
         consumer.work.acknowledge != Acknowledge::after_work, consumer.listener == Listener::orderly,
         consumer.settings.messageModel == MessageModel::BROADCASTING,
         static_cast<unsigned>(consumer.profile)});
    is_watched_[consumer.group.value] = !consumer.pops();  // pop_table.hpp
  }
  // A plain reader tells nothing of its beginnings, so of a group that has one nothing can be said.
  for (const ConsumerConfig& consumer : config.consumers) is_watched_[consumer.group.value] = false;
}

void ConsumeMonitor::reset() {
  copies_.clear();
  settled_.reset();
}

std::optional<std::size_t> ConsumeMonitor::member_of(std::int64_t process) const {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].process == process) return i;
  }
  return std::nullopt;
}

void ConsumeMonitor::on(SimTime at, const sim::Record& record) {
  if (members_.empty()) return;
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind != RecordKind::result_ignored) forget_settled();
  if (kind == RecordKind::process_died) return died(record);
  const std::optional<ConsumeOn> told = of_consumer(kind, record);
  const bool of_group = told || kind == RecordKind::delivered || kind == RecordKind::consume_begun ||
                        kind == RecordKind::sent_back;
  if (!of_group || !is_watched_[static_cast<std::size_t>(record.a)]) return;
  if (told) {
    const auto member = member_of(process_in(record));
    if (!member) return;  // a plain reader has no table
    const Member& who = members_[*member];
    return step(at, record, as_of(who.orderly, who.broadcasting, *told), member);
  }
  if (kind == RecordKind::delivered) delivered_offset_ = record.b;
  if (kind == RecordKind::consume_begun) return begun(at, record);
  if (kind == RecordKind::sent_back) return step(at, record, ConsumeOn::executed, std::nullopt);
}

/// `delivered` has just told the offset. What is consumed again here keeps its first beginning:
/// cleanExpireMsg may have sent it back since, and still wait for the answer.
void ConsumeMonitor::begun(SimTime at, const sim::Record& record) {
  const std::size_t consumer = member_of(record.b & 0xffff).value();
  Copies& all = copies_[{record.a, record.subject}];
  std::vector<Shadow>& copies = all.shadows;
  const auto waits = [&](const Shadow& shadow) {
    return shadow.consumer == consumer && shadow.offset == delivered_offset_ &&
           shadow.state == Consuming::waiting_locally;
  };
  auto found = std::find_if(copies.begin(), copies.end(), waits);
  if (found == copies.end()) {
    copies.push_back({consumer, delivered_offset_, at, Consuming::none});
    found = copies.end() - 1;
    all.shared = all.shared || copies.size() > 1;
    try_step(*found, ConsumeOn::delivered, ConsumeGuard::any);
  }
  try_step(*found, ConsumeOn::begun, ConsumeGuard::any);
}

void ConsumeMonitor::died(const sim::Record& record) {
  const std::optional<std::size_t> consumer = member_of(record.subject);
  if (!consumer) return;
  for (auto entry = copies_.begin(); entry != copies_.end();) {
    std::erase_if(entry->second.shadows, [&](Shadow& shadow) {
      return shadow.consumer == *consumer && try_step(shadow, ConsumeOn::died, ConsumeGuard::any);
    });
    entry = entry->second.shadows.empty() ? copies_.erase(entry) : std::next(entry);
  }
}

ConsumeGuard ConsumeMonitor::guard_of(const Shadow& shadow, ConsumeOn on, SimTime at) const {
  const Member& member = members_[shadow.consumer];
  if (on == ConsumeOn::success)
    return member.result_first ? ConsumeGuard::result_first : ConsumeGuard::work_first;
  return at - shadow.begun > member.timeout ? ConsumeGuard::overdue : ConsumeGuard::in_time;
}

bool ConsumeMonitor::try_step(Shadow& shadow, ConsumeOn on, ConsumeGuard guard) {
  const std::uint16_t row = Index::find(members_[shadow.consumer].profile, shadow.state, on, guard);
  if (row == Index::no_row) return false;
  coverage_.hit(row, members_[shadow.consumer].profile);
  shadow.state = consume_rows[row].to;
  return true;
}

/// Of several copies one that moves on before one that stays as it is.
ConsumeMonitor::Shadow* ConsumeMonitor::find(Copies& copies, ConsumeOn on, SimTime at,
                                             std::optional<std::size_t> consumer) {
  Shadow* stays = nullptr;
  for (Shadow& shadow : copies.shadows) {
    if (consumer && shadow.consumer != *consumer) continue;
    const unsigned profile = members_[shadow.consumer].profile;
    const std::uint16_t row = Index::find(profile, shadow.state, on, guard_of(shadow, on, at));
    if (row == Index::no_row) continue;
    if (consume_rows[row].to != shadow.state) return &shadow;
    if (stays == nullptr) stays = &shadow;
  }
  return stays;
}

/// An effect does not say which of its process's listeners it is of. Where it could be that of several it is
/// put by, for whichever of them returns success without one.
bool ConsumeMonitor::put_by(Copies& copies, SimTime at, std::size_t consumer) {
  std::size_t candidates = 0;
  for (const Shadow& shadow : copies.shadows) {
    if (shadow.consumer != consumer) continue;
    const ConsumeGuard guard = guard_of(shadow, ConsumeOn::effect, at);
    const bool may = Index::find(members_[shadow.consumer].profile, shadow.state, ConsumeOn::effect, guard) !=
                     Index::no_row;
    if (may && shadow.state != Consuming::acknowledged) ++candidates;
  }
  if (candidates < 2) return false;
  ++copies.effects;
  return true;
}

void ConsumeMonitor::take_up(Copies& copies, std::size_t consumer, SimTime at) {
  const bool some = copies.effects > 0 || copies.shared;
  if (!some || find(copies, ConsumeOn::success, at, consumer) != nullptr) return;
  for (Shadow& shadow : copies.shadows) {
    if (shadow.consumer != consumer || shadow.state != Consuming::consuming) continue;
    copies.effects = std::max(0, copies.effects - 1);
    try_step(shadow, ConsumeOn::effect, ConsumeGuard::any);
    return;
  }
}

void ConsumeMonitor::step(SimTime at, const sim::Record& record, ConsumeOn on,
                          std::optional<std::size_t> consumer) {
  const Key key{record.a, record.subject};
  Copies& copies = copies_[key];
  if (on == ConsumeOn::effect && put_by(copies, at, *consumer)) return;
  if (on == ConsumeOn::success && consumer) take_up(copies, *consumer, at);
  if (Shadow* shadow = find(copies, on, at, consumer)) {
    try_step(*shadow, on, guard_of(*shadow, on, at));
    if (is_over(shadow->state)) settled_ = key;
    return;
  }
  refuse(at, key, on, consumer);
}

/// What a dead consumer has asked for may be executed while another one has the message; all else is a bug.
void ConsumeMonitor::refuse(SimTime at, const Key& key, ConsumeOn on, std::optional<std::size_t> consumer) {
  const std::vector<Shadow>& shadows = copies_[key].shadows;
  Shadow refused{};
  refused.state = Consuming::gone;
  for (const Shadow& shadow : shadows) {
    if (!consumer || shadow.consumer == *consumer) refused = shadow;
  }
  if (on == ConsumeOn::executed) refused.state = Consuming::gone;
  if (shadows.empty()) copies_.erase(key);
  if (refused.state == Consuming::gone && try_step(refused, on, ConsumeGuard::any)) return;
  const sim::Monitor<consume_rows> monitor(members_[refused.consumer].profile);
  monitor.expect(refused.state, on, guard_of(refused, on, at), refused.state);
}

/// Nobody can say anything more about it.
void ConsumeMonitor::forget_settled() {
  if (!settled_) return;
  const auto entry = copies_.find(*settled_);
  settled_.reset();
  if (entry == copies_.end()) return;
  std::erase_if(entry->second.shadows, [](const Shadow& shadow) { return is_over(shadow.state); });
  if (entry->second.shadows.empty()) copies_.erase(entry);
}

}  // namespace brokersim::model::rocketmq
