// SPDX-License-Identifier: MIT
// A machine that breaks while the program works: system calls fail, the clock is set, the database
// is held or damaged. Each ends with one clear error and the documented exit code, and the run goes
// on when the machine is well again.
#include <signal.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>

#include "e2e/aftermath.hpp"
#include "e2e/fault_point.hpp"
#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::break_calls;
using e2e::Ended;
using e2e::Fault;
using e2e::mend_calls;
using e2e::Scenario;
using e2e::Task;

namespace {

namespace fs = std::filesystem;

constexpr int kEnvironment = 6;
constexpr long kDay = 24L * 60 * 60;

void make_phase(Scenario& scenario) {
  scenario.plans_in_waves({{Task{"ok"}, Task{"ok"}}, {Task{"ok"}}});
  scenario.set("roles.code-reviewer.enabled", "false");
}

void require_phase_done(const Scenario& scenario) {
  CHECK(e2e::repeated_tasks(scenario) == "");
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK(scenario.read("p2t1.txt") == "plan 2 task 1\n");
  CHECK(scenario.is_task_filed(2, 1));
  CHECK(scenario.state("current.step") == "executed");
  CHECK(scenario.count_worktrees() == 1);
  CHECK(scenario.living_agents().empty());
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling", "--no-progress"}).empty());
}

// One clear error that names what the system said.
void check_error(const Ended& ended, const std::string& reason) {
  CHECK(ended.exit == kEnvironment);
  CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains(reason));
  CHECK_THAT(ended.err, !Contains("terminate called") && !Contains("std::"));
}

// Either nothing of it was needed and the phase is done, or the run ended as it should; with
// the machine well again it goes on. Returns whether it had failed.
bool run_and_mend(Scenario& scenario, const std::string& reason) {
  const Ended ended = scenario.execute();
  const std::string last = e2e::last_fault(scenario);
  mend_calls(scenario);
  CAPTURE(last, ended.exit, ended.err);
  if (ended.exit != 0) check_error(ended, reason);
  const Ended again = scenario.execute();
  CAPTURE(again.err);
  REQUIRE(again.exit == 0);
  require_phase_done(scenario);
  return ended.exit != 0;
}

// How many such calls an undisturbed run makes.
long count_calls(const std::string& call, const std::string& path) {
  Scenario scenario;
  make_phase(scenario);
  break_calls(scenario, Fault{call, 0, path, 0});
  REQUIRE(scenario.execute().exit == 0);
  const std::string last = e2e::last_fault(scenario);
  return last.empty() ? 0 : std::stol(last);
}

// Lets calls fail at about `tries` places of a run, spread over all of them.
int break_everywhere(const Fault& fault, int tries, const std::string& reason) {
  const long calls = count_calls(fault.call, fault.path);
  const long stride = std::max<long>(1, calls / tries);
  int failures = 0;
  for (long at = 1; at <= calls; at += stride) {
    Scenario scenario;
    make_phase(scenario);
    Fault here = fault;
    here.at = at;
    break_calls(scenario, here);
    CAPTURE(fault.call, fault.path, fault.count, at);
    if (run_and_mend(scenario, reason)) ++failures;
  }
  return failures;
}

std::string damaged_database(const Scenario& scenario) {
  return (scenario.konductor() / "konductor.db").native();
}

// The files of the journal, aside, as the message asks for.
void move_journal_away(const Scenario& scenario) {
  for (const std::string suffix : {"", "-wal", "-shm"}) {
    const std::string path = damaged_database(scenario) + suffix;
    if (fs::exists(path)) fs::rename(path, path + ".away");
  }
}

// Somebody else's program on the journal.
class OtherProgram {
 public:
  explicit OtherProgram(const Scenario& scenario) {
    REQUIRE(sqlite3_open(damaged_database(scenario).c_str(), &database_) == SQLITE_OK);
  }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;
  ~OtherProgram() { sqlite3_close(database_); }

  void run(const char* sql) {
    REQUIRE(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }

 private:
  sqlite3* database_ = nullptr;
};

// What is at work there may make a file meanwhile.
void remove_whole(const fs::path& path) {
  REQUIRE(e2e::wait_until([&path] {
    std::error_code ignored;
    fs::remove_all(path, ignored);
    return !fs::exists(path);
  }));
}

}  // namespace

// --- Disks ---

TEST_CASE("a disk that fails the journal's writes stops the run, which goes on later") {
  const long count = GENERATE(0, 1);
  CHECK(break_everywhere({"write", EIO, "konductor.db-wal", 1, count}, 8, "check the disk") > 0);
}

TEST_CASE("a journal on a disk that turned read-only stops the run, which goes on later") {
  CHECK(break_everywhere({"write", EROFS, "konductor.db-wal"}, 4, "konductor.db") > 0);
}

