// SPDX-License-Identifier: MIT
// Many tasks, agents that fail at random and engines that are killed at random: in the end every
// task was completed exactly once, and the machine is as it was before.
#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "e2e/aftermath.hpp"
#include "e2e/kill_point.hpp"
#include "e2e/scenario.hpp"
#include "support/in_memory.hpp"

using e2e::Ended;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;

namespace {

namespace fs = std::filesystem;

constexpr int kTasksPerPlan = 20;
constexpr int kPlansPerWave = 10;
// What an attempt may fail at before the one that succeeds.
const std::vector<std::string> kFailures = {"crash once", "dies by signal once", "no summary once",
                                            "unknown status once", "writes and crashes once"};

constexpr int kFailed = 1;

struct Size {
  int tasks = 0;
  int crashes = 0;
};

std::string text_of(const fs::path& path) {
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void make_phase(Scenario& scenario, const Size& size, std::mt19937& random) {
  const int plans = (size.tasks + kTasksPerPlan - 1) / kTasksPerPlan;
  for (int number = 1; number <= plans; ++number) {
    Plan plan;
    plan.number = number;
    plan.wave = 1 + (number - 1) / kPlansPerWave;
    if (plan.wave > 1) plan.depends_on = {number - kPlansPerWave};
    for (int task = 0; task < kTasksPerPlan; ++task) {
      // Seldom enough that three in a row, which end a run, are rare.
      const bool fails = random() % 20 == 0;
      plan.tasks.push_back(Task{fails ? kFailures[random() % kFailures.size()] : "ok"});
    }
    scenario.plan(plan);
  }
  scenario.set("features.code_review", "false");
  scenario.set("execution.max_wave_parallelism", "4");
  // A broken agent would be suspected, and here there are many.
  scenario.set("execution.max_crash_retries", "2");
}

// Rows of the journal that a statement counts.
long count_rows(const Scenario& scenario, const std::string& sql) {
  sqlite3* database = nullptr;
  const std::string path = scenario.konductor() / "konductor.db";
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  long count = -1;
  const auto read = [](void* place, int, char** values, char**) {
    *static_cast<long*>(place) = std::atol(values[0]);
    return 0;
  };
  const int result = sqlite3_exec(database, sql.c_str(), read, &count, nullptr);
  sqlite3_close(database);
  REQUIRE(result == SQLITE_OK);
  return count;
}

// What a living engine holds.
struct Holdings {
  long descriptors = 0;
  long memory_kib = 0;  // Of its own: files that it has mapped are the kernel's to keep or drop.
};

Holdings holdings_of(pid_t pid) {
  Holdings found;
  const fs::path place = "/proc/" + std::to_string(pid);
  std::error_code gone;
  for (fs::directory_iterator it(place / "fd", gone), end; !gone && it != end; it.increment(gone))
    ++found.descriptors;
  const std::string status = text_of(place / "status");
  const auto at = status.find("RssAnon:");
  if (at != std::string::npos) found.memory_kib = std::atol(status.c_str() + at + 8);
  return found;
}

std::size_t count_entries(const fs::path& directory) {
  std::error_code error;
  std::size_t count = 0;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    ++count;
  return count;
}

// Of its own runs: others may be at work beside it.
std::size_t count_control_groups(const Scenario& scenario) {
  std::size_t count = 0;
  for (const auto& run : scenario.events("run_started")) {
    const std::string cgroup = run.value("cgroup", "");
    if (!cgroup.empty() && fs::exists(cgroup)) ++count;
  }
  return count;
}

std::string supervisors_in(const fs::path& project) {
  std::string found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string words = text_of(entry.path() / "cmdline");
    if (words.find("konductor-supervisor") != std::string::npos &&
        words.find(project.native()) != std::string::npos)
      found += name + " ";
  }
  return found;
}

long completed_tasks(const Scenario& scenario) {
  return count_rows(scenario, "SELECT count(*) FROM event WHERE type='task_completed'");
}

// Runs until nothing is left to do, or until a row of failures ends the run; meanwhile the engine's
// holdings are looked at, early and as late as can be. Returns the exit code.
int run_on(Scenario& scenario, long tasks) {
  const long done = completed_tasks(scenario);
  const auto engine = scenario.start_execute();
  Holdings early;
  Holdings late;
  const auto look = [&] {
    const Holdings now = holdings_of(engine->pid());
    if (now.memory_kib != 0) late = now;
  };
  REQUIRE(scenario.wait_for_event("plan_started"));
  look();
  early = late;
  REQUIRE(e2e::wait_until(
      [&] {
        if (!engine->is_running()) return true;
        look();
        return false;
      },
      600));
  const int exit = engine->wait().exit;
  REQUIRE((exit == 0 || exit == kFailed));
  std::printf(
      "soak: an engine with %ld tasks to do, with %ld descriptors at first and %ld at last, "
      "%ld KiB and %ld KiB of memory\n",
      tasks - done, early.descriptors, late.descriptors, early.memory_kib, late.memory_kib);
  // Four attempts at once hold a few; they do not grow with the tasks.
  constexpr long kDescriptorsOfAttempts = 40;
  constexpr long kKibibytesMore = 32L * 1024;
  CHECK(late.descriptors <= early.descriptors + kDescriptorsOfAttempts);
  CHECK(late.memory_kib <= early.memory_kib + kKibibytesMore);
  return exit;
}

// Kills engines at points that `random` chooses, so far apart that they spread over three quarters
// of the phase, by the points that its tasks took so far.
int crash_engines(Scenario& scenario, const Size& size, std::mt19937& random) {
  long points_per_task = 60;
  long points = 0;
  long done = 0;
  int crashes = 0;
  while (crashes < size.crashes) {
    const long left = std::max(1L, size.tasks * 3L / 4 - done);
    const long mean = points_per_task * left / (size.crashes - crashes);
    const long at = 1 + static_cast<long>(random() % static_cast<unsigned long>(2 * mean + 1));
    e2e::arm(scenario, "all", at);
    const Ended ended = scenario.execute();
    e2e::disarm(scenario);
    points += std::atol(e2e::last_point(scenario).c_str());
    done = completed_tasks(scenario);
    if (done > 0) points_per_task = std::max(1L, points / done);
    if (ended.exit == -SIGKILL) ++crashes;
    if (ended.exit == 0) break;
    // Three tasks in a row that failed look like a broken agent: the run ends, and the next goes
    // on.
    if (ended.exit != -SIGKILL) REQUIRE(ended.exit == kFailed);
  }
  return crashes;
}

unsigned number_or(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

void soak(const Size& size, unsigned usual_seed) {
  const unsigned seed = number_or("SOAK_SEED", usual_seed);
  std::mt19937 random(seed);
  CAPTURE(seed);
  const konductor::test::InMemory in_memory;
  const auto began = std::chrono::steady_clock::now();
  Scenario scenario;
  make_phase(scenario, size, random);
  const int crashes = crash_engines(scenario, size, random);
  CHECK(crashes == size.crashes);
  constexpr int kRunsMax = 100;
  for (int runs = 1; run_on(scenario, size.tasks) != 0; ++runs)
    REQUIRE(runs < kRunsMax);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const std::size_t attempts = e2e::count_attempts(scenario);
  std::printf(
      "soak: %d tasks, %d crashes, %zu attempts, %ld of them taken over, %.1f s (seed %u)\n",
      size.tasks, crashes, attempts,
      count_rows(scenario, "SELECT count(*) FROM event WHERE type='attempt_adopted'"), took.count(),
      seed);

  // Every task exactly once.
  CHECK(e2e::repeated_tasks(scenario) == "");
  CHECK(completed_tasks(scenario) == size.tasks);
  CHECK(count_rows(scenario,
                   "SELECT count(*) FROM (SELECT DISTINCT plan, task FROM event "
                   "WHERE type='task_completed')") == size.tasks);
  std::istringstream subjects(scenario.git({"log", "--no-merges", "--format=%s", "main"}));
  std::map<std::string, int> commits;
  for (std::string line; std::getline(subjects, line);)
    if (line.rfind("feat(", 0) == 0) ++commits["feat"];
  CHECK(commits["feat"] == size.tasks);
  for (int plan = 1; plan <= size.tasks / kTasksPerPlan; ++plan)
    for (int task = 1; task <= kTasksPerPlan; ++task) {
      const std::string wanted =
          "plan " + std::to_string(plan) + " task " + std::to_string(task) + "\n";
      if (scenario.read(e2e::own_file(plan, task)) != wanted)
        FAIL_CHECK("the work of " << wanted << " is not there");
    }

  // The machine as it was.
  CHECK(scenario.living_agents().empty());
  CHECK(supervisors_in(scenario.project()).empty());
  CHECK(scenario.count_worktrees() == 1);
  CHECK(count_entries(scenario.konductor() / "worktrees") == 0);
  CHECK(count_entries(scenario.home() / "../tmp") == 0);
  CHECK(e2e::aftermath_of(scenario).at("temporary files") == "");
  CHECK(count_control_groups(scenario) == 0);
}

}  // namespace

TEST_CASE("a hundred tasks with six crashes of the engine are done exactly once") {
  soak({100, 6}, 20261122);
}

TEST_CASE("two thousand tasks with forty crashes of the engine are done exactly once", "[soak]") {
  soak({static_cast<int>(number_or("SOAK_TASKS", 2000)),
        static_cast<int>(number_or("SOAK_CRASHES", 40))},
       std::random_device()());
}
