// SPDX-License-Identifier: MIT
// The example project, executed from its cassettes: what a newcomer sees first.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "e2e/scenario.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using konductor::test::TempDir;

namespace {

// A fresh copy of the calculator in a repository of its own.
class Example {
 public:
  Example() {
    fs::create_directories(root_ / "home");
    fs::copy(fs::path(KONDUCTOR_SOURCE_DIR) / "examples/calculator", project(),
             fs::copy_options::recursive);
    git({"init", "-q", "-b", "main"});
    git({"config", "user.name", "Example"});
    git({"config", "user.email", "example@example.invalid"});
    commit("start");
  }

  fs::path project() const { return root_ / "calculator"; }

  void commit(const std::string& message) const {
    git({"add", "-A"});
    git({"commit", "-q", "-m", message});
  }

  e2e::Ended execute(const e2e::Words& more) const {
    e2e::Words argv = {std::string(KONDUCTOR_BINARY_DIR) + "/konductor", "execute", "01"};
    argv.insert(argv.end(), more.begin(), more.end());
    return e2e::run_program(argv, environment(), project());
  }

  std::string git(const e2e::Words& arguments) const {
    e2e::Words argv = {"/usr/bin/git"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const e2e::Ended ended = e2e::run_program(argv, environment(), project());
    INFO(ended.err);
    REQUIRE(ended.exit == 0);
    return ended.out;
  }

 private:
  e2e::Words environment() const {
    const char* path = std::getenv("PATH");
    return {"PATH=" + std::string(path == nullptr ? "/usr/bin:/bin" : path),
            "HOME=" + (root_ / "home").string()};
  }

  TempDir root_;
};

}  // namespace

TEST_CASE("the example's breaker cassette ends with exit 3 and tells all three blockers") {
  const Example example;
  const e2e::Ended ended = example.execute({"--set", "general.default_runtime=breaker"});
  CHECK(ended.exit == 3);
  for (const char* task : {"01/001/1", "01/002/1", "01/003/1"})
    CHECK_THAT(ended.err, Contains(std::string("konductor unblock ") + task));
}

TEST_CASE("the example's plan 3 asks for context, is answered, and completes") {
  const Example example;
  const e2e::Ended ended = example.execute({"--plan", "003"});
  INFO(ended.err);
  CHECK(ended.exit == 0);
  CHECK_THAT(ended.err, Contains("NEEDS_CONTEXT") && Contains("plan complete"));
}

TEST_CASE("a verdict that is missing from the example's cassette changes the exit code") {
  const Example example;
  fs::remove(example.project() / "cassettes/good/code-reviewer/003-task-1/1/document.md");
  example.commit("no verdict");
  const e2e::Ended ended = example.execute({"--plan", "003"});
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.err, Contains("needs manual review") && Contains("verdict"));
}

TEST_CASE("a take that is missing from the example's cassette is named") {
  const Example example;
  fs::remove_all(example.project() / "cassettes/good/executor/003-task-1/2");
  example.commit("no second take");
  const e2e::Ended ended = example.execute({"--plan", "003"});
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.err, Contains("executor/003-task-1/2"));
}

TEST_CASE("what --record wrote plays to the same result") {
  const Example recorded;
  const fs::path cassette = recorded.project().parent_path() / "recording";
  REQUIRE(recorded.execute({"--plan", "003", "--record", cassette.string()}).exit == 0);
  const Example played;
  const e2e::Ended ended =
      played.execute({"--plan", "003", "--set", "runtimes.replay.cassette=" + cassette.string()});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  const std::string tree = "konductor/01/main^{tree}";
  CHECK(played.git({"rev-parse", tree}) == recorded.git({"rev-parse", tree}));
}
