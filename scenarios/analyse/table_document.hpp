// Documents that are generated from the protocols' tables: `brokersim tables --document NAME` prints them,
// and a test holds docs/ to what it prints. The words around the tables stand in table_document.cpp, and
// nowhere else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scenarios/analyse/row_record.hpp"

namespace brokersim::scenarios {

/// One of document_names; none: there is no such document. `record`: which runs take the rows.
std::optional<std::string> table_document(std::string_view name, const RowRecord& record);

/// docs/model-rocketmq-transactions.md, -consuming.md, -replication.md, -controller.md, -sending.md,
/// -dledger.md, docs/settings.md.
inline constexpr std::string_view document_names[] = {
    "transactions", "consuming", "replication", "controller", "sending", "dledger", "settings"};

}  // namespace brokersim::scenarios
