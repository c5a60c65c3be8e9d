#include "model/ledger/verdict.hpp"

#include "sim/check.hpp"

namespace brokersim::model::ledger {

namespace {

std::uint8_t& grown(sim::PagedArray<std::uint8_t>& values, IntentId intent) {
  while (values.size() <= intent.value) values.push_back(0);
  return values.edit(intent.value);
}

}  // namespace

IntentId Verdict::begin() {
  const auto intent = static_cast<std::uint32_t>(told.size());
  sim::check(intent != no_intent.value, "more intents than there are ids");
  told.push_back(static_cast<std::uint8_t>(Told::nothing));
  for (auto& group : effects) group.push_back(0);
  return IntentId(intent);
}

void Verdict::tell(IntentId intent, Told told_now) {
  std::uint8_t& entry = told.edit(intent.value);
  sim::check(entry == static_cast<std::uint8_t>(Told::nothing),
             "an application was told twice about one send");
  entry = static_cast<std::uint8_t>(told_now);
}

int Verdict::apply(GroupId group, IntentId intent) {
  std::uint8_t& times = effects[group.value].edit(intent.value);
  if (times < 2) ++times;
  return times;
}

void Verdict::set_local(IntentId intent, Local state) {
  grown(local, intent) = static_cast<std::uint8_t>(state);
}

Local Verdict::local_of(IntentId intent) const {
  return intent.value < local.size() ? static_cast<Local>(local[intent.value]) : Local::absent;
}

int Verdict::count_check(IntentId intent) {
  std::uint8_t& times = grown(checks, intent);
  if (times < 255) ++times;
  return times;
}

int Verdict::checks_of(IntentId intent) const {
  return intent.value < checks.size() ? checks[intent.value] : 0;
}

Told Verdict::told_of(IntentId intent) const { return static_cast<Told>(told[intent.value]); }

}  // namespace brokersim::model::ledger
