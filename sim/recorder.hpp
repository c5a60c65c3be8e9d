// The way out for evidence. A step tells what happened as `Record`s; a `Recorder` outside the world
// receives them with the time. Write-only for steps and absent while exploring (docs/architecture.md, rule
// 4), so nothing that a recorder does can change a run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/types.hpp"

namespace brokersim::sim {

/// One protocol event. What the four numbers mean, and their names, belongs to the model.
struct Record {
  std::uint32_t kind = 0;
  std::uint32_t subject = 0;
  std::int64_t a = 0;
  std::int64_t b = 0;
  friend constexpr bool operator==(const Record&, const Record&) = default;
};
static_assert(sizeof(Record) == 24 && std::has_unique_object_representations_v<Record>, "no padding");

struct StampedRecord {
  SimTime at;
  Record record;
  friend constexpr bool operator==(const StampedRecord&, const StampedRecord&) = default;
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void on(SimTime at, const Record& record) = 0;
};

/// Keeps everything: for `explain`, `view` and tests.
class VectorRecorder final : public Recorder {
 public:
  void on(SimTime at, const Record& record) override { records_.push_back({at, record}); }
  const std::vector<StampedRecord>& records() const { return records_; }
  std::vector<StampedRecord> take() { return std::exchange(records_, {}); }

 private:
  std::vector<StampedRecord> records_;
};

/// Keeps the last n: the tail that a bug report shows.
template <std::size_t n>
class TailRecorder final : public Recorder {
  static_assert(n > 0, "a tail has at least one record");

 public:
  void on(SimTime at, const Record& record) override { ring_[seen_++ % n] = {at, record}; }

  /// How many records there were in all.
  std::uint64_t seen() const { return seen_; }

  /// Oldest first.
  std::vector<StampedRecord> tail() const {
    std::vector<StampedRecord> records;
    for (std::uint64_t i = seen_ < n ? 0 : seen_ - n; i < seen_; ++i) records.push_back(ring_[i % n]);
    return records;
  }

 private:
  std::array<StampedRecord, n> ring_{};
  std::uint64_t seen_ = 0;
};

}  // namespace brokersim::sim
