// SPDX-License-Identifier: MIT
// How the result of a complete phase comes home, with other settings than the usual ones.
#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Scenario;
using e2e::Words;
namespace fs = std::filesystem;

namespace {

void put_script(const Scenario& scenario, const fs::path& path, const std::string& text) {
  scenario.write(path, "#!/bin/sh\n" + text);
  fs::permissions(scenario.project() / path, fs::perms::owner_exec, fs::perm_options::add);
}

std::string delivery_of(const e2e::Ended& ended) {
  return ended.document()["delivery"]["state"];
}

// Tracked and untracked changes outside `.konductor`.
std::string changes(const Scenario& scenario) {
  return scenario.git({"status", "--porcelain", "-uall", "--", ".", ":!.konductor"});
}

// A zombie, which nobody may be there to reap, has no command line.
bool is_alive(const std::string& pid) {
  std::ifstream file("/proc/" + std::to_string(std::stoi(pid)) + "/cmdline");
  return file.peek() != std::ifstream::traits_type::eof();
}

}  // namespace

TEST_CASE("without auto_commit the result arrives as changes in the working tree") {
  Scenario scenario;
  scenario.set("git.auto_commit", "false").plan(1, {"ok", "ok"});
  const std::string head = scenario.git({"rev-parse", "HEAD"});
  const auto ended = scenario.execute({"--json"});
  REQUIRE(ended.exit == 0);
  CHECK(delivery_of(ended) == "working_tree");
  CHECK_THAT(ended.err, Contains("not committed"));
  CHECK(scenario.git({"rev-parse", "HEAD"}) == head);
  CHECK_THAT(changes(scenario), Contains("?? p1t1.txt") && Contains("?? p1t2.txt"));
  CHECK(scenario.events().back()["delivery"] == "working_tree");
  SECTION("and a second run leaves it") {
    scenario.write("p1t1.txt", "edited\n");
    const auto again = scenario.execute({"--json"});
    CHECK(again.exit == 0);
    CHECK(delivery_of(again) == "working_tree");
    CHECK(scenario.read("p1t1.txt") == "edited\n");
  }
  SECTION("and a run with more work goes on from what was committed") {
    scenario.git({"add", "-A"});
    scenario.git({"commit", "-q", "-m", "mine"});
    scenario.plan(2, {"ok"});
    const auto again = scenario.execute({"--json"});
    CHECK(again.exit == 0);
    CHECK(delivery_of(again) == "working_tree");
    CHECK_THAT(changes(scenario), Contains("?? p2t1.txt") && !Contains("p1t1"));
  }
  SECTION("and a run with more work asks to commit first") {
    scenario.plan(2, {"ok"});
    const auto again = scenario.execute({"--json"});
    CHECK(again.exit == 0);
    CHECK(delivery_of(again) == "kept");
    CHECK_THAT(again.err, Contains("commit or stash"));
  }
  CHECK(scenario.count_worktrees() == 1);
}

TEST_CASE("final hooks run once, for the user's branch") {
  Scenario scenario;
  scenario.set("git.hooks", "\"final\"").plan(1, {"ok", "ok"});
  put_script(scenario, ".git/hooks/pre-commit", "echo run >> .git/ran; test -f p1t2.txt\n");
  const std::string head = scenario.git({"rev-parse", "HEAD"});
  const auto ended = scenario.execute({"--json"});
  REQUIRE(ended.exit == 0);
  CHECK(delivery_of(ended) == "merged");
  CHECK(scenario.read(".git/ran") == "run\n");
  CHECK(scenario.git({"rev-parse", "HEAD^1"}) == head);
  CHECK_THAT(scenario.git({"log", "-1", "--format=%B"}),
             Contains("merge(01)") && Contains("Konductor-Run: "));
  CHECK(changes(scenario).empty());
  CHECK(delivery_of(scenario.execute({"--json"})) == "merged");
  CHECK(scenario.read(".git/ran") == "run\n");
}