TEST_CASE("a disk that fails writes anywhere stops the run, which goes on later") {
  const std::string path =
      GENERATE(as<std::string>(), "/.git/", "/.konductor/phases/", "/state.toml", "/runs/");
  const std::string call = GENERATE(as<std::string>(), "write", "rename", "open");
  break_everywhere({call, EIO, path}, 3, "Input/output error");
}

TEST_CASE("one write that fails anywhere stops the run, which goes on later") {
  const std::string call = GENERATE(as<std::string>(), "write", "rename", "open");
  CHECK(break_everywhere({call, EIO, "", 1, 1}, 8, "rror") > 0);
}

TEST_CASE("a file system that turns read-only stops the run, which goes on later") {
  CHECK(break_everywhere({"open", EROFS, "/project/"}, 6, "ead-only file system") > 0);
}

// --- Limits of the system ---

TEST_CASE("too few file descriptors are told, and with enough the run goes on") {
  int failures = 0;
  for (int limit = 10; limit <= 50; limit += 5) {
    Scenario scenario;
    make_phase(scenario);
    scenario.behind({"sh", "-c", "ulimit -n " + std::to_string(limit) + "; exec \"$@\"", "sh"});
    const Ended ended = scenario.execute();
    CAPTURE(limit, ended.err);
    if (ended.exit != 0) {
      ++failures;
      check_error(ended, "");
    }
    scenario.behind({});
    REQUIRE(scenario.execute().exit == 0);
    require_phase_done(scenario);
  }
  CHECK(failures > 0);
}

TEST_CASE("a machine without room for a process is told, and with room the run goes on") {
  const int error = GENERATE(EAGAIN, ENOMEM);
  const long count = GENERATE(0, 1);
  CHECK(break_everywhere({"spawn", error, "", 1, count}, 4, "") > 0);
}

// --- Clocks ---

TEST_CASE("a clock that is set while a run is at work changes nothing of it") {
  const long jump = GENERATE(-400 * kDay, 400 * kDay, -1, 1);
  const long at = GENERATE(2, 9, 40);
  const long count = GENERATE(0, 7);
  CAPTURE(jump, at, count);
  Scenario scenario;
  scenario.plan(1, {"crash once", "ok"});
  break_calls(scenario, Fault{"clock", jump, "", at, count});
  const Ended ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(ended.seconds < 60);
  mend_calls(scenario);
  for (const e2e::json& event : scenario.events("attempt_finished")) {
    CHECK(event["seconds"].get<double>() >= 0);
    CHECK(event["seconds"].get<double>() < 60);
  }
  // What was recorded with the other time is no obstacle.
  REQUIRE(scenario.execute().exit == 0);
  CHECK(e2e::repeated_tasks(scenario) == "");
  CHECK(scenario.run({"status", "01"}).exit == 0);
}

TEST_CASE("a clock that is set moves no time limit") {
  const long jump = GENERATE(-kDay, kDay);
  Scenario scenario;
  scenario.set("roles.executor.timeout", "\"1s\"").set("execution.grace_period", "\"100ms\"");
  scenario.plan(1, {"hang once"});
  break_calls(scenario, Fault{"clock", jump, "", 12});
  const Ended ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(ended.seconds < 30);
  const e2e::json first = scenario.events("attempt_finished").at(0);
  CHECK(first["cause"] == "timed_out");
  CHECK(first["seconds"].get<double>() >= 1);
  CHECK(first["seconds"].get<double>() < 20);
}

TEST_CASE("a clock that is set forward does not end the attempt that is taken over") {
  Scenario scenario;
  scenario.set("roles.executor.timeout", "\"1h\"");
  scenario.plan(1, {"waits door"});
  scenario.execute_and_kill_at("waiting");
  break_calls(scenario, Fault{"clock", kDay});
  const auto second = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("attempt_adopted"));
  scenario.open_door("door");
  REQUIRE(second->wait().exit == 0);
  const e2e::json ended = scenario.events("attempt_finished").at(0);
  CHECK(ended["cause"] == "done");
  CHECK(ended["seconds"].get<double>() < 60);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
}

// --- Databases ---

TEST_CASE("a journal that another program holds is told, and free again the run goes on") {
  Scenario scenario;
  scenario.plan(1, {"crashes before door", "ok"});
  REQUIRE(scenario.execute().exit == 1);
  const char* lock = GENERATE("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE");
  {
    OtherProgram other(scenario);
    other.run(lock);
    // The wait of half a minute is over at once.
    break_calls(scenario, Fault{"sleep"});
    check_error(scenario.execute(), "has been locked by another program");
    mend_calls(scenario);
    other.run("ROLLBACK");
  }
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(e2e::repeated_tasks(scenario) == "");
}

