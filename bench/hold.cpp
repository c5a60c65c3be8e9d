// The event queue alone. Prints `name<TAB>ns_per_op`, the minimum of five interleaved rounds of CPU time.
//   hold/<queue>/<pending>       pop the first, push it at its time + Exp(1 ms): 24-byte entries
//   copy/<how>/<pending>         copy a queue that has been running for a while
//   timeout/<how>                a request: its event, and a time-out of 3 s that is set and cancelled
// Only ratios inside one run mean something: the machine's clock drifts.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "sim/agenda.hpp"
#include "sim/heap_queue.hpp"
#include "sim/radix_wheel.hpp"

using namespace brokersim::sim;
using namespace brokersim::sim::literals;

namespace {

struct Payload {
  std::uint64_t number = 0;
  std::uint64_t other = 0;
};

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Keeps the compiler from dropping what computed `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

std::map<std::string, double> best;

void record(const std::string& name, double ns) {
  const auto [entry, is_new] = best.try_emplace(name, ns);
  if (!is_new) entry->second = std::min(entry->second, ns);
}

/// Exponential delays of mean 1 ms, drawn beforehand: the queue is measured, not the logarithm.
class Delays {
 public:
  Delays() {
    std::uint64_t state = 1;
    for (std::int64_t& delay : drawn_) {
      std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      const double uniform = static_cast<double>(((z ^ (z >> 31)) >> 11) + 1) * 0x1p-53;
      delay = static_cast<std::int64_t>(-std::log(uniform) * 1e6) + 1;
    }
  }
  Duration next() { return {drawn_[position_++ % count]}; }

 private:
  static constexpr std::size_t count = 1 << 16;
  std::vector<std::int64_t> drawn_ = std::vector<std::int64_t>(count);
  std::size_t position_ = 0;
};

/// std::priority_queue of the same entries. It does not even keep ties in order.
class StandardQueue {
 public:
  struct Entry {
    SimTime at;
    Payload event;
  };
  void push(SimTime at, const Payload& event) { queue_.push({at, event}); }
  bool pop_until(SimTime stop, Entry& out) {
    if (queue_.empty() || queue_.top().at > stop) return false;
    out = queue_.top();
    queue_.pop();
    return true;
  }

 private:
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const { return a.at > b.at; }
  };
  std::priority_queue<Entry, std::vector<Entry>, Later> queue_;
};

template <class Queue>
void hold(Queue& queue, Delays& delays, std::size_t operations) {
  typename Queue::Entry entry{};
  for (std::size_t i = 0; i < operations; ++i) {
    queue.pop_until(SimTime::max(), entry);
    queue.push(entry.at + delays.next(), entry.event);
  }
  keep(entry);
}

template <class Queue>
Queue warm_queue(Delays& delays, std::size_t pending) {
  Queue queue;
  for (std::size_t i = 0; i < pending; ++i) queue.push(SimTime{} + delays.next(), {i, i});
  hold(queue, delays, std::max<std::size_t>(2 * pending, 100'000));
  return queue;
}

template <class Queue>
void measure_hold(const char* name, std::size_t pending) {
  Delays delays;
  auto queue = warm_queue<Queue>(delays, pending);
  constexpr std::size_t operations = 1'000'000;
  const double start = cpu_ns();
  hold(queue, delays, operations);
  record("hold/" + std::string(name) + "/" + std::to_string(pending), (cpu_ns() - start) / operations);
}

template <class Queue>
void measure_copy(const char* name, std::size_t pending) {
  Delays delays;
  const auto queue = warm_queue<Queue>(delays, pending);
  constexpr int copies = 5'000;
  double start = cpu_ns();
  for (int i = 0; i < copies; ++i) {
    const Queue fresh = queue;
    keep(fresh);
  }
  const std::string suffix = std::string(name) + "/" + std::to_string(pending);
  record("copy/fresh/" + suffix, (cpu_ns() - start) / copies);
  Queue recycled = queue;
  start = cpu_ns();
  for (int i = 0; i < copies; ++i) {
    recycled = queue;
    keep(recycled);
  }
  record("copy/recycled/" + suffix, (cpu_ns() - start) / copies);
}

struct Request {
  std::uint32_t number = 0;
  std::uint32_t is_timeout = 0;
};

/// 1,000 requests in flight, each answered after Exp(1 ms); a time-out of 3 s is armed with each and
/// cancelled by the answer. `Arm` and `Cancel` say how.
template <class Plan, class Arm, class Cancel>
void measure_timeouts(const char* name, Plan& plan, Arm arm, Cancel cancel) {
  constexpr std::uint32_t in_flight = 1'000;
  constexpr std::uint32_t requests = 500'000;
  Delays delays;
  SimTime now;
  const auto send = [&](std::uint32_t number) {
    plan.at(now + delays.next(), {number, 0});
    arm(now, Request{number, 1});
  };
  const double start = cpu_ns();
  for (std::uint32_t i = 0; i < in_flight; ++i) send(i);
  typename Plan::Entry next{};
  for (std::uint32_t i = 0; i < requests; ++i) {
    do plan.pop_until(SimTime::max(), next);
    while (!cancel(next.event));
    now = next.at;
    send(next.event.number);
  }
  record("timeout/" + std::string(name), (cpu_ns() - start) / requests);
}

/// A heap without cancellation: the time-out is ignored when it pops.
struct PlainHeap {
  using Entry = HeapQueue<Request>::Entry;
  HeapQueue<Request> queue;
  void at(SimTime time, const Request& request) { queue.push(time, request); }
  bool pop_until(SimTime stop, Entry& out) { return queue.pop_until(stop, out); }
};

void measure_all_timeouts() {
  std::vector<TimerId> armed(1'000);
  Agenda<Request> with_lane;
  const LaneId lane = with_lane.add_lane(3_s);
  measure_timeouts(
      "lane", with_lane, [&](SimTime now, Request r) { armed[r.number] = with_lane.arm(lane, now, r); },
      [&](Request r) { return with_lane.cancel(armed[r.number]); });

  Agenda<Request> one_shot;
  measure_timeouts(
      "one_shot", one_shot, [&](SimTime now, Request r) { armed[r.number] = one_shot.arm(now + 3_s, r); },
      [&](Request r) { return one_shot.cancel(armed[r.number]); });

  Agenda<Request, HeapQueue> heap;
  measure_timeouts(
      "one_shot_heap", heap, [&](SimTime now, Request r) { armed[r.number] = heap.arm(now + 3_s, r); },
      [&](Request r) { return heap.cancel(armed[r.number]); });

  PlainHeap plain;
  measure_timeouts(
      "plain_heap", plain, [&](SimTime now, Request r) { plain.at(now + 3_s, r); },
      [](Request r) { return r.is_timeout == 0; });

  Agenda<Request> none;
  measure_timeouts("none", none, [](SimTime, Request) {}, [](Request) { return true; });
}

/// The agenda as a queue of plain events, to see what its timers cost those who use none.
struct PlainAgenda {
  struct Small {
    std::uint64_t number;
    std::uint64_t unused_to_match_the_braces;
  };
  using Entry = Agenda<std::uint64_t>::Entry;
  Agenda<std::uint64_t> agenda;
  void push(SimTime at, const Small& event) { agenda.at(at, event.number); }
  void push(SimTime at, std::uint64_t event) { agenda.at(at, event); }
  bool pop_until(SimTime stop, Entry& out) { return agenda.pop_until(stop, out); }
};

}  // namespace

int main() {
  for (int round = 0; round < 5; ++round) {
    for (const std::size_t pending : {100U, 10'000U, 1'000'000U}) {
      measure_hold<RadixWheel<Payload>>("radix_wheel", pending);
      measure_hold<StandardQueue>("priority_queue", pending);
      measure_hold<HeapQueue<Payload>>("heap_queue", pending);
      measure_hold<PlainAgenda>("agenda", pending);
    }
    for (const std::size_t pending : {30U, 1'000U}) {
      measure_copy<RadixWheel<Payload>>("radix_wheel", pending);
      measure_copy<HeapQueue<Payload>>("heap_queue", pending);
    }
    measure_all_timeouts();
  }
  for (const auto& [name, ns] : best) std::printf("%s\t%.2f\n", name.c_str(), ns);
}
