// SPDX-License-Identifier: MIT
// schemas/plan.schema.json is written by hand for its readers; here it is held to the reader of
// plans.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "plan/frontmatter.hpp"

using namespace konductor;        // NOLINT
using namespace konductor::plan;  // NOLINT
using nlohmann::json;

namespace {

json load_plan_schema() {
  return json::parse(std::ifstream(KONDUCTOR_SOURCE_DIR "/schemas/plan.schema.json"));
}

// Scalars and lists are written alike in JSON and TOML; a table is written in one line.
std::string as_toml(const json& value) {
  if (!value.is_object()) return value.dump();
  std::string text = "{ ";
  for (const auto& [name, one] : value.items())
    text += (text.size() > 2 ? ", " : "") + name + " = " + one.dump();
  return text + " }";
}

// A frontmatter with the first example of each of these fields.
std::string frontmatter(const json& schema, const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += name + " = " + as_toml(schema.at("properties").at(name).at("examples").at(0)) + "\n";
  return text;
}

std::set<std::string> keys(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items())
    names.insert(name);
  return names;
}

std::vector<Diagnostic> faults_of(const std::string& toml) {
  std::vector<Diagnostic> diagnostics;
  read_frontmatter(toml, "001.md", 2, diagnostics);
  return diagnostics;
}

// The names behind the last words `behind` of the hint that an unknown field gets.
std::set<std::string> names_in_hint(const std::string& toml, const std::string& behind) {
  for (const Diagnostic& fault : faults_of(toml)) {
    const auto at = fault.hint.find(behind);
    if (at == std::string::npos) continue;
    std::set<std::string> names;
    const std::string listed = fault.hint.substr(at + behind.size());
    for (const std::string_view name : split(listed, ','))
      names.insert(std::string(trim(name)));
    return names;
  }
  return {};
}

}  // namespace

TEST_CASE("the plan schema has the fields that a plan may have") {
  const json schema = load_plan_schema();
  const json& fields = schema.at("properties");
  CHECK(keys(fields) == names_in_hint("zzzzzzzzzzzz = 1\n", "the fields are "));
  const json& must_haves = fields.at("must_haves").at("properties");
  CHECK(keys(must_haves) ==
        names_in_hint("[must_haves]\nzzzzzzzzzzzz = 1\n", "[must_haves] holds "));
}

TEST_CASE("the plan schema requires what a plan has to have") {
  const json schema = load_plan_schema();
  const std::set<std::string> all = keys(schema.at("properties"));
  CHECK(faults_of(frontmatter(schema, all)).empty());
  const auto required = schema.at("required").get<std::set<std::string>>();
  CHECK(faults_of(frontmatter(schema, required)).empty());
  for (const std::string& name : all) {
    CAPTURE(name);
    std::set<std::string> others = all;
    others.erase(name);
    CHECK(faults_of(frontmatter(schema, others)).empty() == (required.count(name) == 0));
  }
}

TEST_CASE("the plan schema's types are those that plans are read with") {
  const json schema = load_plan_schema();
  const auto required = schema.at("required").get<std::set<std::string>>();
  for (const auto& [name, field] : schema.at("properties").items()) {
    CAPTURE(name);
    std::set<std::string> others = required;
    others.erase(name);
    const std::string rest = frontmatter(schema, others);
    for (const char* wrong : {"1.5", "\"\"", "1979-05-27"})
      CHECK_FALSE(faults_of(rest + name + " = " + wrong + "\n").empty());
    if (field.contains("maximum")) {
      const auto most = field.at("maximum").get<std::int64_t>();
      CHECK(faults_of(rest + name + " = " + std::to_string(most) + "\n").empty());
      CHECK_FALSE(faults_of(rest + name + " = " + std::to_string(most + 1) + "\n").empty());
      CHECK_FALSE(faults_of(rest + name + " = 0\n").empty());
    }
    for (const json& choice : field.value("enum", json::array()))
      CHECK(faults_of(rest + name + " = " + choice.dump() + "\n").empty());
  }
}
