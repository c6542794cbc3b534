// SPDX-License-Identifier: MIT
// What a rollback takes back, and where the next run begins.
#include "engine/rollback.hpp"

#include <catch2/catch.hpp>

#include "support/run_simulator.hpp"

using namespace konductor;        // NOLINT
using namespace konductor::test;  // NOLINT
using Catch::Matchers::Contains;

namespace {

struct Story {
  RunState state;
  WorkHistory history;

  explicit Story(std::vector<PlanDefinition> plans) : state(std::move(plans)) {}
  void tell(EventBody body) {
    const Event event{0, "run-1", std::move(body)};
    const Result<void> applied = state.apply(event);
    INFO(event_name(event.body));
    REQUIRE(applied.has_value());
    history.apply(event);
  }
  void tell_attempt(int task, const std::string& commit) {
    tell(event::attempt_started{1, task, "executor", "execute", 1, ""});
    event::attempt_finished finished;
    finished.plan = 1;
    finished.task = task;
    finished.role = "executor";
    finished.attempt = 1;
    finished.cause = "done";
    finished.commit = commit;
    tell(finished);
  }
  void tell_done(int task, const std::string& from, const std::string& to) {
    tell(event::task_started{1, task, "", from});
    tell_attempt(task, to);
    tell(event::task_completed{1, task, to, "", false});
  }
  Result<Rollback> decide(int task) const {
    return decide_rollback(state, history, {1, task}, "01");
  }
  std::string refusal(int task) const {
    const Result<Rollback> decided = decide(task);
    REQUIRE(decided.has_error());
    CHECK(decided.error().code == ErrorCode::invalid_input);
    return decided.error().message;
  }
  std::string now(int task) const { return describe(state.task({1, task})->state); }
};

// Four tasks: two are complete, the third is blocked.
Story stopped_plan() {
  Story story({make_plan(1, 1, {}, 4)});
  story.tell(event::run_started{});
  story.tell(event::plan_started{1, 1, 0, ""});
  story.tell(event::workspace_prepared{1, "c0", "c0"});
  story.tell_done(1, "c0", "c1");
  story.tell_done(2, "c1", "c2");
  story.tell(event::task_started{1, 3, "", "c2"});
  story.tell_attempt(3, "c3");
  story.tell(event::task_blocked{1, 3, "why"});
  return story;
}

std::vector<std::string> lines(const Rollback& rollback) {
  std::vector<std::string> found;
  for (const EventBody& body : rollback.events) {
    const TaskAddress subject = *subject_of(body);
    found.push_back(std::string(event_name(body)) + " " + std::to_string(subject.task));
  }
  return found;
}

SubTask part(int number) {
  SubTask made;
  made.task = number;
  return made;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a rollback takes back the task and all that began behind it, the newest first") {
  Story story = stopped_plan();
  const Rollback rollback = story.decide(2).value();
  CHECK(rollback.commit == "c1");
  CHECK(lines(rollback) == Lines{"task_reset 3", "task_reset 2"});
  REQUIRE(rollback.undone.size() == 2);
  CHECK(rollback.undone[0].status == "completed");
  CHECK(rollback.undone[0].work.head == "c2");
  CHECK(rollback.undone[0].work.attempt == "001-task-2-executor-1");
  CHECK(rollback.undone[1].status == "blocked");
  CHECK(rollback.tasks == std::vector<TaskAddress>{{1, 2}, {1, 3}, {1, 4}});

  SECTION("and the plan goes on from where the task began") {
    for (const EventBody& body : rollback.events)
      story.tell(body);
    CHECK(story.now(1) == "completed");
    CHECK(story.now(2) == "waiting");
    CHECK(story.now(3) == "waiting");
    CHECK(story.state.blocked().empty());
    const PlanRecord& plan = *story.state.plan(1);
    CHECK(plan.head == "c1");
    CHECK(status_name(plan.state) == "waiting");
    CHECK(story.state.task({1, 2})->start_commit == "c1");
    CHECK(story.state.task({1, 3})->start_commit.empty());
    CHECK_FALSE(story.state.task({1, 2})->was_completed);
    CHECK(story.state.current_task(1)->address == TaskAddress{1, 2});
  }
  SECTION("also when the engine finds the branch not yet moved") {
    for (const EventBody& body : rollback.events)
      story.tell(body);
    story.tell(event::run_started{});
    story.tell(event::plan_started{1, 1, 0, ""});
    story.tell(event::workspace_prepared{1, "c0", "c3"});
    CHECK(story.state.task({1, 2})->start_commit == "c1");
  }
  SECTION("and doing it again has nothing left to record") {
    for (const EventBody& body : rollback.events)
      story.tell(body);
    const Rollback again = story.decide(2).value();
    CHECK(again.commit == "c1");
    CHECK(again.events.empty());
    CHECK(again.undone.empty());
    CHECK(again.tasks == rollback.tasks);
  }
}

TEST_CASE("the newest task can be rolled back alone") {
  Story story = stopped_plan();
  const Rollback rollback = story.decide(3).value();
  CHECK(rollback.commit == "c2");
  CHECK(lines(rollback) == Lines{"task_reset 3"});
  for (const EventBody& body : rollback.events)
    story.tell(body);
  CHECK(story.state.plan(1)->head == "c2");
  CHECK(story.now(2) == "completed");
}

TEST_CASE("an attempt that its engine left behind is closed first") {
  Story story({make_plan(1, 1, {}, 2)});
  story.tell(event::workspace_prepared{1, "c0", "c0"});
  story.tell(event::task_started{1, 1, "", "c0"});
  story.tell(event::attempt_started{1, 1, "executor", "execute", 1, ""});
  const Rollback rollback = story.decide(1).value();
  CHECK(lines(rollback) == Lines{"attempt_finished 1", "task_reset 1"});
  CHECK(rollback.undone[0].work.head.empty());
}

TEST_CASE("parts of a split task are rolled back, the split itself is not") {
  Story story({make_plan(1, 1, {}, 2)});
  story.tell(event::workspace_prepared{1, "c0", "c0"});
  story.tell(event::task_started{1, 1, "", "c0"});
  story.tell_attempt(1, "c1");
  story.tell(event::status_reported{1, 1, 1, "BLOCKED", {}, "too large"});
  story.tell(event::attempt_started{1, 1, "assessor", "assess", 1, ""});
  event::attempt_finished assessed;
  assessed.plan = 1;
  assessed.task = 1;
  assessed.role = "assessor";
  assessed.attempt = 1;
  assessed.cause = "done";
  story.tell(assessed);
  story.tell(event::task_split{1, 1, {part(3), part(4)}});
  story.tell_done(3, "c0", "c3");
  story.tell_done(4, "c3", "c4");
  CHECK_THAT(story.refusal(1), Contains("was split") && Contains("\"01/001/3\""));
  const Rollback rollback = story.decide(4).value();
  CHECK(rollback.commit == "c3");
  CHECK(lines(rollback) == Lines{"task_reset 4"});
  CHECK(rollback.tasks == std::vector<TaskAddress>{{1, 4}, {1, 2}});
  CHECK(lines(story.decide(3).value()) == Lines{"task_reset 4", "task_reset 3"});
}

TEST_CASE("what cannot be rolled back is refused with what to do") {
  Story story = stopped_plan();
  CHECK_THAT(story.refusal(4), Contains("has not started"));
  CHECK_THAT(story.refusal(9), Contains("no task \"01/001/9\""));
  const auto holistic = decide_rollback(story.state, story.history, kPhaseAddress, "01");
  REQUIRE(holistic.has_error());
  CHECK_THAT(holistic.error().message, Contains("--retry 01/holistic"));
}

TEST_CASE("a merged plan is not rolled back") {
  Story story({make_plan(1, 1)});
  story.tell(event::workspace_prepared{1, "c0", "c0"});
  story.tell_done(1, "c0", "c1");
  story.tell(event::merge_finished{1, "clean", "c1", {}});
  CHECK_THAT(story.refusal(1), Contains("merged already") && Contains("--retry 01/001/1"));
  story.tell(event::plan_completed{1, false});
  CHECK_THAT(story.refusal(1), Contains("merged already"));
}

TEST_CASE("a task before which another ran again has no state to go back to") {
  Story story = stopped_plan();
  story.tell(event::task_reset{1, 1, "retry"});
  CHECK_THAT(story.refusal(2), Contains("an earlier task ran again"));
}
