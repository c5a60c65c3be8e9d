#include "model/host/host.hpp"

#include "model/world.hpp"
#include "sim/check.hpp"

namespace brokersim::model::host {

model::Event to_process(const World& world, ProcessId process, const model::Event& event) {
  model::Event addressed = event;
  addressed.target = process;
  addressed.incarnation = world.processes[process.value].incarnation;
  return addressed;
}

void schedule(World& world, ProcessId process, Duration delay, model::Event event, Context& context) {
  context.after(delay, to_process(world, process, event));
}

void wait_behind(Process& process, const model::Event& event) { process.backlog.push_back(event); }

void wait_in_front(Process& process, const model::Event& event) {
  if (process.backlog_done > 0) {
    process.backlog[--process.backlog_done] = event;
  } else {
    process.backlog.insert(process.backlog.begin(), event);
  }
}

model::Event take_waiting(Process& process) {
  sim::check(process.backlog_done < process.backlog.size(), "the backlog is empty");
  const model::Event event = process.backlog[process.backlog_done++];
  if (process.backlog_done == process.backlog.size()) {
    process.backlog.clear();
    process.backlog_done = 0;
  }
  return event;
}

}  // namespace brokersim::model::host
