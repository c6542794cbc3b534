// SPDX-License-Identifier: MIT
// Showing what happened to a task, and of what its prompts were made.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "e2e/scenario.hpp"
#include "support/schema_checker.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Scenario;

namespace {

json document(const e2e::Ended& ended) {
  REQUIRE(ended.exit == 0);
  json shown = json::parse(ended.out);
  konductor::test::SchemaChecker("show.schema.json").check(shown);
  return shown;
}

}  // namespace

TEST_CASE("a task is shown with its attempts, checks, change and documents") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const e2e::Ended shown = scenario.run({"show", "01/001/1"});
  REQUIRE(shown.exit == 0);
  CHECK_THAT(shown.out, Contains("01/001/1 ok: completed\n") && Contains("executor 1") &&
                            Contains("spec-reviewer 1") && Contains("gates: passed\n") &&
                            Contains("quality review: passed\n") &&
                            Contains("p1t1.txt | +1 -0\n") && Contains("executor 1 wrote\n") &&
                            Contains("## Status: DONE") && Contains("## Verdict: pass"));
  const json all = document(scenario.run({"show", "1/1", "--json"}));
  CHECK(all.at("command") == "show");
  CHECK(all.at("exit") == 0);
  CHECK(all.at("subject") == "01/001/1");
  CHECK(all.at("state") == "completed");
  CHECK(all.at("attempts").size() == 3);
  CHECK(all.at("attempts").at(0).at("cause") == "done");
  CHECK(all.at("checks").at(0).at("by") == "gates");
  CHECK(all.at("files").at(0).at("path") == "p1t1.txt");
  CHECK(all.at("documents").size() == 3);
  CHECK_THAT(shown.out,
             Contains("  3 attempts, ") && Contains("prompts and output\n  .konductor/"));
}

TEST_CASE("a plan is shown with its tasks, what they took, and its change") {
  Scenario scenario;
  scenario.plans_in_waves({{{"ok"}, {"ok"}}, {{"blocked"}}});
  CHECK(scenario.execute().exit == 4);
  const e2e::Ended shown = scenario.run({"show", "01/001"});
  REQUIRE(shown.exit == 0);
  CHECK_THAT(shown.out, Contains(": completed\nwave 1\n") && Contains("01/001/2  ok  completed") &&
                            Contains("3 attempts") && Contains("p1t2.txt | +1 -0\n"));
  const json all = document(scenario.run({"show", "01/002", "--json"}));
  CHECK(all.at("state") == "stopped");
  CHECK(all.at("depends_on").at(0) == 1);
  CHECK(all.at("tasks").at(0).at("state") == "blocked");
  CHECK(all.at("tasks").at(0).at("cost").at("attempts").get<int>() >= 1);
  CHECK_THAT(scenario.run({"show", "01/009"}).err, Contains("no plan \"01/009\""));
  CHECK_THAT(scenario.run({"show", "01"}).err, Contains("is a phase; name a plan or a task"));
  CHECK_THAT(scenario.run({"show", "01/001", "--prompt"}).err, Contains("is a plan; prompts are"));
}

TEST_CASE("a prompt is shown by its parts, against the one before it") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"}).set("features.code_review", "false");
  REQUIRE(scenario.execute().exit == 0);
  const json first =
      document(scenario.run({"show", "01/001/1", "--prompt", "--json"})).at("prompt");
  CHECK(first.at("role") == "executor");
  CHECK(first.at("previous").is_null());
  const json second =
      document(scenario.run({"show", "01/001/2", "--prompt", "--json"})).at("prompt");
  std::size_t bytes = 0;
  std::size_t stable = 0;
  for (const json& part : second.at("parts")) {
    bytes += part.at("bytes").get<std::size_t>();
    const std::string name = part.at("name");
    if (name == "instructions" || name == "plan") stable += part.at("bytes").get<std::size_t>();
  }
  CHECK(second.at("bytes") == bytes);
  CHECK(second.at("parts").at(0).at("name") == "instructions");
  // Tasks of a plan share the role's instructions and the plan.
  CHECK(second.at("previous").at("subject") == "01/001/1");
  CHECK(second.at("previous").at("shared_bytes").get<std::size_t>() >= stable);
  CHECK(scenario.read(second.at("file").get<std::string>()).size() == bytes);
  const e2e::Ended text = scenario.run({"show", "01/001/2", "--prompt"});
  CHECK_THAT(text.out, Contains("01/001/2 executor 1 (execute): prompt of ") &&
                           Contains("instructions") && Contains("100 %") &&
                           Contains("01/001/1 executor 1\n"));
}

TEST_CASE("a prompt is chosen by its role and attempt") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const auto prompt = [&](const e2e::Words& more) {
    e2e::Words words = {"show", "01/001/1", "--prompt", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return document(scenario.run(words)).at("prompt");
  };
  CHECK(prompt({}).at("role") == "code-reviewer");
  CHECK(prompt({"--attempt", "1"}).at("role") == "executor");
  CHECK(prompt({"--role", "spec-reviewer"}).at("role") == "spec-reviewer");
  CHECK(scenario.run({"show", "01/001/1", "--prompt", "--attempt", "9"}).exit == 2);
  CHECK(scenario.run({"show", "01/001/1", "--prompt", "--role", "painter"}).exit == 2);
  CHECK(scenario.run({"show", "01/001/1", "--attempt", "1"}).exit == 2);
}

TEST_CASE("what is not there is not shown") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"});
  const e2e::Ended never = scenario.run({"show", "01/001/1"});
  CHECK(never.exit == 2);
  CHECK_THAT(never.err, Contains("konductor: error: ") && Contains("was never executed"));
  REQUIRE(scenario.execute({"--only", "01/001/1"}).exit == 0);
  CHECK_THAT(scenario.run({"show", "01/001/2"}).err,
             Contains("nothing of task") && Contains("has begun"));
  CHECK_THAT(scenario.run({"show", "01/009/1"}).err, Contains("no task \"01/009/1\""));
  CHECK(scenario.run({"show", "nonsense"}).exit == 2);
  CHECK(scenario.run({"show"}).exit == 2);
  const e2e::Ended json_error = scenario.run({"show", "01/009/1", "--json"});
  CHECK(json_error.exit == 2);
  CHECK(json::parse(json_error.out).at("command") == "show");
  std::filesystem::remove_all(scenario.konductor() / "runs");
  CHECK_THAT(scenario.run({"show", "01/001/1", "--prompt"}).err, Contains("is gone"));
  CHECK(scenario.run({"show", "01/001/1"}).exit == 0);
}
