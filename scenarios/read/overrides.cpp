#include "scenarios/read/overrides.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "scenarios/read/parse.hpp"
#include "scenarios/read/quantities.hpp"

namespace brokersim::scenarios::read {
namespace {

using Path = std::vector<std::string>;

std::string unescaped(std::string_view segment) {
  std::string text;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool escape =
        segment[i] == '~' && i + 1 < segment.size() && (segment[i + 1] == '0' || segment[i + 1] == '1');
    text += escape ? (segment[++i] == '0' ? '~' : '/') : segment[i];
  }
  return text;
}

/// "/cluster/brokers/0" or "cluster.brokers.0". What follows "config." is one name: settings may contain
/// dots.
Path split(std::string_view text) {
  const bool pointer = text.starts_with('/');
  if (pointer) text.remove_prefix(1);
  Path path;
  while (true) {
    const bool setting = !pointer && !path.empty() && path.back() == "config";
    const std::size_t cut = setting ? std::string_view::npos : text.find(pointer ? '/' : '.');
    path.push_back(pointer ? unescaped(text.substr(0, cut)) : std::string(text.substr(0, cut)));
    if (cut == std::string_view::npos || path.size() > depth_max) return path;
    text.remove_prefix(cut + 1);
  }
}

class Setter {
 public:
  Setter(const Override& override, Problems& problems) : override_(override), problems_(problems) {
    auto parsed = parse_quietly(override.value);
    value_ = parsed ? *std::move(parsed) : Value::of(override.value);
    if (value_.is(Value::Kind::number) || value_.is(Value::Kind::boolean)) value_.text = override.value;
  }

  void set(Value& document) {
    path_ = split(override_.path);
    const bool holes =
        std::any_of(path_.begin(), path_.end(), [](const std::string& segment) { return segment.empty(); });
    if (holes || path_.size() > depth_max)
      return fail("", "is not a path", "like cluster.brokers.0.config.flushDiskType");
    descend(document, 0, "");
  }

 private:
  void fail(std::string pointer, const std::string& message, std::string suggestion) {
    problems_.error(std::move(pointer), "--set " + printable(override_.path, 120) + ": " + message,
                    std::move(suggestion));
  }

  void descend(Value& at, std::size_t depth, const std::string& pointer) {
    if (depth == path_.size()) {
      at = value_;
    } else if (at.is(Value::Kind::object)) {
      into_object(at, depth, pointer);
    } else if (at.is(Value::Kind::array)) {
      into_array(at, depth, pointer);
    } else {
      fail(pointer,
           "there is " + std::string(name_of(at.kind)) + ", which has no part " + quoted(path_[depth]), "");
    }
  }

  /// A member that is missing is made; if nobody knows it, the reader will say so.
  void into_object(Value& at, std::size_t depth, const std::string& pointer) {
    const std::string& key = path_[depth];
    if (at.find(key) == nullptr) at.with(key, Value::object());
    descend(*at.find(key), depth + 1, child(pointer, key));
  }

  void into_array(Value& at, std::size_t depth, const std::string& pointer) {
    const std::string& key = path_[depth];
    bool any = false;
    for (std::size_t i = 0; i < at.items.size(); ++i) {
      if (key != "*" && key != std::to_string(i) && !named(at.items[i], key)) continue;
      any = true;
      descend(at.items[i], depth + 1, child(pointer, i));
    }
    if (!any)
      fail(pointer, "no element is " + quoted(key),
           "there are " + std::to_string(at.items.size()) + ", from 0; or say its \"name\", or *");
  }

  static bool named(const Value& element, const std::string& key) {
    const Value* name = element.is(Value::Kind::object) ? element.find("name") : nullptr;
    return name != nullptr && name->is(Value::Kind::text) && name->text == key;
  }

  const Override& override_;
  Problems& problems_;
  Value value_;
  Path path_;
};

}  // namespace

void apply(std::span<const Override> overrides, Value& document, Problems& problems) {
  for (const Override& override : overrides) Setter(override, problems).set(document);
}

}  // namespace brokersim::scenarios::read
