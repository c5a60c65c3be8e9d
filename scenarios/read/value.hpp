// A JSON document as plain values. It keeps the order of an object's members, so that a written file
// reads like the one that it came from, and it keeps the JSON library out of everything but parse.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brokersim::scenarios::read {

struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  bool is_integer = false;  ///< a number without a fraction that fits: then `integer` holds it too
  double number = 0;
  std::int64_t integer = 0;
  std::string text;               ///< also of a number or a flag that was typed on the command line: as typed
  std::vector<std::string> keys;  ///< of an object, parallel to `items`
  std::vector<Value> items;       ///< elements of an array, values of an object

  Value() = default;
  static Value of(bool flag);
  static Value of(std::int64_t whole);
  static Value of(double real);
  static Value of(std::string words);
  static Value array(std::vector<Value> elements = {});
  static Value object();

  bool is(Kind k) const { return kind == k; }
  /// It can stand where a text is wanted.
  bool is_text() const { return kind == Kind::text || !text.empty(); }
  /// The member of an object; nullptr if there is none.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  /// Adds a member and returns the object, so that calls can be chained.
  Value& with(std::string key, Value value);
  /// Removes a member if it is there.
  void without(std::string_view key);
};

/// "an object", "a number": for messages.
std::string_view name_of(Value::Kind kind);

/// A plain value as one would type it: a text without its quotes.
std::string one_line(const Value& value);

/// Indented JSON; arrays of plain values stand on one line. Ends with a newline.
std::string write(const Value& value);

}  // namespace brokersim::scenarios::read
