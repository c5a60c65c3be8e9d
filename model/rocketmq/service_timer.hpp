// The one wake-up of a service, of a broker or of a client, that is on its way; and the grids of services.
#pragma once

#include <algorithm>
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

inline void disarm(Context& context, ServiceTimer& service) {
  if (service.armed) context.cancel(service.timer);
  service.armed = false;
}

/// Arms it for `due` (now if that is over); one that is armed for another time moves. `event_with` makes the
/// event that carries a ticket.
template <class EventWith>
void arm(Context& context, ServiceTimer& service, SimTime now, SimTime due, EventWith event_with) {
  due = std::max(due, now);
  if (service.armed && service.due == due) return;
  disarm(context, service);
  service.armed = true;
  service.due = due;
  service.timer = context.arm(due - now, event_with(++service.ticket));
}

/// The wake-up with this ticket is the one that was armed last, and has not come yet.
constexpr bool is_pending(const ServiceTimer& service, std::uint32_t ticket) {
  return service.armed && service.ticket == ticket;
}

/// True if this is the wake-up that was armed last.
inline bool fired(ServiceTimer& service, std::uint32_t ticket) {
  if (!is_pending(service, ticket)) return false;
  service.armed = false;
  return true;
}

/// The first instant after `now` on the grid of a service that first runs at `grid`.
constexpr SimTime next_on_grid(SimTime grid, Duration period, SimTime now) {
  if (now < grid) return grid;
  return grid + period * ((now - grid) / period + 1);
}

}  // namespace brokersim::model::rocketmq
