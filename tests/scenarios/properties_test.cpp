// broker.conf as java.util.Properties.load reads it (its Javadoc has these examples).
#include "scenarios/read/properties.hpp"
#include "tests/catch.hpp"

namespace brokersim::tests {

using scenarios::read::parse_properties;
using scenarios::read::Property;
using Properties = std::vector<Property>;

TEST_CASE("properties: name and value are apart by =, : or a blank", "[import]") {
  CHECK(parse_properties("Truth = Beauty\n Truth:Beauty\nTruth                    :Beauty\nTruth Beauty") ==
        Properties{
            {"Truth", "Beauty", 1}, {"Truth", "Beauty", 2}, {"Truth", "Beauty", 3}, {"Truth", "Beauty", 4}});
  CHECK(parse_properties("cheeses") == Properties{{"cheeses", "", 1}});
  CHECK(parse_properties("path=a=b:c") == Properties{{"path", "a=b:c", 1}});
}

TEST_CASE("properties: comments and empty lines are none, and lines are counted through them", "[import]") {
  CHECK(parse_properties("# one\r\n\r\n  ! two\r\na=1\r\n") == Properties{{"a", "1", 4}});
  CHECK(parse_properties("").empty());
}

TEST_CASE("properties: a backslash at the end goes on in the next line", "[import]") {
  CHECK(parse_properties("fruits  apple, banana, \\\n        pear\nb=2") ==
        Properties{{"fruits", "apple, banana, pear", 1}, {"b", "2", 3}});
  CHECK(parse_properties("a=1\\\\\nb=2") == Properties{{"a", "1\\", 1}, {"b", "2", 2}});
}

TEST_CASE("properties: escapes", "[import]") {
  CHECK(parse_properties("a\\:b\\=c=\\t\\u00e9\\u20ac\\z") == Properties{{"a:b=c", "\t\u00e9\u20acz", 1}});
}

}  // namespace brokersim::tests
