// SPDX-License-Identifier: MIT
// Looking at what happened: log, explain, cost, runs; while an engine runs, after it was killed,
// and for phases that never ran.
#include <catch2/catch.hpp>
#include <csignal>

#include "e2e/cli_scenario.hpp"
#include "support/schema_checker.hpp"
#include "support/spawn.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Scenario;

namespace {

json checked(const e2e::Ended& ended, const std::string& schema) {
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  const json document = ended.document();
  konductor::test::SchemaChecker(schema + ".schema.json").check(document);
  return document;
}

const e2e::Words kCommands[] = {{"log"},    {"explain", "01/001/1"}, {"cost"}, {"runs"},
                                {"status"}, {"show", "01/001/1"}};

}  // namespace

TEST_CASE("a phase that never ran is told of, with what to do") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  for (const e2e::Words& command : {e2e::Words{"log"}, {"cost"}, {"runs"}, {"runs", "diff"}}) {
    const e2e::Ended ended = scenario.run(command);
    CHECK(ended.exit == 2);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, Contains("konductor: error: nothing is recorded of phase \"01\"") &&
                              Contains("run `konductor execute 01`"));
  }
  const e2e::Ended told = scenario.run({"explain", "01/001/1"});
  CHECK(told.exit == 0);
  CHECK_THAT(told.out, Contains("because the phase was never executed.") &&
                           Contains("      konductor execute 01\n"));
  CHECK_FALSE(scenario.exists(".konductor/konductor.db"));
}

TEST_CASE("mistaken addresses, phases and roles are answered with what there is") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const auto error = [&](const e2e::Words& words) {
    const e2e::Ended ended = scenario.run(words);
    CHECK(ended.exit == 2);
    CHECK(ended.out.empty());
    return ended.err;
  };
  CHECK_THAT(error({"explain", "01/009/1"}), Contains("no task \"01/009/1\"; see `konductor plan"));
  CHECK_THAT(error({"explain", "01/009"}), Contains("no plan \"01/009\""));
  CHECK_THAT(error({"explain", "01"}), Contains("is a phase; name a plan or a task"));
  CHECK_THAT(error({"explain", "x/y/z"}), Contains("is no phase, plan or task"));
  CHECK_THAT(error({"log", "01/009/1"}), Contains("no attempt at task \"01/009/1\" has begun"));
  CHECK_THAT(error({"log", "01/001/1", "--attempt", "7"}),
             Contains("there is executor 1, spec-reviewer 1, code-reviewer 1"));
  CHECK_THAT(error({"log", "01/001/1", "--role", "painter"}), Contains("no role \"painter\""));
  CHECK_THAT(scenario.run({"log", "--json", "--follow"}).err,
             Contains("konductor: error: --json tells an attempt in one document"));
  CHECK_THAT(error({"cost", "07"}), Contains("\"07\""));
  CHECK_THAT(error({"cost", "--by", "colour"}), Contains("colour"));
  CHECK_THAT(error({"runs", "diff", "nope"}),
             Contains("nothing to compare it with") || Contains("is called \"nope\""));
  const e2e::Ended as_json = scenario.run({"explain", "01/009/1", "--json"});
  CHECK(as_json.exit == 2);
  CHECK(as_json.document().at("command") == "explain");
  CHECK(as_json.document().at("exit") == 2);
}

TEST_CASE("every looking command has help with an example") {
  Scenario scenario;
  for (const std::string command : {"log", "explain", "cost", "runs", "show", "status"}) {
    const e2e::Ended help = scenario.run({command, "--help"});
    CHECK(help.exit == 0);
    CHECK_THAT(help.out, Contains("Example:\n  konductor " + command) && Contains("--json"));
  }
  CHECK_THAT(scenario.run({"runs", "diff", "--help"}).out, Contains("konductor runs diff 1a2b"));
}

TEST_CASE("what a plain agent printed is shown, raw and with its standard error") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const e2e::Ended newest = scenario.run({"log"});
  CHECK(newest.exit == 0);
  CHECK_THAT(newest.out,
             Contains("01/holistic code-reviewer 1 (holistic): ") && Contains(", done"));
  const e2e::Ended one = scenario.run({"log", "1/1", "--role", "executor"});
  CHECK_THAT(one.out, Contains("01/001/1 executor 1 (execute): ") && Contains("begins\n"));
  const e2e::Ended raw = scenario.run({"log", "01/001/1", "--attempt", "1", "--raw"});
  const std::string run = scenario.events("run_started").at(0).at("run");
  CHECK(raw.out == scenario.read(".konductor/runs/" + run + "/001-task-1-executor-1/stdout.log"));
  const json document = checked(scenario.run({"log", "01/001/1", "--json"}), "log");
  CHECK(document.at("attempts").at(0).at("role") == "code-reviewer");
  CHECK(document.at("attempts").at(0).at("entries").at(0).at("kind") == "output");
  std::filesystem::remove_all(scenario.konductor() / "runs");
  CHECK_THAT(scenario.run({"log"}).err, Contains("is gone") && Contains("clean --logs"));
}

