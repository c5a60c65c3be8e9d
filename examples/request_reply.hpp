// One request over a lossy network, a server that may crash, a client that tries again.
//
//   client --request--> server      either message may be lost; the server applies the effect (durable)
//   client <--reply---- server      and remembers the request (in memory only) to recognise a repetition
//
// The smallest model of this project's question: when is the effect applied zero times, once, twice?
#pragma once

#include <compare>
#include <cstdint>
#include <tuple>
#include <vector>

#include "sim/explore.hpp"
#include "sim/fields.hpp"

namespace brokersim::examples {

struct RequestReply {
  enum class Purpose : std::uint64_t { request_lost, reply_lost };

  struct Config {
    sim::Duration delay{1'000'000};
    sim::Duration time_out{5'000'000};
    int attempts_max = 3;
    double loss = 0.1;
  };

  struct Event {
    enum class On : std::uint8_t { request, reply, time_out, crash } on;
  };

  enum class Told : std::uint8_t { nothing, done, failed };

  struct World {
    Told told = Told::nothing;
    std::uint8_t attempts = 0;
    sim::Uncounted<sim::TimerId> timer;
    bool remembers = false;    ///< server memory: lost by a crash
    std::uint8_t effects = 0;  ///< server disk, counted to two
  };
  using Context = sim::Context<RequestReply>;

  static void start(World& world, Context& context) { send(world, context); }

  static void step(World& world, const Event& event, Context& context) {
    switch (event.on) {
      case Event::On::request: return serve(world, context);
      case Event::On::reply: return finish(world, Told::done, context);
      case Event::On::time_out: return retry(world, context);
      case Event::On::crash: world.remembers = false; return;
    }
  }

  struct Outcome {
    Told told;
    std::uint8_t effects;
    friend auto operator<=>(const Outcome&, const Outcome&) = default;
  };
  static Outcome outcome(const World& world) { return {world.told, world.effects}; }
  static std::vector<Event> faults(const World&) { return {{Event::On::crash}}; }

 private:
  static void send(World& world, Context& context) {
    const auto key = sim::DrawKey::of(Purpose::request_lost, 0, world.attempts);
    if (!context.choices().chance(key, context.config().loss))
      context.after(context.config().delay, {Event::On::request});
    world.timer = context.arm(context.config().time_out, {Event::On::time_out});
    ++world.attempts;
  }

  static void serve(World& world, Context& context) {
    if (!world.remembers && world.effects < 2) ++world.effects;
    world.remembers = true;
    const auto key = sim::DrawKey::of(Purpose::reply_lost, 0, world.attempts);
    if (!context.choices().chance(key, context.config().loss))
      context.after(context.config().delay, {Event::On::reply});
  }

  static void retry(World& world, Context& context) {
    if (world.attempts < context.config().attempts_max)
      send(world, context);
    else
      finish(world, Told::failed, context);
  }

  static void finish(World& world, Told told, Context& context) {
    world.told = told;
    context.cancel(world.timer);
    context.record({static_cast<std::uint32_t>(told), world.attempts, world.effects});
  }
};

inline auto fields(const RequestReply::World& world) {
  const auto& [told, attempts, timer, remembers, effects] = world;
  return std::tie(told, attempts, timer, remembers, effects);
}
inline auto fields(const RequestReply::Event& event) {
  const auto& [on] = event;
  return std::tie(on);
}

}  // namespace brokersim::examples
