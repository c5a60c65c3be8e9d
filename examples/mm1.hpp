// An M/M/1 queue: Poisson arrivals, exponential service, one server, first come first served.
//
//   arrive --> [ waiting ... ] --> (server) --> depart
//
// Theory: utilisation rho = arrival rate / service rate, mean time in the queue before service
// rho / (service rate - arrival rate).
#pragma once

#include <cstdint>
#include <deque>

#include "sim/simulation.hpp"

namespace brokersim::examples {

struct MM1 {
  enum class Purpose : std::uint64_t { gap, service };
  enum class Kind : std::uint32_t { arrived, served, departed };

  struct Config {
    sim::Distribution gap;
    sim::Distribution service;
    std::uint32_t customers;
  };
  struct Event {
    enum class On : std::uint32_t { arrive, depart } on;
    std::uint32_t customer;
  };
  struct World {
    std::uint32_t arrived = 0;
    std::uint32_t departed = 0;  ///< first come first served: the next to depart has this number
  };
  using Context = sim::Context<MM1>;

  static void start(World&, Context& context) { next_arrival(0, context); }

  static void step(World& world, const Event& event, Context& context) {
    if (event.on == Event::On::arrive) {
      context.record({static_cast<std::uint32_t>(Kind::arrived), event.customer});
      if (world.arrived++ == world.departed) serve(event.customer, context);
      if (world.arrived < context.config().customers) next_arrival(world.arrived, context);
    } else {
      context.record({static_cast<std::uint32_t>(Kind::departed), event.customer});
      if (++world.departed < world.arrived) serve(world.departed, context);
    }
  }

 private:
  static void next_arrival(std::uint32_t customer, Context& context) {
    const auto key = sim::DrawKey::of(Purpose::gap, customer);
    context.after(context.choices().duration(key, context.config().gap), {Event::On::arrive, customer});
  }

  static void serve(std::uint32_t customer, Context& context) {
    context.record({static_cast<std::uint32_t>(Kind::served), customer});
    const auto key = sim::DrawKey::of(Purpose::service, customer);
    context.after(context.choices().duration(key, context.config().service), {Event::On::depart, customer});
  }
};

/// What a person with a stopwatch would note. Outside the world: a step cannot read it.
class Stopwatch final : public sim::Recorder {
 public:
  void on(sim::SimTime at, const sim::Record& record) override {
    const auto kind = static_cast<MM1::Kind>(record.kind);
    if (kind == MM1::Kind::arrived) {
      waiting_since_.push_back(at);
    } else if (kind == MM1::Kind::served) {
      waited_ += at - waiting_since_.front();
      waiting_since_.pop_front();
      busy_since_ = at;
    } else {
      busy_ += at - busy_since_;
      ++departed_;
    }
  }

  double mean_wait_seconds() const { return static_cast<double>(waited_.ns) * 1e-9 / departed_; }
  double utilisation(sim::SimTime end) const {
    return static_cast<double>(busy_.ns) / static_cast<double>(end.ns);
  }

 private:
  std::deque<sim::SimTime> waiting_since_;
  sim::Duration waited_{}, busy_{};
  sim::SimTime busy_since_{};
  int departed_ = 0;
};

}  // namespace brokersim::examples