TEST_CASE("a known agent's stream is told readably, and harmlessly") {
  e2e::CliScenario scenario("claude");
  scenario.turn(1, R"(
printf '%s\n' '{"type":"system","subtype":"init","model":"sonnet","session_id":"s1"}'
printf '%s\n' '{"type":"assistant","message":{"content":[{"type":"text","text":"I \u001b]0;evil\u0007write."},{"type":"tool_use","name":"Write","input":{"file_path":"p1t1.txt"}}]}}'
printf '%s\n' '{"type":"user","message":{"content":[{"type":"tool_result","content":"written"}]}}'
printf '\033[31mwarning\033[0m\n' >&2
echo x >p1t1.txt
printf '## Status: DONE\n\n## Files Created\n\n- `p1t1.txt`\n' >"$KONDUCTOR_OUTPUT"
printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"result":"done","total_cost_usd":0.25,"usage":{"input_tokens":100,"output_tokens":20,"cache_read_input_tokens":7}}'
)");
  REQUIRE(scenario.execute().exit == 0);
  const e2e::Ended log = scenario.run({"log"});
  CHECK_THAT(log.out, Contains("- model sonnet, session s1\n* I write.\n> Write p1t1.txt\n"
                               " < written\n= 100 in, 20 out, 7 cached, $0.2500\n"
                               "stderr warning\n"));
  CHECK_THAT(log.out, !Contains("\x1b") && !Contains("evil"));
  const json document = checked(scenario.run({"log", "--json"}), "log");
  const json& attempt = document.at("attempts").at(0);
  CHECK(attempt.at("entries").at(2).at("tool") == "Write");
  CHECK(attempt.at("entries").at(4).at("usage").at("cost_usd") == 0.25);
  CHECK(attempt.at("cause") == "done");

  const json cost = checked(scenario.run({"cost", "--json", "--by", "model"}), "cost");
  CHECK(cost.at("total").at("cost_usd") == 0.25);
  CHECK(cost.at("parts").at("productive").at("input_tokens") == 100);
  CHECK(cost.at("lines").at(0).at("total").at("cache_read_tokens") == 7);
  CHECK_THAT(scenario.run({"cost"}).out, Contains("total") && Contains("$0.2500"));
}

TEST_CASE("an attempt at work is followed until it ends") {
  Scenario scenario;
  scenario.plan(1, {"waits door"}).set("features.code_review", "false");
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("start"));
  auto follower = scenario.start({"log", "--follow"});
  REQUIRE(e2e::wait_until(
      [&] { return scenario.run({"log"}).out.find("goes on") != std::string::npos; }));
  for (const e2e::Words& command : kCommands)
    CHECK(scenario.run(command).exit == 0);
  CHECK_THAT(scenario.run({"explain", "01/001/1"}).out, Contains("being worked on now"));
  CHECK_THAT(scenario.run({"runs"}).out, Contains("running"));
  CHECK(follower->is_running());
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
  const e2e::Ended followed = follower->wait();
  CHECK(followed.exit == 0);
  CHECK_THAT(followed.out, Contains("01/001/1 executor 1 (execute): ") && Contains("begins\n") &&
                               Contains("(ended)\n"));
}

TEST_CASE("a secret that a running attempt prints is not shown") {
  e2e::CliScenario scenario("claude");
  const std::string secret = "sk-ant-very-secret-value-1234567890";
  scenario.with_environment("ANTHROPIC_API_KEY", secret);
  scenario.turn(1, R"(
echo "the key is $ANTHROPIC_API_KEY, and here it ends"
while [ ! -e "$FAKE_CLI_DIR/door" ]; do sleep 0.05; done
exit 1
)");
  auto engine = scenario.start_execute();
  std::string told;
  REQUIRE(e2e::wait_until([&] {
    told = scenario.run({"log"}).out;
    return told.find("here it ends") != std::string::npos;
  }));
  CHECK_THAT(told, Contains("the key is [redacted:") && !Contains(secret));
  CHECK_THAT(scenario.run({"log", "--raw"}).out, Contains("here it ends") && !Contains(secret));
  scenario.write(scenario.folder() / "door", "");
  CHECK(engine->wait().exit == 1);
}

