// What the generated documents share; only they include this.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenarios/analyse/row_record.hpp"

namespace brokersim::scenarios {

/// The honoured settings of these names, in the order of the settings' own tables.
std::string settings_table(std::span<const std::string_view> names);
/// One of model::rocketmq::all_tables(), as Markdown, with the runs that take its rows where some are
/// recorded.
std::string table_named(std::string_view name, const RowRecord& record);
/// What that column says.
std::string_view about_taken_by();

/// docs/model-rocketmq-consuming.md.
std::string consuming_document(const RowRecord& record);
/// docs/model-rocketmq-replication.md.
std::string replication_document(const RowRecord& record);
/// docs/model-rocketmq-sending.md.
std::string sending_document(const RowRecord& record);
/// docs/model-rocketmq-controller.md.
std::string controller_document(const RowRecord& record);
/// docs/model-rocketmq-dledger.md.
std::string dledger_document(const RowRecord& record);
/// docs/settings.md.
std::string settings_document();

}  // namespace brokersim::scenarios
