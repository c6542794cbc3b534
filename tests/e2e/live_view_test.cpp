// SPDX-License-Identifier: MIT
// What a person at a terminal sees while a phase is executed.
#include <signal.h>

#include <catch2/catch.hpp>

#include "cli/display_text.hpp"
#include "e2e/terminal.hpp"

using Catch::Matchers::Contains;
using e2e::Scenario;
using e2e::Terminal;
using e2e::Words;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

void prepare(Scenario& scenario) {
  scenario.set("features.code_review", "false");
}

void require_log(const Scenario& scenario, const std::string& what) {
  REQUIRE(e2e::wait_until([&] { return !scenario.log(what).empty(); }));
}

const Words kColours = {"TERM=screen-256color"};

}  // namespace

TEST_CASE("a terminal shows what runs, and what is over scrolls away above it") {
  Scenario scenario;
  prepare(scenario);
  scenario.plan(1, {"ok", "says reading all of it; waits door"});
  scenario.plan(2, {"says it too; waits other"});
  Terminal terminal(scenario, 100, 30, kColours);
  terminal.run({"execute", "01"});
  terminal.require("executor: reading all of it");
  terminal.require("1/3 tasks");
  const std::string seen = terminal.screen();
  CHECK_THAT(seen, Contains("01/001/1  complete  ok (1 attempt, 00:0"));
  CHECK_THAT(seen, Contains("phase 01  wave 1 of 1  1/3 tasks  00:0"));
  CHECK_THAT(seen, Contains("01/001/2  says reading"));
  CHECK_THAT(seen, Contains("01/002/1  says"));
  // The clock goes on although nothing happens.
  terminal.require(0, [](const std::string& now) {
    return now.find("1/3 tasks  00:02") != std::string::npos ||
           now.find("1/3 tasks  00:03") != std::string::npos;
  });
  scenario.open_door("other");
  terminal.require("01/002/1  complete");
  terminal.require("2/3 tasks");
  scenario.open_door("door");
  terminal.require("exit: 0");
  const std::string end = terminal.screen();
  CHECK_THAT(end, Contains("phase 01 is complete"));
  CHECK_THAT(end, Contains("01/001/2  complete"));
  // Nothing is left of the view.
  CHECK_THAT(end, !Contains("tasks  0"));
  CHECK_THAT(end, !Contains("executor: reading"));
}

TEST_CASE("a line shows what the agent's stream tells, and what its plan used") {
  Scenario scenario;
  prepare(scenario);
  scenario.set("runtimes.fake.dialect", "\"claude\"");
  scenario.plan(
      1, {R"(says {"type":"result","subtype":"success","is_error":false,"total_cost_usd":0.25,)"
          R"("usage":{"input_tokens":900,"output_tokens":334}})",
          R"(says {"type":"assistant","message":{"content":[{"type":"tool_use","id":"t",)"
          R"("name":"Edit","input":{"file_path":"src/help.c"}}]}}; waits door)"});
  Terminal terminal(scenario, 120, 30, kColours);
  terminal.run({"execute", "01"});
  terminal.require("executor: Edit src/help.c");
  const std::string seen = terminal.screen();
  CHECK_THAT(seen, Contains("1/2 tasks"));
  CHECK(count(seen, "1.2k") == 3);  // Of the first task, of the phase and of the plan.
  CHECK(count(seen, "$0.25") == 3);
  terminal.type(0, "C-c");
  terminal.require("exit: 130");
}

