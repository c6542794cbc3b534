// SPDX-License-Identifier: MIT
// A machine or a project that is not as it should be: one clear error, the documented exit code,
// and nothing lost.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"
#include "support/small_disk.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::Scenario;
using konductor::test::SmallDisk;

namespace {

namespace fs = std::filesystem;

void require_clear_error(const Ended& ended, int exit) {
  REQUIRE(ended.exit == exit);
  CHECK_THAT(ended.err, Contains("konductor: error: "));
  CHECK_THAT(ended.err, !Contains("terminate called") && !Contains("std::"));
}

// Runs one statement on the project's database.
void run_sql(const Scenario& scenario, const std::string& statement) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((scenario.konductor() / "konductor.db").c_str(), &database) == SQLITE_OK);
  const int result = sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(database);
  REQUIRE(result == SQLITE_OK);
}

}  // namespace

TEST_CASE("a missing agent program is named before anything starts") {
  Scenario scenario;
  scenario.set("runtimes.fake.command", R"(["no-such-agent-anywhere"])").plan(1, {"ok"});
  const auto ended = scenario.execute();
  require_clear_error(ended, 6);
  CHECK_THAT(ended.err, Contains("no-such-agent-anywhere"));
}

TEST_CASE("a program that is there but may not be run is told so, and what to do") {
  Scenario scenario;
  scenario.write("tools/agent.sh", "#!/bin/sh\n");
  scenario.set("runtimes.fake.command", R"(["tools/agent.sh"])").plan(1, {"ok"});
  const auto ended = scenario.execute();
  require_clear_error(ended, 6);
  CHECK_THAT(ended.err, Contains("which is not executable: `chmod +x ") &&
                            Contains("tools/agent.sh`") && Contains("mend `command`"));
}

TEST_CASE("a program that is named by a path is the project's, wherever the command is typed") {
  Scenario scenario;
  scenario.write("tools/agent.sh", "#!/bin/sh\ncat >/dev/null\n");
  fs::permissions(scenario.project() / "tools/agent.sh", fs::perms::owner_all);
  scenario.write("deep/notes.txt", "notes\n");
  scenario.set("runtimes.fake.command", R"(["tools/agent.sh"])").plan(1, {"ok"});
  const e2e::json agents = scenario.run({"-C", "deep", "agents", "list", "--json"}).document();
  for (const e2e::json& agent : agents.at("agents"))
    if (agent.at("name") == "fake")
      CHECK(agent.at("program") == (scenario.project() / "tools/agent.sh").string());
  // It is started, does nothing, and that is told in words that somebody who writes one
  // understands.
  const auto ended = scenario.run({"-C", "deep", "execute", "01"});
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.err, Contains("it handed in no document: nothing is at $KONDUCTOR_OUTPUT"));
  // So it is in a project elsewhere that has these settings.
  CHECK(scenario.run({"-C", "deep", "agents", "test", "fake", "--interrupt-after", "1s"}).exit ==
        1);
}

TEST_CASE("without any installed agent the names that were looked for are told") {
  Scenario scenario;
  const fs::path programs = scenario.home() / "bin";
  fs::create_directories(programs);
  for (const std::string name : {"git", "sh"})
    fs::create_symlink(fs::exists("/usr/bin/" + name) ? "/usr/bin/" + name : "/bin/" + name,
                       programs / name);
  scenario.with_environment("PATH", programs).unset("general.default_runtime").plan(1, {"ok"});
  const auto ended = scenario.execute();
  require_clear_error(ended, 6);
  CHECK_THAT(ended.err, Contains("claude") && Contains("codex"));
}

TEST_CASE("a runtime that is not configured is a configuration error") {
  Scenario scenario;
  scenario.set("general.default_runtime", "\"fakke\"").plan(1, {"ok"});
  const auto ended = scenario.execute();
  require_clear_error(ended, 2);
  CHECK_THAT(ended.err, Contains("fakke") && Contains("fake"));
}

TEST_CASE("a .konductor that is a file is told so") {
  Scenario scenario;
  fs::remove_all(scenario.konductor());
  scenario.write(".konductor", "a file\n");
  const auto ended = scenario.run({"execute", "01"});
  require_clear_error(ended, 2);
  CHECK_THAT(ended.err, Contains(".konductor"));
}

