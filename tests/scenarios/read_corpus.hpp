// The corpus of scenario files in tests/scenarios: good ones, and bad ones with what must be said of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace brokersim::tests {

std::string text_of(const std::filesystem::path& file);

/// All scenario files of tests/scenarios/<folder>, by name. Tests run from the root of the project.
std::vector<std::filesystem::path> corpus(const std::string& folder);

/// A small good file.
inline const std::string smallest =
    R"({ "cluster": { "kind": "rocketmq", "brokers": [ { "name": "broker-a" } ],
  "topics": [ { "name": "orders" } ] }, "producers": [ { "name": "shop" } ] })";

}  // namespace brokersim::tests
