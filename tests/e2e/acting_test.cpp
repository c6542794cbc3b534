// SPDX-License-Identifier: MIT
// Another terminal asks things of a run: a real engine, and real commands beside it.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "e2e/scenario.hpp"
#include "support/schema_checker.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

Ended act(Scenario& scenario, Words words) {
  words.emplace_back("--json");
  Ended ended = scenario.run(words);
  konductor::test::SchemaChecker("action.schema.json").check(ended.document());
  CHECK(ended.document().at("exit") == ended.exit);
  return ended;
}

bool has_requests(const Scenario& scenario) {
  return scenario.exists(scenario.konductor() / "konductor.db-01.requests");
}

// A plan whose first task is at work until the door is opened.
std::unique_ptr<e2e::Program> start_at_door(Scenario& scenario, const Words& tasks) {
  scenario.set("features.code_review", "false").plan(1, tasks);
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  return engine;
}

// While other programs were run meanwhile.
bool sees_event(const Scenario& scenario, const std::string& type) {
  return e2e::wait_until([&] { return !scenario.events(type).empty(); });
}

}  // namespace

TEST_CASE("a run is paused and resumed from another terminal") {
  Scenario scenario;
  auto engine = start_at_door(scenario, {"waits door", "ok"});
  const Ended paused = act(scenario, {"pause", "01"});
  REQUIRE(paused.exit == 0);
  CHECK(paused.document().at("command") == "pause");
  CHECK(paused.document().at("by") == "engine");
  CHECK(paused.document().at("next") == "konductor resume 01");
  scenario.open_door("door");
  REQUIRE(sees_event(scenario, "task_completed"));
  const Ended status = scenario.run({"status", "01"});
  CHECK_THAT(status.out, Contains("paused: no attempt starts until `konductor resume 01`"));
  CHECK(scenario.run({"status", "01", "--json"}).document().at("engine").at("paused") == true);
  CHECK(engine->is_running());
  // Twice is once.
  CHECK(act(scenario, {"pause"}).exit == 0);
  CHECK(scenario.events("run_paused").size() == 1);
  CHECK(scenario.attempts("executor", 1, 2).empty());
  REQUIRE(act(scenario, {"resume", "01"}).exit == 0);
  const Ended ended = engine->wait();
  CHECK(ended.exit == 0);
  CHECK_THAT(ended.err, Contains("paused: no attempt starts"));
  CHECK(scenario.attempts("executor", 1, 2).size() == 1);
  CHECK_FALSE(has_requests(scenario));
}

TEST_CASE("a run is stopped from another terminal, and goes on later") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok", "hang once"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  const Ended stopped = act(scenario, {"stop", "01"});
  REQUIRE(stopped.exit == 0);
  CHECK_THAT(stopped.document().at("message").get<std::string>(), Contains("has ended"));
  CHECK(engine->wait().exit == 130);
  CHECK(scenario.living_agents().empty());
  CHECK(scenario.events("request_taken").at(0).at("action") == "stop");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
}

