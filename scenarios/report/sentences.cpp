#include "scenarios/report/sentences.hpp"

#include <algorithm>

#include "model/record.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/trace_format.hpp"

namespace brokersim::scenarios {

using model::RecordKind;
using model::SendError;

namespace {

RecordKind kind_of(const sim::Record& record) { return static_cast<RecordKind>(record.kind); }

std::string number(std::int64_t n) { return std::to_string(n); }

template <class Word>
std::string word(std::int64_t n) {
  return std::string(model::to_string(static_cast<Word>(n)));
}

std::string why(std::int64_t error) {
  switch (static_cast<SendError>(error)) {
    case SendError::none: return "no reason was given";
    case SendError::timed_out: return "there was no answer in time";
    case SendError::connection_broken: return "its connection broke";
    case SendError::refused: return "no connection could be opened";
    case SendError::broker_error: return "the broker answered an error";
    case SendError::budget_spent: return "sendMsgTimeout was over before the next try";
    case SendError::not_stored_ok: return "the status was not SEND_OK";
    case SendError::died: return "the producer died";
    case SendError::no_route: return "the client knew no route of the topic";
  }
  return "";
}

std::string why_refused(std::int64_t refusal) {
  switch (static_cast<model::EndRefusal>(refusal)) {
    case model::EndRefusal::unknown_verdict: return "UNKNOW decides nothing";
    case model::EndRefusal::no_record: return "no half message is there";
    case model::EndRefusal::other_group: return "another producer group's message is there";
    case model::EndRefusal::other_offset: return "another message is there";
    case model::EndRefusal::too_late: return "CHECK_IMMUNITY_TIME_IN_SECONDS is over";
    case model::EndRefusal::append_failed: return "the final message could not be stored";
    case model::EndRefusal::slave: return "it is a slave";
    case model::EndRefusal::queue_timeout: return "it has waited too long for a thread";
    case model::EndRefusal::count: break;
  }
  return "";
}

std::string how_lost(std::int64_t loss) {
  switch (static_cast<model::LossKind>(loss)) {
    case model::LossKind::uncommitted_pool: return "it was only in the transient store pool.";
    case model::LossKind::unflushed_tail: return "it was not yet on the disk.";
    case model::LossKind::torn_tail: return "it was on the disk, but behind a page that was not.";
    case model::LossKind::truncated_tail: return "the end of the log was cut off.";
    case model::LossKind::disk_lost: return "the disk is lost.";
    case model::LossKind::retention: return "retention has deleted its file.";
    case model::LossKind::diverged: return "the master of a later epoch does not have it.";
  }
  return "";
}

std::string from_whom(bool from_check) {
  return from_check ? " (the answer to a check)" : " (from the producer itself)";
}

}  // namespace

Storyteller::Storyteller(const model::Config& config, std::uint32_t message, std::optional<std::size_t> group)
    : config_(config),
      message_(message),
      group_(group),
      flushed_(config.brokers.size(), sim::SimTime{-1}),
      serves_(config),
      reads_(config) {}

std::string Storyteller::broker(std::int64_t n) const {
  return config_.brokers.at(static_cast<std::size_t>(n)).name;
}
std::string Storyteller::producer(std::int64_t n) const {
  return config_.producers.at(static_cast<std::size_t>(n)).name;
}
std::string Storyteller::host(std::int64_t n) const {
  return config_.hosts.at(static_cast<std::size_t>(n)).name;
}
std::string Storyteller::process(std::int64_t n) const {
  return shown_name(config_, model::ProcessId(static_cast<std::uint16_t>(n)));
}
std::string Storyteller::group_name(std::int64_t n) const {
  const auto i = static_cast<std::size_t>(n);
  return i < config_.groups.size() ? config_.groups[i] : "CID_RMQ_SYS_TRANS";
}

/// `delay level 3 (10 s)`
std::string Storyteller::level(std::int64_t broker_and_level) const {
  const auto& levels =
      config_.brokers.at(static_cast<std::size_t>(broker_and_level & 0xffff)).settings.messageDelayLevel;
  const auto n = static_cast<std::size_t>(broker_and_level >> 16);
  const std::string time = n >= 1 && n <= levels.size() ? " (" + short_time(levels[n - 1].ns) + ")" : "";
  return "delay level " + std::to_string(n) + time;
}

bool Storyteller::is_transactional() const { return config_.producers[producer_].transaction.has_value(); }

bool Storyteller::concerns_group(std::int64_t n) const {
  return !group_ || *group_ == static_cast<std::size_t>(n);
}

/// An instance of the producer group that could be asked about this message.
bool Storyteller::may_answer(std::uint32_t id) const {
  const std::size_t i = id - config_.brokers.size();
  return is_transactional() && id >= config_.brokers.size() && i < config_.producers.size() &&
         config_.producers[i].group == config_.producers[producer_].group;
}

bool Storyteller::is_orderly(std::int64_t id) const {
  const auto i = static_cast<std::size_t>(id) - model::push_consumer_process(config_, 0).value;
  return i < config_.push_consumers.size() && config_.push_consumers[i].listener == model::Listener::orderly;
}

/// Who is refused asks again and again: once is enough.
bool Storyteller::is_told_again(const sim::Record& record) {
  const bool is_refused =
      static_cast<model::QueueLocking>(record.b >> 16 & 0xffff) == model::QueueLocking::refused;
  const auto before = std::exchange(refused_, is_refused ? std::optional{record.subject} : std::nullopt);
  return is_refused && before == record.subject;
}

/// Of who asks for the lock of the message's queue, or gives it back. Renewals are left out.
std::string Storyteller::of_lock(const sim::Record& record) {
  const RecordKind kind = kind_of(record);
  const bool locks = kind == RecordKind::queue_locked || kind == RecordKind::queue_unlocked;
  if (!locks || !is_member(record.subject) || !is_own_queue(record.a) || is_told_again(record)) return "";
  const std::string who = process(record.subject);
  switch (static_cast<model::QueueLocking>(record.b >> 16 & 0xffff)) {
    case model::QueueLocking::granted: return who + " gets the lock of its queue.";
    case model::QueueLocking::renewed: return "";
    case model::QueueLocking::taken_over:
      return who +
             " gets the lock of its queue, which had expired and stays so: the next who asks gets it too.";
    case model::QueueLocking::refused:
      return who + " is refused the lock of its queue, which another client has, and asks again.";
    case model::QueueLocking::released: return who + " gives the lock of its queue back.";
    case model::QueueLocking::not_held: return "";
  }
  return "";
}

/// A push consumer of a group that the story is about.
bool Storyteller::is_member(std::uint32_t id) const {
  const std::size_t first = model::push_consumer_process(config_, 0).value;
  return id >= first && id - first < config_.push_consumers.size() &&
         concerns_group(config_.push_consumers[id - first].group.value);
}

bool Storyteller::is_own_queue(std::int64_t place) const {
  const std::int64_t topic = place >> 32;
  return topic == config_.producers[producer_].topic.value &&
         std::find(places_.begin(), places_.end(), place & 0xffffffff) != places_.end();
}

std::optional<std::string> Storyteller::sentence(sim::SimTime at, const sim::Record& record) {
  const RecordKind kind = kind_of(record);
  if (kind == RecordKind::flushed) flushed_.at(record.subject) = at;
  serves_.on(at, record);
  reads_.on(record);
  if (is_about_message(record)) {
    if (record.subject != message_) {
      const std::string other = of_other(record);
      return other.empty() ? std::nullopt : std::optional{other};
    }
    if (kind == RecordKind::send_begun) producer_ = static_cast<std::size_t>(record.a);
    if (kind == RecordKind::attempt_sent) places_.push_back(record.b);
    if (kind == RecordKind::appended) places_.push_back(record.a);
    if (kind == RecordKind::half_copied) {
      copied_ = record.b;
      copied_by_immunity_ = record.a >> 16 == static_cast<std::int64_t>(model::HalfCopy::immune);
    }
  }
  for (const auto& told : {of_producer(record), of_copy(record), of_half(record), of_verdict(record),
                           of_consumer(record), of_retry(record), of_process(at, record), of_fault(record),
                           of_broker(record), of_reader(record), of_lock(record)}) {
    if (!told.empty()) return told;
  }
  return std::nullopt;
}

std::string Storyteller::of_producer(const sim::Record& record) const {
  const RecordKind kind = kind_of(record);
  const std::string half = is_transactional() ? "the half message of message " : "message ";
  if (kind == RecordKind::send_begun)
    return producer(record.a) + " (thread " + number(record.b) + ") sends " + half + number(record.subject) +
           ".";
  if (kind == RecordKind::attempt_sent)
    return "Try " + number(record.a + 1) + " goes to " + asked(record.b >> 16) + ", queue " +
           number(record.b & 0xffff) + ".";
  if (kind == RecordKind::attempt_failed)
    return "Try " + number(record.a + 1) + " has failed: " + why(record.b) + ".";
  if (kind == RecordKind::acknowledged && is_transactional())
    return "sendMessageInTransaction returns: for the application the message is on its way.";
  if (kind == RecordKind::acknowledged)
    return "The producer has its " + word<model::Status>(record.a) +
           ": from here on it believes the message safe.";
  if (kind == RecordKind::told_failed && static_cast<SendError>(record.a) == SendError::died)
    return "The producer dies with the send open: nobody learns what became of it.";
  if (kind == RecordKind::told_failed)
    return "The application is told that the send has failed: " + why(record.a) +
           (record.b == 0 ? "." : " (" + word<model::Status>(record.b) + ").");
  if (kind == RecordKind::unobserved)
    return "The send has failed (" + why(record.a) + "), and nobody looks at its result.";
  if (kind == RecordKind::believed_sent) return "Sent one-way: the producer believes that it has arrived.";
  return "";
}

std::string Storyteller::of_copy(const sim::Record& record) const {
  const RecordKind kind = kind_of(record);
  if (kind == RecordKind::appended)
    return where(record.a >> 16) + " stores " + (is_transactional() ? "the final message" : "it") +
           " in queue " + number(record.a & 0xffff) + " at offset " + number(record.b) + "." + read_before();
  if (kind == RecordKind::refused)
    return broker(record.b) + " refuses it: " + word<model::Status>(record.a) + ".";
  if (kind == RecordKind::answered) return "The broker answers " + word<model::Status>(record.a) + ".";
  if (kind == RecordKind::response_dropped)
    return "The answer " + word<model::Status>(record.a) + " finds no connection any more.";
  if (kind == RecordKind::replicated) return "The slave " + slave_at(record.a >> 16) + " has it in its log.";
  if (kind == RecordKind::replica_lost)
    return "The crash takes the copy of the slave " + broker(record.a & 0xffff) + ".";
  if (kind == RecordKind::scheduled_lost)
    return "The delayed message at offset " + number(record.b) + " is gone: " + how_lost(record.a >> 16);
  if (kind == RecordKind::copy_copied)
    return "The follower " + broker(record.a >> 16) + " has it in its log.";
  if (kind == RecordKind::copy_truncated)
    return broker(record.a >> 16) + " cuts its copy off: its new leader does not have it.";
  if (kind == RecordKind::member_copy_lost)
    return "The crash takes the copy of " + broker(record.a & 0xffff) + ".";
  if (kind == RecordKind::majority_missed)
    return "No majority has it within 2.5 s: " + broker(record.a) + " keeps it and refuses the send.";
  if (kind == RecordKind::released) return "Consumers can see it at offset " + number(record.b) + ".";
  if (kind != RecordKind::copy_lost) return "";
  return "The copy at offset " + number(record.b) + " is gone: " + how_lost(record.a);
}

std::string Storyteller::of_half(const sim::Record& record) const {
  const RecordKind kind = kind_of(record);
  const std::string at = broker(
      kind >= RecordKind::half_stored && kind <= RecordKind::half_stepped_over ? record.a & 0xffff : 0);
  const std::string offset = "half message " + number(record.b);
  if (kind == RecordKind::half_stored)
    return where(record.a & 0xffff) + " stores it as " + offset + " of RMQ_SYS_TRANS_HALF_TOPIC.";
  if (kind == RecordKind::copy_stored)
    return "A check pass of " + at + (copied_by_immunity_ ? " leaves" : " finds no verdict for") +
           " half message " + number(copied_) + " and puts a copy behind it, " + offset +
           " (TRANSACTION_CHECK_TIMES " + number(record.a >> 16) + ")" +
           (copied_by_immunity_ ? ": CHECK_IMMUNITY_TIME_IN_SECONDS is not over." : ".");
  if (kind == RecordKind::check_asked)
    return at + " asks " + process(record.b) + " about the local transaction.";
  if (kind == RecordKind::check_unasked)
    return "No producer of the group is connected to " + at + ": the check is spent, and nobody was asked.";
  if (kind == RecordKind::op_buffered) return "Its op waits in the memory of " + at + ".";
  if (kind == RecordKind::op_stored)
    return "The op of " + offset + " is in the op log" +
           (is_of_several(record.a & 0xffff) ? " of " + where(record.a & 0xffff) : "") +
           ": check passes go past it.";
  if (kind == RecordKind::op_lost)
    return "The op of " + offset + " was only in the memory of " + at + " and is gone.";
  if (kind == RecordKind::half_resolved)
    return "A check pass of " + at + " goes past " + offset + " by its op.";
  if (kind == RecordKind::half_lost)
    return "A crash took " + offset + " of " + at + ": it was not yet on the disk.";
  if (kind == RecordKind::half_stepped_over)
    return "The check passes of " + at + " begin behind " + offset + ", which none of them will read again.";
  if (kind == RecordKind::half_escaped)
    return broker(record.a) + ", which acts for its master, puts " + offset + " into another set:";
  if (kind == RecordKind::half_escape_over) return of_escape(record);
  if (kind != RecordKind::half_discarded) return "";
  const bool too_old = record.a >> 16 == static_cast<std::int64_t>(model::DiscardReason::too_old);
  return at + " gives up " + offset + " and moves it to TRANS_CHECK_MAX_TIME_TOPIC: " +
         (too_old ? "it is older than fileReservedTime." : "transactionCheckMax is reached.");
}

std::string Storyteller::of_verdict(const sim::Record& record) const {
  const RecordKind kind = kind_of(record);
  if (kind == RecordKind::end_executed || kind == RecordKind::end_refused) {
    const std::string verdict =
        word<model::TransactionVerdict>(record.a >> 16 & 0xff) + from_whom(record.a >> 24 != 0);
    const std::string at = broker(record.a & 0xffff);
    return kind == RecordKind::end_executed
               ? at + " has executed " + verdict + " for half message " + number(record.b) + "."
               : at + " refuses " + verdict + ": " + why_refused(record.b) + ". Nobody reads that answer.";
  }
  if (kind == RecordKind::end_sent || kind == RecordKind::end_unsent) {
    const std::string verdict = word<model::TransactionVerdict>(record.b & 0xff);
    const std::string what = record.b >> 8 != 0 ? " answers the check: " : " sends endTransaction: ";
    return producer(record.a) + what + verdict +
           (kind == RecordKind::end_sent ? ", one-way."
                                         : ". It has no connection: the verdict is gone, unnoticed.");
  }
  if (kind == RecordKind::local_begun)
    return "Stored: " + producer(record.a) + " begins its local transaction.";
  if (kind == RecordKind::local_done)
    return record.b == static_cast<std::int64_t>(model::LocalOutcome::commit)
               ? "The local transaction has committed."
               : "The local transaction has rolled back.";
  if (kind == RecordKind::local_skipped)
    return "The status is " + word<model::Status>(record.b) + ": the local transaction is not run.";
  if (kind == RecordKind::check_received)
    return producer(record.a) + " gets check " + number(record.b) + " of this message.";
  if (kind == RecordKind::check_dropped)
    return producer(record.a) + " cannot take the check: its pool is full.";
  return "";
}

std::string Storyteller::of_consumer(const sim::Record& record) const {
  const RecordKind kind = kind_of(record);
  const bool of_group = kind == RecordKind::delivered || kind == RecordKind::processed ||
                        kind == RecordKind::consume_begun || kind == RecordKind::consume_result ||
                        kind == RecordKind::effect_behind || kind == RecordKind::consume_expired ||
                        kind == RecordKind::result_ignored || kind == RecordKind::work_failed ||
                        kind == RecordKind::given_up;
  if (!of_group || !concerns_group(record.a)) return "";
  const std::string group = group_name(record.a);
  if (kind == RecordKind::delivered)
    return "Group " + group + " gets it, from offset " + number(record.b) + ".";
  if (kind == RecordKind::processed && (record.b & 0xffff) > 1)
    return "The effect is applied in group " + group + " once more.";
  if (kind == RecordKind::processed) return "The effect is applied in group " + group + ".";
  if (kind == RecordKind::consume_begun)
    return "A listener of " + process(record.b & 0xffff) + " begins its work" +
           (record.b >> 16 == 0 ? "." : ", with RECONSUME_TIMES " + number(record.b >> 16) + ".");
  if (kind == RecordKind::consume_result &&
      static_cast<model::ConsumeResult>(record.b & 0xffff) == model::ConsumeResult::exception)
    return "The listener throws an exception.";
  if (kind == RecordKind::consume_result &&
      static_cast<model::ConsumeResult>(record.b & 0xffff) == model::ConsumeResult::never)
    return "The listener does not return.";
  if (kind == RecordKind::consume_result &&
      static_cast<model::ConsumeResult>(record.b & 0xffff) == model::ConsumeResult::behind_ack_index)
    return "The listener returns CONSUME_SUCCESS with ackIndex before it: it is sent back.";
  if (kind == RecordKind::consume_result && is_orderly(record.b >> 16))
    return "The listener returns " +
           (static_cast<model::ConsumeResult>(record.b & 0xffff) == model::ConsumeResult::success
                ? "SUCCESS."
                : word<model::ConsumeResult>(record.b & 0xffff) + ".");
  if (kind == RecordKind::consume_result)
    return "The listener returns " + word<model::ConsumeResult>(record.b & 0xffff) + ".";
  if (kind == RecordKind::given_up)
    return "maxReconsumeTimes is reached: " + process(record.b >> 16) +
           " has sent it to the retry topic, for %DLQ%" + group + ".";
  if (kind == RecordKind::effect_behind) return "Acknowledged: its effect is still to come.";
  if (kind == RecordKind::work_failed)
    return "Its work has failed, and it was acknowledged before: nobody brings it again.";
  if (kind == RecordKind::consume_expired)
    return "consumeTimeout is over: it is sent back while the listener still works on it.";
  return "The queue has been taken away meanwhile: the listener's result is ignored.";
}

std::string Storyteller::of_pop(const sim::Record& record) const {
  const std::string group = group_name(record.a & 0xffff);
  const RecordKind kind = kind_of(record);
  if (kind == RecordKind::pop_aborted)
    return "Its invisible time is over, or its queue is taken away, before a thread of " +
           process(record.b >> 16) + " had time for it: it is left to whoever gets it next.";
  if (kind == RecordKind::pop_unsettled)
    return process(record.b >> 16) +
           " does not hear that its ack, or its change of the invisible time, has arrived.";
  if (kind == RecordKind::pop_dropped)
    return "maxReconsumeTimes is exceeded: " + process(record.b >> 16) +
           " acknowledges it, and nobody makes a dead letter of it.";
  const std::string where =
      broker(record.a >> 48 & 0xffff) + " (offset " + number(record.b & 0xffffffff) + ")";
  if (kind == RecordKind::pop_buffered)
    return where + " hands it out to group " + group + "; the checkpoint is in memory only.";
  if (kind == RecordKind::pop_stored)
    return where + " has a checkpoint in its log: it is out to group " + group + ".";
  if (kind == RecordKind::pop_acked) return where + " takes the ack of group " + group + ".";
  if (kind == RecordKind::pop_revived)
    return "Its invisible time is over without an ack: " + where + " puts it into the retry topic of group " +
           group + ".";
  return "Its invisible time is over, and the store of " + where + " refuses to take it for the retry topic.";
}

std::string Storyteller::of_retry(const sim::Record& record) const {
  const RecordKind kind = kind_of(record);
  if (kind == RecordKind::scheduled)
    return where(record.a & 0xffff) + " delays it in SCHEDULE_TOPIC_XXXX, " + level(record.a) +
           ", at offset " + number(record.b) + ".";
  if (kind == RecordKind::delay_over)
    return "The delay of offset " + number(record.b) + " in SCHEDULE_TOPIC_XXXX is over" +
           level_at(record.a & 0xffff) + ", " + level(record.a) + ".";
  if (kind == RecordKind::timer_stored)
    return broker(record.a & 0xffff) + " keeps it in rmq_sys_wheel_timer at offset " + number(record.b) +
           ", for " + short_time((record.a >> 16) * 1'000'000) + ".";
  if (kind == RecordKind::timer_over)
    return "The time of offset " + number(record.b) + " in rmq_sys_wheel_timer is over.";
  if (kind == RecordKind::timer_rolled)
    return "The time of offset " + number(record.b) +
           " in rmq_sys_wheel_timer is far away: it goes behind the end.";
  if (kind == RecordKind::timer_given_up)
    return "The time of offset " + number(record.b) +
           " in rmq_sys_wheel_timer is over, and the store has refused it three times: it is given up.";
  if (kind == RecordKind::timer_passed)
    return "Offset " + number(record.b) +
           " in rmq_sys_wheel_timer goes into a slot that the wheel has read: nobody reads it again.";
  if (kind >= RecordKind::pop_buffered && kind <= RecordKind::pop_dropped)
    return concerns_group(record.a & 0xffff) ? of_pop(record) : "";
  const bool of_group = kind == RecordKind::send_back_failed || kind == RecordKind::sent_back ||
                        kind == RecordKind::retry_stored || kind == RecordKind::dead_lettered ||
                        kind == RecordKind::returned_lost;
  if (!of_group || !concerns_group(record.a & 0xffff)) return "";
  const std::string group = group_name(record.a & 0xffff);
  if (kind == RecordKind::returned_lost)
    return "A copy that was on its way back to group " + group + ", at offset " + number(record.b) +
           ", is gone: " + how_lost(record.a >> 16);
  if (kind == RecordKind::retry_stored)
    return "It is in %RETRY%" + group + " at offset " + number(record.b) + ".";
  if (kind == RecordKind::dead_lettered)
    return "It is in %DLQ%" + group + " at offset " + number(record.b) + ".";
  if (kind == RecordKind::sent_back)
    return record.b < 0
               ? "The broker takes it back; " + std::string(record.b == -1
                                                                ? "maxReconsumeTimes is reached."
                                                                : "the client asks for a dead letter.")
               : "The broker takes it back, to deliver it again after delay level " + number(record.b) + ".";
  const bool silent =
      static_cast<model::ConsumeResult>(record.b & 0xffff) == model::ConsumeResult::send_back_timed_out;
  return std::string("Sending it back ") + (silent ? "got no answer" : "was refused") +
         ": the client sends it to the retry topic itself, or keeps it.";
}

}  // namespace brokersim::scenarios
