#include "scenarios/read/problems.hpp"

#include <algorithm>
#include <utility>

namespace brokersim::scenarios {

std::string to_string(const Problem& problem) {
  std::string line = problem.pointer.empty() ? "" : problem.pointer + ": ";
  line += (problem.warning ? "warning: " : "") + problem.message;
  if (!problem.suggestion.empty()) line += " (" + problem.suggestion + ")";
  return line;
}

namespace {

std::string listed(const std::string& path, const std::vector<Problem>& problems) {
  const bool one = problems.size() == 1;
  std::string text = path + ": " + std::to_string(problems.size()) + (one ? " problem" : " problems");
  for (const Problem& problem : problems) text += "\n  " + to_string(problem);
  return text;
}

}  // namespace

ScenarioError::ScenarioError(const std::string& path, std::vector<Problem> all)
    : std::runtime_error(listed(path, all)), problems(std::move(all)) {}

namespace read {
namespace {

/// Longer names are not compared: the table would grow with the square of the length.
constexpr std::size_t compared_max = 64;
constexpr std::size_t listed_max = 24;

void add(Problem problem, std::vector<Problem>& list) {
  if (list.size() < Problems::kept_max) return list.push_back(std::move(problem));
  const bool warning = problem.warning;
  if (list.size() == Problems::kept_max)
    list.push_back({"", warning ? "and more warnings" : "and more problems", "", warning});
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Bytes of the UTF-8 sequence that begins at `i`; 0 if it is broken or a control character.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  if (byte < 0x20 || byte == 0x7f) return 0;
  if (byte < 0x80) return 1;
  const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
  if (length == 0 || byte > 0xf4 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

/// A third of the name may be wrong, but never more than three letters.
std::size_t tolerance(std::string_view name) { return std::clamp<std::size_t>(name.size() / 3, 1, 3); }

/// "retryTimes" is the beginning of "retryTimesWhenSendFailed".
std::string_view longer_name(std::string_view written, std::span<const std::string_view> names) {
  constexpr std::size_t enough = 4;
  for (const std::string_view name : names) {
    const bool longer = written.size() >= enough && name.size() > written.size();
    if (longer && std::equal(written.begin(), written.end(), name.begin(),
                             [](char a, char b) { return lower(a) == lower(b); }))
      return name;
  }
  return {};
}

}  // namespace

void Problems::error(std::string pointer, std::string message, std::string suggestion) {
  add({std::move(pointer), std::move(message), std::move(suggestion), false}, errors_);
}

void Problems::warning(std::string pointer, std::string message, std::string suggestion) {
  add({std::move(pointer), std::move(message), std::move(suggestion), true}, warnings_);
}

std::vector<Problem> Problems::all() const {
  std::vector<Problem> both = errors_;
  both.insert(both.end(), warnings_.begin(), warnings_.end());
  return both;
}

std::string child(std::string_view pointer, std::string_view key) {
  std::string result(pointer);
  result += '/';
  for (const char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

std::string child(std::string_view pointer, std::size_t index) {
  return std::string(pointer) + "/" + std::to_string(index);
}

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    if (result.size() >= bytes_max) return result + "...";
    const std::size_t length = sequence_length(text, i);
    if (length == 0)
      result += '?';
    else
      result += text.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return result;
}

std::string quoted(std::string_view text) { return '"' + printable(text) + '"'; }

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (same ? 0u : 1u)});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

std::string allowed(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "allowed: " : ", ") + quoted(name);
  return text;
}

std::string suggest(std::string_view written, std::span<const std::string_view> names) {
  std::string_view nearest;
  std::size_t distance = written.size() <= compared_max ? tolerance(written) + 1 : 0;
  for (const std::string_view name : names) {
    if (distance == 0 || name.size() > compared_max) continue;
    const std::size_t d = edit_distance(written, name);
    if (d < distance) nearest = name, distance = d;
  }
  if (nearest.empty()) nearest = longer_name(written, names);
  if (!nearest.empty()) return "did you mean " + quoted(nearest) + "?";
  return names.size() <= listed_max ? allowed(names) : "";
}

}  // namespace read
}  // namespace brokersim::scenarios
