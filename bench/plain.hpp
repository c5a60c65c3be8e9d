// The same work written by hand on std::priority_queue: same draws, same digest, no engine. What most
// people would write first, hence the peer that is always at hand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "sim/choices.hpp"
#include "sim/trace_hash.hpp"

namespace brokersim::bench {

using namespace sim::literals;

class PlainEngine {
 public:
  struct Item {
    std::int64_t at;
    std::uint64_t sequence;
    std::uint32_t kind, subject;
    bool operator>(const Item& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };

  Item pop() {
    const Item item = queue_.top();
    queue_.pop();
    now_ = item.at;
    return item;
  }
  bool empty() const { return queue_.empty(); }
  void after(sim::Duration delay, std::uint32_t kind, std::uint32_t subject) {
    queue_.push({now_ + delay.ns, sequence_++, kind, subject});
  }
  sim::Duration draw(std::uint64_t purpose, std::uint64_t subject, std::uint64_t attempt,
                     const sim::Distribution& distribution) {
    return choices_.duration({purpose, subject, attempt}, distribution);
  }
  std::uint32_t pick(std::uint64_t purpose, std::uint64_t subject, std::uint64_t attempt, std::uint32_t of) {
    return choices_.pick({purpose, subject, attempt}, of);
  }
  void record(const sim::Record& record) { trace_.add({now_}, record); }
  std::uint64_t trace() const { return trace_.value(); }

 private:
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue_;
  sim::Choices choices_ = sim::Choices::draw(sim::Seed(1));
  sim::TraceHash trace_;
  std::int64_t now_ = 0;
  std::uint64_t sequence_ = 0;
};

class PlainHold {
 public:
  PlainHold(std::uint32_t pending, bool scatter) : turns_(pending), scatter_(scatter) {
    for (std::uint32_t i = 0; i < pending; ++i) next(i);
  }
  void run(std::int64_t events) {
    while (events-- > 0) {
      const auto item = engine_.pop();
      const std::uint32_t turn = turns_[item.subject]++;
      engine_.record({1, item.subject, turn, 0});
      const auto count = static_cast<std::uint32_t>(turns_.size());
      next(scatter_ ? engine_.pick(1, item.subject, turn, count) : item.subject);
    }
  }

 private:
  void next(std::uint32_t object) { engine_.after(engine_.draw(0, object, turns_[object], gap_), 0, object); }
  PlainEngine engine_;
  std::vector<std::uint32_t> turns_;
  bool scatter_;
  sim::Distribution gap_ = sim::Distribution::exponential(1_ms);
};

/// A time-out cannot be taken out of a std::priority_queue: it stays until it is due and is ignored then.
class PlainRequests {
 public:
  explicit PlainRequests(std::uint32_t clients) : turns_(clients) {
    for (std::uint32_t i = 0; i < clients; ++i) ask(i);
  }
  void run(std::int64_t answers) {
    while (answers > 0) {
      const auto item = engine_.pop();
      if (item.kind != answered) continue;
      engine_.record({0, item.subject, turns_[item.subject], 0});
      ask(item.subject);
      --answers;
    }
  }

 private:
  enum : std::uint32_t { answered, timed_out };
  void ask(std::uint32_t client) {
    engine_.after(engine_.draw(0, client, ++turns_[client], answer_), answered, client);
    engine_.after(3_s, timed_out, client);
  }
  PlainEngine engine_;
  std::vector<std::uint32_t> turns_;
  sim::Distribution answer_ = sim::Distribution::exponential(1_ms);
};

inline std::uint64_t plain_mm1(std::uint32_t customers, const sim::Distribution& gap,
                               const sim::Distribution& service) {
  enum : std::uint32_t { arrive, depart };
  PlainEngine engine;
  std::uint32_t arrived = 0, departed = 0;
  const auto serve = [&](std::uint32_t customer) {
    engine.record({1, customer, 0, 0});
    engine.after(engine.draw(1, customer, 0, service), depart, customer);
  };
  engine.after(engine.draw(0, 0, 0, gap), arrive, 0);
  while (!engine.empty()) {
    const auto item = engine.pop();
    engine.record({item.kind == arrive ? 0U : 2U, item.subject, 0, 0});
    if (item.kind == depart) {
      if (++departed < arrived) serve(departed);
      continue;
    }
    if (arrived++ == departed) serve(item.subject);
    if (arrived < customers) engine.after(engine.draw(0, arrived, 0, gap), arrive, arrived);
  }
  return engine.trace();
}

}  // namespace brokersim::bench
