#include "scenarios/read/yaml.hpp"

#include <algorithm>

namespace brokersim::scenarios::read {
namespace {

/// One line without its indentation, its comment and the blanks at its end.
struct Line {
  std::size_t indent = 0, number = 0;
  std::string_view text;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t last = text.find_last_not_of(" \t\r");
  return last == std::string_view::npos || last < first ? std::string_view{}
                                                        : text.substr(first, last + 1 - first);
}

/// Where the quotes that open at `at` end; the end of the text if they do not.
std::size_t behind_quotes(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"')
      ++at;
    else if (text[at] == quote)
      return at + 1;
  }
  return text.size();
}

bool begins_word(std::string_view text, std::size_t at) {
  return at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t';
}

/// A comment begins at a '#' behind a blank, outside of quotes.
std::string_view without_comment(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if ((text[at] == '"' || text[at] == '\'') && begins_word(text, at)) {
      at = behind_quotes(text, at);
    } else if (text[at] == '#' && begins_word(text, at)) {
      return text.substr(0, at);
    } else {
      ++at;
    }
  }
  return text;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    lines.push_back(
        {std::min(line.find_first_not_of(' '), line.size()), number, trimmed(without_comment(line))});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || (text[0] != '"' && text[0] != '\'') || text.back() != text[0])
    return std::string(text);
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && text[0] == '"' && i + 2 < text.size()) {
      ++i;
      out += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
    } else {
      out += text[i];
      // In single quotes, two are one.
      if (text[i] == '\'' && text[0] == '\'' && text[i + 1] == '\'') ++i;
    }
  }
  return out;
}

/// Where the name of a mapping's line ends: at a ':' before a blank or the end. npos: it is no such line.
std::size_t end_of_name(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '"' || text[0] == '\'') ? behind_quotes(text, 0) : 0;
  for (; at < text.size(); ++at) {
    if (text[at] == ':' && (at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\t')) return at;
  }
  return std::string_view::npos;
}

/// '|' and '>' with their indicators: the deeper lines that follow are one text.
bool begins_block_text(std::string_view value) {
  return !value.empty() && (value[0] == '|' || value[0] == '>') &&
         value.find_first_not_of("|>+-0123456789") == std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : lines_(lines_of(text)) {}

  std::vector<Property> all() {
    while (at_ < lines_.size()) {
      const Line line = lines_[at_++];
      if (line.text.empty() || line.text[0] == '%') continue;
      if (line.text == "..." || line.text.starts_with("---"))
        open_.clear();
      else
        take(line);
    }
    return std::move(found_);
  }

 private:
  /// A mapping or sequence that is open: what its elements are called begins with `name`.
  struct Open {
    std::size_t indent;
    std::string name;
    std::size_t elements = 0;
  };

  /// `- ` opens an element of the innermost thing that stands farther left, or as far (a sequence may).
  void take(Line line) {
    while (line.text.starts_with("- ") || line.text == "-") {
      while (!open_.empty() && open_.back().indent > line.indent) open_.pop_back();
      while (!open_.empty() && open_.back().indent == line.indent && is_element(open_.back().name))
        open_.pop_back();
      const std::string parent = open_.empty() ? "" : open_.back().name;
      const std::size_t number = open_.empty() ? 0 : open_.back().elements++;
      open_.push_back({line.indent, parent + "[" + std::to_string(number) + "]"});
      const std::string_view rest = trimmed(line.text.substr(1));
      line.indent += line.text.size() - rest.size();
      line.text = rest;
      if (end_of_name(rest) == std::string_view::npos && !rest.starts_with("- ")) {
        if (!rest.empty()) found_.push_back({open_.back().name, unquoted(rest), line.number});
        return;
      }
    }
    take_member(line);
  }

  static bool is_element(const std::string& name) { return name.ends_with(']'); }

  void take_member(const Line& line) {
    while (!open_.empty() && open_.back().indent >= line.indent) open_.pop_back();
    const std::size_t end = end_of_name(line.text);
    std::string name = open_.empty() ? "" : open_.back().name + ".";
    name += unquoted(trimmed(line.text.substr(0, end)));
    const std::string_view value = end == std::string_view::npos ? "" : trimmed(line.text.substr(end + 1));
    if (begins_block_text(value)) {
      found_.push_back({name, block_text(line.indent), line.number});
    } else if (!value.empty() || end == std::string_view::npos) {
      found_.push_back({name, unquoted(value), line.number});
    } else {
      open_.push_back({line.indent, std::move(name)});
    }
  }

  std::string block_text(std::size_t indent) {
    std::string text;
    for (; at_ < lines_.size() && (lines_[at_].text.empty() || lines_[at_].indent > indent); ++at_)
      text.append(lines_[at_].text).append("\n");
    return text;
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  std::vector<Property> found_;
};

}  // namespace

std::vector<Property> parse_yaml(std::string_view text) { return Reader(text).all(); }

}  // namespace brokersim::scenarios::read