TEST_CASE("after an engine was killed everything can be looked at, and the cost stands apart") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"").set("features.code_review", "false");
  scenario.plan(1, {"waits door", "ok"});
  scenario.execute_and_kill_at("start");
  for (const e2e::Words& command : kCommands) {
    INFO(command.front());
    CHECK(scenario.run(command).exit == 0);
  }
  const json told = checked(scenario.run({"explain", "01/001/1", "--json"}), "explain");
  CHECK(told.at("answer") == "It is not complete, because its run ended before it did.");
  CHECK_THAT(scenario.run({"runs"}).out, Contains("cut_off"));
  CHECK_THAT(scenario.run({"cost"}).out, Contains("what 1 attempt at work"));
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  const json cost = checked(scenario.run({"cost", "--json"}), "cost");
  CHECK(cost.at("parts").at("engine").at("attempts") == 1);
  CHECK(cost.at("parts").at("productive").at("attempts") == 2);
  CHECK(cost.at("total").at("attempts") == 3);
  CHECK(cost.at("total").at("untold_attempts") == 3);

  const json runs = checked(scenario.run({"runs", "--json"}), "runs");
  REQUIRE(runs.at("runs").size() == 2);
  CHECK(runs.at("runs").at(0).at("outcome") == "cut_off");
  CHECK(runs.at("runs").at(1).at("outcome") == "complete");
  const json diff = checked(scenario.run({"runs", "diff", "--json"}), "runs-diff");
  CHECK(diff.at("tasks").at(0).at("before").at("outcome") == "unfinished");
  CHECK(diff.at("tasks").at(0).at("after").at("outcome") == "completed");
  CHECK(diff.at("tasks").at(1).at("before").at("outcome").is_null());
  const std::string id = runs.at("runs").at(0).at("run");
  CHECK_THAT(scenario.run({"runs", "diff", id.substr(id.size() - 4)}).out,
             Contains("unfinished > completed") && Contains("not begun > completed"));
}

TEST_CASE("what failed, was blocked and was skipped is explained with its evidence") {
  Scenario scenario;
  scenario.plans_in_waves({{{"blocked"}, {"ok"}}, {{"ok"}}});
  CHECK(scenario.execute().exit == 4);
  const json blocked = checked(scenario.run({"explain", "01/001/1", "--json"}), "explain");
  CHECK(blocked.at("state") == "blocked");
  CHECK_THAT(blocked.at("commands").at(0).get<std::string>(),
             Contains("konductor unblock 01/001/1"));
  const e2e::Ended behind = scenario.run({"explain", "01/001/2"});
  CHECK_THAT(behind.out, Contains("because 01/001/1, which comes before it, is blocked.") &&
                             Contains("  task_blocked: ") && Contains("next time\n"));
  const e2e::Ended skipped = scenario.run({"explain", "01/002"});
  CHECK_THAT(skipped.out, Contains("It was skipped: it depends on plan 001") &&
                              Contains("  plan_skipped: ") && Contains("cannot complete"));
}

TEST_CASE("a reader that has seen enough is no error") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const std::string program = KONDUCTOR_BINARY_DIR "/konductor";
  for (const std::string command : {"log --raw", "show 01/001/1", "explain 01/001/1", "cost"}) {
    const konductor::test::RunResult ended =
        konductor::test::run_program({"sh", "-c",
                                      "{ cd '" + scenario.project().string() + "' && '" + program +
                                          "' " + command + "; echo \"exit $?\" >&2; } | :"});
    INFO(command);
    CHECK_THAT(ended.err, Contains("exit 0") && !Contains("error"));
  }
}

TEST_CASE("on a terminal output goes through the user's pager, and only there") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const auto on_terminal = [&](const std::string& pager, const std::string& words,
                               const std::string& terminal = "xterm") {
    konductor::test::RunOptions options;
    options.environment = {{"PAGER", pager}, {"TERM", terminal}};
    const auto ended = konductor::test::run_program(
        {"script", "-qec",
         "'" KONDUCTOR_BINARY_DIR "/konductor' -C '" + scenario.project().string() + "' " + words,
         "/dev/null"},
        options);
    CHECK(ended.exit_code == 0);
    return ended.out;
  };
  for (const std::string words : {"runs", "cost", "log", "explain 01/001/1", "show 01/001/1"}) {
    INFO(words);
    CHECK_THAT(on_terminal("sed s/^/PAGED:/", words), Catch::StartsWith("PAGED:"));
  }
  CHECK_THAT(on_terminal("cat", "runs"), !Contains("PAGED:") && Contains("\x1b[1m"));
  CHECK_THAT(on_terminal("", "runs"), Contains("oldest first"));
  CHECK_THAT(on_terminal("no-such-pager", "runs"), Contains("oldest first"));
  CHECK_THAT(on_terminal("sed s/^/PAGED:/", "runs --json"), !Contains("PAGED:"));
  CHECK_THAT(on_terminal("sed s/^/PAGED:/", "runs", "dumb"),
             !Contains("PAGED:") && !Contains("\x1b"));
  // A pager that the user leaves at once is no error.
  on_terminal("true", "log --raw");
  const e2e::Ended piped = scenario.with_environment("PAGER", "sed s/^/PAGED:/").run({"runs"});
  CHECK_THAT(piped.out, !Contains("PAGED:") && !Contains("\x1b"));
}
