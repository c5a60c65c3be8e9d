// The only file that knows the JSON library. Its event interface is used because its documents
// silently keep the last of duplicate keys and set no limits.
#include "scenarios/read/parse.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace brokersim::scenarios::read {
namespace {

struct Position {
  std::size_t line = 1, column = 1;
  std::string excerpt;
};

bool begins_sequence(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

/// Where byte number `at` (from 0) lies; columns count characters, not bytes.
Position position_of(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  const std::string_view before = text.substr(0, at);
  const std::size_t newline = before.rfind('\n');
  const std::size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view in_line = before.substr(line_start);
  Position position;
  position.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  position.column += static_cast<std::size_t>(std::count_if(in_line.begin(), in_line.end(), begins_sequence));
  std::size_t from = at - std::min<std::size_t>(in_line.size(), 20);
  while (from < at && !begins_sequence(text[from])) ++from;
  const std::string_view rest = text.substr(from, at - from + 20);
  const std::size_t first = std::min(rest.find_first_not_of(' '), at - from);
  position.excerpt = printable(rest.substr(first, rest.find('\n', at - from) - first));
  return position;
}

/// The library's sentence without its own prefix and without the token, which may be megabytes long.
std::string reason_in(std::string what) {
  const std::size_t syntax = what.find("syntax error ");
  if (syntax != std::string::npos) what.erase(0, syntax + std::string_view("syntax error ").size());
  const std::size_t token = what.find("; last read: '");
  const std::size_t token_end = what.rfind('\'');
  if (token != std::string::npos && token_end > token) what.erase(token, token_end + 1 - token);
  return printable(what, 200);
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

std::string hint_for(std::string_view text, std::size_t at, std::string_view reason) {
  const char c = at < text.size() ? text[at] : ' ';
  if (at >= text.size()) return "the file ends too early: is it cut off?";
  if (c == '/' || c == '#') return "JSON has no comments: put the text into \"description\" or \"source\"";
  if (c == '\'') return "JSON wants double quotes";
  const std::size_t before = text.substr(0, at).find_last_not_of(" \t\r\n");
  if ((c == '}' || c == ']') && before != std::string_view::npos && text[before] == ',')
    return "no comma after the last one";
  if (reason.find("UTF-8") != std::string_view::npos || !is_ascii(text[0])) return "scenario files are UTF-8";
  const bool in_container = reason.find("expected '}'") != std::string_view::npos ||
                            reason.find("expected ']'") != std::string_view::npos;
  if (in_container) return "is a comma missing before it?";
  return "";
}

/// Builds values and watches over the limits. `false` stops the library's parser.
class Builder {
 public:
  Builder(std::string_view text, Problems& problems) : text_(text), problems_(problems) {}

  bool null() { return add({}); }
  bool boolean(bool flag) { return add(Value::of(flag)); }
  bool number_integer(std::int64_t whole) { return add(Value::of(whole)); }
  bool number_unsigned(std::uint64_t whole) {
    return std::in_range<std::int64_t>(whole) ? add(Value::of(static_cast<std::int64_t>(whole)))
                                              : add(Value::of(static_cast<double>(whole)));
  }
  bool number_float(double real, const std::string&) { return add(Value::of(real)); }
  bool string(std::string& words) { return add(Value::of(std::move(words))); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Value::object()); }
  bool start_array(std::size_t) { return open(Value::array()); }
  bool key(std::string& name) {
    open_.back().keys.push_back(std::move(name));
    return true;
  }
  bool end_object() {
    report_duplicates();
    return close();
  }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
    // The library counts the byte that it could not use; at the end of the input there is none.
    const bool ended =
        std::string_view(error.what()).find("unexpected end of input") != std::string_view::npos;
    const std::size_t at = ended ? text_.size() : position == 0 ? 0 : position - 1;
    const Position where = position_of(text_, at);
    const std::string reason = error.id == 406 ? "a number is too large" : reason_in(error.what());
    problems_.error("",
                    "line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": " +
                        reason + ", near `" + where.excerpt + "`",
                    hint_for(text_, at, reason));
    return false;
  }

  std::optional<Value> result() && { return done_ ? std::optional(std::move(root_)) : std::nullopt; }

 private:
  bool stop(const std::string& message) {
    problems_.error(here(), message);
    return false;
  }

  bool within_limits() {
    if (++values_ > values_max)
      return stop("more than " + std::to_string(values_max) + " values in one file");
    if (!open_.empty() && open_.back().items.size() >= elements_max)
      return stop("more than " + std::to_string(elements_max) + " elements");
    return true;
  }

  bool add(Value value) {
    if (!within_limits()) return false;
    if (open_.empty())
      root_ = std::move(value), done_ = true;
    else
      open_.back().items.push_back(std::move(value));
    return true;
  }

  bool open(Value container) {
    if (open_.size() >= depth_max) return stop("nested deeper than " + std::to_string(depth_max) + " levels");
    open_.push_back(std::move(container));
    return true;
  }

  bool close() {
    Value finished = std::move(open_.back());
    open_.pop_back();
    return add(std::move(finished));
  }

  /// Of the innermost open container.
  std::string here() const {
    std::string pointer;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      const Value& outer = open_[i];
      pointer = outer.is(Value::Kind::object) ? child(pointer, outer.keys.back())
                                              : child(pointer, outer.items.size());
    }
    return pointer;
  }

  void report_duplicates() {
    std::vector<std::string_view> sorted(open_.back().keys.begin(), open_.back().keys.end());
    std::sort(sorted.begin(), sorted.end());
    for (auto at = sorted.begin(); (at = std::adjacent_find(at, sorted.end())) != sorted.end();) {
      const std::string_view twice = *at;
      problems_.error(child(here(), twice), quoted(twice) + " stands here more than once",
                      "JSON readers keep any one of them");
      at = std::find_if(at, sorted.end(), [&](std::string_view other) { return other != twice; });
    }
  }

  std::string_view text_;
  Problems& problems_;
  std::vector<Value> open_;
  std::size_t values_ = 0;
  Value root_;
  bool done_ = false;
};

bool only_space(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::optional<Value> parse(std::string_view text, Problems& problems) {
  if (text.size() > text_bytes_max) {
    problems.error("", "the file has " + std::to_string(text.size()) + " bytes", "at most 16 MiB are read");
    return std::nullopt;
  }
  if (only_space(text)) {
    problems.error("", "the file is empty");
    return std::nullopt;
  }
  Builder builder(text, problems);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return std::move(builder).result();
}

std::optional<Value> parse_quietly(std::string_view text) {
  Problems unheard;
  std::optional<Value> value = parse(text, unheard);
  return unheard.any_errors() ? std::nullopt : value;
}

}  // namespace brokersim::scenarios::read
