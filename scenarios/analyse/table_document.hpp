// Documents that are generated from the protocols' tables: `brokersim tables --document NAME` prints them,
// and a test holds docs/ to what it prints. The words around the tables stand in table_document.cpp, and
// nowhere else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brokersim::scenarios {

/// One of document_names; none: there is no such document.
std::optional<std::string> table_document(std::string_view name);

/// docs/model-rocketmq-transactions.md, -consuming.md, -replication.md, -controller.md, docs/settings.md.
inline constexpr std::string_view document_names[] = {"transactions", "consuming", "replication",
                                                      "controller", "settings"};

}  // namespace brokersim::scenarios
