// The processes of a cluster that an import has found: brokers, name servers and the controller.
#pragma once

#include <string>
#include <vector>

#include "scenarios/analyse/import_settings.hpp"

namespace brokersim::scenarios {

/// `cluster` of the scenario.
read::Value cluster_of(const Given& given, const std::vector<std::string>& topics, ImportDraft& draft);

}  // namespace brokersim::scenarios
