// The part of YAML that application.yml files are written in.
#include "scenarios/read/yaml.hpp"

#include "tests/catch.hpp"

namespace brokersim::tests {
namespace {

using scenarios::read::parse_yaml;
using scenarios::read::Property;

using Properties = std::vector<Property>;

}  // namespace

TEST_CASE("yaml: nested names are joined by dots", "[yaml]") {
  CHECK(parse_yaml("a:\n  b:\n    c: 1\n  d: two words\ne.f: 3\n") ==
        Properties{{"a.b.c", "1", 3}, {"a.d", "two words", 4}, {"e.f", "3", 5}});
  CHECK(parse_yaml("a:\r\n  b: 1\r\n") == Properties{{"a.b", "1", 2}});
}

TEST_CASE("yaml: comments and blank lines say nothing; a '#' inside a word does", "[yaml]") {
  CHECK(parse_yaml("# head\n\na: 1 # one\n   # deep\nb: c#d\n") ==
        Properties{{"a", "1", 3}, {"b", "c#d", 5}});
}

TEST_CASE("yaml: quotes", "[yaml]") {
  CHECK(parse_yaml(R"(a: "x: # \"y\"\n")"
                   "\nb: 'it''s'\n\"c d\": 'e'\n") ==
        Properties{{"a", "x: # \"y\"\n", 1}, {"b", "it's", 2}, {"c d", "e", 3}});
  CHECK(parse_yaml("a: it's\n") == Properties{{"a", "it's", 1}});
}

TEST_CASE("yaml: sequences are numbered, wherever they stand", "[yaml]") {
  CHECK(parse_yaml("a:\n- x\n- y\nb:\n  - n: 1\n    m: 2\n  - n: 3\nc: 4\n") == Properties{{"a[0]", "x", 2},
                                                                                           {"a[1]", "y", 3},
                                                                                           {"b[0].n", "1", 5},
                                                                                           {"b[0].m", "2", 6},
                                                                                           {"b[1].n", "3", 7},
                                                                                           {"c", "4", 8}});
}

TEST_CASE("yaml: values with colons, flow collections and block texts are texts", "[yaml]") {
  CHECK(parse_yaml("url: http://a:1/b\nmap: { x: 1 }\ntext: |\n  one\n  two\nlast: 1\n") ==
        Properties{
            {"url", "http://a:1/b", 1}, {"map", "{ x: 1 }", 2}, {"text", "one\ntwo\n", 3}, {"last", "1", 6}});
}

TEST_CASE("yaml: a new document begins anew", "[yaml]") {
  CHECK(parse_yaml("---\na:\n  b: 1\n---\nc: 2\n...\n") == Properties{{"a.b", "1", 3}, {"c", "2", 5}});
}

TEST_CASE("yaml: every text is read", "[yaml]") {
  CHECK(parse_yaml("").empty());
  CHECK(parse_yaml("just words\n") == Properties{{"just words", "", 1}});
  for (const char* text :
       {"'", "a: '", ":", "- ", "-\n-\n  -", "a:\n\t- b", "\"", "- - - x", "a: |", "a:\n b\n  c:"})
    CHECK_NOTHROW(parse_yaml(text));
}

}  // namespace brokersim::tests