TEST_CASE("a stop with --now does not wait for the grace period") {
  Scenario scenario;
  scenario.set("execution.grace_period", "\"10m\"").plan(1, {"ignores sigterm"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  const Ended late = act(scenario, {"stop", "01", "--wait", "200ms"});
  CHECK(late.exit == 1);
  CHECK(late.document().at("next") == "konductor stop 01 --now");
  CHECK(engine->is_running());
  const Ended stopped = act(scenario, {"stop", "01", "--now"});
  CHECK(stopped.exit == 0);
  CHECK(engine->wait().exit == 130);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("a note reaches the task's next attempts, and stands in what show tells") {
  Scenario scenario;
  auto engine = start_at_door(scenario, {"waits door", "ok"});
  const Ended told = act(scenario, {"tell", "01/001/2", "Use the port of db2."});
  REQUIRE(told.exit == 0);
  CHECK(told.document().at("task") == "01/001/2");
  REQUIRE(act(scenario, {"tell", "1/1", "Too late for this one."}).exit == 0);
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-2-1"), Contains("Use the port of db2."));
  CHECK_THAT(scenario.prompt("executor-1-1-1"), !Contains("Too late"));
  const Ended shown = scenario.run({"show", "01/001/2"});
  CHECK_THAT(shown.out, Contains("Use the port of db2."));
  const json story = scenario.run({"show", "01/001/2", "--json"}).document();
  CHECK(story.at("notes").at(0) == "Use the port of db2.");
}

TEST_CASE("a note given between two runs reaches the next one") {
  Scenario scenario;
  scenario.set("features.code_review", "false").set("execution.max_crash_retries", "0");
  scenario.plan(1, {"crash once"});
  REQUIRE(scenario.execute().exit == 1);
  const Ended told = act(scenario, {"tell", "01/001/1", "Look at the log first."});
  REQUIRE(told.exit == 0);
  CHECK(told.document().at("by") == "command");
  CHECK(told.document().at("next") == "konductor execute 01");
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("Look at the log first."));
}

TEST_CASE("a task at work is skipped: it is ended, the plan goes on, those behind it are told") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"hang", "ok"});
  Plan second;
  second.number = 2;
  second.wave = 2;
  second.depends_on = {1};
  second.tasks = {Task{"ok"}};
  scenario.plan(second);
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  const Ended skipped = act(scenario, {"skip", "01/001/1", "--because", "The vendor has no API."});
  REQUIRE(skipped.exit == 0);
  const Ended ended = engine->wait();
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.err, Contains("skipped: The vendor has no API."));
  CHECK(scenario.attempts("executor", 1, 2).size() == 1);
  CHECK_THAT(scenario.prompt("executor-1-2-1"), Contains("was skipped: The vendor has no API."));
  CHECK(scenario.attempts("executor", 2).empty());
  CHECK_THAT(scenario.events("plan_skipped").back().at("reason").get<std::string>(),
             Contains("depends on plan 001, which was skipped"));
  CHECK(scenario.living_agents().empty());
  const json status = scenario.run({"status", "01", "--json"}).document();
  CHECK(status.at("skipped").at(0).at("task") == "01/001/1");
  // It stays so, until it is taken back.
  CHECK(scenario.execute().exit == 1);
  scenario.plan(1, {"ok", "ok"});
  REQUIRE(act(scenario, {"retry", "01/001/1"}).exit == 0);
  CHECK(scenario.execute().exit == 0);
}

TEST_CASE("a plan is skipped before the phase was ever executed") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok"}).plan(2, {"ok"});
  const Ended skipped = act(scenario, {"skip", "01/002", "--because", "Next month."});
  REQUIRE(skipped.exit == 0);
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.attempts("executor", 2).empty());
  CHECK(scenario.has_plan_file("001-summary.md"));
  REQUIRE(act(scenario, {"retry", "01/002"}).exit == 0);
  CHECK(scenario.execute().exit == 0);
}

