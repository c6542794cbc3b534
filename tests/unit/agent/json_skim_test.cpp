// SPDX-License-Identifier: MIT
#include "agent/json_skim.hpp"

#include <catch2/catch.hpp>

using namespace konductor::agent;

TEST_CASE("a member is found by its name, at its own level") {
  const std::string_view line =
      R"({"a":{"type":"inner"},"s":"\"type\":\"no\"}","n":-1.5e3,"l":[1,{"type":2}],"type":"x","type":"y"})";
  CHECK(plain_text(find_member(line, "type")) == "x");
  CHECK(plain_text(find_member(find_member(line, "a"), "type")) == "inner");
  CHECK(written_value(find_member(line, "n")) == "-1.5e3");
  CHECK(written_value(find_member(line, "l")) == R"([1,{"type":2}])");
  CHECK(find_member(line, "no").empty());
  CHECK(find_member(find_member(line, "s"), "type").empty());
  CHECK(written_value(find_member(" { \"a\" :\t1 , \"b\" : [ 2 ] } ", "b")) == "[ 2 ]");
}

TEST_CASE("what is no JSON is not there") {
  for (const char* line : {"", "{", "null", "[\"type\",1]", "{\"type\"", "{\"type\":", "{type:1}",
                           "{\"a\":1 \"type\":2}", "{\"a\":,\"type\":2}",
                           "{\"a\":\"\\\",\"type\":2}", "{\"a\":[1,\"type\":2}", "{,\"type\":2}"})
    CHECK(find_member(line, "type").empty());
  CHECK(plain_text("\"open").empty());
  CHECK(plain_text("7").empty());
  CHECK(written_value("{\"a\":1").empty());
  CHECK(decoded_text("\"bad \\q\"").empty());
  CHECK(decoded_text("{}").empty());
}

TEST_CASE("a string is decoded, and read up to its own end") {
  CHECK(decoded_text(R"("a","b")") == "a");
  CHECK(decoded_text(R"("\\","b")") == "\\");
  CHECK(decoded_text(R"("\"\n\u00e4\ud83d\ude00")") == "\"\n\xC3\xA4\xF0\x9F\x98\x80");
  CHECK(decoded_text(R"("half \ud83d")") == "half \xEF\xBF\xBD");
  CHECK(decoded_text("\"\xFFx\"") == "\xEF\xBF\xBDx");
}

TEST_CASE("the elements of an array, one after another") {
  JsonElements elements(R"([ 1, "a,]" ,{"b":[2]}, [] ], 5])");
  CHECK(written_value(elements.next()) == "1");
  CHECK(plain_text(elements.next()) == "a,]");
  CHECK(written_value(elements.next()) == R"({"b":[2]})");
  CHECK(written_value(elements.next()) == "[]");
  CHECK(elements.next().empty());
  for (const char* none : {"", "[]", "[ ]", "{\"a\":1}", "["})
    CHECK(JsonElements(none).next().empty());
}
