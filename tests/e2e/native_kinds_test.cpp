// SPDX-License-Identifier: MIT
// Runtimes of kinds claude and codex, played by a shell script that prints what the real ones
// would.
#include <catch2/catch.hpp>
#include <csignal>

#include "e2e/cli_scenario.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::json;
using e2e::kClaudeSuccess;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

constexpr const char* kWork = R"(
echo work >p1t1.txt
printf '## Status: DONE\n\n## Files Created\n\n- `p1t1.txt`\n' >"$KONDUCTOR_OUTPUT"
)";
// What Claude Code prints when it is refused with this status.
std::string refusal(int status, const std::string& text) {
  return "cat <<END\n"
         R"({"type":"result","subtype":"success","is_error":true,"api_error_status":)" +
         std::to_string(status) + R"(,"result":")" + text + "\"}\nEND\nexit 1\n";
}

}  // namespace

TEST_CASE("kind claude: a task is done, and what it cost is kept") {
  CliScenario scenario("claude");
  scenario.turn(1, std::string(kWork) + kClaudeSuccess);
  const Ended ended = scenario.execute({"--json"});
  REQUIRE(ended.exit == 0);
  CHECK_THAT(scenario.given("args", 1), Contains("stream-json\n") && Contains("--session-id\n"));
  CHECK_THAT(scenario.given("prompt", 1),
             Contains("action-of-1-1") && Contains("your last message"));
  const json usage = scenario.events("attempt_finished").at(0).at("usage");
  CHECK(usage.at("input_tokens") == 100);
  CHECK(usage.at("cache_read_tokens") == 7);
  CHECK(usage.at("cost_usd") == 0.25);
  CHECK(ended.document().at("usage").at("output_tokens") == 20);
}

TEST_CASE("kind claude: a limit parks the task until the provider says, and is no failed attempt") {
  CliScenario scenario("claude");
  scenario.turn(1, refusal(429, "usage limit reached|$(($(date +%s) + 2))"));
  scenario.turn(2, std::string(kWork) + kClaudeSuccess);
  const Ended ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"quota", "done"});
  const std::vector<json> waited = scenario.events("quota_waiting");
  REQUIRE(waited.size() == 1);
  CHECK(waited.at(0).at("runtime") == "claude");
  CHECK(waited.at(0).at("cause") == "quota");
  CHECK_THAT(ended.err, Contains("its attempts wait until "));
  for (const json& started : scenario.events("attempt_started"))
    CHECK(started.at("reason") == "execute");
}

TEST_CASE("a role's next runtime steps in for one at its limit, with a model of its own") {
  CliScenario scenario("claude");
  scenario.set("runtimes.other.kind", "\"codex\"");
  scenario.set("runtimes.other.command", "[\"" + scenario.program("stand-in") + "\"]");
  scenario.set("runtimes.other.pass_env", R"(["FAKE_CLI_DIR"])");
  scenario.set("runtimes.other.model", "\"gpt-5.5\"");
  scenario.set("roles.executor.runtime", R"(["claude", "other"])");
  scenario.set("roles.executor.model", "\"opus\"");
  const std::string refused = GENERATE(std::string("limit"), std::string("network"));
  const bool is_limit = refused == "limit";
  if (!is_limit) scenario.set("execution.max_crash_retries", "1");
  scenario.turn(1, is_limit
                       ? refusal(429, "usage limit reached|$(($(date +%s) + 3600))")
                       : "echo '{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,"
                         "\"api_error\":\"connection_failed\"}'\nexit 1\n");
  scenario.turn(2, std::string(kWork) + R"(echo '{"type":"turn.started"}'
echo '{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":1}}'
)");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.causes() == Words{is_limit ? "quota" : "network", "done"});
  const std::vector<json> finished = scenario.events("attempt_finished");
  CHECK(finished.at(0).at("runtime") == "claude");
  CHECK(finished.at(0).at("model") == "opus");
  CHECK(finished.at(1).at("runtime") == "other");
  CHECK(finished.at(1).at("model") == "gpt-5.5");
  CHECK(scenario.events("attempt_started").at(1).at("runtime") == "other");
  CHECK_THAT(scenario.given("args", 1), Contains("--model\nopus\n"));
  CHECK_THAT(scenario.given("args", 2), Contains("-m\ngpt-5.5\n"));
}

