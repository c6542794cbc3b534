// SPDX-License-Identifier: MIT
// Ending at any moment, going on afterwards, and what people do in between.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "base/text.hpp"
#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Where;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

void make_small_phase(Scenario& scenario) {
  scenario.plan(1, {"ok", "ok"});
  Plan second;
  second.number = 2;
  second.wave = 2;
  second.depends_on = {1};
  second.tasks = {Task{"ok"}};
  scenario.plan(second);
}

// What an undisturbed run of that phase leaves in the user's tree.
void require_small_phase_done(const Scenario& scenario) {
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK(scenario.read("p2t1.txt") == "plan 2 task 1\n");
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.is_task_filed(1, 2));
  CHECK(scenario.is_task_filed(2, 1));
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.has_plan_file("002-summary.md"));
  CHECK(scenario.state("current.step") == "executed");
  CHECK(scenario.count_worktrees() == 1);
  CHECK(scenario.living_agents().empty());
}

using Address = std::pair<int, int>;

Address address_of(const json& event) {
  return {event["plan"].get<int>(), event["task"].get<int>()};
}

// Adds the tasks that a run's stream calls complete; fails when one of them was started again.
void follow(const std::vector<json>& events, std::set<Address>& completed) {
  for (const json& event : events) {
    if (event["type"] == "attempt_started" && event["plan"].get<int>() != 0)
      CHECK(completed.count(address_of(event)) == 0);
    if (event["type"] == "task_completed") completed.insert(address_of(event));
  }
}

// Kills the engine once it has streamed `count` events; false when it ended before.
bool kill_after_events(Scenario& scenario, std::size_t count) {
  auto engine = scenario.start_execute();
  REQUIRE(
      e2e::wait_until([&] { return scenario.events().size() >= count || !engine->is_running(); }));
  const bool was_running = engine->is_running();
  engine->send(SIGKILL);
  engine->wait();
  return was_running;
}

void remove_markers(const Scenario& scenario) {
  for (const auto& entry : fs::directory_iterator(scenario.plans()))
    if (entry.path().string().find("-summary") != std::string::npos ||
        entry.path().string().find("-review") != std::string::npos)
      fs::remove(entry.path());
  fs::remove(scenario.konductor() / "phases/01/code-review.md");
}

void remove_journal(const Scenario& scenario) {
  for (const std::string suffix : {"", "-wal", "-shm"})
    fs::remove(scenario.konductor() / ("konductor.db" + suffix));
}

}  // namespace

TEST_CASE("an engine killed at some moment is continued without loss") {
  const int moment = GENERATE(range(1, 60, 4));
  CAPTURE(moment);
  Scenario scenario;
  make_small_phase(scenario);
  std::set<Address> completed;
  kill_after_events(scenario, static_cast<std::size_t>(moment));
  follow(scenario.events(), completed);
  REQUIRE(scenario.execute().exit == 0);
  follow(scenario.events(), completed);
  require_small_phase_done(scenario);
}

TEST_CASE("an engine killed again and again still comes to the same end") {
  Scenario scenario;
  make_small_phase(scenario);
  std::set<Address> completed;
  for (int round = 0; round < 40; ++round) {
    // Each run comes a little further than the one before, so that the phase ends some time.
    const bool was_killed = kill_after_events(scenario, 3 + static_cast<std::size_t>(round));
    follow(scenario.events(), completed);
    if (!was_killed) break;
  }
  REQUIRE(scenario.execute().exit == 0);
  follow(scenario.events(), completed);
  require_small_phase_done(scenario);
}

TEST_CASE("an attempt that outlived its engine is taken over") {
  Scenario scenario(GENERATE(Where::in_repository, Where::outside_of_git));
  scenario.plan(1, {"ok", "writes and waits door"});
  auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  const std::string run = scenario.attempts("executor", 1, 2).at(0).run;
  first->send(SIGKILL);
  first->wait();
  REQUIRE(scenario.living_agents().size() == 1);

  SECTION("while it works") {
    auto second = scenario.start_execute();
    REQUIRE(scenario.wait_for_event("attempt_adopted"));
    CHECK(scenario.living_agents().size() == 1);
    scenario.open_door("door");
    CHECK(second->wait().exit == 0);
  }
  SECTION("after it has ended") {
    scenario.open_door("door");
    REQUIRE(e2e::wait_until([&] { return scenario.living_agents().empty(); }));
    CHECK(scenario.execute().exit == 0);
  }
  SECTION("by the engine after the next one, which was killed, too") {
    auto second = scenario.start_execute();
    REQUIRE(scenario.wait_for_event("attempt_adopted"));
    second->send(SIGKILL);
    second->wait();
    CHECK(scenario.living_agents().size() == 1);
    scenario.open_door("door");
    CHECK(scenario.execute().exit == 0);
  }
  const json adopted = scenario.events("attempt_adopted").at(0);
  CHECK(adopted["task"] == 2);
  CHECK(adopted["role"] == "executor");
  CHECK(adopted["attempt"] == 1);
  CHECK(adopted["started_in"] == run);
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "done");
  // Nothing was done twice.
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("executor", 1, 2).size() == 1);
  CHECK(scenario.living_agents().empty());
  CHECK(scenario.read("half.txt") == "half\n");
  CHECK(scenario.is_task_filed(1, 2));
}

