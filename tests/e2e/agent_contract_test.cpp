// SPDX-License-Identifier: MIT
// What an agent gets and what its document may be.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Attempt;
using e2e::Scenario;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

TEST_CASE("an executor knows who, where and why it is") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  const auto variables = scenario.environment_of("executor-1-2-1");
  const Attempt attempt = scenario.attempts("executor", 1, 2).at(0);
  const fs::path workspace = attempt.cwd;
  CHECK(variables.at("KONDUCTOR_ROLE") == "executor");
  CHECK(variables.at("KONDUCTOR_REASON") == "execute");
  CHECK(variables.at("KONDUCTOR_PHASE") == "01");
  CHECK(variables.at("KONDUCTOR_PLAN") == "1");
  CHECK(variables.at("KONDUCTOR_TASK") == "2");
  CHECK(variables.at("KONDUCTOR_ATTEMPT") == "1");
  CHECK(variables.at("KONDUCTOR_SLOT") == "0");
  CHECK_FALSE(variables.at("KONDUCTOR_RUN").empty());
  CHECK(fs::path(variables.at("KONDUCTOR_PLAN_FILE")).is_absolute());
  CHECK(scenario.read(variables.at("KONDUCTOR_PLAN_FILE")) == scenario.plan_file("001.md"));
  CHECK_FALSE(fs::equivalent(variables.at("KONDUCTOR_PLAN_FILE"), scenario.plans() / "001.md"));
  const auto mode = fs::status(variables.at("KONDUCTOR_PLAN_FILE")).permissions();
  CHECK((mode & fs::perms::owner_write) == fs::perms::none);
  CHECK(scenario.read(variables.at("KONDUCTOR_PROMPT_FILE")) == scenario.prompt("executor-1-2-1"));
  const fs::path output = variables.at("KONDUCTOR_OUTPUT");
  CHECK(starts_with(output, workspace.string() + "/"));
  CHECK(fs::is_directory(output.parent_path()));
  CHECK(fs::exists(workspace / "p1t1.txt"));
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
}

TEST_CASE("an agent's environment holds what is promised and nothing else") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const std::set<std::string> passed = {
      "USER",       "SHELL",       "LC_TIME",       "TERM",          "TZ",
      "HTTP_PROXY", "https_proxy", "SSL_CERT_FILE", "SSH_AUTH_SOCK", "XDG_DATA_HOME"};
  for (const std::string& name : passed)
    scenario.with_environment(name, "value-of-" + name);
  for (const std::string name : {"SECRET_TOKEN", "ANTHROPIC_API_KEY", "OPENAI_API_KEY",
                                 "LD_LIBRARY_PATH", "KONDUCTOR_FOREIGN", "GIT_DIRECTORY_TEST"})
    scenario.with_environment(name, "secret");
  scenario.with_environment("WANTED", "wanted");
  scenario.set("runtimes.fake.pass_env",
               R"(["FAKE_AGENT_DIR", "FAKE_AGENT_PROJECT", "WANTED", "NOT_SET_ANYWHERE"])");
  scenario.set("runtimes.fake.env.GIVEN", "\"given\"");
  REQUIRE(scenario.execute().exit == 0);
  auto variables = scenario.environment_of("executor-1-1-1");
  for (const std::string& name : passed)
    CHECK(variables[name] == "value-of-" + name);
  CHECK(variables["WANTED"] == "wanted");
  CHECK(variables["GIVEN"] == "given");
  CHECK(variables.at("HOME") == scenario.home().string());
  std::set<std::string> promised = passed;
  for (const std::string name :
       {"PATH", "HOME", "LANG", "TMPDIR", "FAKE_AGENT_DIR", "FAKE_AGENT_PROJECT", "WANTED", "GIVEN",
        "KONDUCTOR_ROLE", "KONDUCTOR_RUN", "KONDUCTOR_PHASE", "KONDUCTOR_PLAN", "KONDUCTOR_TASK",
        "KONDUCTOR_ATTEMPT", "KONDUCTOR_SLOT", "KONDUCTOR_REASON", "KONDUCTOR_PLAN_FILE",
        "KONDUCTOR_PROMPT_FILE", "KONDUCTOR_OUTPUT"})
    promised.insert(name);
  std::set<std::string> seen;
  for (const auto& [name, value] : variables)
    seen.insert(name);
  CHECK(seen == promised);
}

TEST_CASE("an agent begins with default signals, standard streams and nothing else") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  REQUIRE_FALSE(scenario.attempts().empty());
  for (const Attempt& attempt : scenario.attempts()) {
    CHECK(attempt.start["SigBlk"] == "0000000000000000");
    CHECK(attempt.start["SigIgn"] == "0000000000000000");
    CHECK(attempt.start["descriptors"] == e2e::json({0, 1, 2}));
  }
}

