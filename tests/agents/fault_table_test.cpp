// SPDX-License-Identifier: MIT
// Real agents that meet faults of their provider, of their tools and of their own: the cause that
// is told, that it counts where it should, that no process is left and nothing is lost, and that
// the task is done when the fault is over.
#include <signal.h>

#include <catch2/catch.hpp>

#include "agents/fault_run.hpp"

using e2e::FaultOutcome;
using e2e::FaultRun;
using e2e::json;
using e2e::Words;

namespace {

// A test is named after its type.
struct claude {
  static constexpr const char* kName = "claude";
};
struct codex {
  static constexpr const char* kName = "codex";
};
struct opencode {
  static constexpr const char* kName = "opencode";
};
struct gemini {
  static constexpr const char* kName = "gemini";
};
struct qwen {
  static constexpr const char* kName = "qwen";
};
struct pi {
  static constexpr const char* kName = "pi";
};

// Of more pieces than are sent before the stream is cut.
constexpr const char* kLongText =
    "this never completes, because the connection breaks off in its very middle, each time";

// Agents that make the refused request again themselves, whatever they are told.
bool is_stubborn(const std::string& agent) {
  return agent == "opencode" || agent == "qwen";
}

// An executor that does its work, with every attempt.
json all_work() {
  json steps = {e2e::draft_step()};
  for (const json& step : e2e::rest_of_work())
    steps.push_back(step);
  return steps;
}

// The first attempt meets the fault behind its draft, later ones do not.
std::vector<json> once(const json& fault) {
  return {e2e::scene("executor", e2e::steps_until(fault), "1"), e2e::scene("executor", all_work())};
}

void check_brief_refusal(const std::string& agent, int status, const std::string& cause) {
  if (e2e::is_skipped(agent)) return;
  json steps = all_work();
  steps.at(1)["error"] = {{"status", status},
                          {"times", 2},
                          {"per", "scenario"},
                          {"message", "please try again in 1 seconds"}};
  FaultRun run(agent, "first 2 requests " + std::to_string(status),
               {e2e::scene("executor", steps)});
  const FaultOutcome met = run.meet();
  CHECK(met.ended.exit == 0);
  // It would be failed at the first attempt that counts.
  CHECK(met.failed_tasks == 0);
  CHECK(met.causes == (is_stubborn(agent) ? Words{"done"} : Words{cause, cause, "done"}));
  run.check_nothing_lost();
}

// An attempt that fails, and its task with it, as it is configured here.
void check_failure(const std::string& agent, FaultRun& run, const Words& causes) {
  CAPTURE(agent);
  const FaultOutcome met = run.meet();
  CHECK(met.ended.exit == 1);
  CHECK(met.failed_tasks == 1);
  REQUIRE(met.causes.size() == 1);
  CHECK_THAT(causes, Catch::Matchers::VectorContains(met.causes.front()));
  run.go_on();
  run.check_nothing_lost();
}

// What a tool does that is not easily ended: itself and one that it left behind.
std::string stubborn_tool(const std::string& home) {
  const std::string deaf = "trap '' HUP INT TERM; ";
  return deaf + "setsid sh -c \"" + deaf + "echo \\$\\$ >" + home +
         "/daemon; while :; do sleep 1; done\" </dev/null >/dev/null 2>&1 & "
         "echo $$ >" +
         home + "/tool; while :; do sleep 1; done";
}

void wait_for_stubborn_tool(FaultRun& run, const e2e::Program& program) {
  run.wait_for_tool(program, "tool");
  run.wait_for_tool(program, "daemon");
  // The agent, its tool, and what that left behind: all of them would be found afterwards.
  REQUIRE(run.living().size() >= 3);
}

}  // namespace

TEMPLATE_TEST_CASE("fault: the first requests get 429", "", claude, codex, opencode, gemini, qwen,
                   pi) {
  check_brief_refusal(TestType::kName, 429, "quota");
}

TEMPLATE_TEST_CASE("fault: the first requests get 529", "", claude, codex, opencode, gemini, qwen,
                   pi) {
  check_brief_refusal(TestType::kName, 529, "overloaded");
}

TEMPLATE_TEST_CASE("fault: the first requests get 500", "", claude, codex, opencode, gemini, qwen,
                   pi) {
  check_brief_refusal(TestType::kName, 500, "overloaded");
}

