// SPDX-License-Identifier: MIT
// Looking on while another process executes a phase.
#include <signal.h>

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "e2e/terminal.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;
using e2e::Terminal;
using e2e::Words;

namespace {

std::vector<json> documents(const std::string& text) {
  std::vector<json> all;
  for (const std::string_view line : konductor::split_lines(text))
    all.push_back(json::parse(line));
  return all;
}

// `konductor watch`, of which it can be told when it has begun to tell.
class Watcher {
 public:
  explicit Watcher(const Scenario& scenario, const Words& more = {})
      : program_(command(more), e2e::program_environment(scenario), scenario.project(),
                 outputs_.path()) {
    REQUIRE(
        e2e::wait_until([&] { return !konductor::test::read_file(outputs_ / "stdout").empty(); }));
  }
  Ended wait() { return program_.wait(); }

 private:
  static Words command(const Words& more) {
    Words argv = {KONDUCTOR_BINARY_DIR "/konductor", "watch", "01"};
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
  }

  konductor::test::TempDir outputs_;
  e2e::Program program_;
};

Words types(const std::vector<json>& events) {
  Words all;
  for (const json& event : events)
    if (event.at("type") != "attempt_output") all.push_back(event.at("type"));
  return all;
}

}  // namespace

TEST_CASE("a second terminal sees what the first one does, and goes without ending the run") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan(1, {"ok", "says reading all of it; waits door"});
  Terminal terminal(scenario, 100, 60, {"TERM=screen-256color"});
  const int engine = terminal.run({"execute", "01"});
  terminal.require("executor: reading all of it", engine);
  const int watcher = terminal.run({"watch", "01"});
  terminal.require("executor: reading all of it", watcher);
  CHECK_THAT(terminal.screen(watcher), Contains("watching phase 01, which pid "));
  CHECK_THAT(terminal.screen(watcher), Contains("phase 01  wave 1 of 1  1/2 tasks"));
  terminal.type(watcher, "C-c");
  terminal.require("exit: 130", watcher);
  CHECK_THAT(terminal.screen(watcher), Contains("not watching any more; the run goes on"));
  CHECK_THAT(terminal.screen(engine), Contains("executor: reading all of it"));
  const int again = terminal.run({"watch"});
  terminal.require("executor: reading all of it", again);
  scenario.open_door("door");
  terminal.require("exit: 0", engine);
  terminal.require("exit: 0", again);
  CHECK_THAT(terminal.screen(again), Contains("phase 01 is complete"));
}

TEST_CASE("who watches a narrowed run sees what it is narrowed to") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan(1, {"ok"}).plan(2, {"ok", "says reading all of it; waits door"});
  Terminal terminal(scenario, 100, 60, {"TERM=screen-256color"});
  const int engine = terminal.run({"execute", "01", "--plan", "01/002"});
  terminal.require("executor: reading all of it", engine);
  const int watcher = terminal.run({"watch", "01"});
  terminal.require("executor: reading all of it", watcher);
  CHECK_THAT(terminal.screen(watcher), Contains("  1/2 tasks"));
  scenario.open_door("door");
  terminal.require("exit: 0", watcher);
}

TEST_CASE("watch without a terminal tells the run in lines, from its start to its exit code") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok", "waits door; blocked"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  Watcher watcher(scenario);
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 4);
  const Ended ended = watcher.wait();
  CHECK(ended.exit == 4);
  CHECK_THAT(ended.out, Contains("01/001/1  complete") && Contains("01/001/2  blocked"));
  CHECK_THAT(ended.out, Contains("phase 01 is blocked: 1 blocker"));
  CHECK(ended.err.empty());
}

TEST_CASE("watch --json prints the run's events, one a line, and what attempts print") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan(1, {"says reading; waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  Watcher watcher(scenario, {"--json"});
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
  const Ended ended = watcher.wait();
  CHECK(ended.exit == 0);
  const std::vector<json> seen = documents(ended.out);
  CHECK(types(seen) == types(scenario.events()));
  for (const json& event : seen)
    CHECK(event.at("schema_version").is_number_integer());
  // Afterwards nobody prints, and all else is told again.
  const Ended later = scenario.run({"watch", "01", "--json"});
  CHECK(later.exit == 0);
  CHECK(types(documents(later.out)) == types(scenario.events()));
}

TEST_CASE("where no engine runs, watch says so and how the last run ended") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"crash"});
  scenario.set("execution.max_crash_retries", "0");
  SECTION("never executed") {
    const Ended ended = scenario.run({"watch", "01"});
    CHECK(ended.exit == 1);
    CHECK_THAT(ended.err, Contains("no engine runs phase \"01\"") &&
                              Contains("start it with `konductor execute 01`"));
    const Ended told = scenario.run({"watch", "01", "--json"});
    CHECK(told.exit == 1);
    CHECK(documents(told.out).at(0).at("command") == "watch");
    CHECK(documents(told.out).at(0).at("exit") == 1);
  }
  SECTION("ended") {
    REQUIRE(scenario.execute().exit == 1);
    const Ended ended = scenario.run({"watch"});
    CHECK(ended.exit == 1);
    CHECK_THAT(ended.out, Contains("no engine runs phase 01 now") && Contains("1 failed"));
  }
  SECTION("narrowed to a plan") {
    scenario.plan(1, {"ok"}).plan(2, {"ok"});
    REQUIRE(scenario.execute({"--plan", "01/002"}).exit == 0);
    CHECK_THAT(scenario.run({"watch"}).out, Contains("plan 01/002 is complete"));
    CHECK(scenario.events("run_started").at(0).at("scope_plan") == 2);
  }
  SECTION("cut off") {
    scenario.plan(1, {"waits door"});
    scenario.set("execution.on_engine_death", "\"stop\"");
    scenario.execute_and_kill_at("waiting");
    const Ended ended = scenario.run({"watch"});
    CHECK(ended.exit == 1);
    CHECK_THAT(ended.err, Contains("its last run was cut off"));
  }
  SECTION("no such phase") {
    CHECK(scenario.run({"watch", "77"}).exit == 2);
  }
}

TEST_CASE("watch says that the engine is gone") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"waits door"});
  scenario.set("execution.on_engine_death", "\"stop\"");
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  Watcher watcher(scenario, {"--json"});
  engine->send(SIGKILL);
  engine->wait();
  const Ended ended = watcher.wait();
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.err, Contains("go on with `konductor execute 01`"));
}
