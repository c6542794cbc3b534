// SPDX-License-Identifier: MIT
// `execute --junit` and `--summary`, on every way that a run can take.
#include <catch2/catch.hpp>
#include <csignal>

#include "e2e/scenario.hpp"
#include "support/spawn.hpp"

using Catch::Matchers::Contains;
using e2e::Scenario;

namespace {

// Runs with both reports; the JUnit file has to be accepted.
class Reported : public Scenario {
 public:
  e2e::Ended reported(e2e::Words more = {}) {
    more.insert(more.begin(), {"--junit", "out/junit.xml", "--summary", "out/summary.md"});
    return execute(more);
  }
  std::string junit() const {
    const konductor::test::RunResult checked = konductor::test::run_program(
        {"xmllint", "--noout", "--schema", KONDUCTOR_SOURCE_DIR "/tests/support/junit.xsd",
         (project() / "out/junit.xml").string()});
    INFO(checked.err);
    CHECK(checked.exit_code == 0);
    return read("out/junit.xml");
  }
  std::string summary() const { return read("out/summary.md"); }
};

}  // namespace

TEST_CASE("a complete run is reported, task by task") {
  Reported scenario;
  scenario.plan(1, {"ok", "ok & <b>"});
  REQUIRE(scenario.reported().exit == 0);
  const std::string junit = scenario.junit();
  CHECK_THAT(junit, Contains("tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"0\"") &&
                        Contains("<testcase classname=\"01/001\" name=\"1 ok\"") &&
                        Contains("name=\"2 ok &amp; &lt;b&gt;\"") && Contains("## Status: DONE"));
  CHECK_THAT(scenario.summary(), Contains("# konductor: phase 01 is complete") &&
                                     Contains("| 1 | 01/001 1 ok | ✅ completed | 3 |") &&
                                     Contains("Holistic review: **passed**."));
  // What is complete is not run again, and still reported.
  REQUIRE(scenario.reported().exit == 0);
  CHECK_THAT(scenario.junit(), Contains("tests=\"3\"") && Contains("0 attempts in this run"));
}

TEST_CASE("what failed, is blocked or was skipped is reported with its reason") {
  Reported scenario;
  scenario.set("execution.max_crash_retries", "0");
  scenario.plans_in_waves({{{"crash"}}, {{"ok"}}});
  CHECK(scenario.reported().exit == 1);
  CHECK_THAT(scenario.junit(), Contains("failures=\"1\"") && Contains("type=\"failed\"") &&
                                   Contains("<skipped message=\"its plan depends on plan 001"));
  CHECK_THAT(scenario.summary(), Contains("❌ failed") && Contains("## Failed"));

  Reported blocked;
  blocked.plan(1, {"blocked", "ok"});
  CHECK(blocked.reported().exit == 4);
  CHECK_THAT(blocked.junit(), Contains("type=\"blocked\""));
  CHECK_THAT(blocked.summary(), Contains("konductor unblock 01/001/1 --context"));
}

TEST_CASE("reports are written although nothing could be started") {
  Reported scenario;
  scenario.plan(1, {"ok"}).set("general.default_runtime", "\"nobody\"");
  scenario.set("runtimes.nobody.kind", "\"command\"");
  scenario.set("runtimes.nobody.command", R"(["/no/such/agent"])");
  CHECK(scenario.reported().exit == 6);
  CHECK_THAT(scenario.junit(), Contains("errors=\"1\" skipped=\"2\"") &&
                                   Contains("nothing was started (environment)"));
  CHECK_THAT(scenario.summary(), Contains("nothing was started") && Contains("## Errors"));

  Reported broken;
  broken.plan(1, {"ok"});
  broken.write(broken.plans() / "002.md", "+++\nphase = \"01\"\nplan = 2\n+++\n");
  CHECK(broken.reported().exit == 2);
  CHECK_THAT(broken.junit(), Contains("classname=\"konductor\" name=\".konductor/phases/01"));
}

TEST_CASE("a run that is interrupted is reported") {
  Reported scenario;
  scenario.plan(1, {"waits door", "ok"});
  auto engine = scenario.start_execute({"--junit", "out/junit.xml", "--summary", "out/summary.md"});
  REQUIRE(scenario.wait_for_log("start"));
  engine->send(SIGINT);
  CHECK(engine->wait().exit == 130);
  CHECK_THAT(scenario.junit(), Contains("the run ended before it did (interrupted)") &&
                                   Contains("the run did not come to it (interrupted)"));
  CHECK_THAT(scenario.summary(), Contains("⏭ unfinished") && Contains("## Next"));
}

TEST_CASE("the phase that another engine holds is reported, too") {
  Reported scenario;
  scenario.plan(1, {"waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("start"));
  const e2e::Ended second = scenario.run({"execute", "01", "--junit", "out/junit.xml", "--json"});
  CHECK(second.exit == 5);
  CHECK(second.document().at("outcome") == "busy");
  CHECK_THAT(scenario.junit(), Contains("nothing was started (busy)"));
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
}

TEST_CASE("GitHub's summary of a step is added to, and a named file replaces it") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const auto step = scenario.home() / "step.md";
  scenario.write(step, "before\n");
  scenario.with_environment("GITHUB_STEP_SUMMARY", step.string());
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.read(step) == "before\n");
  scenario.with_environment("GITHUB_ACTIONS", "true");
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.read(step), Catch::StartsWith("before\n# konductor: phase 01 is complete"));
  const std::string once = scenario.read(step);
  REQUIRE(scenario.execute({"--summary", "mine.md"}).exit == 0);
  CHECK(scenario.read(step) == once);
  CHECK_THAT(scenario.read("mine.md"), Contains("phase 01 is complete"));
}

TEST_CASE("reports that cannot be written are an error, before the work where that is known") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.write(scenario.project() / "folder/file", "x");
  const e2e::Ended directory = scenario.execute({"--junit", "folder"});
  CHECK(directory.exit == 2);
  CHECK_THAT(directory.err, Contains("\"") && Contains("folder\" is a directory"));
  CHECK(scenario.attempts().empty());
  const e2e::Ended below = scenario.execute({"--junit", "folder/file/junit.xml"});
  CHECK(below.exit != 0);
  CHECK_THAT(below.err, Contains("phase 01 is complete") && Contains("konductor: error: "));
  CHECK_FALSE(scenario.execute({"--dry-run", "--junit", "dry.xml"}).exit != 0);
  CHECK_FALSE(scenario.exists("dry.xml"));
}
