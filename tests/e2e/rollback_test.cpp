// SPDX-License-Identifier: MIT
// Taking back what a plan did, and going on from there.
#include <signal.h>

#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"
#include "platform/file_lock.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Scenario;
using e2e::Where;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

// Its third task is blocked until somebody opens the door; the first two are complete.
void stop_before_the_end(Scenario& scenario) {
  scenario.plan(1, {"ok", "ok", "crashes before door"});
  REQUIRE(scenario.execute().exit == 1);
  REQUIRE(scenario.is_task_filed(1, 2));
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

std::string tip(const Scenario& scenario, const std::string& name) {
  return trimmed(scenario.git({"rev-parse", name}));
}

void require_sound(const Scenario& scenario) {
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling", "--no-progress"}).empty());
}

void finish(Scenario& scenario) {
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  for (const int task : {1, 2, 3}) {
    CHECK(scenario.read(e2e::own_file(1, task)) == "plan 1 task " + std::to_string(task) + "\n");
    CHECK(scenario.is_task_filed(1, task));
  }
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.state("current.step") == "executed");
}

}  // namespace

TEST_CASE("the middle task of a stopped plan is rolled back, and runs again with those behind it") {
  Scenario scenario;
  stop_before_the_end(scenario);
  const std::string undone = tip(scenario, "konductor/01/plan-001/work");
  const std::string before = tip(scenario, "konductor/01/plan-001/work~1");
  const fs::path tree = scenario.konductor() / "worktrees/01-plan-001";
  REQUIRE(fs::exists(tree / e2e::own_file(1, 2)));

  SECTION("a dry run changes nothing") {
    const std::string references = scenario.git({"for-each-ref"});
    const auto ended = scenario.run({"rollback", "01/001/2", "--dry-run"});
    REQUIRE(ended.exit == 0);
    CHECK_THAT(ended.out, Contains("01/001/2") && Contains("01/001/3") &&
                              Contains("konductor rollback 01/001/2") &&
                              Contains(before.substr(0, 12)));
    CHECK(scenario.git({"for-each-ref"}) == references);
    CHECK(scenario.is_task_filed(1, 2));
  }
  SECTION("it is kept, and done again") {
    const auto ended = scenario.run({"rollback", "1/1/2", "--json"});
    REQUIRE(ended.exit == 0);
    const json document = ended.document();
    CHECK(document["command"] == "rollback");
    CHECK(document["task"] == "01/001/2");
    CHECK(document["commit"] == before);
    CHECK(document["next"] == "konductor execute 01");
    REQUIRE(document["undone"].size() == 2);
    CHECK(document["undone"][0]["task"] == "01/001/2");
    CHECK(document["undone"][0]["status"] == "completed");
    CHECK(document["undone"][0]["commit"] == undone);
    const std::string kept = document["undone"][0]["kept"];
    CHECK_THAT(kept, Catch::Matchers::EndsWith("/001-task-2-executor-1"));
    CHECK(tip(scenario, kept) == undone);
    CHECK(tip(scenario, "konductor/01/plan-001/work") == before);
    CHECK(fs::exists(tree / e2e::own_file(1, 1)));
    CHECK_FALSE(fs::exists(tree / e2e::own_file(1, 2)));
    CHECK(scenario.is_task_filed(1, 1));
    CHECK_FALSE(scenario.has_plan_file("001-task-2-summary.md"));
    CHECK_FALSE(scenario.has_plan_file("001-task-2-spec-review.md"));
    const auto shown = scenario.run({"diff", "01/001/2"});
    CHECK(shown.exit == 2);
    CHECK_THAT(shown.err, Contains("was rolled back"));

    finish(scenario);
    CHECK(scenario.attempts("executor", 1, 1).size() == 1);
    CHECK(scenario.attempts("executor", 1, 2).size() == 2);
    CHECK(scenario.reasons("executor", 1, 2) == Words{"execute", "execute"});
    // Nothing of the first time is in the result, and nothing is lost.
    CHECK_THAT(scenario.git({"log", "--format=%H", "main"}), !Contains(undone));
    CHECK(tip(scenario, kept) == undone);
    require_sound(scenario);
  }
}

TEST_CASE("a rollback keeps what was in the tree and no commit has") {
  Scenario scenario;
  stop_before_the_end(scenario);
  const fs::path tree = scenario.konductor() / "worktrees/01-plan-001";
  scenario.write(tree / "p1t1.txt", "edited by hand\n");
  scenario.write(tree / "new.txt", "by hand\n");
  const auto ended = scenario.run({"rollback", "01/001/1", "--json"});
  REQUIRE(ended.exit == 0);
  const std::string kept = ended.document()["kept_tree"];
  CHECK_THAT(kept, Contains("rolled-back/001-task-1"));
  CHECK(scenario.git({"show", kept + ":new.txt"}) == "by hand\n");
  CHECK(scenario.git({"show", kept + ":p1t1.txt"}) == "edited by hand\n");
  CHECK_FALSE(fs::exists(tree / "new.txt"));
  CHECK_FALSE(fs::exists(tree / "p1t1.txt"));
  CHECK(tip(scenario, "konductor/01/plan-001/work") == tip(scenario, "main"));
  finish(scenario);
  require_sound(scenario);
}

