// Documents that are generated from the protocols' tables: `brokersim tables --document NAME` prints them,
// and a test holds docs/ to what it prints. The words around the tables stand in table_document.cpp, and
// nowhere else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brokersim::scenarios {

/// "transactions" (docs/model-rocketmq-transactions.md) or "consuming" (docs/model-rocketmq-consuming.md);
/// none: there is no such document.
std::optional<std::string> table_document(std::string_view name);

}  // namespace brokersim::scenarios
