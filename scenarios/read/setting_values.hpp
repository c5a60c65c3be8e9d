// One value of a `config` block: read into the member of its row, and written from it.
#pragma once

#include <optional>
#include <type_traits>

#include "scenarios/read/delay_levels.hpp"
#include "scenarios/read/quantities.hpp"
#include "scenarios/read/settings.hpp"

namespace brokersim::scenarios::read {

using Levels = std::vector<model::Duration>;
/// Of the day; "04;16" in a broker.conf (UtilAll.isItTimeToDo).
using Hours = std::vector<std::int32_t>;

/// The words of a setting that is a Java enum.
template <class Enum>
struct EnumWords;
template <>
struct EnumWords<model::FlushDiskType> {
  static constexpr std::string_view type = "FlushDiskType";
  static constexpr Word<model::FlushDiskType> words[] = {{"ASYNC_FLUSH", model::FlushDiskType::ASYNC_FLUSH},
                                                         {"SYNC_FLUSH", model::FlushDiskType::SYNC_FLUSH}};
};
template <>
struct EnumWords<model::BrokerRole> {
  static constexpr std::string_view type = "BrokerRole";
  static constexpr Word<model::BrokerRole> words[] = {{"ASYNC_MASTER", model::BrokerRole::ASYNC_MASTER},
                                                      {"SYNC_MASTER", model::BrokerRole::SYNC_MASTER},
                                                      {"SLAVE", model::BrokerRole::SLAVE}};
};
template <>
struct EnumWords<model::MessageModel> {
  static constexpr std::string_view type = "MessageModel";
  static constexpr Word<model::MessageModel> words[] = {{"CLUSTERING", model::MessageModel::CLUSTERING},
                                                        {"BROADCASTING", model::MessageModel::BROADCASTING}};
};
template <>
struct EnumWords<model::ConsumeFromWhere> {
  static constexpr std::string_view type = "ConsumeFromWhere";
  static constexpr Word<model::ConsumeFromWhere> words[] = {
      {"CONSUME_FROM_LAST_OFFSET", model::ConsumeFromWhere::CONSUME_FROM_LAST_OFFSET},
      {"CONSUME_FROM_FIRST_OFFSET", model::ConsumeFromWhere::CONSUME_FROM_FIRST_OFFSET}};
};

std::string_view unit_text(Unit unit);
/// How many nanoseconds or bytes one of them is.
std::int64_t size_of(Unit unit);
/// "500ms" where RocketMQ wants 500.
std::string number_hint(const Value& value, Unit unit);
/// A number, or the text of one as a properties file holds it.
std::optional<std::int64_t> whole_of(const Value& value);
std::optional<bool> flag_for(const Place& place, Problems& problems);
std::optional<Levels> levels_for(const Place& place, Problems& problems);
std::optional<Hours> hours_for(const Place& place, Problems& problems);
std::string hours_text(const Hours& hours);

template <class Settings>
std::optional<std::int64_t> number_for(const Setting<Settings>& setting, const Place& place,
                                       Problems& problems) {
  const auto number = whole_of(*place.value);
  if (number && *number >= setting.min && *number <= setting.max) return number;
  const std::string unit(unit_text(setting.unit));
  problems.error(place.pointer,
                 written(*place.value) + " is not a whole number" + (unit.empty() ? "" : " of " + unit) +
                     " between " + std::to_string(setting.min) + " and " + std::to_string(setting.max),
                 number_hint(*place.value, setting.unit));
  return std::nullopt;
}

template <class Enum>
std::optional<Enum> enum_word_for(const Place& place, Problems& problems) {
  std::vector<std::string_view> names;
  for (const auto& word : EnumWords<Enum>::words) {
    if (place.value->is(Value::Kind::text) && place.value->text == word.text) return word.meaning;
    names.push_back(word.text);
  }
  const std::string text = place.value->is(Value::Kind::text) ? place.value->text : "";
  const std::string type(EnumWords<Enum>::type);
  problems.error(place.pointer, written(*place.value) + " is not a " + type + " of the model",
                 suggest(text, names));
  return std::nullopt;
}

template <class Settings>
void set(const Setting<Settings>& setting, const Place& place, Settings& settings, Problems& problems) {
  std::visit(
      [&](auto member) {
        using T = std::remove_reference_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<T, bool>) {
          if (const auto flag = flag_for(place, problems)) settings.*member = *flag;
        } else if constexpr (std::is_enum_v<T>) {
          if (const auto word = enum_word_for<T>(place, problems)) settings.*member = *word;
        } else if constexpr (std::is_same_v<T, std::string>) {
          // As if it were not there: the default is another name's.
          if (!place.value->is(Value::Kind::text) || !place.value->text.empty())
            name_at(place, settings.*member, problems);
        } else if constexpr (std::is_same_v<T, Levels>) {
          if (auto levels = levels_for(place, problems)) settings.*member = *std::move(levels);
        } else if constexpr (std::is_same_v<T, Hours>) {
          if (auto hours = hours_for(place, problems)) settings.*member = *std::move(hours);
        } else if (const auto number = number_for(setting, place, problems)) {
          if constexpr (std::is_same_v<T, model::Duration>)
            settings.*member = model::Duration{*number * size_of(setting.unit)};
          else
            settings.*member = static_cast<T>(*number);
        }
      },
      setting.member);
}

/// Kept out of line: inlined, gcc 12 holds every type of member against the smallest settings struct and
/// warns of array bounds that no setting reaches.
template <class Settings>
[[gnu::noinline]] Value get(const Setting<Settings>& setting, const Settings& settings) {
  return std::visit(
      [&](auto member) {
        using T = std::remove_cvref_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<T, bool>)
          return Value::of(settings.*member);
        else if constexpr (std::is_enum_v<T>)
          return Value::of(std::string(word_for(EnumWords<T>::words, settings.*member)));
        else if constexpr (std::is_same_v<T, std::string>)
          return Value::of(settings.*member);
        else if constexpr (std::is_same_v<T, Levels>)
          return Value::of(delay_levels_text(settings.*member));
        else if constexpr (std::is_same_v<T, Hours>)
          return Value::of(hours_text(settings.*member));
        else if constexpr (std::is_same_v<T, model::Duration>)
          return Value::of((settings.*member).ns / size_of(setting.unit));
        else
          return Value::of(static_cast<std::int64_t>(settings.*member));
      },
      setting.member);
}

}  // namespace brokersim::scenarios::read
