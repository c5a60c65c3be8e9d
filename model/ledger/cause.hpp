// Why a message was lost, doubled, stuck or refused: a closed list, each with the phase it belongs
// to and the one setting (or habit) that closes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace brokersim::model::ledger {

enum class Cause : std::uint8_t {
  none,
  production_oneway,
  production_unchecked_callback,
  production_retries_exhausted,
  production_producer_died,
  production_unanswered_retry,
  storage_unflushed_tail,
  storage_uncommitted_pool,
  storage_topic_configuration_lost,
  consumption_offset_skipped,
  count
};

struct CauseText {
  Cause cause;
  std::string_view name;      ///< public: "<phase>.<what>"
  std::string_view sentence;  ///< what happened, for a person
  std::string_view closes;    ///< the one setting or habit that closes it
};

inline constexpr std::array<CauseText, static_cast<std::size_t>(Cause::count)> cause_texts{{
    {Cause::none, "none", "nothing happened to it", ""},
    {Cause::production_oneway, "production.oneway",
     "sent one-way: no answer was awaited, and nothing stored it",
     "send sync (or async with a callback that resends)"},
    {Cause::production_unchecked_callback, "production.unchecked_callback",
     "the send failed and nobody looked at its result",
     "handle the callback's onException (or the exception) and resend"},
    {Cause::production_retries_exhausted, "production.retries_exhausted",
     "every try failed and the application was told",
     "resend from a local message table once the broker is back"},
    {Cause::production_producer_died, "production.producer_died",
     "the producer died before it learnt what became of the send",
     "write the intent to a local message table before sending"},
    {Cause::production_unanswered_retry, "production.unanswered_retry",
     "a try that was stored got no answer, and the client sent it again",
     "make the consumer idempotent (unique key)"},
    {Cause::storage_unflushed_tail, "storage.unflushed_tail",
     "acknowledged from the page cache, not yet synced when the host failed", "flushDiskType=SYNC_FLUSH"},
    {Cause::storage_uncommitted_pool, "storage.uncommitted_pool",
     "acknowledged from the transient store pool, not yet committed when the process died",
     "transientStorePoolEnable=false"},
    {Cause::storage_topic_configuration_lost, "storage.topic_configuration_lost",
     "topics.json did not survive; the messages are in the log but no queue leads to them",
     "create the topic again with its old number of queues"},
    {Cause::consumption_offset_skipped, "consumption.offset_skipped",
     "the log was truncated and regrew past the consumer's offset, which skipped the new messages",
     "flushDiskType=SYNC_FLUSH (no truncation of what was consumed)"},
}};

constexpr const CauseText& text_of(Cause cause) { return cause_texts[static_cast<std::size_t>(cause)]; }

constexpr std::optional<Cause> cause_named(std::string_view name) {
  for (const CauseText& text : cause_texts) {
    if (text.name == name) return text.cause;
  }
  return std::nullopt;
}

}  // namespace brokersim::model::ledger
