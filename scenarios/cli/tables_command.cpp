#include <cstdio>

#include "model/rocketmq/monitors.hpp"
#include "scenarios/analyse/table_document.hpp"
#include "scenarios/cli/commands.hpp"
#include "scenarios/cli/files.hpp"
#include "scenarios/read/problems.hpp"

namespace brokersim::cli {

int tables(const TablesOptions& options) {
  if (!options.document.empty()) {
    const auto document = scenarios::table_document(options.document, row_record());
    if (!document)
      throw UsageError("--document " + options.document + ": no such document; " +
                       scenarios::read::allowed(scenarios::document_names));
    std::fputs(document->c_str(), stdout);
    return all_hold;
  }
  bool found = false;
  std::vector<std::string_view> known;
  for (const auto& table : model::rocketmq::all_tables()) {
    known.push_back(table.name);
    if (!options.name.empty() && options.name != table.name) continue;
    std::printf("%s## %s\n\n%s", found ? "\n" : "", std::string(table.title).c_str(),
                to_markdown(table).c_str());
    found = true;
  }
  if (!found)
    throw UsageError("--name " + options.name + ": no such table; " +
                     scenarios::read::suggest(options.name, known));
  return all_hold;
}

}  // namespace brokersim::cli
