// Parts of a scenario as values of a file, for effective_json.
#pragma once

#include <string>
#include <string_view>

#include "model/config.hpp"
#include "scenarios/read/sections.hpp"
#include "scenarios/read/value.hpp"

namespace brokersim::scenarios::read {

Value words(std::string_view text);
Value number(std::int64_t whole);
Value span(model::Duration duration);
Value span(const model::Distribution& distribution);

template <class Items, class Write>
Value list(const Items& items, Write write_one) {
  Value all = Value::array();
  for (const auto& item : items) all.items.push_back(write_one(item));
  return all;
}

Value rate(const model::ProducerConfig& producer);
Value queue(const model::ProducerConfig& producer);
Sends sends(const model::ProducerConfig& producer);
Value transaction(const model::TransactionConfig& transaction);
/// The `config` block.
Value config(const model::ProducerConfig& producer);
Value work(const model::WorkConfig& work, model::Listener listener);
/// The name of a push consumer's group as a file says it.
std::string group_name(const model::Config& config, const model::PushConsumerConfig& consumer);

}  // namespace brokersim::scenarios::read