TEMPLATE_TEST_CASE("fault: 429 for longer than one waits", "", claude, codex, opencode, gemini,
                   qwen, pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  // Qwen Code sits out any other 429 by itself, for minutes.
  const std::string why = agent == "qwen" ? "quota exceeded, your quota will reset: " : "";
  const json refused = {
      {"status", 429}, {"retry_after", 0.1}, {"message", why + "try again in 3 seconds"}};
  FaultRun run(agent, "429 without end, `--max-wait 1s`", once({{"error", refused}}));
  const FaultOutcome met = run.meet({"--max-wait", "1s"});
  CHECK(met.ended.exit == 7);
  CHECK(met.failed_tasks == 0);
  CHECK(met.causes == Words{"quota"});
  run.go_on();
  run.check_nothing_lost();
}

TEMPLATE_TEST_CASE("fault: 401", "", claude, codex, opencode, gemini, qwen, pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  FaultRun run(agent, "401",
               once({{"error", {{"status", 401}, {"message", "invalid x-api-key"}}}}));
  const FaultOutcome met = run.meet();
  CHECK(met.ended.exit == 6);
  CHECK(met.failed_tasks == 0);
  CHECK(met.causes == Words{"auth"});
  CHECK_THAT(met.ended.err, Catch::Matchers::Contains("log in with \"" + agent + "\""));
  run.go_on();
  run.check_nothing_lost();
}

TEMPLATE_TEST_CASE("fault: 400", "", claude, codex, opencode, gemini, qwen, pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  FaultRun run(agent, "400",
               once({{"error", {{"status", 400}, {"message", "max_tokens: must be positive"}}}}));
  check_failure(agent, run, {"crashed"});
}

TEMPLATE_TEST_CASE("fault: a stream that is cut", "", claude, codex, opencode, gemini, qwen, pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  FaultRun run(agent, "stream cut", once({{"text", kLongText}, {"drop", true}}));
  run.scenario().set("limits.steps", "4").set("limits.timeout", "\"1m\"");
  Words causes = {"network"};
  if (is_stubborn(agent)) causes = {"network", "step_limit", "timed_out"};
  // Behind a tool call it takes what came of a stream for the whole: the missing document tells.
  if (agent == "gemini") causes = {"network", "no_document"};
  check_failure(agent, run, causes);
}

TEMPLATE_TEST_CASE("fault: a stream that goes silent", "", claude, codex, opencode, gemini, qwen,
                   pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  FaultRun run(agent, "stream silent", once({{"text", kLongText}, {"hang", true}}));
  // Longer than it takes to start.
  run.scenario().set("limits.silence", agent == "opencode" ? "\"30s\"" : "\"12s\"");
  check_failure(agent, run, {"stalled"});
}

TEMPLATE_TEST_CASE("fault: the same tool call without end", "", claude, codex, opencode, gemini,
                   qwen, pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  std::vector<json> scenes = once({{"shell", "echo once more"}});
  scenes.front()["repeat"] = true;
  FaultRun run(agent, "endless tool loop", scenes);
  run.scenario().set("limits.repeats", "4");
  check_failure(agent, run, {"tool_loop"});
}

TEMPLATE_TEST_CASE("fault: an agent that is killed under its tools", "", claude, codex, opencode,
                   gemini, qwen, pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  FaultRun run(agent, "agent killed under its tools", once({{"shell", stubborn_tool("$HOME")}}));
  auto program = run.scenario().start_execute();
  wait_for_stubborn_tool(run, *program);
  REQUIRE(::kill(run.leader(), SIGKILL) == 0);
  const FaultOutcome met = run.meet(*program);
  CHECK(met.ended.exit == 1);
  CHECK(met.failed_tasks == 1);
  CHECK(met.causes == Words{"crashed"});
  run.go_on();
  run.check_nothing_lost();
}

TEMPLATE_TEST_CASE("fault: an agent and its tool that ignore SIGTERM", "", claude, codex, opencode,
                   gemini, qwen, pi) {
  const std::string agent = TestType::kName;
  if (e2e::is_skipped(agent)) return;
  FaultRun run(agent, "SIGTERM, all of it deaf", once({{"shell", stubborn_tool("$HOME")}}));
  auto program = run.scenario().start_execute();
  wait_for_stubborn_tool(run, *program);
  // A stopped process hears of SIGKILL only.
  REQUIRE(::kill(run.leader(), SIGSTOP) == 0);
  program->send(SIGTERM);
  const FaultOutcome met = run.meet(*program);
  CHECK(met.ended.exit == 128 + SIGTERM);
  CHECK(met.failed_tasks == 0);
  CHECK(met.causes == Words{"cancelled"});
  run.go_on();
  run.check_nothing_lost();
}
