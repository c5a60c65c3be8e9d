// Long work that Ctrl-C ends. The work runs on a thread of its own and never touches Python; the calling
// thread sleeps without the GIL, wakes a few times per second, looks for signals and tells the progress. When
// Python raises (KeyboardInterrupt, or an error of the progress function), the work is cancelled and awaited
// before the exception goes on.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace brokersim::bindings {

namespace py = pybind11;

class Interruptible {
 public:
  /// `progress(done, total)`, or None. The caller holds the GIL here and when calling.
  Interruptible(py::object progress, std::int64_t total) : progress_(std::move(progress)), total_(total) {}

  std::atomic<bool> cancel{false};    ///< the work polls it
  std::atomic<std::int64_t> done{0};  ///< the work sets it

  /// Returns when the work has ended; throws what it threw, or what Python raised meanwhile.
  void operator()(const std::function<void()>& work) {
    std::thread worker([&] { run(work); });
    std::exception_ptr raised = watch();
    cancel = cancel || raised != nullptr;
    {
      const py::gil_scoped_release released;
      worker.join();
    }
    if (!raised && !failed_) raised = told(total_);
    if (raised) std::rethrow_exception(raised);
    if (failed_) std::rethrow_exception(failed_);
  }

 private:
  void run(const std::function<void()>& work) noexcept {
    try {
      work();
    } catch (...) {
      failed_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  /// Until the work has ended (nothing) or Python raised (that).
  std::exception_ptr watch() {
    for (;;) {
      if (sleep()) return nullptr;
      if (PyErr_CheckSignals() != 0) return std::make_exception_ptr(py::error_already_set());
      if (auto raised = told(done)) return raised;
    }
  }

  bool sleep() {
    const py::gil_scoped_release released;
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(50), [&] { return ended_; });
  }

  std::exception_ptr told(std::int64_t so_far) {
    if (progress_.is_none() || so_far == told_) return nullptr;
    told_ = so_far;
    try {
      progress_(so_far, total_);
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  py::object progress_;
  std::int64_t total_;
  std::int64_t told_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::exception_ptr failed_;
};

}  // namespace brokersim::bindings