TEST_CASE("engines of other projects hear of a limit too") {
  CliScenario scenario("claude");
  scenario.turn(1, refusal(429, "usage limit reached|$(($(date +%s) + 3600))"));
  CHECK(scenario.execute({"--max-wait", "10m"}).exit == 7);
  // The next engine knows without asking.
  CHECK(scenario.execute({"--max-wait", "10m"}).exit == 7);
  CHECK_FALSE(fs::exists(scenario.folder() / "args-2"));
  SECTION("another account is not held") {
    scenario.set("runtimes.claude.env.ANTHROPIC_API_KEY", "\"another\"");
    scenario.turn(2, std::string(kWork) + kClaudeSuccess);
    CHECK(scenario.execute({"--max-wait", "10m"}).exit == 0);
  }
}

TEST_CASE("kind claude: a limit that lasts longer than --max-wait ends the run with 7") {
  CliScenario scenario("claude");
  scenario.turn(1, refusal(429, "usage limit reached|$(($(date +%s) + 3600))"));
  const Ended ended = scenario.execute({"--max-wait", "10m", "--json"});
  CHECK(ended.exit == 7);
  CHECK(ended.document().at("outcome") == "limit");
  CHECK_THAT(ended.err, Contains("--max-wait") && Contains("run again later"));
  CHECK(scenario.events("task_failed").empty());
  SECTION("the next run goes on when the limit is over") {
    fs::remove_all(scenario.home() / ".local");
    scenario.turn(2, std::string(kWork) + kClaudeSuccess);
    CHECK(scenario.execute({"--max-wait", "10m"}).exit == 0);
  }
}

TEST_CASE("kind claude: without a login the run stops at once and says what to do") {
  CliScenario scenario("claude");
  scenario.plan(2, {"another task"}).set("execution.max_wave_parallelism", "1");
  scenario.turn(1, refusal(401, "Not logged in"));
  const Ended ended = scenario.execute();
  CHECK(ended.exit == 6);
  CHECK(scenario.causes() == Words{"auth"});
  CHECK_THAT(ended.err, Contains("Not logged in") && Contains("log in with \"claude\"") &&
                            Contains("pass_env"));
  CHECK(scenario.events("task_failed").empty());
}

TEST_CASE("kind claude: a run that waits for a limit stops when it is told to") {
  CliScenario scenario("claude");
  scenario.turn(1, refusal(429, "usage limit reached|$(($(date +%s) + 3600))"));
  const auto program = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("quota_waiting"));
  program->send(SIGTERM);
  CHECK(program->wait().exit == 143);
}

TEST_CASE("kind claude: an exit of 0 proves nothing") {
  CliScenario scenario("claude");
  const auto [script, cause] = GENERATE(table<std::string, std::string>({
      {"", "protocol_error"},
      {"echo '{\"type\":\"system\",\"subtype\":\"init\"}'\n", "protocol_error"},
      {R"(echo '{"type":"result","subtype":"success","is_error":true,"result":"no"}')", "crashed"},
      {std::string(kClaudeSuccess) + "exit 1", "crashed"},
  }));
  scenario.turn(1, kWork + script);
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.causes() == Words{cause});
}

TEST_CASE("kind claude: reviewers may hand in their last message") {
  CliScenario scenario("claude");
  scenario.set("features.code_review", "true");
  scenario.turn(1, std::string(kWork) + kClaudeSuccess);
  const std::string head = R"({"type":"result","subtype":"success","is_error":false,"result":)";
  scenario.turn(2, "cat <<'END'\n" + head +
                       R"("```markdown\n## Verdict: pass\n\n## Findings\n\nNone.\n```"})" +
                       "\nEND\n");
  CHECK(scenario.execute().exit == 0);
  CHECK_THAT(scenario.given("args", 2), Contains("dontAsk\n"));
  CHECK_THAT(scenario.plan_file("001-task-1-spec-review.md"), Contains("Verdict: pass"));
}

