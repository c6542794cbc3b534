// SPDX-License-Identifier: MIT
// An engine is suspended anywhere, another one takes the phase over and finishes it. When the first
// one wakes up it changes nothing any more: not a reference, not a file, not an event.
#include <signal.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "e2e/aftermath.hpp"
#include "e2e/kill_point.hpp"
#include "e2e/scenario.hpp"
#include "support/in_memory.hpp"

using Catch::Matchers::Contains;
using e2e::Aftermath;
using e2e::Ended;
using e2e::Program;
using e2e::Scenario;
using e2e::Task;

namespace {

namespace fs = std::filesystem;

constexpr int kFenced = 5;

// Two tasks in two waves, so that there is a merge, a delivery and reviews.
void make_phase(Scenario& scenario) {
  scenario.plans_in_waves({{Task{"drafts"}}, {Task{"drafts"}}});
  scenario.set("roles.code-reviewer.enabled", "false");
}

std::string journal_of(const Scenario& scenario) {
  sqlite3* database = nullptr;
  const std::string path = scenario.konductor() / "konductor.db";
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  std::string text;
  const auto add = [](void* all, int count, char** values, char**) {
    for (int i = 0; i < count; ++i)
      *static_cast<std::string*>(all) += std::string(values[i] == nullptr ? "" : values[i]) + "|";
    *static_cast<std::string*>(all) += "\n";
    return 0;
  };
  const char* sql =
      "SELECT seq, run, type, body FROM event; SELECT id, name FROM document; SELECT * FROM fence";
  const int result = sqlite3_exec(database, sql, add, &text, nullptr);
  sqlite3_close(database);
  REQUIRE(result == SQLITE_OK);
  return text;
}

// All that an engine can change, to the byte.
Aftermath look(const Scenario& scenario) {
  Aftermath found = e2e::aftermath_of(scenario);
  // The database's side files go with the last program that has it open.
  found["git: status"] = scenario.git({"status", "--porcelain", "--branch"});
  found["references"] = scenario.git({"for-each-ref", "--format=%(refname) %(objectname)"});
  found["journal"] = journal_of(scenario);
  for (const auto& entry : fs::recursive_directory_iterator(scenario.konductor() / "phases"))
    if (entry.is_regular_file())
      found["bytes of " + entry.path().string()] = scenario.read(entry.path());
  found["bytes of state.toml"] = scenario.read(".konductor/state.toml");
  return found;
}

bool is_stopped(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  return text.find(") T ") != std::string::npos;
}

// True when it is stopped, false when it came to its end before.
bool wait_for_stop(Program& engine) {
  REQUIRE(e2e::wait_until([&] { return is_stopped(engine.pid()) || !engine.is_running(); }));
  return engine.is_running();
}

// The other engine finishes the phase, and the first one is woken.
void require_nothing_changes(Scenario& scenario, Program& first) {
  // Whoever holds it has written its name there.
  const bool has_phase = !scenario.read(".konductor/konductor.db-01.lock").empty();
  const Ended second = scenario.execute({"--take-over"});
  REQUIRE(second.exit == 0);
  CHECK(e2e::repeated_tasks(scenario) == "");
  const Aftermath before = look(scenario);
  first.send(SIGCONT);
  const Ended woken = first.wait();
  // It had not come to the phase yet, or had recorded its own end: what it finds is all done.
  const std::string& journal = before.at("journal");
  const bool has_ended = journal.find("|run_finished|") != journal.rfind("|run_finished|");
  if (!has_phase || (has_ended && woken.exit == 0)) {
    CHECK((woken.exit == 0 || woken.exit == kFenced));
    CHECK(e2e::repeated_tasks(scenario) == "");
    CHECK(scenario.count_worktrees() == 1);
    return;
  }
  if (woken.exit == -SIGKILL) {
    CHECK_THAT(second.err, Contains("was suspended in the middle of a change, and was ended"));
  } else {
    CHECK(woken.exit == kFenced);
    CHECK_THAT(woken.err, Contains("konductor: error: ") && Contains("another engine took over"));
  }
  CHECK(e2e::difference(before, look(scenario)) == "");
}

// Stops at every `stride`-th point, from the `first`-th on, until a run has none there.
void stop_everywhere(const std::string& points, long first, long stride) {
  const konductor::test::InMemory in_memory;
  long stops = 0;
  for (long at = first;; at += stride) {
    Scenario scenario;
    make_phase(scenario);
    e2e::arm_to_stop(scenario, points, at);
    const auto engine = scenario.start_execute();
    e2e::disarm(scenario);
    if (!wait_for_stop(*engine)) break;
    ++stops;
    const std::string point = e2e::last_point(scenario);
    CAPTURE(point);
    require_nothing_changes(scenario, *engine);
  }
  CHECK(stops > 5);
}

}  // namespace