TEST_CASE("a journal that another program takes while a run is at work stops it") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door"});
  break_calls(scenario, Fault{"sleep"});
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  mend_calls(scenario);
  {
    OtherProgram other(scenario);
    other.run("BEGIN IMMEDIATE");
    scenario.open_door("door");
    check_error(engine->wait(), "has been locked by another program");
    other.run("ROLLBACK");
  }
  REQUIRE(scenario.execute().exit == 0);
  CHECK(e2e::repeated_tasks(scenario) == "");
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.is_task_filed(1, 2));
}

TEST_CASE("a damaged journal is told, and moved away it is rebuilt from the files") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).plan(2, {"crashes before door"});
  REQUIRE(scenario.execute().exit == 1);
  const fs::path path = damaged_database(scenario);
  const auto size = static_cast<std::streamoff>(fs::file_size(path));
  REQUIRE(size >= 4 * 4096);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  SECTION("in its header") {
    file.write("not a database, not at all", 26);
  }
  SECTION("cut in half") {
    fs::resize_file(path, static_cast<std::uintmax_t>(size) / 2);
  }
  SECTION("in a page in the middle") {
    // The events' page, whatever its number: all but the first are flipped.
    for (std::streamoff at = 4096; at < size; at += 4096) {
      file.seekp(at);
      file.write(std::string(512, '\xa5').c_str(), 512);
    }
  }
  file.close();
  const std::string damaged = scenario.read(".konductor/konductor.db");
  const std::size_t attempts = scenario.attempts().size();
  check_error(scenario.execute(), "konductor.db");
  check_error(scenario.execute(), "move");
  CHECK(scenario.attempts().size() == attempts);
  CHECK(scenario.read(".konductor/konductor.db") == damaged);
  move_journal_away(scenario);
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1).size() == 1);
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.has_plan_file("002-summary.md"));
}

TEST_CASE("a write-ahead log that lost its end or holds garbage is no obstacle") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.plan(1, {"ok", "waits door"});
  scenario.execute_and_kill_at("waiting");
  const fs::path log = damaged_database(scenario) + "-wal";
  const auto size = fs::file_size(log);
  REQUIRE(size > 8192);
  SECTION("a torn last frame") {
    fs::resize_file(log, size - 1000);
  }
  SECTION("half of it") {
    fs::resize_file(log, size / 2);
  }
  SECTION("garbage at the end") {
    std::fstream file(log, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(size) - 6000);
    file << std::string(6000, '\xa5');
  }
  scenario.open_door("door");
  const Ended ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.is_task_filed(1, 2));
  CHECK(scenario.state("current.step") == "executed");
}

// --- What somebody takes away ---

TEST_CASE("a repository that is deleted underneath a run is told") {
  Scenario scenario;
  scenario.plan(1, {"waits door", "ok"});
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  SECTION("its git directory") {
    fs::remove_all(scenario.project() / ".git");
  }
  SECTION("the whole project") {
    remove_whole(scenario.project());
    fs::create_directories(scenario.project());
  }
  scenario.open_door("door");
  check_error(engine->wait(), "");
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("a work tree that is deleted during an attempt costs that attempt alone") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door"});
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  fs::remove_all(scenario.attempts("executor", 1, 2).at(0).cwd);
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("executor", 1, 2).size() == 2);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK(scenario.count_worktrees() == 1);
}

TEST_CASE("run folders that are deleted during an attempt lose its logs, not its work") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door", "ok"});
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  remove_whole(scenario.konductor() / "runs");
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK(scenario.read("p1t3.txt") == "plan 1 task 3\n");
}

TEST_CASE("run folders that are deleted after a kill cost the attempt in flight") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.plan(1, {"ok", "waits door"});
  scenario.execute_and_kill_at("waiting");
  remove_whole(scenario.konductor() / "runs");
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("executor", 1, 2).size() == 2);
}

TEST_CASE("a plan that is edited while it runs is run as it began, and that is told") {
  Scenario scenario;
  scenario.plan(1, {"waits door", "ok"});
  const std::string before = scenario.plan_file("001.md");
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  std::string after = before;
  after.replace(after.find("action-of-1-2"), 13, "another-action");
  scenario.write(scenario.plans() / "001.md", after);
  scenario.open_door("door");
  const Ended ended = engine->wait();
  REQUIRE(ended.exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-2-1"), Contains("action-of-1-2"));
  if (scenario.plan_file("001.md") == before) {
    // Where the kernel keeps nobody from writing there it may have been the agent.
    CHECK_THAT(ended.err, Contains("put back"));
    WARN("skipped: attempts are not confined here");
    return;
  }
  CHECK(scenario.plan_file("001.md") == after);
  CHECK_THAT(ended.err, Contains("plan 01/001 was edited while this run was at work"));
  CHECK(scenario.attempts("executor").size() == 2);
}
