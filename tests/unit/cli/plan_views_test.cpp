// SPDX-License-Identifier: MIT
#include "cli/plan_views.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/cli/samples.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

PlansByNumber three_plans() {
  return {{1, samples::make_plan(1, 1, {})},
          {2, samples::make_plan(2, 1, {})},
          {3, samples::make_plan(3, 2, {1, 2})}};
}

const plan::Diagnostic kError{
    "p/001.md", {3, 8}, plan::Severity::error, plan::Rule::field_type, "bad wave", "count from 1"};
const plan::Diagnostic kWarning{"p/002.md",  {1, 1}, plan::Severity::warning, plan::Rule::late_wave,
                                "late wave", ""};

}  // namespace

TEST_CASE("the check counts what there is when nothing is wrong") {
  CHECK(check_text("01", three_plans(), {}) == "phase 01: 3 plans, 3 tasks, 2 waves, no errors\n");
  CHECK(check_text("01", {{1, samples::make_plan(1, 1, {})}}, {kWarning}) ==
        "p/002.md:1:1: warning: late wave\n"
        "phase 01: 1 plan, 1 task, 1 wave, no errors, 1 warning\n");
}

TEST_CASE("the check prints every diagnostic and counts them") {
  const std::string text = check_text("01", {}, {kError, kWarning});
  CHECK_THAT(text, Catch::StartsWith("p/001.md:3:8: error: bad wave\n"));
  CHECK_THAT(text, Contains("count from 1\n"));
  CHECK_THAT(text, Catch::EndsWith("phase 01: 1 error, 1 warning\n"));
}

TEST_CASE("the check as JSON has each diagnostic's place") {
  const json found = json::parse(check_json("01", {kError, kWarning}, 2).dump());
  CHECK(found["schema_version"] == 1);
  CHECK(found["command"] == "plan check");
  CHECK(found["phase"] == "01");
  CHECK(found["exit"] == 2);
  CHECK(found["diagnostics"][0] ==
        json::parse(R"({"path":"p/001.md","line":3,"column":8,"severity":"error",
                        "message":"bad wave","hint":"count from 1"})"));
  CHECK(found["diagnostics"][1]["severity"] == "warning");
}

TEST_CASE("plans are listed by wave with what they wait for") {
  CHECK(list_text("01", three_plans(), samples::mixed_state()) ==
        "wave 1\n"
        "  01/001  Plan 1  1/1 task   completed     execute\n"
        "  01/002  Plan 2  0/2 tasks  needs_manual  execute\n"
        "wave 2\n"
        "  01/003  Plan 3  0/1 task   skipped       execute  after 001, 002\n");
  const auto listed = list_json("01", three_plans(), samples::mixed_state(), 0);
  REQUIRE(listed["plans"].size() == 3);
  CHECK(listed["plans"][2]["depends_on"] == std::vector<int>{1, 2});
  CHECK(listed["plans"][0]["status"] == "completed");
  CHECK(listed["plans"][1]["tasks_total"] == 2);
}

TEST_CASE("a plan is shown with what is run to verify it") {
  plan::Plan plan = samples::make_plan(2, 1, {});
  plan.autonomous = false;
  const std::string text = show_text("01", plan, plan::no_file);
  CHECK_THAT(text, Contains("01/002  Plan 2\n") && Contains("01/002/1  Task 1\n"));
  CHECK_THAT(text, Contains("--approve"));
  CHECK_THAT(text, Contains("files:    src/a.cpp\n"));
  CHECK_THAT(text, Contains("verify:   make test  (must exit 0)\n"));
  CHECK_THAT(text, Contains("make broken  (must not exit 0)\n"));
  plan.tasks[0].verify = "It looks right";
  plan.tasks[0].files.clear();
  CHECK_THAT(show_text("01", plan, plan::no_file),
             Contains("no command") && Contains("files:    none"));
}

TEST_CASE("a plan as JSON has its verify steps") {
  const json shown =
      json::parse(show_json("01", samples::make_plan(2, 1, {}), plan::no_file).dump());
  CHECK(shown["address"] == "01/002");
  CHECK(shown["tasks"][0]["verify_steps"] ==
        json::parse(R"([{"kind":"command","text":"make test","expect":"exit","exit_code":0},
                        {"kind":"command","text":"make broken","expect":"failure"}])"));
}

TEST_CASE("the graph as JSON leads from a plan to those that wait for it") {
  std::vector<plan::Plan> plans;
  for (const auto& [number, plan] : three_plans())
    plans.push_back(plan);
  const json graph = json::parse(graph_json("01", plans).dump());
  CHECK(graph["waves"] == json::parse(R"([{"wave":1,"plans":[1,2]},{"wave":2,"plans":[3]}])"));
  CHECK(graph["edges"] == json::parse(R"([{"from":1,"to":3},{"from":2,"to":3}])"));
  CHECK(graph["plans"][0]["remaining_path"] == 2);
  CHECK(graph["plans"][2]["depends_on"] == std::vector<int>{1, 2});
}
