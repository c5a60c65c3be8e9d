// Explores every loss and one crash of the request-reply protocol and prints what can come of it.
#include "examples/request_reply.hpp"

#include <cstdio>

using namespace brokersim;
using examples::RequestReply;

int main() {
  for (const int crashes : {0, 1}) {
    const auto found = sim::explore<RequestReply>({}, {.faults_max = crashes});
    std::printf("%d crash%s: %llu plans, %llu states\n", crashes, crashes == 1 ? "" : "es",
                static_cast<unsigned long long>(found.plan_count()),
                static_cast<unsigned long long>(found.states));
    for (const auto& [outcome, plans] : found.plans) {
      std::printf("  told %-6s  effects %d  %6llu plans\n",
                  outcome.told == RequestReply::Told::done ? "done" : "failed", outcome.effects,
                  static_cast<unsigned long long>(plans));
    }
  }
}