TEST_CASE("what was cut off in the folder of an attempt goes, whichever run the attempt began in") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"").plan(1, {"waits door"});
  scenario.execute_and_kill_at("waiting");
  scenario.open_door("door");
  const std::string earlier = ".konductor/runs/20260101T000000-0000/001-task-1-executor-1/";
  const std::string dead = earlier + ".konductor-2147483647-3.tmp";
  const std::string alive = earlier + ".konductor-" + std::to_string(::getpid()) + "-3.tmp";
  scenario.write(dead, "half");
  scenario.write(alive, "half");
  CHECK(scenario.execute().exit == 0);
  CHECK_FALSE(scenario.exists(dead));
  CHECK(scenario.exists(alive));
}

TEST_CASE("an attempt that ended without an engine took as long as its program ran") {
  Scenario scenario;
  scenario.plan(1, {"waits door"});
  scenario.execute_and_kill_at("waiting");
  scenario.open_door("door");
  REQUIRE(e2e::wait_until([&] { return scenario.living_agents().empty(); }));
  // As if that had been a day ago.
  const std::string run = scenario.attempts("executor", 1, 1).at(0).run;
  const std::string file = ".konductor/runs/" + run + "/001-task-1-executor-1/attempt.json";
  json record = json::parse(scenario.read(file));
  record["started_at"] = record["started_at"].get<std::int64_t>() - 24 * 3600 * 1000;
  scenario.write(file, record.dump());
  REQUIRE(scenario.execute().exit == 0);
  const json finished = scenario.events("attempt_finished").at(0);
  CHECK(finished["cause"] == "done");
  CHECK(finished["seconds"].get<double>() > 0);
  CHECK(finished["seconds"].get<double>() < 3600);
}

TEST_CASE("an attempt that outlived its engine keeps its slot and its limits") {
  Scenario scenario;
  scenario.set("roles.executor.timeout", "\"4s\"").set("execution.grace_period", "\"100ms\"");
  scenario.set("execution.max_crash_retries", "0");
  scenario.plan(1, {"ok"}).plan(2, {"waits door"});
  scenario.execute_and_kill_at("waiting");
  SECTION("without an engine") {
    REQUIRE(e2e::wait_until([&] { return scenario.living_agents().empty(); }));
  }
  SECTION("with the next one") {}
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.events("plan_started").at(1)["slot"] ==
        scenario.attempts("executor", 2, 1).at(0).slot);
  const auto finished = scenario.events("attempt_finished");
  const auto late = std::find_if(finished.begin(), finished.end(),
                                 [](const json& event) { return event["plan"] == 2; });
  REQUIRE(late != finished.end());
  CHECK((*late)["cause"] == "timed_out");
  CHECK(scenario.attempts("executor", 2, 1).size() == 1);
}

TEST_CASE("an attempt whose engine died is ended at once when that is wanted") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.plan(1, {"waits door"});
  scenario.execute_and_kill_at("waiting");
  REQUIRE(e2e::wait_until([&] { return scenario.living_agents().empty(); }));
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.events("attempt_adopted").empty());
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "interrupted");
  CHECK(scenario.attempts("executor", 1, 1).size() == 2);
}

TEST_CASE("an attempt that outlived its engine is not taken for work at an edited plan") {
  Scenario scenario;
  scenario.plan(1, {"waits door"});
  scenario.execute_and_kill_at("waiting");
  REQUIRE(scenario.living_agents().size() == 1);
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.events("attempt_adopted").empty());
  CHECK(scenario.attempts("executor", 1, 1).size() == 2);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("an attempt that outlived its engine ends with a run that does not come to it") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  Plan second;
  second.number = 2;
  second.tasks = {Task{"waits door"}};
  scenario.plan(second);
  auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  REQUIRE(scenario.wait_for_event("plan_completed"));
  first->send(SIGKILL);
  first->wait();
  REQUIRE(scenario.living_agents().size() == 1);
  CHECK(scenario.execute({"--plan", "01/001"}).exit == 0);
  CHECK(scenario.living_agents().empty());
  scenario.open_door("door");
  CHECK(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 2, 1).size() == 2);
}

