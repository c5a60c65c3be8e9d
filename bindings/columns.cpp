#include "bindings/columns.hpp"

namespace brokersim::bindings {

namespace {

/// Sets the entry of the present seed; those of the seeds before it, if it is the first one, to `missing`.
void put(Column& column, std::size_t seed, std::int64_t value, std::int64_t missing) {
  column.resize(seed, missing);
  column.push_back(value);
}

}  // namespace

void Columns::add(const scenarios::SeedResult& result) {
  groups.resize(result.groups.size());
  strikes.resize(result.strikes.size());
  for (std::size_t g = 0; g < groups.size(); ++g) add(groups[g], result.groups[g]);
  for (std::size_t f = 0; f < strikes.size(); ++f) strikes[f].push_back(result.strikes[f]);
  drained.push_back(result.drained ? 1 : 0);
  ended.push_back(result.ended.ns);
  events.push_back(static_cast<std::int64_t>(result.events));
  trace_hashes.push_back(result.trace_hash);
  seeds.push_back(result.seed.value);
}

void Columns::add(GroupColumns& columns, const scenarios::GroupCounts& counts) {
  for (std::size_t c = 0; c < scenarios::count_kinds; ++c) {
    columns.counts[c].push_back(counts.counts[c]);
    for (std::size_t k = 1; k < scenarios::cause_kinds; ++k) {
      if (counts.causes[c][k] != 0) put(columns.causes[{c, k}], seeds.size(), counts.causes[c][k], 0);
    }
  }
  add_windows(columns, counts);
}

void Columns::add_windows(GroupColumns& columns, const scenarios::GroupCounts& counts) {
  for (std::size_t k = 0; k < scenarios::cause_kinds; ++k) {
    if (counts.window_max[k] < 0) continue;
    auto& [shortest, longest] = columns.windows[k];
    put(shortest, seeds.size(), counts.window_min[k], -1);
    put(longest, seeds.size(), counts.window_max[k], -1);
  }
}

}  // namespace brokersim::bindings