TEST_CASE("a rollback of a plan without its tree makes it again") {
  Scenario scenario;
  stop_before_the_end(scenario);
  scenario.git({"worktree", "remove", "--force", ".konductor/worktrees/01-plan-001"});
  REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
  finish(scenario);
}

TEST_CASE("a blocked task that is rolled back is no blocker any more") {
  Scenario scenario;
  scenario.plan(1, {"ok", "blocked until told"});
  REQUIRE(scenario.execute().exit == 4);
  REQUIRE(scenario.blockers().size() == 1);
  REQUIRE(scenario.run({"rollback", "01/001/1"}).exit == 0);
  CHECK(scenario.blockers().empty());
  CHECK_THAT(scenario.run({"status"}).out, Contains("0 of 2 tasks complete"));
}

TEST_CASE("a merged plan is not rolled back") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const std::string references = scenario.git({"for-each-ref"});
  const auto ended = scenario.run({"rollback", "01/001/1"});
  CHECK(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains("merged already") &&
                            Contains("--retry 01/001/1"));
  CHECK(scenario.git({"for-each-ref"}) == references);
  CHECK(scenario.is_task_filed(1, 1));
}

TEST_CASE("what cannot be rolled back is refused") {
  Scenario scenario;
  CHECK(scenario.run({"rollback", "01/001/1"}).exit == 2);
  stop_before_the_end(scenario);
  CHECK(scenario.run({"rollback", "01/001/9"}).exit == 2);
  CHECK(scenario.run({"rollback", "01/001"}).exit == 2);
  CHECK(scenario.run({"rollback", "01/holistic"}).exit == 2);
  CHECK(scenario.run({"rollback", "02/001/1"}).exit == 2);
  const auto document = scenario.run({"rollback", "01/001/9", "--json"}).document();
  CHECK(document["command"] == "rollback");
  CHECK(document["exit"] == 2);
}

TEST_CASE("a rollback is refused while an engine holds the phase") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  const auto ended = scenario.run({"rollback", "01/001/1"});
  CHECK(ended.exit == 5);
  CHECK(scenario.run({"rollback", "01/001/1", "--dry-run"}).exit == 5);
  CHECK(scenario.run({"clean", "01"}).exit == 5);
  CHECK(scenario.run({"clean"}).exit == 1);
  CHECK(scenario.run({"diff", "01/001/1"}).exit == 0);
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
}

TEST_CASE("a rollback ends what a killed engine left at work") {
  Scenario scenario;
  scenario.plan(1, {"ok", "waits door"});
  scenario.execute_and_kill_at("waiting");
  REQUIRE(scenario.run({"rollback", "01/001/1"}).exit == 0);
  CHECK(scenario.living_agents().empty());
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.attempts("executor", 1, 1).size() == 2);
  require_sound(scenario);
}

TEST_CASE("a rollback that was killed is finished by the next one, or by the next run") {
  Scenario scenario;
  stop_before_the_end(scenario);
  const std::string undone = tip(scenario, "konductor/01/plan-001/work");
  const fs::path tree = scenario.konductor() / "worktrees/01-plan-001";
  const std::string summary = scenario.plan_file("001-task-2-summary.md");
  REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
  // As if it had come no further than the journal.
  scenario.git({"update-ref", "refs/heads/konductor/01/plan-001/work", undone});
  scenario.write(tree / e2e::own_file(1, 2), "plan 1 task 2\n");
  scenario.write(scenario.plans() / "001-task-2-summary.md", summary);
  SECTION("the next one") {
    REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
    CHECK_FALSE(scenario.has_plan_file("001-task-2-summary.md"));
    CHECK_FALSE(fs::exists(tree / e2e::own_file(1, 2)));
    CHECK(tip(scenario, "konductor/01/plan-001/work~1") == tip(scenario, "main"));
  }
  SECTION("the next run") {
    CHECK(scenario.execute({"--only", "01/001/2"}).exit == 0);
    CHECK(tip(scenario, "konductor/01/plan-001/work~2") == tip(scenario, "main"));
  }
  finish(scenario);
  CHECK(scenario.attempts("executor", 1, 2).size() == 2);
  CHECK_THAT(scenario.git({"log", "--format=%H", "main"}), !Contains(undone));
  require_sound(scenario);
}

