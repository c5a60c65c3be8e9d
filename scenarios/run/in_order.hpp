// Results of several threads, handed on in the order of their indices, one at a time.
//
//   InOrder<Result> results([&](const Result& result) { total.add(result); });
//   thread: results.put(index, work(index)); on an exception: results.fail(index, std::current_exception())
//   finally: results.rethrow()
//
// A thread that runs too far ahead waits, so that the memory does not grow with the number of results.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace brokersim::scenarios {

template <class Result>
class InOrder {
 public:
  /// `sink` is never called concurrently; results `ahead_max` and more beyond the next one have to wait.
  explicit InOrder(std::function<void(const Result&)> sink, std::int64_t ahead_max = 256)
      : sink_(std::move(sink)), ahead_max_(ahead_max) {}

  /// Indices count from 0; each is put, or failed, once.
  void put(std::int64_t index, Result result) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return index < next_ + ahead_max_ || failed_; });
    if (failed_) return;  // Whatever the sink has got is worthless already.
    waiting_.emplace(index, std::move(result));
    hand_on();
    room_.notify_all();
  }

  void fail(std::int64_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    note_failure(index, std::move(error));
  }

  /// What is above a failed index need not be worked out; what is below might fail too, and the lowest
  /// failure is the one that `rethrow` tells.
  bool wanted(std::int64_t index) const {
    const std::lock_guard lock(mutex_);
    return !failed_ || index < failed_index_;
  }

  /// How many results wait for a lower one.
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

  /// After all threads have ended.
  void rethrow() const {
    if (failed_) std::rethrow_exception(error_);
  }

 private:
  void hand_on() {
    try {
      for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_;
           first = waiting_.begin()) {
        sink_(first->second);
        waiting_.erase(first);
        ++next_;
      }
    } catch (...) {
      note_failure(next_, std::current_exception());
    }
  }

  void note_failure(std::int64_t index, std::exception_ptr error) {
    if (!failed_ || index < failed_index_) error_ = std::move(error), failed_index_ = index;
    failed_ = true;
    waiting_.clear();
    room_.notify_all();
  }

  std::function<void(const Result&)> sink_;
  std::int64_t ahead_max_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::map<std::int64_t, Result> waiting_;
  std::int64_t next_ = 0;
  bool failed_ = false;
  std::int64_t failed_index_ = 0;
  std::exception_ptr error_;
};

}  // namespace brokersim::scenarios
