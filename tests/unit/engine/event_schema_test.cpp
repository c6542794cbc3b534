// SPDX-License-Identifier: MIT
// schemas/event.schema.json is written by hand for its readers; here it is held to event.hpp.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/event_json.hpp"
#include "support/event_samples.hpp"

using namespace konductor;
using namespace konductor::engine;
using nlohmann::json;

namespace {

json load_schema(const std::string& name) {
  return json::parse(std::ifstream(KONDUCTOR_SOURCE_DIR "/schemas/" + name));
}

// Compares the schema of an object with the fields of a struct: same names, all required, types
// that fit.
class FieldChecker {
 public:
  explicit FieldChecker(const json& definitions) : definitions_(&definitions) {}

  template <class Struct>
  void check_object(const json& schema, const Struct& value, std::set<std::string> names) {
    std::set<std::string> required;
    Struct::fields(value, [&](std::string_view name, const auto& field) {
      INFO(name);
      const std::string key(name);
      names.insert(key);
      required.insert(key);
      REQUIRE(schema.at("properties").contains(key));
      check(schema.at("properties").at(key), field);
    });
    std::set<std::string> listed;
    for (const auto& [key, ignored] : schema.at("properties").items())
      listed.insert(key);
    CHECK(listed == names);
    CHECK(schema.at("required").get<std::set<std::string>>() == required);
  }

 private:
  void check(const json& schema, const std::string&) { CHECK(schema.at("type") == "string"); }
  void check(const json& schema, int) { CHECK(schema.at("type") == "integer"); }
  void check(const json& schema, std::int64_t) { CHECK(schema.at("type") == "integer"); }
  void check(const json& schema, double) { CHECK(schema.at("type") == "number"); }
  void check(const json& schema, bool) { CHECK(schema.at("type") == "boolean"); }
  template <class Element>
  void check(const json& schema, const std::vector<Element>&) {
    CHECK(schema.at("type") == "array");
    check(schema.at("items"), Element{});
  }
  void check(const json& schema, const Finding& value) { check_part(schema, "Finding", value); }
  void check(const json& schema, const SubTask& value) { check_part(schema, "SubTask", value); }
  void check(const json& schema, const Usage& value) { check_part(schema, "Usage", value); }

  template <class Struct>
  void check_part(const json& schema, const std::string& name, const Struct& value) {
    REQUIRE(schema.at("$ref") == "#/$defs/" + name);
    CHECK(definitions_->at(name).at("additionalProperties") == false);
    check_object(definitions_->at(name), value, {});
  }

  const json* definitions_;
};

}  // namespace

TEST_CASE("the event schema has exactly the events and fields of the vocabulary") {
  const json schema = load_schema("event.schema.json");
  const json& definitions = schema.at("$defs");
  std::vector<std::string> names;
  std::vector<std::string> references;
  FieldChecker checker(definitions);
  for (const EventBody& body : test::default_bodies()) {
    const std::string name(event_name(body));
    INFO(name);
    names.push_back(name);
    references.push_back("#/$defs/" + name);
    REQUIRE(definitions.contains(name));
    CHECK(definitions.at(name).at("properties").at("type").at("const") == name);
    CHECK_FALSE(definitions.at(name).at("description").get<std::string>().empty());
    std::visit([&](const auto& e) { checker.check_object(definitions.at(name), e, {"type"}); },
               body);
  }
  // The stream carries one more than the journal.
  names.emplace_back(event::attempt_output::kName);
  references.push_back("#/$defs/" + names.back());
  checker.check_object(definitions.at(names.back()), event::attempt_output{}, {"type"});
  CHECK(schema.at("properties").at("type").at("enum") == json(names));
  std::vector<std::string> listed;
  for (const json& entry : schema.at("oneOf"))
    listed.push_back(entry.at("$ref"));
  CHECK(listed == references);
  CHECK(definitions.size() == names.size() + 3);
  CHECK(schema.at("unevaluatedProperties") == false);
}

TEST_CASE("the event schema describes what every stream line begins with") {
  const json schema = load_schema("event.schema.json");
  CHECK(schema.at("properties").at("schema_version").at("const") == kEventSchemaVersion);
  const json line = json::parse(encode_stream_line(Event{0, "r", event::wave_started{1}}));
  for (const json& key : schema.at("required"))
    CHECK(line.contains(key.get<std::string>()));
  CHECK(schema.at("required").size() + 1 == line.size());
}

TEST_CASE("the result schema requires every field that it lists, but for those of a dry run") {
  const json schema = load_schema("result.schema.json");
  const auto check = [](const json& object) {
    std::set<std::string> listed;
    for (const auto& [key, ignored] : object.at("properties").items())
      if (key != "rounds") listed.insert(key);
    CHECK(object.at("required").get<std::set<std::string>>() == listed);
  };
  check(schema);
  for (const char* name : {"plan", "task", "task_reason", "plan_reason", "usage"})
    check(schema.at("$defs").at(name));
}
