// What is told of the masters of a set where there is more than one: two may believe it at the same time.
#include <cstdio>

#include "model/record.hpp"
#include "scenarios/report/sentences.hpp"

namespace brokersim::scenarios {

using model::RecordKind;

namespace {

std::string seconds(sim::SimTime at) {
  char text[32];
  const std::int64_t milliseconds = (at.ns + 500'000) / 1'000'000;
  std::snprintf(text, sizeof text, "%lld.%03lld s", static_cast<long long>(milliseconds / 1000),
                static_cast<long long>(milliseconds % 1000));
  return text;
}

}  // namespace

bool Storyteller::is_of_several(std::int64_t number) const {
  return model::members_of(config_, serves_.set_of(static_cast<std::size_t>(number))).size() > 1;
}

/// Another one has been elected since. (A record of a broker that never was the master does not come here.)
bool Storyteller::is_deposed(std::size_t number) const {
  return config_.brokers.at(number).elects_master() && serves_.serving(number) != number;
}

/// `broker-a-1 (broker-a-2 is the master since 15.051 s)`
std::string Storyteller::where(std::int64_t number) const {
  const auto n = static_cast<std::size_t>(number);
  if (!is_deposed(n)) return broker(number);
  return broker(number) + " (" + broker(static_cast<std::int64_t>(serves_.serving(n))) +
         " is the master since " + seconds(serves_.since(n)) + ")";
}

/// An acting master's deliveries are told in its set's name.
std::string Storyteller::level_at(std::int64_t number) const {
  if (!is_of_several(number)) return "";
  const auto n = static_cast<std::size_t>(number);
  const bool acts = config_.brokers.at(n).has_stand_in();
  return " at " + (acts ? broker(static_cast<std::int64_t>(serves_.serving(n))) : where(number));
}

/// A client finds whom it asks in its route, and the record names the set.
std::string Storyteller::asked(std::int64_t number) const {
  const model::BrokerConfig& first = config_.brokers.at(static_cast<std::size_t>(number));
  if (!first.is_found_by_route()) return broker(number);
  return "whom the client's route has as master of " + first.settings.brokerName;
}

std::string Storyteller::slave_at(std::int64_t number) const {
  const std::size_t master = reads_.broker_of(message_);
  if (!is_deposed(master)) return broker(number);
  return broker(number) + ", which is still connected to " + broker(static_cast<std::int64_t>(master)) + ",";
}

/// Of the queue into which the message has just been put.
std::string Storyteller::read_before() const {
  std::string text;
  for (std::size_t g = 0; g < config_.groups.size(); ++g) {
    const auto read = reads_.furthest(g, message_);
    if (!concerns_group(static_cast<std::int64_t>(g)) || !read || read->offset < reads_.offset_of(message_))
      continue;
    text += " Group " + config_.groups[g] + " has read this queue up to offset " +
            std::to_string(read->offset) + " before, in the log of " +
            broker(static_cast<std::int64_t>(read->broker)) + ".";
  }
  return text;
}

/// Another message at the offset of this one, in a log that was cut off or is another master's.
std::string Storyteller::of_other(const sim::Record& record) const {
  const bool delivered = static_cast<RecordKind>(record.kind) == RecordKind::delivered;
  if (!delivered || !concerns_group(record.a) || !reads_.is_in_place_of(record, message_)) return "";
  return "Group " + group_name(record.a) + " gets message " + std::to_string(record.subject) +
         " from offset " + std::to_string(record.b) + " of this queue, out of the log of " +
         where(static_cast<std::int64_t>(reads_.broker_of(record.subject))) + ".";
}

std::vector<std::string> Storyteller::masters() const {
  std::vector<std::string> lines;
  for (std::size_t b = 0; b < config_.brokers.size(); ++b) {
    const bool is_set = serves_.set_of(b) == b && is_of_several(static_cast<std::int64_t>(b));
    if (!is_set || serves_.since(b).ns <= 0) continue;
    const std::string what =
        config_.brokers[b].elects_master() ? " is the master of its set since " : " serves its set since ";
    lines.push_back(broker(static_cast<std::int64_t>(serves_.serving(b))) + what + seconds(serves_.since(b)) +
                    ".");
  }
  return lines;
}

}  // namespace brokersim::scenarios
