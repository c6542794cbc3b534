// SPDX-License-Identifier: MIT
#include "replay/command.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "scratch.hpp"

namespace fs = std::filesystem;
using konductor::replay::Invocation;
using konductor::replay::kExitFailed;
using konductor::replay::kExitUsage;
using konductor::replay::test::Scratch;

namespace {

struct Outcome {
  int status = -1;
  std::string output;
  std::string errors;
};

// An executor's first attempt at task 01/002/1, in `work`, with the cassette `c`.
struct Fixture {
  Scratch scratch;
  Invocation invocation;

  Fixture() {
    fs::create_directories(scratch / "work");
    invocation.workspace = scratch / "work";
    invocation.arguments = {"--cassette", (scratch / "c").string(), "--take", "1"};
    invocation.environment = {{"KONDUCTOR_ROLE", "executor"},
                              {"KONDUCTOR_PLAN", "2"},
                              {"KONDUCTOR_TASK", "1"},
                              {"KONDUCTOR_REASON", "execute"},
                              {"KONDUCTOR_OUTPUT", (scratch / "work/summary.md").string()}};
  }
  Outcome run() const {
    std::ostringstream output;
    std::ostringstream errors;
    Outcome outcome;
    outcome.status = konductor::replay::run(invocation, output, errors);
    outcome.output = output.str();
    outcome.errors = errors.str();
    return outcome;
  }
};

}  // namespace

TEST_CASE("a take is played into the workspace and its document handed in") {
  Fixture fixture;
  fixture.scratch.put("work/old", "");
  fixture.scratch.put("c/executor/002-task-1/1/files/src/a", "a", 0755);
  fixture.scratch.put("c/executor/002-task-1/1/deleted", "old\n");
  fixture.scratch.put("c/executor/002-task-1/1/document.md", "## Status: DONE\n");
  fixture.scratch.put("c/executor/002-task-1/1/stdout.log", "working\n");
  const Outcome outcome = fixture.run();
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.empty());
  CHECK(outcome.output == "working\n");
  CHECK(fixture.scratch.get("work/src/a") == "a");
  CHECK(fixture.scratch.mode("work/src/a") == 0755);
  CHECK_FALSE(fixture.scratch.exists("work/old"));
  CHECK(fixture.scratch.get("work/summary.md") == "## Status: DONE\n");
  // Nothing of the writing in one step stays behind.
  CHECK(std::distance(fs::directory_iterator(fixture.scratch / "work"), {}) == 2);
}

TEST_CASE("the recorded exit status is the program's own") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/1/exit", "7\n");
  CHECK(fixture.run().status == 7);
}

TEST_CASE("the take's number chooses the attempt") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/1/document.md", "first");
  fixture.scratch.put("c/executor/002-task-1/2/document.md", "second");
  fixture.invocation.arguments.back() = "2";
  CHECK(fixture.run().status == 0);
  CHECK(fixture.scratch.get("work/summary.md") == "second");
}

TEST_CASE("a role without plan and task plays for the phase") {
  Fixture fixture;
  fixture.scratch.put("c/code-reviewer/holistic/1/document.md", "## Verdict: pass\n");
  fixture.invocation.environment["KONDUCTOR_ROLE"] = "code-reviewer";
  fixture.invocation.environment.erase("KONDUCTOR_PLAN");
  fixture.invocation.environment.erase("KONDUCTOR_TASK");
  CHECK(fixture.run().status == 0);
  CHECK(fixture.scratch.get("work/summary.md") == "## Verdict: pass\n");
}

TEST_CASE("a missing take is an error that names what was looked for") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/2/document.md", "");
  fixture.scratch.put("work/kept", "");
  const Outcome outcome = fixture.run();
  CHECK(outcome.status == kExitUsage);
  CHECK_THAT(outcome.errors,
             Catch::Contains((fixture.scratch / "c/executor/002-task-1/1").string()));
  CHECK_THAT(outcome.errors, Catch::Contains("reason: execute"));
  CHECK_FALSE(fixture.scratch.exists("work/summary.md"));
}