TEST_CASE("kind claude: what a refused reviewer changed is undone, and it is no failed attempt") {
  CliScenario scenario("claude");
  scenario.set("features.code_review", "true");
  scenario.turn(1, std::string(kWork) + kClaudeSuccess);
  scenario.turn(
      2, "echo changed >p1t1.txt\n" + refusal(429, "usage limit reached|$(($(date +%s) + 2))"));
  scenario.turn(3, R"(printf '## Verdict: pass\n\n## Findings\n\nNone.\n' >"$KONDUCTOR_OUTPUT")" +
                       std::string(kClaudeSuccess));
  CHECK(scenario.execute().exit == 0);
  CHECK(scenario.causes() == Words{"done", "quota", "done", "done", "done"});
  CHECK(scenario.tree().at("p1t1.txt") == "work\n");
}

TEST_CASE("kind claude: a last message that is no document is a failed attempt") {
  CliScenario scenario("claude");
  scenario.turn(1, "echo work >p1t1.txt\n" + std::string(kClaudeSuccess));
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.causes() == Words{"no_document"});
  CHECK_THAT(scenario.events("attempt_finished").at(0).at("detail").get<std::string>(),
             Contains("its last message is none"));
}

TEST_CASE("kind codex: a task is done and reviewed by a role that may not write") {
  CliScenario scenario("codex");
  scenario.set("features.code_review", "true");
  scenario.turn(1, std::string(kWork) + R"(
echo '{"type":"turn.started"}'
echo '{"type":"error","message":"Reconnecting... 1/2"}'
echo '{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":40,"output_tokens":9}}'
)");
  scenario.turn(2, R"(cat <<'END'
{"type":"item.completed","item":{"type":"agent_message","text":"## Verdict: pass\n\n## Findings\n\nNone.\n"}}
{"type":"turn.completed","usage":{"input_tokens":1}}
END
)");
  CHECK(scenario.execute().exit == 0);
  CHECK_THAT(scenario.given("args", 1), Contains("workspace-write\n"));
  CHECK_THAT(scenario.given("args", 2), Contains("read-only\n"));
  const json usage = scenario.events("attempt_finished").at(0).at("usage");
  CHECK(usage.at("input_tokens") == 60);
  CHECK(usage.at("cache_read_tokens") == 40);
}

TEST_CASE("kind codex: a failed turn is a failed attempt, a refused login is none") {
  CliScenario scenario("codex");
  const auto [message, cause, exit] = GENERATE(table<std::string, std::string, int>({
      {"stream disconnected before completion", "network", 1},
      {"unexpected status 401 Unauthorized: no", "auth", 6},
  }));
  scenario.turn(1, std::string(kWork) + R"(echo '{"type":"turn.failed","error":{"message":")" +
                       message + "\"}}'\nexit 1\n");
  CHECK(scenario.execute().exit == exit);
  CHECK(scenario.causes() == Words{cause});
}

TEST_CASE("a fix goes on in the executor's session, and is told and paid for once") {
  CliScenario scenario("codex");
  scenario.set("execution.fix_attempts", "\"resume\"").plan(1, {"a task"});
  const auto turn = [](const std::string& tokens) {
    return R"(echo '{"type":"thread.started","thread_id":"thread-7"}'
echo '{"type":"turn.started"}'
echo '{"type":"turn.completed","usage":{"input_tokens":)" +
           tokens + R"(,"cached_input_tokens":0,"output_tokens":1}}'
)";
  };
  // Nothing changed: the gates ask for a fix.
  scenario.turn(1, "printf '## Status: DONE\\n' >\"$KONDUCTOR_OUTPUT\"\n" + turn("100"));
  scenario.turn(2, std::string(kWork) + turn("130"));
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.given("args", 2), Contains("resume\nthread-7\n-\n"));
  CHECK_THAT(scenario.given("prompt", 1), Contains("action-of-1-1"));
  CHECK_THAT(scenario.given("prompt", 2),
             !Contains("action-of-1-1") && Contains("## Findings") && Contains("You go on"));
  const std::vector<json> finished = scenario.events("attempt_finished");
  CHECK(finished.at(0).at("session") == "thread-7");
  CHECK(finished.at(1).at("usage").at("input_tokens") == 30);
}

// An agent of kind codex that begins its session, then does what `script` says.
std::string codex_turn(const std::string& script) {
  return "echo '{\"type\":\"thread.started\",\"thread_id\":\"thread-7\"}'\n" + script;
}

const std::string kTurnEnd =
    "echo '{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":130,\"output_tokens\":1}}'\n";

