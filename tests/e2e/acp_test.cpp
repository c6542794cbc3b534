// SPDX-License-Identifier: MIT
// Runtimes of kind acp: whole phases with a scripted agent that speaks the protocol.
#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;
using e2e::Words;

namespace {

class AcpScenario : public Scenario {
 public:
  explicit AcpScenario(const std::string& mode, const std::string& argument = "") {
    set("general.default_runtime", "\"scripted\"");
    set("runtimes.scripted.kind", "\"acp\"");
    set("runtimes.scripted.command", "[\"" KONDUCTOR_ACP_AGENT "\"]");
    set("runtimes.scripted.args", "[\"" + mode + "\", \"" + argument + "\"]");
    set("runtimes.scripted.pass_env", R"(["ACP_AGENT_LOG"])");
    set("execution.max_crash_retries", "0");
    with_environment("ACP_AGENT_LOG", home() / "acp.log");
    plan(1, {"a task"});
  }
  Words causes() const {
    Words causes;
    for (const json& event : events("attempt_finished"))
      causes.push_back(event.at("cause"));
    return causes;
  }
};

}  // namespace

TEST_CASE("kind acp: a phase goes through its reviews, and what it cost is kept") {
  AcpScenario scenario("work");
  const Ended ended = scenario.execute({"--json"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"done", "done", "done", "done"});
  CHECK(scenario.tree().at("p1t1.txt") == "work\n");
  CHECK_THAT(scenario.plan_file("001-task-1-spec-review.md"), Contains("Verdict: pass"));
  const json usage = scenario.events("attempt_finished").at(0).at("usage");
  CHECK(usage.at("input_tokens") == 100);
  CHECK(usage.at("cost_usd") == 0.25);
  const std::string sent = scenario.read(scenario.home() / "acp.log");
  CHECK_THAT(sent, Contains("action-of-1-1") && Contains(R"("modeId":"default")"));
}

TEST_CASE("kind acp: a refused request is what the agent says it is") {
  const auto [mode, code, cause, exit] =
      GENERATE(table<std::string, std::string, std::string, int>({
          {"hollow", "", "crashed", 1},
          {"cut", "", "crashed", 1},
          {"refuse", "-32000", "auth", 6},
      }));
  AcpScenario scenario(mode, code);
  scenario.set("features.code_review", "false");
  CHECK(scenario.execute().exit == exit);
  CHECK(scenario.causes() == Words{cause});
}

TEST_CASE("kind acp: a limit parks the task and is no failed attempt") {
  AcpScenario scenario("refuse", "429");
  scenario.set("features.code_review", "false");
  const Ended ended = scenario.execute({"--max-wait", "1s"});
  CHECK(ended.exit == 7);
  CHECK(scenario.events("quota_waiting").size() == 1);
  CHECK(scenario.events("task_failed").empty());
}

TEST_CASE("kind acp: what an agent leaves behind is ended with its attempt") {
  AcpScenario scenario("stray");
  scenario.set("features.code_review", "false");
  CHECK(scenario.execute().exit == 0);
  CHECK(scenario.causes() == Words{"done"});
  const std::string stray = scenario.read(scenario.home() / "acp.log.stray");
  REQUIRE_FALSE(stray.empty());
  CHECK(::kill(std::stoi(stray), 0) != 0);
}

TEST_CASE("kind acp: a silent agent is ended, and so is a deaf one") {
  const std::string mode = GENERATE("silent", "deaf");
  AcpScenario scenario(mode);
  scenario.set("limits.silence", "\"2s\"").set("execution.grace_period", "\"1s\"");
  scenario.set("features.code_review", "false");
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.causes() == Words{"stalled"});
}

TEST_CASE("kind acp: a client that is killed fails its attempt, and its agent goes with it") {
  AcpScenario scenario("deaf");
  scenario.set("features.code_review", "false");
  const auto program = scenario.start_execute();
  const auto said = [&] {
    for (const json& event : scenario.events("attempt_output"))
      if (event.dump().find("deaf from now on") != std::string::npos) return true;
    return false;
  };
  REQUIRE(scenario.wait_while_running(said));
  std::istringstream pids(scenario.read(scenario.home() / "acp.log.pids"));
  pid_t client = 0;
  pid_t agent = 0;
  pids >> client >> agent;
  REQUIRE(agent > 0);
  REQUIRE(::kill(client, SIGKILL) == 0);
  CHECK(program->wait().exit == 1);
  CHECK(scenario.causes() == Words{"crashed"});
  CHECK(scenario.events("attempt_finished").at(0).at("signal") == SIGKILL);
  CHECK(::kill(agent, 0) != 0);
}

TEST_CASE("kind acp: a fix goes on in the executor's session") {
  AcpScenario scenario("late");
  scenario.set("features.code_review", "false").set("execution.fix_attempts", "\"resume\"");
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"done", "done"});
  CHECK(scenario.events("attempt_finished").at(0).at("session") == "s-1");
  CHECK_THAT(scenario.read(scenario.home() / "acp.log"), Contains("session/load"));
}

TEST_CASE("kind acp: a fix of an agent that forgets begins a fresh session, which is told") {
  AcpScenario scenario("brief");
  scenario.set("features.code_review", "false").set("execution.fix_attempts", "\"resume\"");
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.events("attempt_finished").at(0).at("session") == "");
  CHECK_THAT(scenario.read(scenario.home() / "acp.log"), !Contains("session/load"));
  CHECK_THAT(scenario.events("note_recorded").at(0).dump(), Contains("cannot go on"));
}

TEST_CASE("kind acp: a model that the agent does not offer is told of") {
  AcpScenario scenario("bare");
  scenario.set("features.code_review", "false").set("runtimes.scripted.model", "\"large\"");
  scenario.execute();
  CHECK_THAT(scenario.events("note_recorded").at(0).dump(), Contains("large"));
}
