// The life of one message at one push consumer, as data: from the listener that is about to get it to its
// settlement. A redelivery, whether as a record of %RETRY%group or because an offset was forgotten, is a new
// life.
//
//   none -> cached -> consuming -> effect_applied -> settled
//                        |   ^          |
//                        |   |          v                       the broker has it again
//                        |   |     sending_back --------------> returned
//                        |   |          | refused, timed out       | the answer was lost
//                        v   |          v                          v
//               acknowledged '-- waiting_locally <--- resending <--'
//               (the effect is behind)                             gone: the process has died
#pragma once

#include <array>
#include <string_view>

#include "model/config.hpp"
#include "model/record.hpp"
#include "sim/transition_table.hpp"

namespace brokersim::model::rocketmq {

enum class Consuming : std::uint8_t {
  none,
  cached,           ///< pulled; a thread takes it
  consuming,        ///< in the listener
  effect_applied,   ///< in the listener, its effect is done
  stuck,            ///< in the listener for ever
  expired,          ///< in the listener, and cleanExpireMsg has sent it back
  acknowledged,     ///< the result was success, its effect is still to come
  sending_back,     ///< CONSUMER_SEND_MSG_BACK is on its way
  returned,         ///< the broker has executed it
  resending,        ///< the client sends it to %RETRY%group itself
  waiting_locally,  ///< that has failed too: again in 5 s
  settled,          ///< removed from its process queue
  gone              ///< the process died, or its result was ignored
};

constexpr std::string_view name(Consuming state) {
  switch (state) {
    case Consuming::none: return "none";
    case Consuming::cached: return "cached";
    case Consuming::consuming: return "consuming";
    case Consuming::effect_applied: return "effect_applied";
    case Consuming::stuck: return "stuck";
    case Consuming::expired: return "expired";
    case Consuming::acknowledged: return "acknowledged";
    case Consuming::sending_back: return "sending_back";
    case Consuming::returned: return "returned";
    case Consuming::resending: return "resending";
    case Consuming::waiting_locally: return "waiting_locally";
    case Consuming::settled: return "settled";
    case Consuming::gone: return "gone";
  }
  return {};
}

enum class ConsumeOn : std::uint8_t {
  delivered,
  begun,
  effect,
  success,
  failure,           ///< RECONSUME_LATER, null, exception
  stuck,             ///< the listener will never return
  ignored,           ///< the process queue had been dropped
  effect_behind,     ///< the effect is announced for later
  work_failed,       ///< and will not come
  executed,          ///< the broker has executed CONSUMER_SEND_MSG_BACK
  send_back_failed,  ///< no answer, or an error; the second time: of the normal send
  expired,
  died,
  suspended,       ///< an orderly listener has failed: the queue waits
  given_up,        ///< ... too often: a broker has taken the message for the dead-letter queue
  give_up_failed,  ///< no broker has
  dropped          ///< a broadcasting listener has failed
};

constexpr std::string_view name(ConsumeOn on) {
  switch (on) {
    case ConsumeOn::delivered: return "delivered";
    case ConsumeOn::begun: return "begun";
    case ConsumeOn::effect: return "effect";
    case ConsumeOn::success: return "success";
    case ConsumeOn::failure: return "failure";
    case ConsumeOn::stuck: return "stuck";
    case ConsumeOn::ignored: return "ignored";
    case ConsumeOn::effect_behind: return "effect_behind";
    case ConsumeOn::work_failed: return "work_failed";
    case ConsumeOn::executed: return "executed";
    case ConsumeOn::send_back_failed: return "send_back_failed";
    case ConsumeOn::expired: return "expired";
    case ConsumeOn::died: return "died";
    case ConsumeOn::suspended: return "suspended";
    case ConsumeOn::given_up: return "given_up";
    case ConsumeOn::give_up_failed: return "give_up_failed";
    case ConsumeOn::dropped: return "dropped";
  }
  return {};
}

enum class ConsumeGuard : std::uint8_t {
  any,
  work_first,    ///< Acknowledge::after_work
  result_first,  ///< Acknowledge::before_work, hand_off
  in_time,       ///< within consumeTimeout of its first beginning
  overdue        ///< longer
};

constexpr std::string_view name(ConsumeGuard guard) {
  switch (guard) {
    case ConsumeGuard::any: return "any";
    case ConsumeGuard::work_first: return "work_first";
    case ConsumeGuard::result_first: return "result_first";
    case ConsumeGuard::in_time: return "in_time";
    case ConsumeGuard::overdue: return "overdue";
  }
  return {};
}

namespace consume_source {
inline constexpr std::string_view run = "ConsumeMessageConcurrentlyService.ConsumeRequest.run";
inline constexpr std::string_view result = "ConsumeMessageConcurrentlyService.processConsumeResult";
inline constexpr std::string_view back = "AbstractSendMessageProcessor.consumerSendMsgBack";
inline constexpr std::string_view normal = "DefaultMQPushConsumerImpl.sendMessageBackAsNormalMessage";
inline constexpr std::string_view later = "ConsumeMessageConcurrentlyService.submitConsumeRequestLater";
inline constexpr std::string_view clean = "ProcessQueue.cleanExpiredMsg";
inline constexpr std::string_view memory = "process queues are memory";
inline constexpr std::string_view ordered = "ConsumeMessageOrderlyService.processConsumeResult";
inline constexpr std::string_view again = "ConsumeMessageOrderlyService.submitConsumeRequestLater";
inline constexpr std::string_view give_up = "ConsumeMessageOrderlyService.sendMessageBack";
}  // namespace consume_source

inline constexpr sim::Profiles consume_4_9 = 1U << static_cast<unsigned>(Profile::v4_9);
inline constexpr sim::Profiles consume_5_3 = 1U << static_cast<unsigned>(Profile::v5_3);

namespace consume_detail {
using C = Consuming;
using On = ConsumeOn;
using Guard = ConsumeGuard;
inline constexpr sim::Profiles all = sim::all_profiles;
}  // namespace consume_detail

// clang-format off
inline constexpr auto consume_rows = [] {
  using namespace consume_detail;
  using namespace consume_source;
  return std::array{
    sim::Row{C::none,            On::delivered, Guard::any, C::cached, all, run},
    sim::Row{C::cached,          On::begun, Guard::any, C::consuming, all, run},
    sim::Row{C::waiting_locally, On::begun, Guard::any, C::consuming, all, later},

    sim::Row{C::consuming,       On::effect, Guard::any, C::effect_applied, all, run},
    sim::Row{C::expired,         On::effect, Guard::any, C::expired, all, clean, "the running listener continues"},
    sim::Row{C::acknowledged,    On::effect, Guard::any, C::settled, all, run},

    sim::Row{C::effect_applied,  On::success, Guard::work_first, C::settled, all, result},
    sim::Row{C::consuming,       On::success, Guard::result_first, C::acknowledged, all, result},
    sim::Row{C::acknowledged,    On::effect_behind, Guard::any, C::acknowledged, all, run},
    sim::Row{C::acknowledged,    On::work_failed, Guard::any, C::gone, all, run, "nobody brings it again"},
    sim::Row{C::expired,         On::success, Guard::any, C::settled, all, result, "nothing is left to remove"},

    sim::Row{C::consuming,       On::failure, Guard::any, C::sending_back, all, result},
    sim::Row{C::effect_applied,  On::failure, Guard::any, C::sending_back, all, result,
             "the effect came before the failure, or another message of the list failed"},
    sim::Row{C::expired,         On::failure, Guard::any, C::settled, consume_5_3, result, "containsMessage says no"},
    sim::Row{C::expired,         On::failure, Guard::any, C::sending_back, consume_4_9, result, "sent back twice"},

    sim::Row{C::consuming,       On::stuck, Guard::any, C::stuck, all, run, "the thread is lost to the pool"},
    sim::Row{C::effect_applied,  On::stuck, Guard::any, C::stuck, all, run, "likewise"},
    sim::Row{C::expired,         On::stuck, Guard::any, C::expired, all, run, "sent back before; the thread is lost all the same"},

    sim::Row{C::settled,         On::ignored, Guard::any, C::gone, all, run},
    sim::Row{C::sending_back,    On::ignored, Guard::any, C::gone, all, run},
    sim::Row{C::acknowledged,    On::ignored, Guard::any, C::acknowledged, all, run, "the effect comes all the same"},

    sim::Row{C::sending_back,    On::executed, Guard::any, C::returned, all, back},
    sim::Row{C::sending_back,    On::send_back_failed, Guard::any, C::resending, all, normal},
    sim::Row{C::returned,        On::send_back_failed, Guard::any, C::resending, all, normal,
             "its answer was lost: the message comes twice"},
    sim::Row{C::resending,       On::executed, Guard::any, C::resending, all, back, "executed after the time-out"},
    sim::Row{C::resending,       On::send_back_failed, Guard::any, C::waiting_locally, all, later},
    sim::Row{C::waiting_locally, On::executed, Guard::any, C::waiting_locally, all, back, "likewise"},
    sim::Row{C::waiting_locally, On::send_back_failed, Guard::overdue, C::waiting_locally, all, clean, "both had sent it back"},
    sim::Row{C::gone,            On::executed, Guard::any, C::gone, all, back, "the request survives its sender"},

    sim::Row{C::consuming,       On::executed, Guard::overdue, C::consuming, all, clean},
    sim::Row{C::effect_applied,  On::executed, Guard::overdue, C::effect_applied, all, clean},
    sim::Row{C::stuck,           On::executed, Guard::overdue, C::stuck, all, clean},
    sim::Row{C::consuming,       On::send_back_failed, Guard::overdue, C::consuming, all, clean},
    sim::Row{C::effect_applied,  On::send_back_failed, Guard::overdue, C::effect_applied, all, clean},
    sim::Row{C::stuck,           On::send_back_failed, Guard::overdue, C::stuck, all, clean},
    sim::Row{C::consuming,       On::expired, Guard::overdue, C::expired, all, clean},
    sim::Row{C::stuck,           On::expired, Guard::overdue, C::settled, all, clean},
    sim::Row{C::effect_applied,  On::expired, Guard::overdue, C::expired, all, clean},
    sim::Row{C::returned,        On::executed, Guard::any, C::returned, all, clean, "by both of its threads"},
    sim::Row{C::sending_back,    On::expired, Guard::any, C::sending_back, all, clean, "the listener was faster"},
    sim::Row{C::returned,        On::expired, Guard::any, C::returned, all, clean, "likewise"},
    sim::Row{C::waiting_locally, On::expired, Guard::any, C::waiting_locally, all, clean,
             "sent back, and consumed again all the same"},
    sim::Row{C::gone,            On::expired, Guard::any, C::gone, all, clean, "likewise"},
    sim::Row{C::gone,            On::send_back_failed, Guard::any, C::gone, all, clean, "likewise"},

    sim::Row{C::consuming,       On::suspended, Guard::any, C::waiting_locally, all, again},
    sim::Row{C::effect_applied,  On::suspended, Guard::any, C::waiting_locally, all, again, "the effect came before the failure"},
    sim::Row{C::waiting_locally, On::given_up, Guard::any, C::settled, all, give_up},
    sim::Row{C::waiting_locally, On::give_up_failed, Guard::any, C::waiting_locally, all, give_up},
    sim::Row{C::waiting_locally, On::ignored, Guard::any, C::gone, all, ordered},
    sim::Row{C::gone,            On::given_up, Guard::any, C::gone, all, give_up, "nobody asks whether the queue has been taken away"},
    sim::Row{C::gone,            On::give_up_failed, Guard::any, C::gone, all, give_up, "likewise"},

    sim::Row{C::consuming,       On::dropped, Guard::any, C::settled, all, result, "logged, and that is all"},
    sim::Row{C::effect_applied,  On::dropped, Guard::any, C::settled, all, result, "likewise"},
    sim::Row{C::expired,         On::dropped, Guard::any, C::settled, all, result, "what was sent back nobody reads"},

    sim::Row{C::consuming,       On::died, Guard::any, C::gone, all, memory},
    sim::Row{C::effect_applied,  On::died, Guard::any, C::gone, all, memory, "it will be delivered again"},
    sim::Row{C::stuck,           On::died, Guard::any, C::gone, all, memory},
    sim::Row{C::expired,         On::died, Guard::any, C::gone, all, memory},
    sim::Row{C::acknowledged,    On::died, Guard::any, C::gone, all, memory, "lost if its offset is committed"},
    sim::Row{C::sending_back,    On::died, Guard::any, C::gone, all, memory},
    sim::Row{C::returned,        On::died, Guard::any, C::gone, all, memory},
    sim::Row{C::resending,       On::died, Guard::any, C::gone, all, memory},
    sim::Row{C::waiting_locally, On::died, Guard::any, C::gone, all, memory},
  };
}();
// clang-format on

/// What a result of the listener leads to (processConsumeResult).
struct ConsumeResultRow {
  ConsumeResult result;
  bool returns;          ///< the thread is free afterwards
  bool is_sent_back;     ///< to be delivered again after a delay
  bool offset_advances;  ///< past it, as soon as what lies before it is settled
  std::string_view source;
};

inline constexpr std::array consume_result_rows{
    ConsumeResultRow{ConsumeResult::success, true, false, true, consume_source::result},
    ConsumeResultRow{ConsumeResult::reconsume_later, true, true, true, consume_source::result},
    ConsumeResultRow{ConsumeResult::exception, true, true, true, consume_source::run},
    ConsumeResultRow{ConsumeResult::null, true, true, true, consume_source::run},
    ConsumeResultRow{ConsumeResult::never, false, false, false, consume_source::clean},
    ConsumeResultRow{ConsumeResult::send_back_timed_out, true, true, true, consume_source::normal},
    ConsumeResultRow{ConsumeResult::send_back_refused, true, true, true, consume_source::normal},
    ConsumeResultRow{ConsumeResult::behind_ack_index, true, true, true, consume_source::result},
    ConsumeResultRow{ConsumeResult::suspend_queue, true, false, false, consume_source::ordered},
};
static_assert(consume_result_rows.size() == static_cast<std::size_t>(ConsumeResult::count));

}  // namespace brokersim::model::rocketmq