TEST_CASE("a blocked task is freed while other plans are at work") {
  Scenario scenario;
  scenario.set("features.code_review", "false")
      .plan(1, {"blocked until told"})
      .plan(2, {"waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(sees_event(scenario, "task_blocked"));
  const Ended freed = act(scenario, {"unblock", "01/001/1", "--context", "the key is 42"});
  REQUIRE(freed.exit == 0);
  CHECK(freed.document().at("by") == "engine");
  REQUIRE(sees_event(scenario, "plan_completed"));
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("the key is 42"));
}

TEST_CASE("a failed task runs again while other plans are at work") {
  Scenario scenario;
  scenario.set("features.code_review", "false").set("execution.max_crash_retries", "0");
  scenario.plan(1, {"crash once"}).plan(2, {"waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(sees_event(scenario, "task_failed"));
  const Ended retried = act(scenario, {"retry", "01/001/1"});
  REQUIRE(retried.exit == 0);
  REQUIRE(sees_event(scenario, "plan_completed"));
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
}

TEST_CASE("what makes no sense is refused with what does") {
  Scenario scenario;
  auto engine = start_at_door(scenario, {"waits door"});
  const Ended retry = act(scenario, {"retry", "01/001/1"});
  CHECK(retry.exit == 2);
  CHECK_THAT(retry.err, Contains("is under way"));
  CHECK(act(scenario, {"unblock", "01/001/1", "--context", "x"}).exit == 2);
  CHECK(act(scenario, {"tell", "01/001/9", "x"}).exit == 2);
  CHECK(act(scenario, {"tell", "01/001", "x"}).exit == 2);
  CHECK(act(scenario, {"skip", "01/001/1", "--because", " "}).exit == 2);
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
  CHECK(act(scenario, {"skip", "01/001/1", "--because", "x"}).exit == 2);
  const Ended pause = act(scenario, {"pause"});
  CHECK(pause.exit == 2);
  CHECK_THAT(pause.err, Contains("no engine runs phase \"01\""));
  const Ended stop = act(scenario, {"stop"});
  CHECK(stop.exit == 0);
  CHECK(stop.document().at("by") == "nobody");
}

TEST_CASE("rubbish in the folder of requests harms nothing") {
  Scenario scenario;
  auto engine = start_at_door(scenario, {"waits door"});
  const auto folder = scenario.konductor() / "konductor.db-01.requests";
  scenario.write(folder / "a.json", "{");
  scenario.write(folder / "b.json", std::string(100'000, 'x'));
  scenario.write(folder / "c.json", R"({"schema_version":1,"id":"c","action":"explode"})");
  std::filesystem::create_directory(folder / "d.json");
  std::filesystem::create_symlink("/etc/passwd", folder / "e.json");
  scenario.write(folder / "old.json",
                 R"({"schema_version":1,"id":"old","action":"stop","until":1})");
  REQUIRE(act(scenario, {"tell", "01/001/1", "still here"}).exit == 0);
  REQUIRE(e2e::wait_until([&] { return std::filesystem::is_empty(folder); }));
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
  CHECK(scenario.events("request_taken").size() == 1);
  CHECK_FALSE(scenario.events("note_recorded").empty());
}

TEST_CASE("an engine that is suspended does not answer, and is told of") {
  Scenario scenario;
  auto engine = start_at_door(scenario, {"waits door"});
  ::kill(engine->pid(), SIGSTOP);
  const Ended told = act(scenario, {"tell", "01/001/1", "hello"});
  CHECK(told.exit == 5);
  CHECK_THAT(told.err, Contains("does not answer"));
  ::kill(engine->pid(), SIGCONT);
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
  // It was taken back.
  CHECK(scenario.events("note_given").empty());
}

TEST_CASE("an engine that dies with a request leaves it to the command") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"");
  auto engine = start_at_door(scenario, {"waits door"});
  ::kill(engine->pid(), SIGSTOP);
  auto command = scenario.start({"tell", "01/001/1", "for whoever comes", "--json"});
  const auto folder = scenario.konductor() / "konductor.db-01.requests";
  REQUIRE(e2e::wait_until([&] { return !std::filesystem::is_empty(folder); }));
  engine->send(SIGKILL);
  engine->wait();
  const Ended told = command->wait();
  REQUIRE(told.exit == 0);
  CHECK(told.document().at("by") == "command");
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("for whoever comes"));
}

TEST_CASE("an attempt may not ask for anything") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).with_environment("KONDUCTOR_ATTEMPT", "1");
  const Ended told = act(scenario, {"skip", "01/001", "--because", "I am done"});
  CHECK(told.exit == 2);
  CHECK_THAT(told.err, Contains("an attempt may not"));
}

TEST_CASE("a run that has lasted long enough lets its attempts finish and ends with 7") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"waits door", "ok"});
  auto engine = scenario.start_execute({"--max-time", "1s"});
  REQUIRE(scenario.wait_for_log("waiting"));
  REQUIRE(sees_event(scenario, "budget_reached"));
  CHECK(scenario.events("budget_reached").at(0).at("scope") == "run");
  scenario.open_door("door");
  const Ended ended = engine->wait();
  CHECK(ended.exit == 7);
  CHECK_THAT(ended.err, Contains("--max-time"));
  CHECK(scenario.attempts("executor", 1, 2).empty());
  CHECK(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
}