TEST_CASE("a hook that fails keeps the result and says why") {
  Scenario scenario;
  scenario.set("git.hooks", "\"final\"").plan(1, {"ok"});
  put_script(scenario, ".git/hooks/pre-commit", "echo 'line 3 is too long'; exit 1\n");
  const std::string head = scenario.git({"rev-parse", "HEAD"});
  const auto ended = scenario.execute({"--json"});
  CHECK(ended.exit == 0);
  CHECK(delivery_of(ended) == "kept");
  CHECK_THAT(ended.err, Contains("line 3 is too long") && Contains("git merge --no-ff"));
  CHECK(scenario.git({"rev-parse", "HEAD"}) == head);
  CHECK(changes(scenario).empty());
  CHECK_FALSE(scenario.exists(".git/MERGE_HEAD"));
  fs::remove(scenario.project() / ".git/hooks/pre-commit");
  CHECK(delivery_of(scenario.execute({"--json"})) == "merged");
}

TEST_CASE("a hook that never ends is ended with all it started") {
  Scenario scenario;
  scenario.set("git.hooks", "\"final\"").plan(1, {"ok"});
  put_script(scenario, ".git/hooks/pre-commit",
             "sleep 1000 & echo $! > .git/sleeper && mv .git/sleeper .git/sleeping; wait\n");
  const std::string head = scenario.git({"rev-parse", "HEAD"});
  SECTION("at its limit") {
    // Long enough for a busy machine to start the hook.
    scenario.set("gates.verify_timeout", "\"4s\"");
    const auto ended = scenario.execute({"--json"});
    CHECK(ended.exit == 0);
    CHECK(delivery_of(ended) == "kept");
    CHECK_THAT(ended.err, Contains("timed_out"));
  }
  SECTION("by a signal") {
    auto engine = scenario.start_execute();
    REQUIRE(e2e::wait_until([&] { return scenario.exists(".git/sleeping"); }));
    engine->send(SIGTERM);
    CHECK(engine->wait(30).exit == 128 + SIGTERM);
  }
  SECTION("by the run that follows a killed one") {
    auto engine = scenario.start_execute();
    REQUIRE(e2e::wait_until([&] { return scenario.exists(".git/sleeping"); }));
    engine->send(SIGKILL);
    engine->wait(30);
    const std::string sleeper = scenario.read(".git/sleeping");
    fs::remove(scenario.project() / ".git/hooks/pre-commit");
    const auto ended = scenario.execute({"--json"});
    CHECK(delivery_of(ended) == "merged");
    CHECK_FALSE(is_alive(sleeper));
    CHECK(changes(scenario).empty());
    return;
  }
  CHECK_FALSE(is_alive(scenario.read(".git/sleeping")));
  CHECK(scenario.git({"rev-parse", "HEAD"}) == head);
  CHECK(changes(scenario).empty());
  CHECK_FALSE(scenario.exists(".git/MERGE_HEAD"));
}

TEST_CASE("the user's branch gets a signed commit, and nothing else is signed") {
  Scenario scenario;
  scenario.set("git.sign", "true").plan(1, {"ok"});
  put_script(scenario, ".git/fake-gpg",
             "cat > /dev/null\nprintf '\\n[GNUPG:] SIG_CREATED D 1 8 00 1 ABC\\n' >&2\n"
             "printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nword\\n"
             "-----END PGP SIGNATURE-----\\n'\n");
  scenario.git({"config", "gpg.program", (scenario.project() / ".git/fake-gpg").string()});
  scenario.git({"config", "user.signingKey", "ABC"});
  put_script(scenario, ".git/hooks/pre-commit", "exit 1\n");
  const auto ended = scenario.execute({"--json"});
  REQUIRE(ended.exit == 0);
  CHECK(delivery_of(ended) == "merged");
  CHECK_THAT(scenario.git({"cat-file", "commit", "HEAD"}), Contains("gpgsig"));
  CHECK_THAT(scenario.git({"cat-file", "commit", "HEAD^2"}), !Contains("gpgsig"));
}
