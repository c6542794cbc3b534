// SPDX-License-Identifier: MIT
// Runtimes of kinds claude and codex, played by a shell script that prints what the real ones
// would.
#include <catch2/catch.hpp>
#include <csignal>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

// Keeps what each start was given and plays the turn of that number, or the last one there is.
constexpr const char* kProgram = R"(#!/bin/sh
cd "$FAKE_CLI_DIR" || exit 99
n=1
while [ -e "args-$n" ]; do n=$((n + 1)); done
printf '%s\n' "$@" >"args-$n"
cat >"prompt-$n"
turn=$n
while [ ! -e "turn-$turn" ]; do turn=$((turn - 1)); done
cd "$OLDPWD" || exit 99
. "$FAKE_CLI_DIR/turn-$turn"
)";

constexpr const char* kWork = R"(
echo work >p1t1.txt
printf '## Status: DONE\n\n## Files Created\n\n- `p1t1.txt`\n' >"$KONDUCTOR_OUTPUT"
)";
constexpr const char* kClaudeSuccess = R"(
cat <<'END'
{"type":"system","subtype":"init"}
{"type":"result","subtype":"success","is_error":false,"result":"done","total_cost_usd":0.25,"usage":{"input_tokens":100,"output_tokens":20,"cache_read_input_tokens":7}}
END
)";

// What Claude Code prints when it is refused with this status.
std::string refusal(int status, const std::string& text) {
  return "cat <<END\n"
         R"({"type":"result","subtype":"success","is_error":true,"api_error_status":)" +
         std::to_string(status) + R"(,"result":")" + text + "\"}\nEND\nexit 1\n";
}

class CliScenario : public Scenario {
 public:
  explicit CliScenario(const std::string& kind) {
    write(folder() / kind, kProgram);
    fs::permissions(folder() / kind, fs::perms::owner_all);
    set("general.default_runtime", "\"" + kind + "\"");
    set("runtimes." + kind + ".kind", "\"" + kind + "\"");
    set("runtimes." + kind + ".command", "[\"" + (folder() / kind).string() + "\"]");
    set("runtimes." + kind + ".pass_env", R"(["FAKE_CLI_DIR"])");
    set("features.code_review", "false");
    set("execution.max_crash_retries", "0");
    with_environment("FAKE_CLI_DIR", folder());
    plan(1, {"a task"});
  }
  fs::path folder() const { return home() / "cli"; }
  void turn(int number, const std::string& script) const {
    write(folder() / ("turn-" + std::to_string(number)), script);
  }
  std::string given(const std::string& what, int number) const {
    return read(folder() / (what + "-" + std::to_string(number)));
  }
  Words causes() const {
    Words causes;
    for (const json& event : events("attempt_finished"))
      causes.push_back(event.at("cause"));
    return causes;
  }
};

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

TEST_CASE("kind claude: a limit that lasts longer than --max-wait ends the run with 7") {
  CliScenario scenario("claude");
  scenario.turn(1, refusal(429, "usage limit reached|$(($(date +%s) + 3600))"));
  const Ended ended = scenario.execute({"--max-wait", "10m", "--json"});
  CHECK(ended.exit == 7);
  CHECK(ended.document().at("outcome") == "limit");
  CHECK_THAT(ended.err, Contains("--max-wait") && Contains("run again later"));
  CHECK(scenario.events("task_failed").empty());
  SECTION("the next run goes on") {
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