TEST_CASE("the prompt comes on stdin, whole") {
  Scenario scenario;
  e2e::Plan plan;
  e2e::Task task{"ok"};
  for (int i = 0; i < 4000; ++i)
    task.action += "a long action that fills more than any pipe holds at once, line " +
                   std::to_string(i) + "\n  ";
  plan.tasks = {task};
  scenario.plan(plan);
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.prompt("executor-1-1-1").size() > 200000);
  CHECK_THAT(scenario.prompt("executor-1-1-1"), Contains("line 3999"));
}

TEST_CASE("the command's words are filled in and never read by a shell") {
  Scenario scenario;
  scenario.set("runtimes.fake.command",
               "[\"" KONDUCTOR_FAKE_AGENT
               "\", \"--role={role}\", \"{model}\", \"{workspace}/x\", \"{prompt_file}\", "
               "\"{output_file}\", \"a b; $HOME `id` * ' \\\" {\"]");
  scenario.set("runtimes.fake.args", R"(["extra {role}"])");
  scenario.set("general.default_model", "\"the-model\"");
  scenario.set("roles.code-reviewer.model", "\"another-model\"");
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const std::string words = scenario.read(scenario.agent_directory() / "arguments/executor-1-1-1");
  const auto variables = scenario.environment_of("executor-1-1-1");
  CHECK(words ==
        std::string(KONDUCTOR_FAKE_AGENT) + "\n--role=executor\nthe-model\n" +
            scenario.attempts().at(0).cwd + "/x\n" + variables.at("KONDUCTOR_PROMPT_FILE") + "\n" +
            variables.at("KONDUCTOR_OUTPUT") + "\na b; $HOME `id` * ' \" {\nextra executor\n");
  CHECK_THAT(scenario.read(scenario.agent_directory() / "arguments/code-reviewer-1-1-1"),
             Contains("another-model"));
  CHECK(scenario.events("attempt_finished").at(0).at("model") == "the-model");
}

TEST_CASE("nothing is told of the model of a command that is given none") {
  Scenario scenario;
  scenario.set("general.default_model", "\"the-model\"").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.events("attempt_finished").at(0).value("model", "") == "");
  CHECK_THAT(scenario.run({"log", "01/001/1"}).out, !Contains("the-model"));
}

TEST_CASE("a role may have a runtime of its own") {
  Scenario scenario;
  scenario.set("runtimes.other.kind", "\"command\"");
  scenario.set("runtimes.other.command", "[\"" KONDUCTOR_FAKE_AGENT "\", \"the-other\"]");
  scenario.set("runtimes.other.pass_env", R"(["FAKE_AGENT_DIR", "FAKE_AGENT_PROJECT"])");
  scenario.set("roles.spec-reviewer.runtime", "\"other\"").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const fs::path arguments = scenario.agent_directory() / "arguments";
  CHECK_THAT(scenario.read(arguments / "spec-reviewer-1-1-1"), Contains("the-other"));
  CHECK_THAT(scenario.read(arguments / "executor-1-1-1"), !Contains("the-other"));
}

TEST_CASE("attempts are counted by task and role over all runs") {
  Scenario scenario;
  scenario.plan(1, {"crash 3; spec rejects 1"});
  REQUIRE(scenario.execute().exit == 1);
  REQUIRE(scenario.execute().exit == 0);
  std::vector<int> executor;
  std::set<std::string> runs;
  for (const Attempt& attempt : scenario.attempts("executor")) {
    executor.push_back(attempt.attempt);
    runs.insert(attempt.run);
  }
  CHECK(executor == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(runs.size() == 2);
  std::vector<int> reviewer;
  for (const Attempt& attempt : scenario.attempts("spec-reviewer"))
    reviewer.push_back(attempt.attempt);
  CHECK(reviewer == std::vector<int>{1, 2});
}

TEST_CASE("a document larger than the limit is none") {
  Scenario scenario;
  scenario.plan(1, {"long summary once"});
  SECTION("limit below it") {
    scenario.set("limits.document_max", "\"4KiB\"");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
  }
  SECTION("limit above it") {
    scenario.set("limits.document_max", "\"64KiB\"");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  }
}

TEST_CASE("what an executor hands in is filed and never part of the code") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"),
             Contains("## Status: DONE") && Contains("summary-of-1-1"));
  CHECK(scenario.git({"ls-tree", "-r", "--name-only", "HEAD"}) ==
        ".gitignore\nREADME.md\np1t1.txt\n");
}

TEST_CASE("a project may bring its own instructions and roles") {
  Scenario scenario;
  scenario.write(".konductor/prompts/spec-reviewer-extra.md", "be-very-strict-marker\n");
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.prompt("spec-reviewer-1-1-1"), Contains("be-very-strict-marker"));
  CHECK_THAT(scenario.prompt("executor-1-1-1"), !Contains("be-very-strict-marker"));
}

TEST_CASE("a project prompt with an unknown hole is an error before anything starts") {
  Scenario scenario;
  scenario.write(".konductor/prompts/executor.md", "Do {{no_such_hole}}\n");
  scenario.plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("no_such_hole"));
  CHECK(scenario.attempts().empty());
}
