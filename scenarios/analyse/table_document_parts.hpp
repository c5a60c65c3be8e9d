// What the generated documents share; only they include this.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace brokersim::scenarios {

/// The honoured settings of these names, in the order of the settings' own tables.
std::string settings_table(std::span<const std::string_view> names);
/// One of model::rocketmq::all_tables(), as Markdown.
std::string table_named(std::string_view name);

/// docs/model-rocketmq-consuming.md.
std::string consuming_document();
/// docs/model-rocketmq-replication.md.
std::string replication_document();
/// docs/model-rocketmq-controller.md.
std::string controller_document();
/// docs/settings.md.
std::string settings_document();

}  // namespace brokersim::scenarios