TEST_CASE("an engine that was suspended at a commit changes nothing when it wakes up") {
  stop_everywhere("commits", 1, 3);
}

TEST_CASE("an engine that was suspended anywhere changes nothing when it wakes up") {
  stop_everywhere("calls", 5, 61);
}

TEMPLATE_TEST_CASE_SIG("an engine suspended at any call changes nothing when it wakes up",
                       "[calls]", ((int shard), shard), 0, 1, 2, 3, 4, 5, 6, 7) {
  stop_everywhere("calls", 1 + shard, 8);
}

TEST_CASE("the attempt of an engine that is suspended is taken over and outlives its waking") {
  Scenario scenario;
  scenario.plan(1, {"waits door"});
  const auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  first->send(SIGSTOP);
  REQUIRE(wait_for_stop(*first));
  const auto second = scenario.start_execute({"--take-over"});
  REQUIRE(scenario.wait_for_event("attempt_adopted"));
  // It notices at once, and leaves the attempt to its new engine.
  first->send(SIGCONT);
  const Ended woken = first->wait();
  CHECK(woken.exit == kFenced);
  CHECK_THAT(woken.err, Contains("another engine took over"));
  CHECK(scenario.living_agents().size() == 1);
  scenario.open_door("door");
  REQUIRE(second->wait().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "done");
  CHECK(scenario.is_task_filed(1, 1));
}

TEST_CASE("an engine that wakes up after the phase was finished without it says so") {
  Scenario scenario;
  scenario.plan(1, {"waits door", "ok"});
  const auto first = scenario.start_execute({"--json"});
  REQUIRE(scenario.wait_for_log("waiting"));
  first->send(SIGSTOP);
  REQUIRE(wait_for_stop(*first));
  // Without --take-over it is told who holds the phase.
  const Ended refused = scenario.execute();
  CHECK(refused.exit == kFenced);
  CHECK_THAT(refused.err, Contains(std::to_string(first->pid())) && Contains("--take-over"));
  scenario.open_door("door");
  const Ended second = scenario.execute({"--take-over"});
  REQUIRE(second.exit == 0);
  const Aftermath before = look(scenario);
  first->send(SIGCONT);
  const Ended woken = first->wait();
  CHECK(woken.exit == kFenced);
  CHECK(woken.document()["exit"] == kFenced);
  CHECK_THAT(woken.err, Contains("another engine took over"));
  CHECK(e2e::difference(before, look(scenario)) == "");
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
}

TEST_CASE("an attempt that ends with its engine is begun anew by the one that takes over") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.plan(1, {"waits door"});
  const auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  first->send(SIGSTOP);
  REQUIRE(wait_for_stop(*first));
  const auto second = scenario.start_execute({"--take-over"});
  REQUIRE(scenario.wait_for_log("waiting", 2));
  first->send(SIGCONT);
  CHECK(first->wait().exit == kFenced);
  CHECK(scenario.living_agents().size() == 1);
  scenario.open_door("door");
  REQUIRE(second->wait().exit == 0);
  CHECK(scenario.events("attempt_adopted").empty());
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "interrupted");
}
