// The models that are measured, written against the public API as any user would write them; each step is
// recorded, so the trace digest is part of the time. M/M/1 is examples/mm1.hpp.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "sim/simulation.hpp"

namespace brokersim::bench {

using namespace sim::literals;

enum class Purpose : std::uint64_t { hold, destination, answer };

/// n events pending for ever: each schedules its successor after an exponential time (HOLD), for a random
/// other object if `scatter` (PHOLD).
struct Hold {
  struct Config {
    std::uint32_t pending = 0;
    bool scatter = false;
    sim::Distribution gap = sim::Distribution::exponential(1_ms);
  };
  struct Event {
    std::uint32_t object = 0;
    std::uint32_t turn = 0;
  };
  struct World {
    std::vector<std::uint32_t> turns;
  };

  static void start(World& world, sim::Context<Hold>& context) {
    world.turns.resize(context.config().pending);
    for (std::uint32_t i = 0; i < context.config().pending; ++i) next({i, 0}, context);
  }
  static void step(World& world, const Event& event, sim::Context<Hold>& context) {
    context.record({1, event.object, event.turn, 0});
    std::uint32_t object = event.object;
    if (context.config().scatter) {
      const auto key = sim::DrawKey::of(Purpose::destination, object, event.turn);
      object = context.choices().pick(key, context.config().pending);
    }
    next({object, ++world.turns[object]}, context);
  }

 private:
  static void next(const Event& event, sim::Context<Hold>& context) {
    const auto key = sim::DrawKey::of(Purpose::hold, event.object, event.turn);
    context.after(context.choices().duration(key, context.config().gap), event);
  }
};

inline auto fields(const Hold::Event& event) {
  const auto& [object, turn] = event;
  return std::tie(object, turn);
}
inline auto fields(const Hold::World& world) {
  const auto& [turns] = world;
  return std::tie(turns);
}

/// Clients that each wait for an answer (exponential, 1 ms) and guard the wait by a time-out of 3 s, which
/// the answer cancels: of a lane if `lane`, else a timer of its own.
struct Requests {
  struct Config {
    std::uint32_t clients = 0;
    bool lane = true;
    sim::Duration time_out = 3_s;
    sim::Distribution answer = sim::Distribution::exponential(1_ms);
  };
  struct Event {
    enum class On : std::uint32_t { answered, timed_out } on = On::answered;
    std::uint32_t client = 0;
  };
  struct Client {
    sim::TimerId guard;
    std::uint32_t turn = 0;
  };
  struct World {
    sim::LaneId lane;
    std::vector<Client> clients;
  };

  static void start(World& world, sim::Context<Requests>& context) {
    world.lane = context.add_lane(context.config().time_out);
    world.clients.resize(context.config().clients);
    for (std::uint32_t i = 0; i < context.config().clients; ++i) ask(world, i, context);
  }
  static void step(World& world, const Event& event, sim::Context<Requests>& context) {
    Client& client = world.clients[event.client];
    context.record({static_cast<std::uint32_t>(event.on), event.client, client.turn, 0});
    if (event.on == Event::On::answered) context.cancel(client.guard);
    ask(world, event.client, context);
  }

 private:
  static void ask(World& world, std::uint32_t number, sim::Context<Requests>& context) {
    Client& client = world.clients[number];
    const Event late{Event::On::timed_out, number};
    const auto key = sim::DrawKey::of(Purpose::answer, number, ++client.turn);
    context.after(context.choices().duration(key, context.config().answer), {Event::On::answered, number});
    client.guard =
        context.config().lane ? context.arm(world.lane, late) : context.arm(context.config().time_out, late);
  }
};

}  // namespace brokersim::bench