TEST_CASE("a session that a limit cut off goes on with the files that it left") {
  CliScenario scenario("codex");
  scenario.turn(1, codex_turn(R"(echo half >half.txt
echo '{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests, try again in 1 second"}}'
exit 1
)"));
  scenario.turn(2,
                codex_turn("cat half.txt >seen.txt || exit 1\n" + std::string(kWork) + kTurnEnd));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.causes() == Words{"quota", "done"});
  CHECK_THAT(scenario.given("args", 2), Contains("resume\nthread-7\n-\n"));
  CHECK_THAT(scenario.given("prompt", 2), !Contains("action-of-1-1") && Contains("cut off"));
  CHECK(scenario.git({"show", "HEAD:seen.txt"}) == "half\n");
}

TEST_CASE("a session whose engine was killed goes on with the files that it left") {
  CliScenario scenario("codex");
  scenario.turn(1, codex_turn("echo half >half.txt\n"
                              "kill -KILL $(awk '/^PPid/ {print $2}' /proc/$PPID/status)\n"
                              "sleep 600\n"));
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.turn(2,
                codex_turn("cat half.txt >seen.txt || exit 1\n" + std::string(kWork) + kTurnEnd));
  scenario.execute();
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.causes() == Words{"interrupted", "done"});
  CHECK_THAT(scenario.given("args", 2), Contains("resume\nthread-7\n-\n"));
  CHECK_THAT(scenario.given("prompt", 2), !Contains("action-of-1-1") && Contains("cut off"));
  CHECK(scenario.git({"show", "HEAD:seen.txt"}) == "half\n");
  const json interrupted = scenario.events("attempt_finished").at(0);
  CHECK(interrupted.at("session") == "thread-7");
  CHECK(interrupted.at("runtime") == "codex");
}

TEST_CASE("a later run goes on in a session, whatever somebody changed in its files meanwhile") {
  CliScenario scenario("codex");
  scenario.turn(1, codex_turn(R"(echo half >half.txt
echo '{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests, try again in 3 seconds"}}'
exit 1
)"));
  scenario.turn(2, codex_turn("test ! -e other.txt && cat half.txt >seen.txt || exit 1\n" +
                              std::string(kWork) + kTurnEnd));
  REQUIRE(scenario.execute({"--max-wait", "1s"}).exit == 7);
  scenario.write(scenario.project() / ".konductor/worktrees/01-plan-001/other.txt", "other\n");
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.given("args", 2), Contains("resume\nthread-7\n-\n"));
  CHECK_THAT(scenario.given("prompt", 2), Contains("cut off") && Contains("is kept as refs/"));
  CHECK(scenario.git({"show", "HEAD:seen.txt"}) == "half\n");
}

TEST_CASE("a session that is gone is begun anew, which is no failed attempt") {
  CliScenario scenario("codex");
  scenario.turn(1, codex_turn(R"(echo half >half.txt
echo '{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests, try again in 1 second"}}'
exit 1
)"));
  scenario.turn(2, "echo 'no rollout found for thread-7' >&2\nexit 1\n");
  scenario.turn(3, codex_turn("test ! -e half.txt || exit 1\n" + std::string(kWork) + kTurnEnd));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.causes() == Words{"quota", "session_lost", "done"});
  CHECK_THAT(scenario.given("args", 3), !Contains("resume"));
  CHECK_THAT(scenario.given("prompt", 3), Contains("action-of-1-1") && Contains("half.txt"));
}

TEST_CASE("an agent that runs in circles is interrupted and ended, and so is what it started") {
  CliScenario scenario("codex");
  scenario.set("limits.repeats", "3").set("execution.grace_period", "\"2s\"");
  scenario.turn(1, R"(
trap 'echo interrupted >"$FAKE_CLI_DIR/interrupted"; exit 1' INT
setsid sleep 600 &
while :; do
  echo '{"type":"item.completed","item":{"type":"command_execution","command":"make"}}'
  sleep 0.05
done
)");
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.causes() == Words{"tool_loop"});
  CHECK(fs::exists(scenario.folder() / "interrupted"));
  CHECK_THAT(scenario.events("task_failed").at(0).at("reason").get<std::string>(),
             Contains("tool_loop"));
}