TEST_CASE("the view follows the size of the terminal") {
  Scenario scenario;
  prepare(scenario);
  scenario.plan(1, {"ok", "says 日本語を読んでいる; waits door"});
  scenario.plan(2, {"a title that is much longer than a narrow terminal is wide; waits door"});
  Terminal terminal(scenario, 100, 30, kColours);
  terminal.run({"execute", "01"});
  terminal.require("executor: 日本語を読んでいる");
  const auto shows_view_once = [&](std::size_t columns) {
    terminal.require(0, [&](const std::string& seen) {
      return count(seen, "1/3 tasks") == 1 && count(seen, "01/001/2") == 1 &&
             count(seen, "01/002/1") == 1;
    });
    for (const std::string& line : terminal.lines())
      CHECK(konductor::cli::display_width(line) <= columns);
  };
  shows_view_once(100);
  terminal.resize(40, 12);
  shows_view_once(40);
  terminal.resize(130, 40);
  terminal.require("executor: 日本語を読んでいる");
  shows_view_once(130);
  // Too low for more than the header and one line.
  terminal.resize(60, 5);
  terminal.require("… and 2 more");
  scenario.open_door("door");
  terminal.require("exit: 0");
}

TEST_CASE("a first Ctrl-C says what is waited for") {
  Scenario scenario;
  prepare(scenario);
  scenario.plan(1, {"ends on signal 1"});
  Terminal terminal(scenario, 100, 30, kColours);
  terminal.run({"execute", "01"});
  terminal.require("executor works");
  require_log(scenario, "hanging");
  terminal.type(0, "C-c");
  terminal.require("exit: 130");
  const std::string seen = terminal.scrolled();
  CHECK_THAT(seen,
             Contains("stopping on SIGINT: waiting for 01/001/1 executor, killed after 500ms"));
  CHECK_THAT(seen, Contains("phase 01 was interrupted"));
  CHECK(scenario.log("signalled").size() == 1);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("a second Ctrl-C ends at once") {
  Scenario scenario;
  prepare(scenario);
  scenario.set("execution.grace_period", "\"10m\"").plan(1, {"ignores sigterm"});
  Terminal terminal(scenario, 100, 30, kColours);
  terminal.run({"execute", "01"});
  terminal.require("executor works");
  require_log(scenario, "hanging");
  terminal.type(0, "C-c");
  // In what scrolls, and in the view, which stays.
  terminal.require(0, [](const std::string& seen) {
    return count(seen, "stopping on SIGINT: waiting for 01/001/1 executor") == 2 &&
           count(seen, "0/1 tasks") == 1;
  });
  terminal.type(0, "C-c");
  terminal.require("exit: 130");
  CHECK_THAT(terminal.scrolled(), Contains("ending at once"));
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("a dumb terminal, and who asks for it, gets lines one below the other") {
  Scenario scenario;
  prepare(scenario);
  Words arguments = {"execute", "01"};
  Words environment = kColours;
  SECTION("dumb") {
    environment = {"TERM=dumb"};
  }
  SECTION("unknown") {
    environment = {};
  }
  SECTION("asked for") {
    arguments.insert(arguments.end(), {"--progress", "plain"});
  }
  SECTION("in CI") {
    environment.push_back("CI=true");
  }
  scenario.plan(1, {"ok"});
  Terminal terminal(scenario, 100, 30, environment);
  terminal.run(arguments);
  terminal.require("exit: 0");
  const std::string seen = terminal.scrolled();
  CHECK_THAT(seen, Contains("01/001/1  executor works"));
  CHECK_THAT(seen, Contains("01/001/1  complete\n"));
  CHECK_THAT(seen, !Contains("1/1 tasks"));
}

TEST_CASE("what is suspended and goes on draws its view anew") {
  Scenario scenario;
  prepare(scenario);
  scenario.plan(1, {"waits door"});
  Terminal terminal(scenario, 100, 30, kColours);
  terminal.run({"execute", "01"});
  terminal.require("0/1 tasks");
  require_log(scenario, "waiting");
  const auto engine = scenario.read(scenario.konductor() / "konductor.db-01.lock");
  const auto pid = static_cast<pid_t>(e2e::json::parse(engine)["pid"].get<long>());
  REQUIRE(::kill(pid, SIGSTOP) == 0);
  REQUIRE(::kill(pid, SIGCONT) == 0);
  // The old one is left where it was.
  terminal.require(0, [](const std::string& seen) { return count(seen, "0/1 tasks") == 2; });
  scenario.open_door("door");
  terminal.require("exit: 0");
}
