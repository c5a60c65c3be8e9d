#include "scenarios/report/queue_reads.hpp"

#include <algorithm>

#include "model/record.hpp"

namespace brokersim::scenarios {

using model::RecordKind;

namespace {

template <class T>
T& slot(std::vector<T>& list, std::uint32_t i) {
  if (i >= list.size()) list.resize(std::size_t{i} + 1);
  return list[i];
}

}  // namespace

void QueueReads::on(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::send_begun) slot(producers_, record.subject) = static_cast<std::uint16_t>(record.a);
  if (kind == RecordKind::appended) slot(places_, record.subject) = {record.a, record.b};
  if (kind == RecordKind::delivered) on_delivered(record);
}

/// What comes from another offset than its own comes from a retry topic.
void QueueReads::on_delivered(const sim::Record& record) {
  const Place place = place_of(record.subject);
  if (place.queue < 0 || place.offset != record.b) return;
  const auto group = static_cast<std::size_t>(record.a);
  const QueueRead read{record.b, static_cast<std::size_t>(place.queue >> 16)};
  const std::size_t i = find(group, record.subject);
  if (i == furthest_.size())
    furthest_.push_back({group, set_of(place), place.queue & 0xffff, topic_of(record.subject), read});
  else if (read.offset > furthest_[i].read.offset)
    furthest_[i].read = read;
}

QueueReads::Place QueueReads::place_of(std::uint32_t message) const {
  return message < places_.size() ? places_[message] : Place{};
}

std::size_t QueueReads::set_of(const Place& place) const {
  return model::master_of(*config_, static_cast<std::size_t>(place.queue >> 16));
}

std::int64_t QueueReads::topic_of(std::uint32_t message) const {
  return message < producers_.size() ? config_->producers[producers_[message]].topic.value : -1;
}

std::size_t QueueReads::broker_of(std::uint32_t message) const {
  const Place place = place_of(message);
  return place.queue < 0 ? 0 : static_cast<std::size_t>(place.queue >> 16);
}

std::size_t QueueReads::find(std::size_t group, std::uint32_t message) const {
  const Place place = place_of(message);
  if (place.queue < 0) return furthest_.size();
  const auto is_it = [&, set = set_of(place), topic = topic_of(message)](const Furthest& entry) {
    return entry.group == group && entry.set == set && entry.queue == (place.queue & 0xffff) &&
           entry.topic == topic;
  };
  const auto found = std::find_if(furthest_.begin(), furthest_.end(), is_it);
  return static_cast<std::size_t>(found - furthest_.begin());
}

std::optional<QueueRead> QueueReads::furthest(std::size_t group, std::uint32_t message) const {
  const std::size_t i = find(group, message);
  return i == furthest_.size() ? std::nullopt : std::optional{furthest_[i].read};
}

bool QueueReads::is_in_place_of(const sim::Record& delivered, std::uint32_t message) const {
  const Place own = place_of(message), other = place_of(delivered.subject);
  if (delivered.subject == message || own.queue < 0 || other.queue < 0) return false;
  if (delivered.b != own.offset || other.offset != own.offset) return false;
  return set_of(own) == set_of(other) && (own.queue & 0xffff) == (other.queue & 0xffff) &&
         topic_of(message) == topic_of(delivered.subject);
}

}  // namespace brokersim::scenarios
