// How often each value was seen over the seeds. Exact: sums are integers and the order of adding does
// not matter, so any number of jobs gives the same bits. Memory grows with the number of different
// values, not with the number of seeds.
#pragma once

#include <cstdint>
#include <map>

namespace brokersim::scenarios {

class Histogram {
 public:
  void add(std::int64_t value, std::int64_t times = 1) { bins_[value] += times, total_ += times; }
  void merge(const Histogram& other) {
    for (const auto& [value, times] : other.bins_) add(value, times);
  }

  std::int64_t total() const { return total_; }
  bool empty() const { return total_ == 0; }
  std::int64_t min() const { return bins_.begin()->first; }
  std::int64_t max() const { return bins_.rbegin()->first; }

  /// The k-th smallest value, k from 0 to total() - 1.
  std::int64_t ordered(std::int64_t k) const {
    for (const auto& [value, times] : bins_) {
      if ((k -= times) < 0) return value;
    }
    return max();
  }

  const std::map<std::int64_t, std::int64_t>& bins() const { return bins_; }

 private:
  std::map<std::int64_t, std::int64_t> bins_;
  std::int64_t total_ = 0;
};

}  // namespace brokersim::scenarios
