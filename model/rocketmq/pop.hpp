// What the files of POP at a broker share (pop_service.hpp says which they are).
#pragma once

#include "model/rocketmq/append_lock.hpp"
#include "model/rocketmq/pop_service.hpp"

namespace brokersim::model::rocketmq {

/// What a record tells of one message of a mark.
void tell_pop(const Site& site, RecordKind kind, IntentId intent, const PopKey& key, std::uint8_t place);
/// The intent of a message that is out; no_intent: it is not there any more.
IntentId intent_of(const Site& site, const PopKey& key, std::uint8_t place);
/// putMessageToSpecificQueue of a ck or ak: by the timer wheel, or, if its time is over, at once. False: the
/// store refuses it.
bool put_mark(Site& site, const PopMark& mark, std::uint8_t revive_queue);

// timer.cpp
/// getDequeueBehind, getEnqueueBehind: a whole second, or something that is not in the wheel yet.
bool timer_is_behind(const Site& site);

// pop.cpp
/// PopMessageProcessor.getPopOffset.
std::int64_t pop_offset(const Site& site, GroupId group, TopicId topic, std::uint16_t queue);

// pop_buffer.cpp
/// PopBufferMergeService.addCk, and addCkJustOffset if that does not take it.
void add_checkpoint(Site& site, const PopMark& mark, std::uint8_t revive_queue, std::int64_t next);
/// addAk.
bool ack_in_buffer(Site& site, const PopMark& ack);
/// getLatestOffset; -1: none.
std::int64_t latest_offset(const Broker& broker, GroupId group, TopicId topic, std::uint16_t queue);
void arm_buffer(Site& site);

}  // namespace brokersim::model::rocketmq
