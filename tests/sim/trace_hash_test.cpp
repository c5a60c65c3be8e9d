// The trace hash sees every field of every record and their order; so do recorders.
#include "sim/trace_hash.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/recorder.hpp"
#include "tests/catch.hpp"

namespace {

using namespace brokersim::sim;
using Trace = std::vector<StampedRecord>;

/// What goes wrong with careless mixing: terms are added up, so order is lost.
struct SummingTrace {
  std::uint64_t sum = 0;
  void add(SimTime at, const Record& r) {
    const auto word = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    sum += word(at.ns) * mixing::pi_1 + (r.kind ^ r.subject * mixing::pi_2) + word(r.a) * mixing::pi_3 +
           word(r.b) * mixing::pi_4;
  }
  std::uint64_t value() const { return sum; }
};

template <class Hash>
std::uint64_t hash_of(const Trace& trace) {
  Hash hash;
  for (const auto& [at, record] : trace) hash.add(at, record);
  return hash.value();
}

Trace some_trace() {
  Trace trace;
  for (std::int64_t i = 0; i < 40; ++i)
    trace.push_back(
        {{i / 3 * 100}, {static_cast<std::uint32_t>(i % 5), static_cast<std::uint32_t>(i % 4), i, -i}});
  return trace;
}

/// Every trace that differs from the given one in a bit of a field, a swap of neighbours, a record left
/// out or a record doubled; the trace itself first.
std::vector<Trace> neighbours(const Trace& trace) {
  std::vector<Trace> all{trace};
  const auto changed = [&](std::size_t i, auto&& change) {
    all.push_back(trace);
    change(all.back()[i]);
  };
  for (std::size_t i = 0; i < trace.size(); ++i) {
    for (unsigned bit = 0; bit < 63; ++bit) {
      const std::int64_t flip = std::int64_t{1} << bit;
      changed(i, [&](StampedRecord& r) { r.at.ns ^= flip; });
      changed(i, [&](StampedRecord& r) { r.record.a ^= flip; });
      changed(i, [&](StampedRecord& r) { r.record.b ^= flip; });
    }
    for (unsigned bit = 0; bit < 32; ++bit) {
      changed(i, [&](StampedRecord& r) { r.record.kind ^= 1U << bit; });
      changed(i, [&](StampedRecord& r) { r.record.subject ^= 1U << bit; });
    }
    changed(i, [&](StampedRecord& r) { std::swap(r.record.a, r.record.b); });
    const auto place = static_cast<std::ptrdiff_t>(i);
    all.push_back(trace);
    all.back().erase(all.back().begin() + place);
    all.push_back(trace);
    all.back().insert(all.back().begin() + place, trace[i]);
    if (i == 0) continue;
    all.push_back(trace);
    std::swap(all.back()[i], all.back()[i - 1]);
  }
  return all;
}

template <class Hash>
std::size_t coincidences(const std::vector<Trace>& traces) {
  std::vector<std::uint64_t> values;
  for (const Trace& trace : traces) values.push_back(hash_of<Hash>(trace));
  std::sort(values.begin(), values.end());
  return values.size() - static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
}

TEST_CASE("any changed bit, swap, omission or repetition changes the trace hash", "[trace]") {
  // Record 0 has a == b == 0: its swapped fields are the trace itself, the one pair that must coincide.
  const auto traces = neighbours(some_trace());
  CHECK(coincidences<TraceHash>(traces) == 1);
  CHECK(coincidences<SummingTrace>(traces) > 1);
}

TEST_CASE("two records far apart cannot be swapped either", "[trace]") {
  // 64 rotations of a 64-bit state come around; only the multiplication tells the places apart.
  Trace trace = some_trace();
  const Trace more = some_trace();
  trace.insert(trace.end(), more.begin(), more.end());
  const std::uint64_t plain = hash_of<TraceHash>(trace);
  std::swap(trace[2], trace[66]);
  CHECK(hash_of<TraceHash>(trace) != plain);
}

TEST_CASE("no value of one field hides its partner", "[trace]") {
  // The factors of the inner products are zero at these values.
  const auto blind = [](std::uint64_t constant, std::int64_t other) {
    const auto n = static_cast<std::int64_t>(constant);
    return hash_of<TraceHash>({{{0}, {0, 0, n, other}}});
  };
  CHECK(blind(mixing::pi_3, 1) != blind(mixing::pi_3, 2));
}

TEST_CASE("a copy of the hash goes on as the original would", "[trace]") {
  const Trace trace = some_trace();
  TraceHash straight, first_half;
  for (std::size_t i = 0; i < 20; ++i) first_half.add(trace[i].at, trace[i].record);
  TraceHash fork = first_half;
  for (std::size_t i = 20; i < 40; ++i) fork.add(trace[i].at, trace[i].record);
  for (const auto& [at, record] : trace) straight.add(at, record);
  CHECK(fork.value() == straight.value());
  CHECK(fork.value() != first_half.value());
  CHECK(straight.count() == 40);
}

TEST_CASE("the hash is printed as sixteen digits", "[trace]") {
  CHECK(TraceHash{}.text().size() == 16);
  CHECK(TraceHash{}.text() == hexadecimal(TraceHash{}.value()));
}

TEST_CASE("a vector recorder keeps everything and can be emptied", "[recorder]") {
  VectorRecorder recorder;
  for (const auto& [at, record] : some_trace()) recorder.on(at, record);
  CHECK(recorder.records() == some_trace());
  CHECK(recorder.take() == some_trace());
  CHECK(recorder.records().empty());
}

TEST_CASE("a tail recorder keeps the last records, oldest first", "[recorder]") {
  TailRecorder<3> recorder;
  const Trace trace = some_trace();
  recorder.on(trace[0].at, trace[0].record);
  CHECK(recorder.tail() == Trace{trace[0]});
  for (std::size_t i = 1; i < 8; ++i) recorder.on(trace[i].at, trace[i].record);
  CHECK(recorder.tail() == Trace{trace[5], trace[6], trace[7]});
  CHECK(recorder.seen() == 8);
}

}  // namespace
