// Documents that are made of the tables say what the tables say.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "model/rocketmq/monitors.hpp"
#include "scenarios/analyse/table_document.hpp"
#include "tests/catch.hpp"

using namespace brokersim;

namespace {

std::string file_of(std::string_view document) {
  const std::string name(document);
  return document == "settings" ? "docs/settings.md" : "docs/model-rocketmq-" + name + ".md";
}

}  // namespace

TEST_CASE("generated documents in docs are what `brokersim tables --document` prints", "[tables]") {
  const scenarios::RowRecord record = scenarios::load_row_record();
  for (const std::string_view document : scenarios::document_names) {
    std::ifstream file(file_of(document));
    std::stringstream text;
    text << file.rdbuf();
    INFO("brokersim tables --document " << document << " > " << file_of(document));
    CHECK(text.str() == scenarios::table_document(document, record));
  }
}

TEST_CASE("a document that does not exist is none", "[tables]") {
  CHECK_FALSE(scenarios::table_document("weather", {}).has_value());
}

TEST_CASE("every row of every table has as many cells as its table has columns, and a source", "[tables]") {
  for (const auto& table : model::rocketmq::all_tables()) {
    INFO(table.name);
    CHECK(!table.rows.empty());
    std::size_t source = 0;
    while (table.columns.at(source) != "source") ++source;
    for (const auto& row : table.rows) {
      REQUIRE(row.cells.size() == table.columns.size());
      CHECK(!row.cells[source].empty());
      CHECK(row.hits() == 0);
    }
    const std::string markdown = to_markdown(table);
    CHECK(std::count(markdown.begin(), markdown.end(), '\n') ==
          static_cast<std::ptrdiff_t>(table.rows.size()) + 2);
  }
}