TEST_CASE("in place a rollback puts the project's folder back") {
  Scenario scenario(Where::outside_of_git);
  scenario.write("notes.txt", "mine\n");
  stop_before_the_end(scenario);
  SECTION("and the run goes on from there") {
    REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
    CHECK(scenario.exists("p1t1.txt"));
    CHECK_FALSE(scenario.exists("p1t2.txt"));
    finish(scenario);
    CHECK(scenario.attempts("executor", 1, 2).size() == 2);
  }
  SECTION("and the next run goes not on over what a person changed since") {
    REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
    const bool is_new = GENERATE(true, false);
    const std::string name = is_new ? "mine.txt" : "p1t1.txt";
    scenario.write(name, "by hand\n");
    const std::size_t count = scenario.attempts().size();
    const auto ended = scenario.execute();
    CHECK(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("\"" + name + "\"") && Contains("would be lost"));
    CHECK(scenario.read(name) == "by hand\n");
    CHECK(scenario.attempts().size() == count);
    fs::remove(scenario.project() / name);
    if (!is_new) scenario.write(name, "plan 1 task 1\n");
    finish(scenario);
  }
  SECTION("but not over what a person changed since") {
    scenario.write("notes.txt", "mine, and more\n");
    const auto ended = scenario.run({"rollback", "01/001/2"});
    CHECK(ended.exit == 2);
    CHECK_THAT(ended.err, Contains("\"notes.txt\""));
    CHECK(scenario.exists("p1t2.txt"));
    CHECK(scenario.is_task_filed(1, 2));
  }
  CHECK_THAT(scenario.read("notes.txt"), Contains("mine"));
}

TEST_CASE("in place a rollback that was killed is not finished over what a person changed since") {
  Scenario scenario(Where::outside_of_git);
  scenario.write("notes.txt", "mine\n");
  scenario.plan({1, 1, {}, {{"ok"}, {"ok", "`notes.txt`, `p1t2.txt`"}, {"crashes before door"}}});
  REQUIRE(scenario.execute().exit == 1);
  const std::string store =
      "--git-dir=" + (scenario.konductor() / "worktrees/snapshots.git").native();
  const Words names = {"refs/konductor/01/last", "refs/heads/konductor/01/plan-001/work"};
  const std::string undone = trimmed(scenario.git({store, "rev-parse", names[1]}));
  const std::string agents = scenario.read("notes.txt");
  REQUIRE(agents != "mine\n");
  REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
  REQUIRE(scenario.read("notes.txt") == "mine\n");
  const int come_to = GENERATE(0, 1, 2);
  if (come_to < 2) {
    // As if it had come no further than the journal, or into the middle of the folder's files.
    for (const std::string& name : names)
      scenario.git({store, "update-ref", name, undone});
    if (come_to == 0) scenario.write("notes.txt", agents);
    scenario.write(e2e::own_file(1, 2), "plan 1 task 2\n");
  }
  SECTION("an edit of theirs") {
    scenario.write(e2e::own_file(1, 1), "by hand\n");
    const auto ended = scenario.run({"rollback", "01/001/2"});
    CHECK(ended.exit == 2);
    CHECK_THAT(ended.err,
               Contains("\"p1t1.txt\"") && !Contains("\"notes.txt\"") && !Contains("\"p1t2.txt\""));
    CHECK(scenario.read(e2e::own_file(1, 1)) == "by hand\n");
    scenario.write(e2e::own_file(1, 1), "plan 1 task 1\n");
  }
  SECTION("a new file of theirs") {
    scenario.write("new.txt", "by hand\n");
    CHECK_THAT(scenario.run({"rollback", "01/001/2"}).err, Contains("\"new.txt\""));
    CHECK(scenario.read("new.txt") == "by hand\n");
    fs::remove(scenario.project() / "new.txt");
  }
  SECTION("what the kill left half written is no edit") {
    const bool is_there = GENERATE(true, false);
    if (is_there)
      scenario.write("notes.txt", "");
    else
      fs::remove(scenario.project() / "notes.txt");
  }
  REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
  CHECK(scenario.read("notes.txt") == "mine\n");
  CHECK_FALSE(scenario.exists(e2e::own_file(1, 2)));
  finish(scenario);
}

TEST_CASE("in place a plan is not rolled back over another one's work") {
  Scenario scenario(Where::outside_of_git);
  scenario.plan(1, {"ok", "crashes before door"}).plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 1);
  const auto ended = scenario.run({"rollback", "01/001/1"});
  CHECK(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("another plan"));
  CHECK(scenario.read("p2t1.txt") == "plan 2 task 1\n");
}
