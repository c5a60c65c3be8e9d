// What a batch leaves per seed: one number per seed for each count, cause, window and fault. Everything else
// of a seed is forgotten when the next one comes, so that memory grows by these columns only.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "scenarios/run/seed_run.hpp"

namespace brokersim::bindings {

using Column = std::vector<std::int64_t>;

/// Of one judged group.
struct GroupColumns {
  std::array<Column, scenarios::count_kinds> counts;
  /// (count, cause): only the pairs that occurred; zero where the seed has none.
  std::map<std::pair<std::size_t, std::size_t>, Column> causes;
  /// Per cause that has windows: shortest and longest in ns; -1 where the seed has none.
  std::map<std::size_t, std::pair<Column, Column>> windows;
};

class Columns {
 public:
  /// Every result, in the order of the seeds.
  void add(const scenarios::SeedResult& result);

  std::vector<GroupColumns> groups;
  std::vector<Column> strikes;  ///< per fault
  Column drained;               ///< 0 or 1
  Column ended;                 ///< ns
  Column events;
  std::vector<std::uint64_t> seeds, trace_hashes;

 private:
  void add(GroupColumns& columns, const scenarios::GroupCounts& counts);
  void add_windows(GroupColumns& columns, const scenarios::GroupCounts& counts);
};

}  // namespace brokersim::bindings
