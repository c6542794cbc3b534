// SPDX-License-Identifier: MIT
// `konductor doctor` and `plan check --format sarif`, on projects of known shape.
#include <catch2/catch.hpp>

#include "e2e/cli_scenario.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;

namespace {

// The finding of an area and a name; null when there is none.
json finding(const json& document, const std::string& area, const std::string& name) {
  for (const json& one : document.at("findings"))
    if (one.at("area") == area && one.at("name") == name) return one;
  return nullptr;
}

// With the scripted agent alone, and one that tells its version.
CliScenario& with_agent(CliScenario& scenario) {
  scenario.write(scenario.folder() / "claude", "#!/bin/sh\necho '2.0.1 (Claude Code)'\n");
  return scenario;
}

}  // namespace

TEST_CASE("the doctor finds nothing that stops a run where one can be started") {
  CliScenario scenario("claude");
  with_agent(scenario);
  const std::string before = scenario.git({"status", "--porcelain"});
  const Ended ended = scenario.run({"doctor", "--json"});
  INFO(ended.out << ended.err);
  REQUIRE(ended.exit == 0);
  const json document = ended.document();
  const json agent = finding(document, "runtime", "claude");
  CHECK(agent.at("state") == "warning");
  CHECK_THAT(agent.at("text").get<std::string>(),
             Contains("version 2.0.1") && Contains("no login found"));
  CHECK(agent.at("fix") == "claude auth login");
  CHECK(finding(document, "git", "identity").at("state") == "ok");
  CHECK(finding(document, "disk", "database").at("state") == "ok");
  CHECK(finding(document, "roles", "runtimes").at("state") == "ok");
  // All that was there is there, and nothing of what it tried.
  CHECK(scenario.exists(".konductor/config.toml"));
  CHECK(scenario.exists(".konductor/phases/01/plans/001.md"));
  CHECK(scenario.git({"status", "--porcelain"}) == before);
  for (const auto& entry : std::filesystem::directory_iterator(scenario.konductor()))
    CHECK_THAT(entry.path().filename().string(), !Contains("trial") && !Contains("overlay"));
}

TEST_CASE("the doctor sees that there is a login, and never what it says") {
  CliScenario scenario("claude");
  with_agent(scenario);
  scenario.write(scenario.home() / ".claude/.credentials.json", "a-secret");
  scenario.with_environment("ANTHROPIC_API_KEY", "another-secret");
  const Ended ended = scenario.run({"doctor"});
  INFO(ended.out);
  CHECK(ended.exit == 0);
  CHECK_THAT(ended.out, Contains("a login is there") && !Contains("secret"));
}

TEST_CASE("an agent that is missing stops a run, and the doctor says how to get it") {
  CliScenario scenario("claude");
  scenario.set("runtimes.claude.command", R"(["/nowhere/claude"])");
  const Ended ended = scenario.run({"doctor"});
  CHECK(ended.exit == 6);
  CHECK_THAT(ended.out, Contains("problem  runtime claude: not installed\n"
                                 "           fix: npm install -g @anthropic-ai/claude-code") &&
                            Contains("problem  roles runtimes:"));
  CHECK(scenario.run({"execute", "01"}).exit == 6);
}

TEST_CASE("a configuration with a mistake stops a run, and the doctor goes on") {
  CliScenario scenario("claude");
  with_agent(scenario).set("execution.schedul", "\"waves\"");
  const Ended ended = scenario.run({"doctor"});
  CHECK(ended.exit == 6);
  CHECK_THAT(ended.out, Contains("problem  project configuration:") && Contains("kernel version"));
}

TEST_CASE("plan check writes SARIF for plans with mistakes, and ends as it does otherwise") {
  Scenario scenario;
  scenario.plan({1, 1, {7}, {{"ok"}}});
  const Ended ended = scenario.run({"plan", "check", "01", "--format", "sarif"});
  CHECK(ended.exit == 2);
  const json run = ended.document().at("runs").at(0);
  CHECK(run.at("columnKind") == "unicodeCodePoints");
  json found;
  for (const json& result : run.at("results"))
    if (result.at("ruleId") == "unknown-dependency") found = result;
  REQUIRE(found.is_object());
  CHECK(found.at("level") == "error");
  CHECK(found.at("locations").at(0).at("physicalLocation").at("artifactLocation").at("uri") ==
        ".konductor/phases/01/plans/001.md");
  CHECK(scenario.run({"plan", "check", "01", "--format", "json"}).document().at("command") ==
        "plan check");
  CHECK(scenario.run({"plan", "check", "01", "--format", "xml"}).exit == 2);
}
