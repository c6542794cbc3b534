// SPDX-License-Identifier: MIT
// The command line around `execute`.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Where;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

Words with(Words words, const std::string& last) {
  words.push_back(last);
  return words;
}

}  // namespace

TEST_CASE("every command explains itself with an example") {
  const Words command =
      GENERATE(Words{}, Words{"execute"}, Words{"plan"}, Words{"plan", "check"},
               Words{"plan", "list"}, Words{"plan", "show"}, Words{"plan", "graph"}, Words{"init"},
               Words{"status"}, Words{"unblock"});
  Scenario scenario(Where::outside_of_git);
  CAPTURE(command);
  const auto ended = scenario.run(with(command, "--help"));
  REQUIRE(ended.exit == 0);
  CHECK(ended.err.empty());
  CHECK_THAT(ended.out, Contains("example", Catch::CaseSensitive::No));
  CHECK_THAT(ended.out, Contains("konductor " + (command.empty() ? "" : command[0])));
}

TEST_CASE("help on execute names its options") {
  Scenario scenario(Where::outside_of_git);
  const auto ended = scenario.run({"execute", "--help"});
  REQUIRE(ended.exit == 0);
  for (const std::string option :
       {"--json", "--events", "--dry-run", "--plan", "--only", "--until-wave", "--retry",
        "--retry-blocked", "--rebuild-markers", "--approve", "--set", "--record"})
    CHECK_THAT(ended.out, Contains(option));
}

TEST_CASE("the version tells the commit and the libraries, as text and as JSON") {
  Scenario scenario(Where::outside_of_git);
  const auto ended = scenario.run({"--version"});
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.out, Catch::StartsWith("konductor " KONDUCTOR_VERSION " ("));
  CHECK_THAT(ended.out, Contains("libgit2") && Contains("SQLite") && Contains("Boost"));
  CHECK(ended.err.empty());
  const e2e::json document = scenario.run({"--version", "--json"}).document();
  CHECK(document.at("version") == KONDUCTOR_VERSION);
  CHECK_FALSE(document.at("commit").get<std::string>().empty());
  CHECK(document.at("libraries").contains("SQLite"));
}

TEST_CASE("an unknown command or option is a usage error with the nearest name") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  SECTION("command") {
    const auto ended = scenario.run({"exceute", "01"});
    REQUIRE(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains("execute"));
  }
  SECTION("option") {
    const auto ended = scenario.run({"execute", "01", "--dryrun"});
    REQUIRE(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains("--dry-run"));
  }
  SECTION("value") {
    const auto ended = scenario.run({"execute", "01", "--until-wave", "-1"});
    REQUIRE(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("\"-1\" is not a wave"));
  }
  SECTION("argument missing") {
    const auto ended = scenario.run({"unblock"});
    REQUIRE(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("konductor: error: "));
  }
  CHECK(scenario.attempts().empty());
}

TEST_CASE("the project is found upwards, and -C goes elsewhere") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  fs::create_directories(scenario.project() / "deep/down");
  CHECK(scenario.run({"-C", "deep/down", "plan", "check", "01"}).exit == 0);
  CHECK(scenario.run({"-C", scenario.home(), "plan", "check", "01"}).exit == 2);
  CHECK(scenario.run({"-C", "no/such/folder", "plan", "check", "01"}).exit == 2);
  REQUIRE(scenario.run({"-C", "deep/down", "execute", "01"}).exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
}

TEST_CASE("a path on the command line is seen from where -C goes") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.write("notes/x.txt", "a folder to go to");
  REQUIRE(scenario.run({"-C", "notes", "execute", "01", "--events", "events.jsonl"}).exit == 0);
  CHECK(scenario.exists("notes/events.jsonl"));
  CHECK_FALSE(scenario.exists("events.jsonl"));
}

TEST_CASE("an answer that cannot be written is an error, one that nobody reads is none") {
  const auto [target, is_error] =
      GENERATE(table<std::string, bool>({{"> /dev/full", true}, {"| true", false}}));
  const std::string shell = "set -o pipefail; " KONDUCTOR_BINARY_DIR "/konductor --help " + target;
  const auto ended = e2e::run_program({"/bin/bash", "-c", shell}, {"PATH=/usr/bin:/bin"}, "/");
  CHECK(ended.exit == (is_error ? 6 : 0));
  CHECK(ended.err.empty() != is_error);
}

TEST_CASE("nothing is coloured without a terminal") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  REQUIRE(scenario.is_task_filed(1, 1));
  CHECK_THAT(ended.out + ended.err, !Contains("\x1b["));
  CHECK_THAT(scenario.run({"--help"}).out, !Contains("\x1b["));
}

