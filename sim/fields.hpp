// Field lists that cannot be forgotten. A type opts in with a free function beside it, found by ADL:
//
//   constexpr auto fields(const Partition& p) {
//     const auto& [log, high_watermark, epoch] = p;   // a new member: this stops compiling
//     return std::tie(log, high_watermark, epoch);    // left out here: the layout check below fails
//   }
//
// Equality, canonical form and hash are all made from the one list. A type with private members makes
// `fields` a friend.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "sim/types.hpp"

namespace brokersim::sim {

template <class T>
concept HasFields = requires(const T& t) { fields(t); };

/// A field that is part of the state but not of its canonical form: draw counters, generations,
/// incarnations, evidence. Two states that differ only here have equal futures (docs/architecture.md, rule
/// 12).
template <class T>
struct Uncounted {
  using value_type = T;
  T value{};

  constexpr Uncounted() = default;
  constexpr Uncounted(T v) : value(std::move(v)) {}  // NOLINT: transparent to use on purpose
  constexpr operator const T&() const { return value; }
  constexpr operator T&() { return value; }
  constexpr const T* operator->() const { return &value; }
  constexpr T* operator->() { return &value; }
  constexpr const T& operator*() const { return value; }
  constexpr T& operator*() { return value; }
  /// A template, so that comparing with a plain number is not ambiguous.
  template <std::same_as<Uncounted> Same>
  friend constexpr bool operator==(const Same& a, const Same& b) {
    return a.value == b.value;
  }
};

/// A past instant of which only the age counts, and that only up to the horizon: "created more than
/// six seconds ago" is one state, however long ago. A never-touched instant (`SimTime::max()`) is its own.
template <std::int64_t horizon_ns>
struct Since {
  static_assert(horizon_ns >= 0, "an age is cut at a horizon in the past");
  static constexpr Duration horizon{horizon_ns};
  SimTime at{};

  friend constexpr auto operator<=>(const Since&, const Since&) = default;
};

/// An instant on the grid of a service that loops every `period`: once it is past, only the position within
/// the period counts, however many empty loops ago it was. One still to come counts exactly.
template <std::int64_t period_ns>
struct Phase {
  static_assert(period_ns > 0, "a period is positive");
  static constexpr Duration period{period_ns};
  SimTime at{};

  friend constexpr auto operator<=>(const Phase&, const Phase&) = default;
};

namespace detail {

/// Where a struct with these members, in this order, would end.
template <class... Members>
consteval std::size_t laid_out_size() {
  std::size_t end = 0, widest = 1;
  [[maybe_unused]] const auto place = [&](std::size_t size, std::size_t alignment) {
    end = (end + alignment - 1) / alignment * alignment + size;
    widest = std::max(widest, alignment);
  };
  (place(sizeof(Members), alignof(Members)), ...);
  return (end + widest - 1) / widest * widest;
}

template <class T, class Tuple>
struct CoversLayout;
template <class T, class... References>
struct CoversLayout<T, std::tuple<References...>> {
  static constexpr bool all_references = (std::is_lvalue_reference_v<References> && ...);
  static constexpr bool value = !all_references || std::is_empty_v<T> ||
                                laid_out_size<std::remove_cvref_t<References>...>() == sizeof(T);
};

}  // namespace detail

/// Whether the list, in order, fills the whole object. A small member that hides in padding can
/// escape this; it is still named in the structured binding one line above.
template <HasFields T>
inline constexpr bool fields_cover_object =
    detail::CoversLayout<T, std::remove_cvref_t<decltype(fields(std::declval<const T&>()))>>::value;

/// Calls f(field) for each field in order.
template <HasFields T, class F>
constexpr void for_each_field(const T& t, F&& f) {
  static_assert(fields_cover_object<T>, "fields() leaves out a member or lists them out of order");
  std::apply([&](const auto&... field) { (f(field), ...); }, fields(t));
}

/// Field by field, everything included, also what is `Uncounted`: the equality of a true copy.
template <HasFields T>
constexpr bool equal_fields(const T& a, const T& b) {
  static_assert(fields_cover_object<T>, "fields() leaves out a member or lists them out of order");
  return fields(a) == fields(b);
}

}  // namespace brokersim::sim
