// The members of one object of a file, read one by one. Whatever nobody asked for is unknown, and
// reported with the nearest of the names that were asked for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "scenarios/read/problems.hpp"
#include "scenarios/read/value.hpp"
#include "sim/distribution.hpp"

namespace brokersim::scenarios::read {

/// The longest fixed time of a scenario; sums of a few of them stay within simulation time (292 years).
inline constexpr sim::Duration longest_fixed{10LL * 365 * 24 * 3'600'000'000'000};

/// A word of a file and what it stands for. The first word of a meaning is the one that is written.
template <class T>
struct Word {
  std::string_view text;
  T meaning;
};

template <class T, std::size_t N>
std::string_view word_for(const Word<T> (&words)[N], std::type_identity_t<T> meaning) {
  for (const Word<T>& word : words) {
    if (word.meaning == meaning) return word.text;
  }
  return words[0].text;
}

/// A value and where it stands.
struct Place {
  const Value* value = nullptr;
  std::string pointer;
};

class Fields {
 public:
  /// Reports a value that is not an object; it then has no members.
  Fields(Place place, Problems& problems);

  /// Reports the members that nobody asked for. `noun`: "a producer".
  void finish(std::string_view noun);

  const Value* find(std::string_view key);
  bool has(std::string_view key) { return find(key) != nullptr; }
  Place place(std::string_view key) { return {find(key), child(pointer_, key)}; }
  /// Reports if it is missing.
  Place required(std::string_view key, std::string_view noun);
  const std::string& pointer() const { return pointer_; }
  std::string pointer_to(std::string_view key) const { return child(pointer_, key); }
  Problems& problems() { return problems_; }
  bool is_object() const { return object_ != nullptr; }

  // Each reads the member into `out` if it is there and right, reports it if it is wrong, and says
  // whether `out` was set.
  bool text(std::string_view key, std::string& out);
  bool flag(std::string_view key, bool& out);
  bool real(std::string_view key, double& out, double min, double max);
  bool duration(std::string_view key, sim::Duration& out, sim::Duration min = {},
                sim::Duration max = longest_fixed);
  bool distribution(std::string_view key, sim::Distribution& out);

  template <class T>
  bool whole(std::string_view key, T& out, std::int64_t min, std::int64_t max) {
    std::int64_t number = 0;
    if (!whole_number(key, number, min, max)) return false;
    out = static_cast<T>(number);
    return true;
  }

  template <class T, std::size_t N>
  bool choice(std::string_view key, T& out, const Word<T> (&words)[N]) {
    std::string written;
    if (!text(key, written)) return false;
    std::vector<std::string_view> names;
    for (const Word<T>& word : words) {
      if (word.text == written) return out = word.meaning, true;
      names.push_back(word.text);
    }
    report_choice(key, written, names);
    return false;
  }

 private:
  bool whole_number(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max);
  void report_choice(std::string_view key, const std::string& written,
                     std::span<const std::string_view> names);

  const Value* object_ = nullptr;
  std::string pointer_;
  Problems& problems_;
  std::vector<std::string_view> asked_;
};

/// Those of the keys that are there.
std::vector<std::string_view> present(Fields& fields, std::initializer_list<std::string_view> keys);
/// "a" and "b", quoted.
std::string joined(const std::vector<std::string_view>& names);
/// Reports members that mean something only beside another one, which is missing.
void refuse_without(Fields& fields, std::string_view needed, std::initializer_list<std::string_view> keys);
/// Reports a member that does not belong here.
void refuse(Fields& fields, std::string_view key, std::string message, std::string suggestion);

/// The elements of an array with their places; reports anything else. Empty if there is no value.
std::vector<Place> elements(const Place& place, Problems& problems);

/// A text that is not empty, not longer than 200 bytes and free of control characters.
bool name_at(const Place& place, std::string& out, Problems& problems);
bool distribution_at(const Place& place, sim::Distribution& out, Problems& problems);
bool duration_at(const Place& place, sim::Duration& out, Problems& problems, sim::Duration min = {},
                 sim::Duration max = longest_fixed);

/// A plain value as it is written, shortened: for messages.
std::string written(const Value& value);

/// Reports a value of another kind than wanted.
void report_kind(const Place& place, std::string_view wanted, Problems& problems,
                 std::string suggestion = {});

}  // namespace brokersim::scenarios::read
