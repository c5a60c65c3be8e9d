// The brokers' and clients' own settings: which the model honours, which it only knows by name.
//
// A `config` block takes them under their real names, in their real units (3000 is 3,000 ms where
// RocketMQ says milliseconds), as JSON values or as the text that a broker.conf holds ("3000", "true").
// - honoured: a row of setting_tables.cpp, which carries what the setting changes in the model;
// - known (known_*_settings.cpp): a warning that says what the model does instead, because the real broker
//   would heed it; an error if it would change what is lost or doubled (decisive_settings.cpp);
// - unknown: an error with the nearest name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/config.hpp"
#include "scenarios/read/fields.hpp"

namespace brokersim::scenarios::read {

enum class Unit : std::uint8_t { none, bytes, mebibytes, milliseconds, minutes, hours, pages, percent };

template <class Settings>
struct Setting {
  using Member =
      std::variant<bool Settings::*, std::int32_t Settings::*, std::int64_t Settings::*,
                   model::Duration Settings::*, std::string Settings::*, model::FlushDiskType Settings::*,
                   model::BrokerRole Settings::*, model::ConsumeFromWhere Settings::*,
                   model::MessageModel Settings::*, std::vector<model::Duration> Settings::*,
                   std::vector<std::int32_t> Settings::*>;
  std::string_view name;
  Member member;
  Unit unit;
  std::int64_t min, max;     ///< in `unit`
  bool in_4_9;               ///< else a 4.9 broker or client would ignore it
  std::string_view source;   ///< the class that declares it
  std::string_view meaning;  ///< what it changes in the model
  bool in_5_3 = true;
};

/// What there is to say of one setting.
struct SettingText {
  std::string_view scope;  ///< "broker", "producer", "consumer", "reader", "controller", "nameserver"
  std::string_view name;
  bool honoured;                         ///< else only known
  std::string type;                      ///< "true or false", "milliseconds" ...; empty if only known
  std::string_view unit;                 ///< "milliseconds", "bytes" ...; empty if it has none
  std::string default_5_3, default_4_9;  ///< "-": that version lacks it
  std::string_view source, meaning;      ///< empty if only known
  std::string_view instead;              ///< if only known: what the model does
  /// If only known: every other value is refused.
  std::optional<std::string_view> only_value;

  std::string_view default_of(model::Profile profile) const {
    return profile == model::Profile::v4_9 ? default_4_9 : default_5_3;
  }
};

/// What one `config` block of a producer says.
struct ProducerBlock : model::ProducerSettings {
  /// Of TransactionMQProducer: other producers do not have it (model::TransactionConfig).
  std::int32_t checkRequestHoldMax = 2000;
};

/// Of the only settings that the model honours in a plain reader.
struct ReaderSettings {
  std::int32_t pullBatchSize = 32;
  model::Duration pullTimeDelayMillsWhenException = model::ConsumerConfig{}.pullTimeDelayMillsWhenException;
};

std::span<const Setting<model::BrokerSettings>> broker_settings();
std::span<const Setting<ProducerBlock>> producer_settings();
std::span<const Setting<model::PushConsumerSettings>> consumer_settings();
std::span<const Setting<ReaderSettings>> reader_settings();
std::span<const Setting<model::ControllerSettings>> controller_settings();
std::span<const Setting<model::NameServerSettings>> name_server_settings();

model::BrokerSettings broker_defaults(model::Profile profile);
model::ProducerSettings producer_defaults(model::Profile profile);

/// Reads a `config` block over `settings`. No block leaves them as they are.
void read_settings(Place config, model::Profile profile, model::BrokerSettings& settings, Problems& problems);
void read_settings(Place config, model::Profile profile, ProducerBlock& settings, Problems& problems);
void read_settings(Place config, model::Profile profile, model::PushConsumerSettings& settings,
                   Problems& problems);
void read_settings(Place config, model::Profile profile, ReaderSettings& settings, Problems& problems);
void read_settings(Place config, model::Profile profile, model::ControllerSettings& settings,
                   Problems& problems);
void read_settings(Place config, model::Profile profile, model::NameServerSettings& settings,
                   Problems& problems);

/// The `config` block that reads back to these settings.
Value settings_value(const model::BrokerSettings& settings, model::Profile profile);
Value settings_value(const ProducerBlock& settings, model::Profile profile);
Value settings_value(const model::PushConsumerSettings& settings, model::Profile profile);
Value settings_value(const ReaderSettings& settings, model::Profile profile);
Value settings_value(const model::ControllerSettings& settings, model::Profile profile);
Value settings_value(const model::NameServerSettings& settings, model::Profile profile);

/// All settings, honoured and known, of all scopes.
std::vector<SettingText> all_settings();

/// Real settings of RocketMQ 5.3.3 and 4.9.8 that the model does not honour (known_settings.cpp).
enum class Scope : std::uint8_t { broker, producer, consumer, reader, controller, nameserver };
struct KnownSetting {
  std::string_view name;
  bool in_5_3 = true, in_4_9 = true;
  std::string_view instead;  ///< what the model does
};
const std::vector<KnownSetting>& known_settings(Scope scope);
/// Of a known setting that would change what is lost or doubled: the one value that the model behaves like,
/// as text (decisive_settings.cpp). Any other is an error.
std::optional<std::string_view> only_modelled_value(Scope scope, std::string_view name);
std::string_view to_string(Scope scope);

}  // namespace brokersim::scenarios::read
