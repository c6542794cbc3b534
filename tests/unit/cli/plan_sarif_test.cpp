// SPDX-License-Identifier: MIT
#include "cli/plan_sarif.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "plan/plan_check.hpp"
#include "plan/plan_loader.hpp"
#include "plan/rules.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using nlohmann::json;

namespace {

// As much of JSON Schema as tests/unit/cli/sarif.schema.json uses.
void check_value(const json& schema, const json& value, const std::string& at) {
  INFO(at);
  if (schema.contains("const")) CHECK(value == schema.at("const"));
  if (schema.contains("enum")) {
    const json& choices = schema.at("enum");
    CHECK(std::find(choices.begin(), choices.end(), value) != choices.end());
  }
  const std::string type = schema.value("type", "");
  if (type == "object") REQUIRE(value.is_object());
  if (type == "array") REQUIRE(value.is_array());
  if (type == "string") CHECK((value.is_string() && !value.get<std::string>().empty()));
  if (type == "integer") CHECK((value.is_number_integer() && value >= schema.value("minimum", 0)));
  for (const auto& name : schema.value("required", json::array())) {
    INFO(name);
    REQUIRE(value.contains(name.get<std::string>()));
  }
  if (type == "object")
    for (const auto& [name, part] : value.items()) {
      INFO(name);
      REQUIRE(schema.at("properties").contains(name));
      check_value(schema.at("properties").at(name), part, at + "/" + name);
    }
  if (type == "array")
    for (std::size_t n = 0; n < value.size(); ++n)
      check_value(schema.at("items"), value.at(n), at + "/" + std::to_string(n));
}

json log_of(const std::vector<plan::Diagnostic>& diagnostics, std::string_view prefix = "") {
  return json::parse(sarif_log(diagnostics, prefix).dump());
}

std::set<std::string> rules_of(const std::string& text) {
  std::vector<plan::LoadedPlan> plans = {plan::load_plan(".konductor/plans/001.md", text)};
  std::set<std::string> rules;
  for (const plan::Diagnostic& diagnostic : plan::check_plans("01", plans)) {
    rules.emplace(plan::text_of(diagnostic.rule).id);
  }
  return rules;
}

const std::string kFields = "phase = \"01\"\nplan = 1\ntitle = \"x\"\nwave = 1\n";
const std::string kTask =
    "\n## Tasks\n\n### Task 1: do\n- **files:** `a`\n- **action:** do\n"
    "- **verify:** `true`\n- **done:** it is\n";

}  // namespace

TEST_CASE("the SARIF log has what SARIF 2.1.0 requires, and only what its schema knows") {
  const json schema =
      json::parse(std::ifstream(KONDUCTOR_SOURCE_DIR "/tests/unit/cli/sarif.schema.json"));
  check_value(schema, log_of({}), "");
  const std::vector<plan::Diagnostic> two = {{".konductor/phases/01/plans/001.md",
                                              {3, 9},
                                              plan::Severity::error,
                                              plan::Rule::wave_order,
                                              "wave 1 is wrong",
                                              "2"},
                                             {".konductor/phases/01 ä/plans/002.md",
                                              {},
                                              plan::Severity::warning,
                                              plan::Rule::empty_must_haves,
                                              "must_haves is empty",
                                              ""}};
  const json log = log_of(two, "services/api/");
  check_value(schema, log, "");
  const json& results = log.at("runs").at(0).at("results");
  CHECK(results.at(0).at("level") == "error");
  CHECK(results.at(0).at("message").at("text") == "wave 1 is wrong\nhint: 2");
  CHECK(results.at(1).at("level") == "warning");
  const json& place = results.at(1).at("locations").at(0).at("physicalLocation");
  CHECK(place.at("artifactLocation").at("uri") ==
        "services/api/.konductor/phases/01%20%C3%A4/plans/002.md");
  const auto index = results.at(1).at("ruleIndex").get<std::size_t>();
  CHECK(log.at("runs").at(0).at("tool").at("driver").at("rules").at(index).at("id") ==
        "empty-must-haves");
  CHECK(results.at(1).at("ruleId") == "empty-must-haves");
  CHECK(results.at(0).at("ruleId") == "wave-order");
}

TEST_CASE("what plans are told has a rule of its own") {
  using Rules = std::set<std::string>;
  CHECK(rules_of("no plan").count("no-frontmatter") == 1);
  CHECK(rules_of("+++\nphase = \n+++\n" + kTask).count("bad-toml") == 1);
  CHECK(rules_of("+++\n" + kFields + "wvae = 2\n+++\n" + kTask).count("unknown-field") == 1);
  CHECK(rules_of("+++\n" + kFields + "type = \"x\"\n+++\n" + kTask).count("unknown-type") == 1);
  CHECK(rules_of("+++\nphase = 1\n+++\n" + kTask).count("field-type") == 1);
  CHECK(rules_of("+++\nphase = \"01\"\n+++\n" + kTask).count("required-field") == 1);
  CHECK(rules_of("+++\n" + kFields + "+++\n").count("no-tasks") == 1);
  CHECK(rules_of("+++\n" + kFields + "depends_on = [1]\n+++\n" + kTask).count("self-dependency") ==
        1);
  CHECK(
      rules_of("+++\n" + kFields + "depends_on = [7]\n+++\n" + kTask).count("unknown-dependency") ==
      1);
  CHECK(rules_of("+++\n" + kFields + "files_modified = [\"/a\", \"../b\", \"\"]\n+++\n" + kTask) ==
        Rules{"absolute-path", "path-outside", "empty-path", "empty-must-haves"});
  const std::string more = "\n### Task 3: x\n- **actoin:** y\n\n### Tusk 4\n";
  const Rules told = rules_of("+++\n" + kFields + "+++\n" + kTask + more);
  for (const char* rule : {"task-numbers", "no-action", "unknown-field", "no-verify-command"}) {
    CAPTURE(rule);
    CHECK(told.count(rule) == 1);
  }
}