TEST_CASE("outside of any project the way in is told") {
  Scenario scenario;
  fs::remove_all(scenario.konductor());
  const auto ended = scenario.run({"execute", "01"});
  require_clear_error(ended, 2);
  CHECK_THAT(ended.err, Contains("konductor init"));
}

TEST_CASE("a read-only project is told so, and its plans can still be checked") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const SmallDisk disk(scenario.konductor(), "size=4m");
  if (!disk.is_mounted()) {
    WARN("skipped: a file system cannot be mounted here");
    return;
  }
  disk.make_read_only();
  CHECK(scenario.run({"plan", "check", "01"}).exit == 0);
  require_clear_error(scenario.run({"execute", "01"}), 6);
  CHECK(scenario.attempts().empty());
}

TEST_CASE("a full disk stops the run, and with room again it goes on") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door", "ok"});
  const SmallDisk disk(scenario.konductor(), "size=8m");
  if (!disk.is_mounted()) {
    WARN("skipped: a file system cannot be mounted here");
    return;
  }
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  disk.fill("filler");
  scenario.open_door("door");
  const auto ended = engine->wait();
  require_clear_error(ended, 6);
  disk.make_room("filler");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.exists("p1t3.txt"));
}

TEST_CASE("a state.toml that cannot be read is told before anything starts") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.write(".konductor/state.toml", "[current\nstep = 1\n");
  const auto ended = scenario.execute({"--json"});
  REQUIRE(ended.exit == 2);
  CHECK_THAT(ended.err, Contains(".konductor/state.toml: line 1"));
  CHECK(ended.document()["run"].is_null());
  CHECK(scenario.attempts().empty());
}

TEST_CASE("an unknown setting is an error that names the nearest one") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  SECTION("in the project's file") {
    scenario.set("execution.max_wave_paralelism", "2");
    const auto ended = scenario.execute();
    require_clear_error(ended, 2);
    CHECK_THAT(ended.err, Contains("max_wave_parallelism") && Contains("config.toml"));
  }
  SECTION("on the command line") {
    const auto ended = scenario.execute({"--set", "execution.max_wave_paralelism=2"});
    require_clear_error(ended, 2);
    CHECK_THAT(ended.err, Contains("max_wave_parallelism"));
  }
  SECTION("in the environment it is somebody else's") {
    scenario.with_environment("KONDUCTOR_EXECUTION_MAX_WAVE_PARALELISM", "2");
    REQUIRE(scenario.execute().exit == 0);
    return;
  }
  CHECK(scenario.attempts().empty());
}

TEST_CASE("a bad value in the configuration is an error") {
  const auto [key, value] = GENERATE(table<std::string, std::string>({
      {"execution.max_wave_parallelism", "\"four\""},
      {"execution.max_wave_parallelism", "0"},
      {"execution.schedule", "\"whenever\""},
      {"limits.timeout", "90"},
      {"limits.timeout", "\"soon\""},
      {"features.code_review", "\"yes\""},
      {"runtimes.fake.kind", "\"magic\""},
      {"runtimes.fake.command", "[]"},
      {"roles.executer.timeout", "\"1s\""},
  }));
  CAPTURE(key, value);
  Scenario scenario;
  scenario.set(key, value).plan(1, {"ok"});
  const auto ended = scenario.execute();
  require_clear_error(ended, 2);
  CHECK(scenario.attempts().empty());
}

TEST_CASE("a configuration that is no TOML is an error with its place") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.write(".konductor/config.toml", "[execution\nschedule = \"waves\"\n");
  const auto ended = scenario.execute();
  require_clear_error(ended, 2);
  CHECK_THAT(ended.err, Contains("config.toml:1"));
}