TEST_CASE("progress goes to stderr, and quiet is quiet") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).plan(2, {"ok"});
  const auto loud = scenario.run({"execute", "01", "--plan", "01/001"});
  REQUIRE(loud.exit == 0);
  CHECK_FALSE(loud.err.empty());
  const auto quiet = scenario.run({"-q", "execute", "01"});
  REQUIRE(quiet.exit == 0);
  CHECK(quiet.err.size() < loud.err.size());
}

TEST_CASE("init makes a project and never overwrites one") {
  Scenario scenario;
  fs::remove_all(scenario.konductor());
  REQUIRE(scenario.run({"init"}).exit == 0);
  CHECK(scenario.exists(".konductor/config.toml"));
  CHECK(scenario.exists(".konductor/state.toml"));
  CHECK(scenario.exists(".konductor/.gitignore"));
  scenario.write(".konductor/config.toml", "# mine\n");
  const std::string state = scenario.read(".konductor/state.toml");
  scenario.run({"init"});
  CHECK(scenario.read(".konductor/config.toml") == "# mine\n");
  CHECK(scenario.read(".konductor/state.toml") == state);
}

TEST_CASE("init asks at a terminal, and Ctrl-C there leaves the project as it was") {
  Scenario scenario;
  fs::remove_all(scenario.konductor());
  scenario.with_environment("PATH", "/usr/bin:/bin");
  const Words greeted = {KONDUCTOR_TYPIST, "reads?: ", "It greets.\\n", "tests? [none]: "};
  const auto init = [&](const Words& rest) {
    Words typed = greeted;
    typed.insert(typed.end(), rest.begin(), rest.end());
    typed.emplace_back("--");
    return scenario.behind(typed).run({"init"});
  };
  init({"^C"});
  CHECK_FALSE(scenario.exists(".konductor"));
  const e2e::Ended ended = init({"make test\\n", "[no]: ", "y\\n"});
  CHECK(ended.exit == 0);
  CHECK_THAT(scenario.read(".konductor/project.md"), Contains("\nIt greets.\n"));
  CHECK(scenario.exists(".konductor/phases/01/plans/001.md"));
}

TEST_CASE("what init wrote is a configuration that is accepted") {
  Scenario scenario;
  fs::remove_all(scenario.konductor());
  REQUIRE(scenario.run({"init"}).exit == 0);
  REQUIRE(scenario.exists(".konductor/config.toml"));
  scenario.plan(1, {"ok"});
  CHECK(scenario.run({"plan", "check", "01"}).exit == 0);
  CHECK(scenario.run({"status"}).exit == 0);
}

TEST_CASE("status tells where the phase stands") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).plan(2, {"blocked"});
  REQUIRE(scenario.execute().exit == 4);
  const auto ended = scenario.run({"status"});
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.out, Contains("01/002/1"));
  const auto machine = scenario.run({"status", "--json"});
  REQUIRE(machine.exit == 0);
  CHECK(machine.document().is_object());
}

TEST_CASE("what a plan's title holds does not reach the terminal as a command") {
  Scenario scenario;
  scenario.write(scenario.plans() / "001.md",
                 "+++\nphase = \"01\"\nplan = 1\nwave = 1\ntitle = \"a\\u001b[2Jb\\nc\"\n+++\n"
                 "\n## Tasks\n\n### Task 1: t\n\n- **action:** x\n- **verify:** `true`\n");
  for (const std::string verb : {"list", "graph"})
    CHECK_THAT(scenario.run({"plan", verb, "01"}).out, !Contains("\x1b") && !Contains("b\nc"));
}

TEST_CASE("plans are listed, shown and drawn") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  Plan second;
  second.number = 2;
  second.wave = 2;
  second.depends_on = {1};
  second.tasks = {Task{"ok"}};
  scenario.plan(second);
  const auto list = scenario.run({"plan", "list", "01"});
  REQUIRE(list.exit == 0);
  CHECK_THAT(list.out, Contains("001") && Contains("002"));
  CHECK(scenario.run({"plan", "list", "01", "--json"}).document().dump().find("Plan 2") !=
        std::string::npos);
  const auto show = scenario.run({"plan", "show", "01/002"});
  REQUIRE(show.exit == 0);
  CHECK_THAT(show.out, Contains("Plan 2"));
  const auto graph = scenario.run({"plan", "graph", "01"});
  REQUIRE(graph.exit == 0);
  CHECK_THAT(graph.out, Contains("001") && Contains("002"));
  const auto dot = scenario.run({"plan", "graph", "01", "--format", "dot"});
  REQUIRE(dot.exit == 0);
  CHECK_THAT(dot.out, Contains("digraph") && Contains("->"));
  const auto drawn = scenario.run({"plan", "graph", "01", "--format", "json"});
  REQUIRE(drawn.exit == 0);
  CHECK_NOTHROW(drawn.document());
}
