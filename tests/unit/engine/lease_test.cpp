// SPDX-License-Identifier: MIT
// What becomes of an executor's wish to write more than its task declares.
#include "engine/lease.hpp"

#include <catch2/catch.hpp>

#include "support/run_simulator.hpp"

using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;

namespace {

using Lines = std::vector<std::string>;

constexpr TaskAddress kFirst{1, 1};

Reply asks_for(Lines files, std::string question = "") {
  SummaryReport report;
  report.status = "NEEDS_CONTEXT";
  report.text = std::move(question);
  report.files_needed = std::move(files);
  return {"done", std::move(report)};
}

PlanDefinition plan_of(int number, Lines files) {
  PlanDefinition plan = make_plan(number, 1);
  plan.tasks.at(0).files = std::move(files);
  return plan;
}

// Two plans at a time; the first one asks.
struct Story {
  RunSimulator sim{{plan_of(1, {"src/one.cpp"}), plan_of(2, {"src/two.cpp", "docs/"})}};

  Story() {
    sim.rules.is_review_enabled = false;
    sim.rules.is_lease_declared = true;
  }

  // The answer to the first attempt; every later one is done.
  event::context_provided answer_to(Reply reply) {
    sim.world.say(kFirst, Action::execute, {std::move(reply), done()});
    REQUIRE(sim.run() == 0);
    REQUIRE(sim.events<event::context_provided>().size() == 1);
    return sim.events<event::context_provided>().front();
  }
};

}  // namespace

TEST_CASE("declared paths overlap when a file is in both") {
  CHECK(is_overlapping("a.txt", "./a.txt"));
  CHECK(is_overlapping("src/", "src/a.txt"));
  CHECK(is_overlapping("src/deep/a.txt", "src//"));
  CHECK(is_overlapping("src/", "src/deep/"));
  CHECK(is_overlapping("./", "a.txt"));
  CHECK_FALSE(is_overlapping("src/", "src2/a.txt"));
  CHECK_FALSE(is_overlapping("src", "src/a.txt"));
  CHECK_FALSE(is_overlapping("a.txt", "b.txt"));
}

TEST_CASE("what no other plan has is given without asking anybody, and the task goes on") {
  Story story;
  const auto answer = story.answer_to(asks_for({"./src/more.cpp", "tests/"}));
  CHECK(answer.source == "lease");
  CHECK(answer.files == Lines{"src/more.cpp", "tests/"});
  CHECK_THAT(answer.text, Contains("`src/more.cpp`, `tests/`"));
  CHECK(story.sim.state().task(kFirst)->leased == Lines{"src/more.cpp", "tests/"});
  CHECK(story.sim.state().task(kFirst)->files_needed.empty());
  for (const std::string& line : story.sim.attempt_lines())
    CHECK_THAT(line, !Contains("researcher"));
}

TEST_CASE("what another plan under way declares, or what is nobody's to write, is not given") {
  Story story;
  const auto answer =
      story.answer_to(asks_for({"src/two.cpp", "docs/guide.md", "src/", "../up.txt", "/etc/passwd",
                                ".git/config", "sub/.konductor/x", "fine.txt"}));
  CHECK(answer.files == Lines{"fine.txt"});
  for (const char* refused :
       {"`src/two.cpp`: plan 002", "`docs/guide.md`: plan 002", "`src/`: plan 002",
        "`../up.txt`: it is not in the repository", "`/etc/passwd`: it is not in the repository",
        "`.git/config`: that is the engine's", "`sub/.konductor/x`: that is the engine's"})
    CHECK_THAT(answer.text, Contains(refused));
}

TEST_CASE("what a plan was given another one under way is not") {
  RunState state({plan_of(1, {"one.txt"}), plan_of(2, {"two.txt"})});
  const auto apply = [&state](EventBody body) {
    REQUIRE(state.apply(Event{0, "r", std::move(body)}).has_value());
  };
  event::run_started run;
  run.phase = "01";
  apply(run);
  for (const int plan : {1, 2}) {
    apply(event::plan_started{plan, 1, plan - 1, "plan"});
    apply(event::workspace_prepared{plan, "base", "base"});
    apply(event::task_started{plan, 1, "task", "base"});
    event::attempt_started started{plan, 1, "executor", "execute", 1, "agent"};
    apply(started);
    event::attempt_finished finished;
    finished.plan = plan;
    finished.task = 1;
    finished.role = "executor";
    finished.attempt = 1;
    finished.cause = "done";
    apply(finished);
    apply(event::status_reported{plan, 1, 1, "NEEDS_CONTEXT", {}, "files", {"shared.txt"}});
  }
  const LeaseAnswer first = answer_lease(state, {1, 1});
  CHECK(first.granted == Lines{"shared.txt"});
  apply(event::context_provided{1, 1, "lease", first.text, first.granted});
  const LeaseAnswer second = answer_lease(state, {2, 1});
  CHECK(second.granted.empty());
  CHECK_THAT(second.text, Contains("plan 001, which is under way, has it"));
}

TEST_CASE("a question besides goes to the researcher, and the files come with the answer") {
  Story story;
  const auto answer = story.answer_to(asks_for({"more.txt"}, "which port?"));
  CHECK(answer.source == "researcher");
  CHECK(answer.files == Lines{"more.txt"});
  CHECK_THAT(answer.text, Contains("port 80") && Contains("`more.txt`"));
}

TEST_CASE("a task that asks for files again and again is blocked as one without context is") {
  Story story;
  story.sim.world.always[{kFirst, Action::execute}] = asks_for({"more.txt"});
  CHECK(story.sim.run() == 4);
  CHECK(story.sim.events<event::context_provided>().size() == 2);
  const auto* blocked = std::get_if<state::blocked>(&story.sim.state().task(kFirst)->state);
  REQUIRE(blocked != nullptr);
  CHECK_THAT(blocked->reason, Contains("it asks for more files"));
}

TEST_CASE("where tasks hold no lease files are no answer") {
  Story story;
  story.sim.rules.is_lease_declared = false;
  const auto answer = story.answer_to(asks_for({"more.txt"}));
  CHECK(answer.source == "researcher");
  CHECK(answer.files.empty());
  CHECK(story.sim.events<event::status_reported>().front().files_needed.empty());
}