TEST_CASE("the later source of a setting wins") {
  Scenario scenario;
  scenario.plan(1, {"crash"});
  scenario.write(scenario.home() / ".config/konductor/config.toml",
                 "[execution]\nmax_crash_retries = 0\n");
  std::size_t attempts = 1;
  std::vector<std::string> more;
  SECTION("the user's file") {}
  SECTION("the project's file") {
    scenario.set("execution.max_crash_retries", "1");
    attempts = 2;
  }
  SECTION("the environment") {
    scenario.set("execution.max_crash_retries", "1");
    scenario.with_environment("KONDUCTOR_EXECUTION_MAX_CRASH_RETRIES", "2");
    attempts = 3;
  }
  SECTION("the command line") {
    scenario.with_environment("KONDUCTOR_EXECUTION_MAX_CRASH_RETRIES", "2");
    more = {"--set", "execution.max_crash_retries=3"};
    attempts = 4;
  }
  REQUIRE(scenario.execute(more).exit == 1);
  CHECK(scenario.attempts("executor").size() == attempts);
}

TEST_CASE("a second engine is told who holds the phase") {
  Scenario scenario;
  scenario.plan(1, {"waits door"});
  scenario.write(".konductor/phases/02/plans/001.md", [] {
    e2e::Plan plan;
    plan.tasks = {e2e::Task{"ok", "`other.txt`", "`test -s other.txt`"}};
    return e2e::plan_text(plan, "02");
  }());
  auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  const auto second = scenario.run({"execute", "01"});
  require_clear_error(second, 5);
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  CHECK_THAT(second.err, Contains(std::to_string(first->pid())) && Contains(host));
  // Another phase is free.
  CHECK(scenario.run({"execute", "02"}).exit == 0);
  scenario.open_door("door");
  REQUIRE(first->wait().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 2);
}

TEST_CASE("a database of a newer program is refused and left as it is") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  run_sql(scenario, "PRAGMA user_version = 9999");
  const auto count = scenario.attempts().size();
  const auto ended = scenario.execute();
  require_clear_error(ended, 6);
  CHECK_THAT(ended.err, Contains("newer"));
  CHECK(scenario.attempts().size() == count);
  CHECK(scenario.is_task_filed(1, 1));
}

TEST_CASE("a corrupted database is told so and nothing of it is overwritten") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  for (const std::string suffix : {"-wal", "-shm"})
    fs::remove(scenario.konductor() / ("konductor.db" + suffix));
  const std::string junk(20000, 'j');
  scenario.write(".konductor/konductor.db", junk);
  const auto count = scenario.attempts().size();
  const auto ended = scenario.execute();
  require_clear_error(ended, 6);
  CHECK_THAT(ended.err, Contains("konductor.db"));
  CHECK(scenario.read(".konductor/konductor.db") == junk);
  CHECK(scenario.attempts().size() == count);
}

TEST_CASE("a git identity that is missing is told with the command that sets it") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.git({"config", "--unset", "user.name"});
  scenario.git({"config", "--unset", "user.email"});
  const auto ended = scenario.execute();
  require_clear_error(ended, 6);
  CHECK_THAT(ended.err, Contains("git config"));
  CHECK(scenario.attempts().empty());
}

TEST_CASE("a repository without a commit is a clear error or works") {
  Scenario scenario(e2e::Where::outside_of_git);
  scenario.git({"init", "-q", "-b", "main"});
  scenario.git({"config", "user.name", "Ada"});
  scenario.git({"config", "user.email", "ada@example.org"});
  scenario.plan(1, {"ok"});
  const auto ended = scenario.execute();
  if (ended.exit == 0) {
    CHECK(scenario.is_task_filed(1, 1));
  } else {
    CHECK((ended.exit == 2 || ended.exit == 6));
    CHECK_THAT(ended.err, Contains("konductor: error: "));
    CHECK(scenario.attempts().empty());
  }
}

TEST_CASE("a setup command prepares a fresh workspace, and files are copied into it") {
  Scenario scenario;
  scenario.write(".gitignore", "build/\n.env\nprepared.txt\n");
  scenario.commit_all("ignore more");
  scenario.write(".env", "KEY=1\n");
  scenario.set("workspace.setup", R"(["echo ready > prepared.txt"])");
  scenario.set("workspace.copy", R"([".env"])").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const std::string files = scenario.attempts("executor").at(0).start["files"].dump();
  CHECK_THAT(files, Contains(".env") && Contains("prepared.txt"));
}