TEST_CASE("an attempt that died with its engine is run again from the task's start") {
  Scenario scenario;
  scenario.plan(1, {"ok", "hang once"});
  scenario.execute_and_kill_at("hanging");
  for (const pid_t pid : scenario.living_agents())
    ::kill(pid, SIGKILL);
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  const auto again = scenario.attempts("executor", 1, 2);
  REQUIRE(again.size() == 2);
  CHECK(again[1].attempt == 2);
}

TEST_CASE("a failed task runs again with fresh limits, what is complete does not") {
  Scenario scenario;
  scenario.plan(1, {"ok", "crash 3", "ok"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(scenario.attempts("executor", 1, 2).size() == 2);
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  const auto attempts = scenario.attempts("executor", 1, 2);
  REQUIRE(attempts.size() == 4);
  for (std::size_t i = 0; i < attempts.size(); ++i)
    CHECK(attempts[i].attempt == static_cast<int>(i) + 1);
  CHECK(scenario.has_plan_file("001-summary.md"));
}

TEST_CASE("blocked tasks are listed and left alone") {
  Scenario scenario;
  scenario.plan(1, {"blocked 1"});
  REQUIRE(scenario.execute().exit == 4);
  const auto again = scenario.execute();
  REQUIRE(again.exit == 4);
  CHECK(scenario.attempts("executor").size() == 1);
  CHECK_THAT(again.err, Contains("01/001/1"));
  SECTION("--retry-blocked runs them") {
    REQUIRE(scenario.execute({"--retry-blocked"}).exit == 0);
  }
  SECTION("--retry runs that one") {
    REQUIRE(scenario.execute({"--retry", "01/001/1"}).exit == 0);
  }
  SECTION("an address may be short") {
    REQUIRE(scenario.execute({"--retry", "1/1"}).exit == 0);
  }
  CHECK(scenario.attempts("executor").size() == 2);
  CHECK(scenario.blockers().empty());
  CHECK(scenario.state("current.step") == "executed");
}

TEST_CASE("unblocking hands the task a person's words") {
  Scenario scenario;
  scenario.plan(1, {"blocked until told"});
  REQUIRE(scenario.execute().exit == 4);
  REQUIRE(scenario.run({"unblock", "01/001/1", "--context", "the key is 42"}).exit == 0);
  CHECK(scenario.blockers().empty());
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("the key is 42"));
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "context"});
}

TEST_CASE("unblocking what is not blocked is refused") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const auto ended = scenario.run({"unblock", "01/001/1", "--context", "x"});
  REQUIRE(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains("01/001/1"));
}

TEST_CASE("a task that needs a person is left alone until it is retried") {
  Scenario scenario;
  scenario.plan(1, {"spec rejects 3"});
  REQUIRE(scenario.execute().exit == 1);
  REQUIRE(scenario.execute().exit == 1);
  CHECK(scenario.attempts("executor").size() == 3);
  REQUIRE(scenario.execute({"--retry", "01/001/1"}).exit == 0);
  CHECK(scenario.is_task_filed(1, 1));
}

TEST_CASE("retrying a task that does not exist starts nothing") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute({"--retry", "01/001/7"}).exit == 2);
  CHECK(scenario.attempts().empty());
}

TEST_CASE("a task whose marker a person removed runs again") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"}).plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  fs::remove(scenario.plans() / "001-task-2-summary.md");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("executor", 1, 2).size() == 2);
  CHECK(scenario.attempts("executor", 2, 1).size() == 1);
  CHECK(scenario.is_task_filed(1, 2));
  CHECK(scenario.has_plan_file("001-summary.md"));
}

TEST_CASE("a plan's summary that a person removed is written again, and nothing runs") {
  Scenario scenario;
  make_small_phase(scenario);
  REQUIRE(scenario.execute().exit == 0);
  const auto count = scenario.attempts().size();
  fs::remove(scenario.plans() / "001-summary.md");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts().size() == count);
  require_small_phase_done(scenario);
}

TEST_CASE("when all markers are gone nothing runs and both ways out are named") {
  Scenario scenario;
  make_small_phase(scenario);
  REQUIRE(scenario.execute().exit == 0);
  const auto count = scenario.attempts().size();
  remove_markers(scenario);
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("--rebuild-markers") && Contains("--retry"));
  CHECK(scenario.attempts().size() == count);
  REQUIRE(scenario.execute({"--rebuild-markers"}).exit == 0);
  CHECK(scenario.attempts().size() == count);
  require_small_phase_done(scenario);
}

