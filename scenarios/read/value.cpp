#include "scenarios/read/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace brokersim::scenarios::read {

Value Value::of(bool flag) {
  Value value;
  value.kind = Kind::boolean;
  value.boolean = flag;
  return value;
}

Value Value::of(std::int64_t whole) {
  Value value;
  value.kind = Kind::number;
  value.is_integer = true;
  value.integer = whole;
  value.number = static_cast<double>(whole);
  return value;
}

Value Value::of(double real) {
  // As in JSON Schema, 3.0 and 3e0 are integers. Beyond 2^53 a double does not say which integer is meant.
  constexpr double exact_max = 9'007'199'254'740'992.0;
  if (real >= -exact_max && real <= exact_max && real == static_cast<double>(static_cast<std::int64_t>(real)))
    return of(static_cast<std::int64_t>(real));
  Value value;
  value.kind = Kind::number;
  value.number = real;
  return value;
}

Value Value::of(std::string words) {
  Value value;
  value.kind = Kind::text;
  value.text = std::move(words);
  return value;
}

Value Value::array(std::vector<Value> elements) {
  Value value;
  value.kind = Kind::array;
  value.items = std::move(elements);
  return value;
}

Value Value::object() {
  Value value;
  value.kind = Kind::object;
  return value;
}

const Value* Value::find(std::string_view key) const {
  const auto at = std::find(keys.begin(), keys.end(), key);
  return at == keys.end() ? nullptr : &items[static_cast<std::size_t>(at - keys.begin())];
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

Value& Value::with(std::string key, Value value) {
  keys.push_back(std::move(key));
  items.push_back(std::move(value));
  return *this;
}

void Value::without(std::string_view key) {
  const auto at = std::find(keys.begin(), keys.end(), key);
  if (at == keys.end()) return;
  items.erase(items.begin() + (at - keys.begin()));
  keys.erase(at);
}

std::string_view name_of(Value::Kind kind) {
  constexpr std::array<std::string_view, 6> names{"null",   "true or false", "a number",
                                                  "a text", "an array",      "an object"};
  return names[static_cast<std::size_t>(kind)];
}

namespace {

void write_text(const std::string& words, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (byte < 0x20)
      ((out += "\\u00") += digits[byte >> 4]) += digits[byte & 15];
    else
      out += c;
  }
  out += '"';
}

void write_number(const Value& value, std::string& out) {
  std::array<char, 32> text;
  char* const first = text.data();
  char* const last = first + text.size();
  const auto end =
      value.is_integer ? std::to_chars(first, last, value.integer) : std::to_chars(first, last, value.number);
  out.append(first, end.ptr);
}

bool is_plain(const Value& value) {
  return value.kind != Value::Kind::array && value.kind != Value::Kind::object;
}

void write_value(const Value& value, const std::string& indent, std::string& out);

void write_items(const Value& value, const std::string& indent, std::string& out) {
  const bool object = value.is(Value::Kind::object);
  const bool one_line =
      value.items.empty() || (!object && std::all_of(value.items.begin(), value.items.end(), is_plain));
  const std::string inner = indent + "  ";
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += one_line ? ", " : ",";
    if (!one_line) (out += '\n') += inner;
    if (object) write_text(value.keys[i], out), out += ": ";
    write_value(value.items[i], inner, out);
  }
  if (!one_line) (out += '\n') += indent;
  out += object ? '}' : ']';
}

void write_value(const Value& value, const std::string& indent, std::string& out) {
  switch (value.kind) {
    case Value::Kind::null: out += "null"; return;
    case Value::Kind::boolean: out += value.boolean ? "true" : "false"; return;
    case Value::Kind::number: return write_number(value, out);
    case Value::Kind::text: return write_text(value.text, out);
    case Value::Kind::array:
    case Value::Kind::object: return write_items(value, indent, out);
  }
}

}  // namespace

std::string write(const Value& value) {
  std::string text;
  write_value(value, "", text);
  return text += '\n';
}

std::string one_line(const Value& value) {
  if (value.is(Value::Kind::text)) return value.text;
  std::string text = write(value);
  text.pop_back();
  return text;
}

}  // namespace brokersim::scenarios::read
