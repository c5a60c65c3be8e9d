// The canonical form: a sequence of 64-bit words that is equal for two states exactly when they have
// equal futures (docs/architecture.md, rule 12). Built with `now`:
//   integers, enums, bool, Strong, Duration    as they are
//   SimTime                                    exactly, relative to now; SimTime::max() is "never"
//   Since<horizon>                             age, cut at the horizon
//   Phase<period>                              age modulo the period
//   Uncounted                                  omitted
//   optional, variant, vector, array, string, pair, tuple, types with fields()    part by part,
//                                              lengths and alternatives first, so nothing runs together
//   anything else                              `void canonical(CanonicalWriter&, const T&)` beside the type
// Pointers, floating point and unordered containers do not compile. Order ranks instead of times gave
// false certificates (5 of 9 outcomes found), hence exact times.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "sim/fields.hpp"
#include "sim/hash.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

class CanonicalWriter;

template <class T>
concept HasCanonical = requires(CanonicalWriter& writer, const T& t) { canonical(writer, t); };

namespace detail {

template <class T, template <class...> class Template>
inline constexpr bool is_instance = false;
template <template <class...> class Template, class... Arguments>
inline constexpr bool is_instance<Template<Arguments...>, Template> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t n>
inline constexpr bool is_array<std::array<T, n>> = true;

template <class T>
inline constexpr bool is_since = false;
template <std::int64_t horizon>
inline constexpr bool is_since<Since<horizon>> = true;

template <class T>
inline constexpr bool is_phase = false;
template <std::int64_t period>
inline constexpr bool is_phase<Phase<period>> = true;

template <class T>
inline constexpr bool is_tuple_like = is_instance<T, std::pair> || is_instance<T, std::tuple>;

template <class T>
inline constexpr bool is_plain =
    std::is_integral_v<T> || std::is_enum_v<T> || is_instance<T, Strong> || std::is_same_v<T, Duration>;

template <class T>
inline constexpr bool not_supported = false;

template <class T>
consteval bool time_free();
template <class T>
struct AllTimeFree;
template <template <class...> class Template, class... Parts>
struct AllTimeFree<Template<Parts...>> {
  static constexpr bool value = (time_free<std::remove_cvref_t<Parts>>() && ...);
};

template <class T>
consteval bool time_free() {
  if constexpr (is_plain<T> || is_instance<T, Uncounted>)
    return true;
  else if constexpr (std::is_same_v<T, SimTime> || is_since<T> || is_phase<T> || HasCanonical<T>)
    return false;
  else if constexpr (is_array<T>)
    return time_free<typename T::value_type>();
  else if constexpr (is_tuple_like<T> || is_instance<T, std::optional> || is_instance<T, std::variant>)
    return AllTimeFree<T>::value;
  else if constexpr (HasFields<T>)
    return AllTimeFree<std::remove_cvref_t<decltype(fields(std::declval<const T&>()))>>::value;
  else
    return false;
}

}  // namespace detail

/// Whether the canonical form of T is the same at any `now`, so that its digest may be kept.
template <class T>
inline constexpr bool is_time_free = detail::time_free<T>();

class CanonicalWriter {
 public:
  /// Digests as it goes.
  explicit CanonicalWriter(SimTime now) : now_(now) {}
  /// Keeps every word, for debugging and for exact comparison.
  CanonicalWriter(SimTime now, std::vector<std::uint64_t>& words) : now_(now), words_(&words) {}

  template <class T>
  void write(const T& value) {
    if constexpr (detail::is_plain<T>)
      word(as_word(value));
    else if constexpr (std::is_same_v<T, SimTime>)
      time(value);
    else if constexpr (detail::is_since<T>)
      age(value.at, T::horizon);
    else if constexpr (detail::is_phase<T>)
      time(value.at < now_ ? now_ - (now_ - value.at) % T::period : value.at);
    else if constexpr (detail::is_instance<T, Uncounted>)
      return;
    else if constexpr (HasCanonical<T>)
      canonical(*this, value);
    else if constexpr (HasFields<T>)
      for_each_field(value, [this](const auto& field) { this->write(field); });
    else
      write_standard(value);
  }

  void word(std::uint64_t w) {
    if (words_ == nullptr) [[likely]]
      hash_.word(w);
    else
      words_->push_back(w);
  }

  /// Whether words are digested, so that kept digests of parts may stand for them.
  bool digests() const { return words_ == nullptr; }
  SimTime now() const { return now_; }
  /// Of what was written so far; only without a list of words.
  Digest digest() const { return hash_.digest(); }

 private:
  template <class T>
  static constexpr std::uint64_t as_word(const T& value) {
    if constexpr (detail::is_instance<T, Strong>)
      return as_word(value.value);
    else if constexpr (std::is_same_v<T, Duration>)
      return as_word(value.ns);
    else
      return static_cast<std::uint64_t>(value);
  }

  /// "Never" stays never while time goes on. Unsigned, so that no distance overflows.
  void time(SimTime at) {
    const auto relative = as_word(at.ns) - as_word(now_.ns);
    word(at == SimTime::max() ? as_word(at.ns) : relative);
  }

  void age(SimTime at, Duration horizon) { time(at.ns < now_.ns - horizon.ns ? now_ - horizon : at); }

  template <class T>
  void write_standard(const T& value) {
    if constexpr (std::is_same_v<T, std::string>)
      text(value);
    else if constexpr (detail::is_instance<T, std::vector>)
      sequence(value);
    else if constexpr (detail::is_array<T>)
      for (const auto& part : value) write(part);
    else if constexpr (detail::is_instance<T, std::optional>) {
      word(value.has_value());
      if (value) write(*value);
    } else if constexpr (detail::is_instance<T, std::variant>) {
      word(value.index());
      std::visit([this](const auto& alternative) { this->write(alternative); }, value);
    } else if constexpr (detail::is_tuple_like<T>) {
      std::apply([this](const auto&... part) { (this->write(part), ...); }, value);
    } else if constexpr (!std::is_same_v<T, std::monostate>) {
      static_assert(detail::not_supported<T>, "no canonical form: give the type fields() or canonical()");
    }
  }

  template <class T>
  void sequence(const T& values) {
    word(values.size());
    for (const auto& value : values) write(value);
  }

  void text(const std::string& characters) {
    word(characters.size());
    for (std::size_t i = 0; i < characters.size(); i += 8) {
      std::uint64_t packed = 0;
      for (std::size_t k = i; k < characters.size() && k < i + 8; ++k)
        packed |= std::uint64_t{static_cast<unsigned char>(characters[k])} << (8 * (k - i));
      word(packed);
    }
  }

  SimTime now_;
  std::vector<std::uint64_t>* words_ = nullptr;
  StateHash hash_;
};

/// The digest of one value as seen at `now`.
template <class T>
Digest canonical_digest(SimTime now, const T& value) {
  CanonicalWriter writer(now);
  writer.write(value);
  return writer.digest();
}

/// Every word of the canonical form.
template <class T>
std::vector<std::uint64_t> canonical_words(SimTime now, const T& value) {
  std::vector<std::uint64_t> words;
  CanonicalWriter(now, words).write(value);
  return words;
}

}  // namespace brokersim::sim