TEST_CASE("a clone without the commits of what is complete builds nothing on that") {
  Scenario scenario;
  make_small_phase(scenario);
  REQUIRE(scenario.execute({"--until-wave", "1"}).exit == 0);
  const auto count = scenario.attempts().size();
  const std::string bundle = (scenario.home() / "all.bundle").string();
  scenario.git({"bundle", "create", "-q", bundle, "--all"});
  const std::string references = scenario.git(
      {"for-each-ref", "--format=%(refname)", "refs/heads/konductor", "refs/konductor"});
  for (const std::string_view name : konductor::split(references, '\n'))
    if (!name.empty()) scenario.git({"update-ref", "-d", std::string(name)});
  scenario.git({"reflog", "expire", "--expire=now", "--all"});
  scenario.git({"gc", "-q", "--prune=now"});

  const auto refused = scenario.execute();
  REQUIRE(refused.exit == 2);
  CHECK_THAT(refused.err, Contains("01/001") && Contains("git fetch"));
  CHECK(scenario.attempts().size() == count);
  CHECK(scenario.git({"for-each-ref", "refs/heads/konductor", "refs/konductor"}).empty());

  scenario.git({"fetch", "-q", bundle, "refs/heads/konductor/*:refs/heads/konductor/*",
                "refs/konductor/*:refs/konductor/*"});
  REQUIRE(scenario.execute().exit == 0);
  require_small_phase_done(scenario);
}

TEST_CASE("when all markers are gone a named task runs, and the others keep theirs") {
  Scenario scenario;
  make_small_phase(scenario);
  REQUIRE(scenario.execute().exit == 0);
  remove_markers(scenario);
  REQUIRE(scenario.execute({"--retry", "01/002/1"}).exit == 0);
  CHECK(scenario.attempts("executor", 1).size() == 2);
  CHECK(scenario.attempts("executor", 2, 1).size() == 2);
  require_small_phase_done(scenario);
  const auto count = scenario.attempts().size();
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts().size() == count);
}

TEST_CASE("without a journal the markers tell what is complete") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).plan(2, {"crashes before door"});
  REQUIRE(scenario.execute().exit == 1);
  REQUIRE(scenario.has_plan_file("001-summary.md"));
  remove_journal(scenario);
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1).size() == 1);
  CHECK(scenario.has_plan_file("002-summary.md"));
}

TEST_CASE("without a journal a passed holistic review is not run again") {
  Scenario scenario;
  make_small_phase(scenario);
  REQUIRE(scenario.execute().exit == 0);
  const auto count = scenario.attempts().size();
  remove_journal(scenario);
  SECTION("state.toml is written anew, with the wave that was reached") {
    const auto state = scenario.konductor() / "state.toml";
    const std::string before = scenario.read(state);
    CHECK(before.find("wave = ") != std::string::npos);
    const auto wave = before.substr(before.find("wave = "), 8);
    fs::remove(state);
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.read(state).find(wave) != std::string::npos);
  }
  SECTION("nothing is left to do") {
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.attempts().size() == count);
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.attempts().size() == count);
    require_small_phase_done(scenario);
    // What runs again afterwards is reviewed again.
    REQUIRE(scenario.execute({"--retry", "01/002/1"}).exit == 0);
    CHECK(scenario.attempts("code-reviewer", 0).size() == 2);
  }
  SECTION("a task runs again, and with it the review") {
    fs::remove(scenario.plans() / "002-task-1-summary.md");
    scenario.holistic("holistic reviewer crash");
    REQUIRE(scenario.execute().exit == 4);
    // The old review says nothing of what ran since.
    CHECK_FALSE(scenario.exists(".konductor/phases/01/code-review.md"));
    CHECK(scenario.reasons("executor", 2, 1).at(1) == "execute");
    CHECK(scenario.attempts("executor", 1).size() == 2);
  }
  SECTION("the review does not pass") {
    scenario.write(scenario.konductor() / "phases/01/code-review.md", "## Verdict: fail\n");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.attempts().size() == count + 1);
    CHECK(scenario.attempts("code-reviewer", 0).size() == 2);
  }
}

TEST_CASE("a task added to a plan between runs is run") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  scenario.plan(1, {"ok", "ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("executor", 1, 2).size() == 1);
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
}

TEST_CASE("a completed task whose text changed is reported and left alone") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  Plan plan;
  Task task{"ok"};
  task.action = "something else than before";
  plan.tasks = {task};
  scenario.plan(plan);
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(scenario.attempts("executor").size() == 1);
  CHECK_THAT(ended.err, Contains("01/001/1"));
}

TEST_CASE("a half-done workspace is put back before a task goes on") {
  Scenario scenario;
  scenario.plan(1, {"ok", "crash 2"});
  REQUIRE(scenario.execute().exit == 1);
  REQUIRE(scenario.execute().exit == 0);
  const auto files = scenario.attempts("executor", 1, 2).at(2).start["files"].get<Words>();
  CHECK(std::count(files.begin(), files.end(), "p1t1.txt") == 1);
  CHECK(std::count(files.begin(), files.end(), "p1t2.txt") == 0);
}
