// Collects everything that is wrong with a file, and words it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.hpp"

namespace brokersim::scenarios::read {

class Problems {
 public:
  /// Beyond this a file is not being corrected but is of another kind; the rest is dropped.
  static constexpr std::size_t kept_max = 200;

  void error(std::string pointer, std::string message, std::string suggestion = {});
  void warning(std::string pointer, std::string message, std::string suggestion = {});
  bool any_errors() const { return !errors_.empty(); }
  /// Further errors would not be kept: no need to look for them.
  bool full() const { return errors_.size() >= kept_max; }
  /// Errors before warnings: they are what keeps the file from running.
  std::vector<Problem> all() const;

 private:
  std::vector<Problem> errors_, warnings_;
};

/// `pointer` + "/" + the key, escaped as RFC 6901 demands.
std::string child(std::string_view pointer, std::string_view key);
std::string child(std::string_view pointer, std::size_t index);

/// In quotes, shortened, and safe to print: no control characters, no broken UTF-8.
std::string quoted(std::string_view text);
/// The same without the quotes.
std::string printable(std::string_view text, std::size_t bytes_max = 60);

/// The names nearest to what was written: `did you mean "flushDiskType"?`. If none is near: all of them
/// ("allowed: ...") when they are few, else nothing.
std::string suggest(std::string_view written, std::span<const std::string_view> names);
std::string allowed(std::span<const std::string_view> names);

/// Damerau-Levenshtein (adjacent transpositions count one) without regard to case.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace brokersim::scenarios::read