TEST_CASE("a cassette that does not hold together changes nothing") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/1/files/a", "a");
  fixture.scratch.put("c/executor/002-task-1/1/deleted", "../outside\n");
  fixture.scratch.put("outside", "kept");
  const Outcome outcome = fixture.run();
  CHECK(outcome.status == kExitFailed);
  CHECK_THAT(outcome.errors, Catch::Contains("../outside"));
  CHECK_FALSE(fixture.scratch.exists("work/a"));
  CHECK(fixture.scratch.exists("outside"));
}

TEST_CASE("a document needs a place to go to") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/1/files/a", "a");
  fixture.scratch.put("c/executor/002-task-1/1/document.md", "text");
  fixture.invocation.environment.erase("KONDUCTOR_OUTPUT");
  const Outcome outcome = fixture.run();
  CHECK(outcome.status == kExitFailed);
  CHECK_THAT(outcome.errors, Catch::Contains("KONDUCTOR_OUTPUT"));
  CHECK_FALSE(fixture.scratch.exists("work/a"));
}

TEST_CASE("a document that cannot be written is an error") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/1/document.md", "text");
  fixture.invocation.environment["KONDUCTOR_OUTPUT"] =
      (fixture.scratch / "work/no/such/summary.md").string();
  const Outcome outcome = fixture.run();
  CHECK(outcome.status == kExitFailed);
  CHECK_THAT(outcome.errors, Catch::Contains("no/such/summary.md"));
}

TEST_CASE("wrong arguments are refused with what was expected") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/1/document.md", "text");
  const std::string cassette = (fixture.scratch / "c").string();
  const auto arguments =
      GENERATE_COPY(std::vector<std::string>{}, std::vector<std::string>{"--take", "1"},
                    std::vector<std::string>{"--cassette", cassette},
                    std::vector<std::string>{"--cassette", cassette, "--take"},
                    std::vector<std::string>{"--cassette", cassette, "--take", "0"},
                    std::vector<std::string>{"--cassette", cassette, "--take", "-1"},
                    std::vector<std::string>{"--cassette", cassette, "--take", "1x"},
                    std::vector<std::string>{"--cassette", cassette, "--take", "1", "more"},
                    std::vector<std::string>{"--cassette", "", "--take", "1"});
  fixture.invocation.arguments = arguments;
  const Outcome outcome = fixture.run();
  CHECK(outcome.status == kExitUsage);
  CHECK_THAT(outcome.errors, Catch::StartsWith("konductor-replay: error: "));
  CHECK_FALSE(fixture.scratch.exists("work/summary.md"));
}

TEST_CASE("a wrong environment is refused") {
  Fixture fixture;
  fixture.scratch.put("c/executor/002-task-1/1/document.md", "text");
  auto& environment = fixture.invocation.environment;
  SECTION("no role") {
    environment.erase("KONDUCTOR_ROLE");
  }
  SECTION("a role that leads out of the cassette") {
    environment["KONDUCTOR_ROLE"] = "../x";
  }
  SECTION("a role nobody knows") {
    environment["KONDUCTOR_ROLE"] = "boss";
  }
  SECTION("a plan that is no number") {
    environment["KONDUCTOR_PLAN"] = "two";
  }
  SECTION("a plan of zero") {
    environment["KONDUCTOR_PLAN"] = "0";
  }
  SECTION("a task without a plan") {
    environment.erase("KONDUCTOR_PLAN");
  }
  CHECK(fixture.run().status == kExitUsage);
  CHECK_FALSE(fixture.scratch.exists("work/summary.md"));
}

TEST_CASE("help is printed without a cassette") {
  Fixture fixture;
  fixture.invocation.arguments = {"--help"};
  fixture.invocation.environment.clear();
  const Outcome outcome = fixture.run();
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.output, Catch::Contains("--cassette DIR --take N"));
}
