// The one wake-up of a broker's service that is on its way.
#pragma once

#include <cstdint>
#include <tuple>

#include "model/context.hpp"
#include "sim/fields.hpp"

namespace brokersim::model::rocketmq {

/// A paused process keeps a wake-up that was cancelled meanwhile; the ticket tells it from the present one.
struct ServiceTimer {
  bool armed = false;
  std::uint32_t ticket = 0;
  SimTime due{};
  sim::TimerId timer;
};

constexpr auto fields(const ServiceTimer& service) {
  const auto& [armed, ticket, due, timer] = service;
  return std::tuple(armed, armed ? due : SimTime::max());
}

}  // namespace brokersim::model::rocketmq
