// SPDX-License-Identifier: MIT
// Stories of one run, each a row of what executing a phase promises.
#include "engine/run_machine.hpp"

#include <catch2/catch.hpp>

#include "support/run_simulator.hpp"

using namespace konductor;
using namespace konductor::test;

namespace {

using Lines = std::vector<std::string>;

constexpr TaskAddress kFirst{1, 1};

RunSimulator one_task() {
  RunSimulator sim({make_plan(1, 1)});
  return sim;
}

// One task, no reviews, so that a story tells of the executor only.
RunSimulator one_task_unreviewed(int tasks = 1) {
  RunSimulator sim({make_plan(1, 1, {}, tasks)});
  sim.rules.is_review_enabled = false;
  return sim;
}

std::string reason_of(const RunSimulator& sim, const TaskAddress& address) {
  const TaskState& state = sim.state().task(address)->state;
  if (const auto* blocked = std::get_if<state::blocked>(&state)) return blocked->reason;
  if (const auto* failed = std::get_if<state::failed>(&state)) return failed->reason;
  if (const auto* manual = std::get_if<state::needs_manual>(&state)) return manual->reason;
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

// --- DONE ---

TEST_CASE("a task that is done goes through gates and both reviews, then the phase is reviewed") {
  RunSimulator sim = one_task();
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 spec-reviewer review",
                                     "1/1 code-reviewer review", "phase code-reviewer holistic"});
  CHECK(sim.event_names() ==
        Lines{"run_started",     "wave_started",       "plan_started",     "workspace_prepared",
              "task_started",    "attempt_started",    "attempt_finished", "status_reported",
              "gate_checked",    "attempt_started",    "attempt_finished", "review_finished",
              "attempt_started", "attempt_finished",   "review_finished",  "task_completed",
              "marker_filed",    "merge_finished",     "plan_completed",   "wave_finished",
              "marker_filed",    "workspace_prepared", "attempt_started",  "attempt_finished",
              "review_finished", "holistic_finished",  "marker_filed",     "merge_finished",
              "run_finished"});
  CHECK(sim.machine().is_phase_complete());
  CHECK(sim.machine().outcome_name() == "complete");
}

TEST_CASE("with reviews off passed gates complete the task and nobody reviews the phase") {
  RunSimulator sim = one_task_unreviewed();
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute"});
  CHECK(sim.events<event::gate_checked>().at(0).stage == "gates");
  CHECK(sim.machine().is_phase_complete());
}

TEST_CASE("a reviewer that is switched off is not asked") {
  RunSimulator sim = one_task();
  SECTION("no spec review: the quality review is first") {
    sim.rules.is_spec_review_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 code-reviewer review",
                                       "phase code-reviewer holistic"});
  }
  SECTION("no quality review: the spec review is last, and there is no holistic review") {
    sim.rules.is_quality_review_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 spec-reviewer review"});
  }
  CHECK(sim.machine().is_phase_complete());
}

// --- DONE_WITH_CONCERNS ---

TEST_CASE("concerns without a list are the same as none") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {concerned({})});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute"});
}

TEST_CASE("informational concerns change nothing") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {concerned({"[informational] slow"})});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute"});
}

TEST_CASE("an actionable concern leads to one fix attempt whose own concerns are informational") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.always[{kFirst, Action::execute}] =
      concerned({"[actionable] leaks", "[informational] slow"});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 executor concerns"});
  CHECK(sim.state().task(kFirst)->concerns == Lines{"[actionable] leaks"});
  CHECK(sim.events<event::gate_checked>().size() == 1);
}

TEST_CASE("unmarked concerns go to the assessor, once") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.always[{kFirst, Action::execute}] = concerned({"is slow", "leaks"});
  SECTION("none is actionable") {
    sim.world.say(kFirst, Action::assess_concerns, {mark({}, {"is slow", "leaks"})});
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 assessor assess"});
  }
  SECTION("one is actionable") {
    sim.world.say(kFirst, Action::assess_concerns, {mark({"leaks"}, {"is slow"})});
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() ==
          Lines{"1/1 executor execute", "1/1 assessor assess", "1/1 executor concerns"});
    CHECK(sim.state().task(kFirst)->concerns == Lines{"leaks"});
  }
}

TEST_CASE("a concern that the executor marked actionable stays so whatever the assessor says") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {concerned({"[actionable] leaks", "is slow"})});
  sim.world.say(kFirst, Action::assess_concerns, {mark({}, {"is slow"})});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() ==
        Lines{"1/1 executor execute", "1/1 assessor assess", "1/1 executor concerns"});
  CHECK(sim.state().task(kFirst)->concerns == Lines{"[actionable] leaks"});
}

TEST_CASE("a concern that assessor and executor both call actionable is listed once") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {concerned({"[actionable] leaks", "is slow"})});
  sim.world.say(kFirst, Action::assess_concerns, {mark({"leaks", "is slow"}, {})});
  CHECK(sim.run() == 0);
  CHECK(sim.state().task(kFirst)->concerns == Lines{"leaks", "is slow"});
}

TEST_CASE("without an assessor unmarked concerns are actionable") {
  RunSimulator sim = one_task_unreviewed();
  sim.rules.is_assessor_enabled = false;
  sim.world.say(kFirst, Action::execute, {concerned({"is slow", "[informational] old"})});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 executor concerns"});
  CHECK(sim.state().task(kFirst)->concerns == Lines{"is slow"});
}

TEST_CASE("when the assessor is out of retries only the unmarked concerns become actionable") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute,
                {concerned({"is slow", "[informational] old", "[actionable] leaks"})});
  sim.world.always[{kFirst, Action::assess_concerns}] = crash();
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 assessor assess",
                                     "1/1 assessor assess", "1/1 executor concerns"});
  CHECK(sim.state().task(kFirst)->concerns == Lines{"is slow", "[actionable] leaks"});
}

TEST_CASE("a concerns fix that crashes keeps its own concerns informational") {
  RunSimulator sim = one_task_unreviewed();
  const Reply again = concerned({"[actionable] leaks"});
  sim.world.say(kFirst, Action::execute, {again, crash(), again});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() ==
        Lines{"1/1 executor execute", "1/1 executor concerns", "1/1 executor retry"});
}

TEST_CASE("a concerns fix that a crash of the engine cut off keeps its concerns informational") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.always[{kFirst, Action::execute}] = concerned({"[actionable] leaks"});
  REQUIRE(sim.start().has_value());
  while (sim.attempts.size() < 2)
    sim.step();
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor concerns"});
}

// --- NEEDS_CONTEXT ---

TEST_CASE("missing context is answered twice, then the task is blocked without an assessor") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.always[{kFirst, Action::execute}] = needs_context("which port?");
  CHECK(sim.run() == 4);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 researcher research",
                                     "1/1 executor context", "1/1 researcher research",
                                     "1/1 executor context"});
  CHECK(sim.describe_task(1, 1) == "blocked");
  CHECK(contains(reason_of(sim, kFirst), "which port?"));
  CHECK(sim.state().task(kFirst)->contexts.size() == 2);
}

TEST_CASE("an answer lets the task go on") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {needs_context(), needs_context()});
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.size() == 5);
}

TEST_CASE("without a researcher missing context blocks at once") {
  RunSimulator sim = one_task_unreviewed();
  sim.rules.is_researcher_enabled = false;
  sim.world.say(kFirst, Action::execute, {needs_context("which port?")});
  CHECK(sim.run() == 4);
  CHECK(sim.attempts.size() == 1);
  CHECK(contains(reason_of(sim, kFirst), "which port?"));
}

TEST_CASE("a researcher out of retries blocks the task") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {needs_context()});
  sim.world.always[{kFirst, Action::research}] = crash("no_document");
  CHECK(sim.run() == 4);
  CHECK(sim.attempt_lines() ==
        Lines{"1/1 executor execute", "1/1 researcher research", "1/1 researcher research"});
}

// --- BLOCKED ---

TEST_CASE("the assessor's context lets a blocked task go on, once") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::assess_blocker, {resolve(), resolve()});
  SECTION("that was enough") {
    sim.world.say(kFirst, Action::execute, {stuck()});
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() ==
          Lines{"1/1 executor execute", "1/1 assessor assess", "1/1 executor context"});
  }
  SECTION("blocked again: the assessor is not asked again") {
    sim.world.say(kFirst, Action::execute, {stuck("no access"), stuck("still no access")});
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.size() == 3);
    CHECK(reason_of(sim, kFirst) == "still no access");
  }
}

TEST_CASE("a task is never blocked without a word") {
  RunSimulator sim = one_task_unreviewed();
  SECTION("blocked") {
    sim.world.say(kFirst, Action::execute, {stuck("")});
    sim.world.say(kFirst, Action::assess_blocker, {escalate()});
    CHECK(sim.run() == 4);
    CHECK(contains(reason_of(sim, kFirst), "does not say"));
  }
  SECTION("in need of context") {
    sim.world.always[{kFirst, Action::execute}] = needs_context("");
    CHECK(sim.run() == 4);
    CHECK(contains(reason_of(sim, kFirst), "does not say"));
  }
}

TEST_CASE("context, then blocked: each has its own counter") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {needs_context(), stuck(), needs_context(), done()});
  sim.world.say(kFirst, Action::assess_blocker, {resolve()});
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.size() == 7);
}

TEST_CASE("a blocker is escalated") {
  RunSimulator sim = one_task_unreviewed(2);
  sim.world.say(kFirst, Action::execute, {stuck("no access")});
  SECTION("by the assessor's word") {
    sim.world.say(kFirst, Action::assess_blocker, {escalate()});
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.size() == 2);
  }
  SECTION("by an assessor out of retries") {
    sim.world.always[{kFirst, Action::assess_blocker}] = crash();
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.size() == 3);
  }
  SECTION("because there is no assessor") {
    sim.rules.is_assessor_enabled = false;
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.size() == 1);
  }
  CHECK(reason_of(sim, kFirst) == "no access");
  CHECK(sim.describe_task(1, 2) == "waiting");
  CHECK(sim.describe_plan(1) == "stopped");
  CHECK(sim.machine().outcome_name() == "blocked");
}

TEST_CASE("the parts of a split task take the next free numbers and its place") {
  RunSimulator sim = one_task_unreviewed(3);
  sim.world.say({1, 2}, Action::execute, {stuck()});
  sim.world.say({1, 2}, Action::assess_blocker, {split_into(2)});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/2 executor execute",
                                     "1/2 assessor assess", "1/4 executor execute",
                                     "1/5 executor execute", "1/3 executor execute"});
  CHECK(sim.describe_task(1, 2) == "split");
  CHECK(sim.state().title_of({1, 4}) == "part 1");
  CHECK(sim.describe_plan(1) == "completed");
  CHECK(sim.merge_order == std::vector<int>{1});
}

TEST_CASE("the parts of a split task begin where it began") {
  RunSimulator sim = one_task_unreviewed(2);
  sim.world.say({1, 2}, Action::execute, {stuck()});
  sim.world.say({1, 2}, Action::assess_blocker, {split_into(2)});
  CHECK(sim.run() == 0);
  Lines commits;
  for (const auto& started : sim.events<event::task_started>())
    commits.push_back(started.commit);
  // What the blocked attempt left was seen by no gate and no reviewer.
  CHECK(commits ==
        Lines{"base-1", "001-task-1-executor-1", "001-task-1-executor-1", "001-task-3-executor-1"});
}

TEST_CASE("a part of a split task cannot be split again") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {stuck()});
  sim.world.say(kFirst, Action::assess_blocker, {split_into(2)});
  sim.world.say({1, 2}, Action::execute, {stuck("still too big")});
  sim.world.say({1, 2}, Action::assess_blocker, {split_into(2)});
  CHECK(sim.run() == 4);
  CHECK(reason_of(sim, {1, 2}) == "still too big");
  CHECK(sim.describe_task(1, 3) == "waiting");
  CHECK(sim.events<event::task_split>().size() == 1);
}

TEST_CASE("two tasks of a plan that are split do not share numbers") {
  RunSimulator sim = one_task_unreviewed(2);
  for (const TaskAddress task : {TaskAddress{1, 1}, TaskAddress{1, 2}}) {
    sim.world.say(task, Action::execute, {stuck()});
    sim.world.say(task, Action::assess_blocker, {split_into(2)});
  }
  CHECK(sim.run() == 0);
  Lines order;
  for (const auto& completed : sim.events<event::task_completed>())
    order.push_back(std::to_string(completed.task));
  CHECK(order == Lines{"3", "4", "5", "6"});
}

TEST_CASE("a split without tasks is no split") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {stuck()});
  sim.world.say(kFirst, Action::assess_blocker, {split_into(0)});
  CHECK(sim.run() == 4);
}

// --- Crashes ---

TEST_CASE("an attempt that fails is dispatched again, then the task failed and the plan stops") {
  const std::string cause =
      GENERATE("crashed", "timed_out", "stalled", "output_limit", "no_document", "not_started");
  RunSimulator sim = one_task_unreviewed(2);
  sim.world.always[{kFirst, Action::execute}] = crash(cause);
  CHECK(sim.run() == 1);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 executor retry"});
  CHECK(sim.attempts.at(1).attempt == 2);
  CHECK(sim.describe_task(1, 1) == "failed");
  CHECK(contains(reason_of(sim, kFirst), cause));
  CHECK(sim.describe_task(1, 2) == "waiting");
  CHECK(sim.machine().outcome_name() == "incomplete");
}

TEST_CASE("the number of retries is a setting") {
  RunSimulator sim = one_task_unreviewed();
  sim.rules.max_crash_retries = GENERATE(0, 1, 3);
  sim.world.always[{kFirst, Action::execute}] = crash();
  CHECK(sim.run() == 1);
  CHECK(static_cast<int>(sim.attempts.size()) == sim.rules.max_crash_retries + 1);
}

TEST_CASE("retries count for one dispatch, not for the task") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.say(kFirst, Action::execute, {crash(), done(), crash(), done(), crash(), done()});
  sim.world.gates[kFirst] = {gate_finding(), gate_finding()};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 executor retry",
                                     "1/1 executor spec_fix", "1/1 executor retry",
                                     "1/1 executor spec_fix", "1/1 executor retry"});
}

TEST_CASE("a fix attempt obeys the same table with the same counters") {
  RunSimulator sim = one_task();
  sim.world.say(kFirst, Action::execute,
                {needs_context(), done(), needs_context(), needs_context()});
  sim.world.say(kFirst, Action::review_spec, {reject()});
  CHECK(sim.run() == 4);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 researcher research",
                                     "1/1 executor context", "1/1 spec-reviewer review",
                                     "1/1 executor spec_fix", "1/1 researcher research",
                                     "1/1 executor context"});
}

// --- Gates and reviews ---

TEST_CASE("with reviews off a task gets two rounds of gate fixes, then it is left to a person") {
  RunSimulator sim = one_task_unreviewed(2);
  sim.world.gates_always_fail = {kFirst};
  CHECK(sim.run() == 1);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 executor spec_fix",
                                     "1/1 executor spec_fix", "1/2 executor execute"});
  CHECK(sim.describe_task(1, 1) == "needs_manual");
  CHECK(sim.describe_task(1, 2) == "completed");
  CHECK(sim.describe_plan(1) == "needs_manual");
  CHECK(sim.merge_order.empty());
}

TEST_CASE("a failed gate asks no reviewer and counts as a round of the stage it interrupts") {
  RunSimulator sim = one_task();
  SECTION("spec: one round by the gate, one by the reviewer, then no more") {
    sim.world.gates[kFirst] = {gate_finding(), {}, gate_finding()};
    sim.world.say(kFirst, Action::review_spec, {reject()});
    CHECK(sim.run() == 1);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 executor spec_fix",
                                       "1/1 spec-reviewer review", "1/1 executor spec_fix"});
    CHECK(sim.describe_task(1, 1) == "needs_manual");
  }
  SECTION("quality: the fix goes back to the same reviewer") {
    sim.world.gates[kFirst] = {{}, gate_finding(), {}};
    sim.world.say(kFirst, Action::review_quality, {reject()});
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 spec-reviewer review",
                                       "1/1 code-reviewer review", "1/1 executor quality_fix",
                                       "1/1 executor quality_fix", "1/1 code-reviewer review",
                                       "phase code-reviewer holistic"});
  }
}

TEST_CASE("each stage has two rounds of its own") {
  RunSimulator sim = one_task();
  sim.world.say(kFirst, Action::review_spec, {reject(), reject(), pass()});
  SECTION("both pass in the end") {
    sim.world.say(kFirst, Action::review_quality, {reject(), reject(), pass()});
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 spec-reviewer review",
                                       "1/1 executor spec_fix", "1/1 spec-reviewer review",
                                       "1/1 executor spec_fix", "1/1 spec-reviewer review",
                                       "1/1 code-reviewer review", "1/1 executor quality_fix",
                                       "1/1 code-reviewer review", "1/1 executor quality_fix",
                                       "1/1 code-reviewer review", "phase code-reviewer holistic"});
  }
  SECTION("quality is never good enough") {
    sim.world.always[{kFirst, Action::review_quality}] = reject("b.cpp:2 — unclear");
    CHECK(sim.run() == 1);
    CHECK(sim.describe_task(1, 1) == "needs_manual");
    CHECK(contains(reason_of(sim, kFirst), "b.cpp:2 — unclear"));
  }
}

TEST_CASE("what a reviewer never accepts is left to a person and the plan goes on") {
  RunSimulator sim({make_plan(1, 1, {}, 2), make_plan(2, 2, {1})});
  sim.world.always[{kFirst, Action::review_spec}] = reject();
  CHECK(sim.run() == 1);
  CHECK(sim.attempt_lines() ==
        Lines{"1/1 executor execute", "1/1 spec-reviewer review", "1/1 executor spec_fix",
              "1/1 spec-reviewer review", "1/1 executor spec_fix", "1/1 spec-reviewer review",
              "1/2 executor execute", "1/2 spec-reviewer review", "1/2 code-reviewer review"});
  CHECK(sim.describe_plan(1) == "needs_manual");
  CHECK(sim.describe_plan(2) == "skipped");
  CHECK(contains(sim.events<event::plan_skipped>().at(0).reason, "001"));
  CHECK(sim.merge_order.empty());
}

TEST_CASE("a reviewer that crashes is a failed attempt and never a pass") {
  RunSimulator sim = one_task();
  const Action stage = GENERATE(Action::review_spec, Action::review_quality);
  SECTION("the retry decides") {
    sim.world.say(kFirst, stage, {crash("no_document"), pass()});
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.size() == 5);
  }
  SECTION("out of retries") {
    sim.world.always[{kFirst, stage}] = crash("changed_workspace");
    CHECK(sim.run() == 1);
    CHECK(sim.describe_task(1, 1) == "needs_manual");
    CHECK(contains(reason_of(sim, kFirst), "no verdict"));
  }
}

TEST_CASE("what an attempt touched is held against the task until its gates are checked") {
  RunSimulator sim = one_task_unreviewed();
  REQUIRE(sim.start().has_value());
  TaskRecord task;
  task.address = kFirst;
  task.state = state::active{Action::execute, 1};
  event::attempt_finished finished;
  finished.plan = finished.task = 1;
  finished.role = "executor";
  finished.attempt = 1;
  finished.cause = "done";
  finished.violations = {".git/hooks/pre-commit"};
  REQUIRE(advance(task, finished).has_value());
  REQUIRE(advance(task, event::status_reported{1, 1, 1, "NEEDS_CONTEXT", {}, "?"}).has_value());
  REQUIRE(advance(task, event::context_provided{1, 1, "person", "!"}).has_value());
  event::attempt_started started{1, 1, "executor", "context", 2, ""};
  REQUIRE(advance(task, started).has_value());
  finished.attempt = 2;
  finished.violations = {};
  REQUIRE(advance(task, finished).has_value());
  CHECK(task.violations == Lines{".git/hooks/pre-commit"});
  REQUIRE(advance(task, event::status_reported{1, 1, 2, "DONE", {}, ""}).has_value());
  event::gate_checked gates;
  gates.plan = gates.task = 1;
  gates.stage = "gates";
  REQUIRE(advance(task, gates).has_value());
  CHECK(task.violations.empty());
}

// --- Providers ---

namespace {

std::vector<PlanDefinition> independent_plans(int count, int tasks = 1) {
  std::vector<PlanDefinition> plans;
  for (int plan = 1; plan <= count; ++plan)
    plans.push_back(make_plan(plan, 1, {}, tasks));
  return plans;
}

}  // namespace

TEST_CASE("a provider's limit is no failed attempt, however often it is met") {
  RunSimulator sim = one_task_unreviewed();
  sim.rules.max_crash_retries = 0;
  const std::string cause = GENERATE("quota", "overloaded");
  sim.world.say(kFirst, Action::execute, {refused(cause), refused(cause), refused(cause), done()});
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.size() == 4);
  for (const auto& attempt : sim.attempts) {
    CHECK(attempt.reason == "execute");
    CHECK(attempt.take == 1);
  }
  CHECK(sim.attempts.back().attempt == 4);
  const auto waited = sim.events<event::quota_waiting>();
  REQUIRE(waited.size() == 3);
  CHECK(waited.at(0).cause == cause);
  CHECK(waited.at(0).until == 7);
  CHECK(sim.events<event::breaker_tripped>().empty());
}

TEST_CASE("a provider's limit is no failed review either") {
  RunSimulator sim = one_task();
  sim.rules.max_crash_retries = 0;
  sim.world.say(kFirst, Action::review_spec, {refused(), pass()});
  sim.world.say(kPhaseAddress, Action::review_holistic, {refused("overloaded"), pass()});
  CHECK(sim.run() == 0);
}

TEST_CASE("limits that three tasks meet do not look like a broken agent") {
  RunSimulator sim(independent_plans(4));
  sim.rules.is_review_enabled = false;
  for (int plan = 1; plan <= 4; ++plan)
    sim.world.say({plan, 1}, Action::execute, {refused(), refused()});
  CHECK(sim.run() == 0);
  CHECK(sim.events<event::breaker_tripped>().empty());
}

TEST_CASE("an account that is refused stops the run at once and fails no task") {
  RunSimulator sim(independent_plans(4));
  sim.rules.is_review_enabled = false;
  sim.rules.max_wave_parallelism = 2;
  sim.world.say({1, 1}, Action::execute, {refused("auth")});
  CHECK(sim.run() == 6);
  CHECK(sim.machine().outcome_name() == "failed");
  CHECK(sim.attempts.size() == 2);
  CHECK(sim.describe_task(1, 1) == "due(execute)");
  CHECK(sim.events<event::task_failed>().empty());
  SECTION("after the login the next run goes on") {
    CHECK(sim.run() == 0);
  }
}

// --- Circuit breaker ---

TEST_CASE("the third blocked task stops dispatch and running attempts are recorded") {
  RunSimulator sim(independent_plans(6));
  sim.rules.is_review_enabled = false;
  for (int plan = 1; plan <= 3; ++plan)
    sim.world.say({plan, 1}, Action::execute, {stuck()});
  CHECK(sim.run() == 3);
  CHECK(sim.machine().outcome_name() == "circuit_breaker");
  const auto tripped = sim.events<event::breaker_tripped>();
  REQUIRE(tripped.size() == 1);
  CHECK(tripped.at(0).kind == "blocked");
  CHECK(tripped.at(0).tasks == Lines{"001/1", "002/1", "003/1"});
  for (const auto& started : sim.events<event::attempt_started>()) {
    const auto finished = sim.events<event::attempt_finished>();
    CHECK(std::any_of(finished.begin(), finished.end(), [&](const auto& f) {
      return f.plan == started.plan && f.role == started.role && f.cause == "done";
    }));
  }

  SECTION("so too on a later run, at once") {
    CHECK(sim.run() == 3);
    CHECK(sim.attempts.empty());
  }
  SECTION("one of them retried: the run goes on") {
    sim.retry.tasks = {{2, 1}};
    CHECK(sim.run() == 4);
    CHECK(sim.describe_plan(2) == "completed");
    CHECK(sim.describe_plan(6) == "completed");
  }
  SECTION("unblocked by a person: it goes on with the context") {
    sim.journal.push_back({0, "", event::task_unblocked{2, 1, "the key is under the mat"}});
    CHECK(sim.run() == 4);
    CHECK(sim.describe_plan(2) == "completed");
    CHECK(sim.attempts.at(0).reason == "context");
  }
}

TEST_CASE("two blocked tasks do not trip the breaker") {
  RunSimulator sim(independent_plans(5));
  sim.rules.is_review_enabled = false;
  sim.world.say({1, 1}, Action::execute, {stuck()});
  sim.world.say({2, 1}, Action::execute, {stuck()});
  CHECK(sim.run() == 4);
  CHECK(sim.describe_plan(5) == "completed");
}

TEST_CASE("attempts of three different tasks failing in a row stop dispatch") {
  RunSimulator sim(independent_plans(8));
  sim.rules.is_review_enabled = false;
  sim.rules.max_wave_parallelism = 3;
  for (int plan = 1; plan <= 8; ++plan)
    sim.world.always[{{plan, 1}, Action::execute}] = crash();
  CHECK(sim.run() == 1);
  CHECK(sim.machine().outcome_name() == "failures");
  CHECK(sim.attempts.size() <= 5);
  CHECK(sim.events<event::breaker_tripped>().at(0).kind == "failures");
  SECTION("the next run begins anew") {
    sim.world.always.clear();
    CHECK(sim.run() == 0);
  }
}

TEST_CASE("a success between the failures keeps the breaker quiet") {
  RunSimulator sim(independent_plans(6));
  sim.rules.is_review_enabled = false;
  sim.rules.max_wave_parallelism = 1;
  for (int plan = 1; plan <= 6; ++plan)
    if (plan % 3 != 0) sim.world.always[{{plan, 1}, Action::execute}] = crash();
  CHECK(sim.run() == 1);
  CHECK(sim.events<event::breaker_tripped>().empty());
  CHECK(sim.describe_plan(6) == "completed");
}

TEST_CASE("one task failing often is a hard task, not a broken agent") {
  RunSimulator sim = one_task_unreviewed();
  sim.rules.max_crash_retries = 5;
  sim.world.always[{kFirst, Action::execute}] = crash();
  CHECK(sim.run() == 1);
  CHECK(sim.attempts.size() == 6);
  CHECK(sim.events<event::breaker_tripped>().empty());
}

TEST_CASE("a third blocked task counts even when failures had stopped dispatch before") {
  RunSimulator sim(independent_plans(6));
  sim.rules.is_review_enabled = false;
  sim.rules.is_assessor_enabled = false;
  sim.rules.max_wave_parallelism = 6;
  for (const int plan : {1, 2, 3})
    sim.world.say({plan, 1}, Action::execute, {crash()});
  for (const int plan : {4, 5, 6})
    sim.world.say({plan, 1}, Action::execute, {stuck()});
  CHECK(sim.run() == 3);
}

// --- Holistic review ---

TEST_CASE("the holistic review has three fix rounds") {
  RunSimulator sim = one_task();
  SECTION("the third fix is accepted") {
    sim.world.say(kPhaseAddress, Action::review_holistic, {reject(), reject(), reject(), pass()});
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.size() == 3 + 7);
    CHECK(sim.attempts.back().reason == "holistic");
    // All verify commands run again after each.
    CHECK(sim.events<event::gate_checked>().size() == 1 + 3);
  }
  SECTION("a failed verify command is a round too") {
    sim.world.say(kPhaseAddress, Action::review_holistic, {reject(), reject(), pass()});
    sim.world.gates[kPhaseAddress] = {gate_finding(), {}, {}};
    CHECK(sim.run() == 0);
  }
  SECTION("still failing is a blocker, exit 4, and stays so") {
    sim.world.always[{kPhaseAddress, Action::review_holistic}] = reject("a.cpp:1 — names differ");
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.size() == 3 + 7);
    CHECK(contains(reason_of(sim, kPhaseAddress), "names differ"));
    CHECK_FALSE(sim.machine().is_phase_complete());
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.empty());
    sim.world.always.clear();
    sim.retry.all_blocked = true;
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"phase code-reviewer holistic"});
  }
  SECTION("a reviewer without a verdict is no pass") {
    sim.world.always[{kPhaseAddress, Action::review_holistic}] = crash();
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.size() == 3 + 2);
  }
  SECTION("an executor that crashes leaves it failed") {
    sim.world.say(kPhaseAddress, Action::review_holistic, {reject()});
    sim.world.always[{kPhaseAddress, Action::execute}] = crash();
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.back().reason == "retry");
  }
  SECTION("fixes obey the status table") {
    sim.world.say(kPhaseAddress, Action::review_holistic, {reject()});
    sim.world.say(kPhaseAddress, Action::execute, {needs_context(), stuck(), done()});
    sim.world.say(kPhaseAddress, Action::assess_blocker, {resolve()});
    CHECK(sim.run() == 0);
  }
  SECTION("a fix cannot be split") {
    sim.world.say(kPhaseAddress, Action::review_holistic, {reject()});
    sim.world.say(kPhaseAddress, Action::execute, {stuck()});
    sim.world.say(kPhaseAddress, Action::assess_blocker, {split_into(2)});
    CHECK(sim.run() == 4);
  }
}

TEST_CASE("a passed holistic review whose fixes cannot be merged is a blocker") {
  RunSimulator sim = one_task();
  sim.world.merges[0] = {{0, "conflict", "", {"a.cpp"}}};
  CHECK(sim.run() == 4);
  CHECK(contains(reason_of(sim, kPhaseAddress), "a.cpp"));
}

TEST_CASE("the holistic review waits until every plan of the phase is complete") {
  RunSimulator sim({make_plan(1, 1), make_plan(2, 2, {1})});
  SECTION("part of the phase: not yet") {
    SECTION("by plan") {
      sim.scope.plan = 1;
    }
    SECTION("by task") {
      sim.scope.only = TaskAddress{1, 1};
    }
    SECTION("by wave") {
      sim.scope.until_wave = 1;
    }
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.size() == 3);
    CHECK_FALSE(sim.machine().is_phase_complete());
    sim.scope = {};
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.back().reason == "holistic");
  }
  SECTION("a passed one is not run again") {
    CHECK(sim.run() == 0);
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
    CHECK(sim.merge_order.empty());
  }
}

// --- Exit codes ---

TEST_CASE("several causes: the exit code is the first in rank") {
  RunSimulator sim(independent_plans(3));
  sim.rules.is_review_enabled = false;
  SECTION("a blocker outranks a failure") {
    sim.world.say({1, 1}, Action::execute, {stuck()});
    sim.world.always[{{2, 1}, Action::execute}] = crash();
    CHECK(sim.run() == 4);
  }
  SECTION("a failure alone") {
    sim.world.always[{{2, 1}, Action::execute}] = crash();
    CHECK(sim.run() == 1);
  }
  SECTION("a signal outranks all") {
    sim.rules.circuit_breaker = 1;
    sim.world.say({1, 1}, Action::execute, {stuck()});
    REQUIRE(sim.start().has_value());
    while (!sim.state().breaker())
      sim.step();
    sim.stop(15);
    sim.finish();
    CHECK(sim.machine().exit_code() == 143);
    CHECK(sim.machine().outcome_name() == "interrupted");
  }
}

TEST_CASE("a missing artifact keeps a plan from being complete and from being merged") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.missing_artifacts[1] = {"docs/a.md"};
  CHECK(sim.run() == 1);
  CHECK(sim.describe_plan(1) == "needs_manual");
  CHECK(contains(sim.events<event::plan_needs_manual>().at(0).reason, "docs/a.md"));
  CHECK(sim.events<event::merge_finished>().empty());
  SECTION("once it is there the plan is completed without another attempt") {
    sim.world.missing_artifacts.clear();
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
  }
}

TEST_CASE("a merge that conflicts is fixed by one attempt and merged") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/0 executor merge_fix"});
  CHECK(sim.merge_order == std::vector<int>{1, 1});
  CHECK(sim.events<event::merge_fixed>().at(0).commit == "001-merge-executor-1");
  CHECK(sim.events<event::task_completed>().size() == 1);
  CHECK(sim.state().plan(1)->head == "001-merge-executor-1");
}

TEST_CASE("the fix of a merge conflict is reviewed like a task") {
  RunSimulator sim({make_plan(1, 1)});
  sim.rules.is_review_enabled = true;
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  SECTION("and accepted") {
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 spec-reviewer review",
                                       "1/1 code-reviewer review", "1/0 executor merge_fix",
                                       "1/0 spec-reviewer review", "1/0 code-reviewer review",
                                       "phase code-reviewer holistic"});
  }
  SECTION("or left to a person, with what is to be done") {
    sim.world.say({1, 0}, Action::review_spec, {reject("lost the other side")});
    CHECK(sim.run() == 1);
    const std::string reason = sim.events<event::plan_needs_manual>().at(0).reason;
    CHECK(contains(reason, "lost the other side"));
    CHECK(contains(reason, "git merge konductor/"));
    CHECK(sim.merge_order == std::vector<int>{1});
  }
}

TEST_CASE("a fix of a merge conflict that does not come about is a person's") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  SECTION("because it is blocked") {
    sim.world.say({1, 0}, Action::execute, {stuck("no idea")});
  }
  SECTION("because it lacks context") {
    sim.world.say({1, 0}, Action::execute, {needs_context("which one?")});
  }
  SECTION("because its attempts fail") {
    sim.world.say({1, 0}, Action::execute, {crash(), crash()});
  }
  SECTION("because its gates fail") {
    sim.world.gates[{1, 0}] = {gate_finding("markers left")};
  }
  SECTION("because it conflicts again") {
    sim.world.merges[1].push_back({1, "conflict", "i2", {"a.cpp"}});
  }
  CHECK(sim.run() == 1);
  CHECK(sim.describe_plan(1) == "needs_manual");
  CHECK(sim.events<event::task_blocked>().empty());
  // The next run tries the merge, which a person may have made possible, and pays for no attempt.
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
}

TEST_CASE("a person has the fix of a merge conflict tried again") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  const bool was_accepted = GENERATE(false, true);
  if (was_accepted)
    sim.world.merges[1].push_back({1, "conflict", "i2", {"a.cpp"}});
  else
    sim.world.say({1, 0}, Action::execute, {stuck("no idea")});
  CHECK(sim.run() == 1);
  sim.retry.tasks = {{1, 0}};
  SECTION("and it conflicts still") {
    sim.world.merges[1] = {{1, "conflict", "i3", {"a.cpp"}}};
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/0 executor merge_fix"});
    CHECK(sim.attempts.at(0).attempt == 2);
    CHECK(sim.events<event::merge_fixed>().size() == (was_accepted ? 2 : 1));
    CHECK(sim.events<event::task_completed>().size() == 1);
  }
  SECTION("and a person has settled it meanwhile") {
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
  }
  SECTION("and a crash comes before its attempt") {
    sim.world.merges[1] = {{1, "conflict", "i3", {"a.cpp"}}};
    REQUIRE(sim.start().has_value());
    sim.crash();
    sim.retry.tasks.clear();
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/0 executor merge_fix"});
  }
  SECTION("and it fails again") {
    sim.world.merges[1] = {{1, "conflict", "i3", {"a.cpp"}}};
    sim.world.say({1, 0}, Action::execute, {stuck("still no idea")});
    CHECK(sim.run() == 1);
    CHECK(sim.describe_plan(1) == "needs_manual");
    sim.retry.tasks.clear();
    sim.world.merges[1] = {{1, "conflict", "i3", {"a.cpp"}}};
    CHECK(sim.run() == 1);
    CHECK(sim.attempts.empty());
  }
}

TEST_CASE("nothing else is merged while a conflict is being fixed") {
  RunSimulator sim({make_plan(1, 1), make_plan(2, 1)});
  sim.rules.is_review_enabled = false;
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  CHECK(sim.run() == 0);
  CHECK(sim.merge_order == std::vector<int>{1, 1, 2});
}

TEST_CASE("a fix of a merge conflict that a crash cut off is made again") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  REQUIRE(sim.start().has_value());
  while (sim.attempts.size() < 2)
    sim.step();
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/0 executor merge_fix"});
  CHECK(sim.events<event::merge_fixed>().size() == 1);
}

TEST_CASE("a task that was added while a conflict is being fixed comes before a new fix") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  REQUIRE(sim.start().has_value());
  while (sim.attempts.size() < 2)
    sim.step();
  sim.crash();
  sim.plans[0].tasks.push_back({2, "task 2", "text-2"});
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/2 executor execute", "1/0 executor merge_fix"});
  CHECK(sim.events<event::task_started>().at(1).commit == "001-task-1-executor-1");
  CHECK(sim.events<event::merge_fixed>().size() == 1);
}

TEST_CASE("a task that runs again while a conflict is being fixed ends that fix") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  REQUIRE(sim.start().has_value());
  while (sim.attempts.size() < 2)
    sim.step();
  sim.crash();
  sim.retry.tasks = {{1, 1}};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute"});
  CHECK(sim.events<event::merge_fixed>().empty());
}

TEST_CASE("an accepted fix of a conflict is merged before any other plan") {
  RunSimulator sim({make_plan(1, 1), make_plan(2, 1)});
  sim.rules.is_review_enabled = false;
  sim.world.merges[2] = {{2, "conflict", "i1", {"a.cpp"}}};
  // Plan 2 is done first; plan 1 gets ready while its conflict is fixed.
  REQUIRE(sim.start().has_value());
  const auto of_plan_2 = [](const auto& c) { return c.address.plan == 2; };
  REQUIRE(sim.finish_first<command::open_workspace>([](const auto& c) { return c.plan == 2; }));
  REQUIRE(sim.finish_first<command::start_attempt>(of_plan_2));
  REQUIRE(sim.finish_first<command::check_gates>(of_plan_2));
  REQUIRE(sim.finish_first<command::file_task>(of_plan_2));
  REQUIRE(sim.finish_first<command::complete_plan>([](const auto& c) { return c.plan == 2; }));
  sim.finish();
  CHECK(sim.merge_order == std::vector<int>{2, 2, 1});
}

TEST_CASE("a plan whose task runs again may conflict again") {
  RunSimulator sim = one_task_unreviewed();
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  CHECK(sim.run() == 0);
  sim.retry.tasks = {{1, 1}};
  sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/0 executor merge_fix"});
}

TEST_CASE("a conflict to come is told once") {
  RunSimulator sim({make_plan(1, 1, {}, 3)});
  sim.rules.is_review_enabled = false;
  sim.world.predicted[1] = {{1, 1, 2, {"a.cpp"}}, {1, 1, 0, {"b.cpp"}}};
  CHECK(sim.run() == 0);
  CHECK(sim.events<event::conflict_predicted>().size() == 2);
}

TEST_CASE("a tree that cannot be begun needs a person, and is tried again") {
  RunSimulator sim({make_plan(1, 1), make_plan(2, 2, {1})});
  SECTION("a plan's") {
    sim.world.misfits[2] = "they do not fit together";
    CHECK(sim.run() == 1);
    CHECK(sim.events<event::plan_needs_manual>().at(0).reason == "they do not fit together");
    CHECK(sim.events<event::merge_finished>().size() == 1);
    sim.world.misfits.clear();
    CHECK(sim.run() == 0);
  }
  SECTION("the holistic review's") {
    sim.world.misfits[0] = "they do not fit together";
    CHECK(sim.run() == 4);
    CHECK(contains(reason_of(sim, kPhaseAddress), "they do not fit together"));
  }
}

// --- Stopping ---

TEST_CASE("after a signal nothing new starts and the rest is done by the next run") {
  RunSimulator sim(independent_plans(6, 2));
  const int signal = GENERATE(1, 2, 15);
  REQUIRE(sim.start().has_value());
  while (sim.attempts.size() < 7)
    sim.step();
  sim.stop(signal);
  sim.finish();
  CHECK(sim.attempts.size() == 7);
  CHECK(sim.machine().exit_code() == 128 + signal);
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(sim.events<event::task_completed>().size() == 12);
}

TEST_CASE("a gate check that a signal cut off is not a failed gate and files what is complete") {
  RunSimulator sim = one_task_unreviewed(2);
  REQUIRE(sim.start().has_value());
  while (sim.events<event::status_reported>().size() < 2)
    sim.step();
  sim.stop(2);
  sim.finish();
  CHECK(sim.machine().exit_code() == 130);
  CHECK_FALSE(sim.machine().failure().has_value());
  CHECK(sim.describe_task(1, 2) == "due(check_gates)");
  CHECK(sim.state().task({1, 1})->is_filed);
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
}

TEST_CASE("an engine that cannot go on ends with the code of its error") {
  RunSimulator sim = one_task_unreviewed();
  REQUIRE(sim.start().has_value());
  RunMachine machine(sim.state(), sim.rules, sim.scope);
  machine.start();
  const auto [code, exit] = GENERATE(table<ErrorCode, int>({{ErrorCode::environment, 6},
                                                            {ErrorCode::io, 6},
                                                            {ErrorCode::fenced, 5},
                                                            {ErrorCode::internal, 1}}));
  const Step step = machine.handle(EngineFailed{{code, "no"}, TaskAddress{1, 0}});
  CHECK(step.commands.empty());
  CHECK(machine.is_finished());
  CHECK(machine.exit_code() == exit);
  CHECK(machine.outcome_name() == "failed");
}

TEST_CASE("a limit that ends a run has its own code, below what needs a person") {
  RunSimulator sim(independent_plans(3));
  sim.rules.is_review_enabled = false;
  const Error limit{ErrorCode::limit_reached, "too long"};
  SECTION("alone") {
    REQUIRE(sim.start().has_value());
    RunMachine machine(sim.state(), sim.rules, sim.scope);
    machine.start();
    machine.handle(EngineFailed{limit, TaskAddress{1, 0}});
    CHECK(machine.exit_code() == 7);
    CHECK(machine.outcome_name() == "limit");
    machine.handle(EngineFailed{{ErrorCode::environment, "not logged in"}, TaskAddress{2, 0}});
    CHECK(machine.exit_code() == 6);
    CHECK(machine.outcome_name() == "failed");
  }
  SECTION("a blocker outranks it") {
    sim.world.say({1, 1}, Action::execute, {stuck()});
    CHECK(sim.run() == 4);
    RunMachine machine(sim.state(), sim.rules, sim.scope);
    machine.handle(EngineFailed{limit, std::nullopt});
    CHECK(machine.exit_code() == 4);
  }
}

// --- Budgets ---

TEST_CASE(
    "a phase's budget admits no more attempts, those in flight end, and the next run goes on") {
  RunSimulator sim(independent_plans(4));
  sim.rules.is_review_enabled = false;
  sim.rules.max_wave_parallelism = 2;
  sim.rules.budget.phase.usd = 2.5;
  sim.world.usd = 1;
  CHECK(sim.run() == 7);
  CHECK(sim.attempts.size() == 2);
  const auto reached = sim.events<event::budget_reached>();
  REQUIRE(reached.size() == 1);
  CHECK(reached.at(0) == event::budget_reached{0, 0, "phase", "usd", 2, 2.5});
  CHECK(sim.events<event::task_failed>().empty());
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.size() == 2);
}

TEST_CASE("what attempts in flight may use is kept for them") {
  RunSimulator sim(independent_plans(4));
  sim.rules.is_review_enabled = false;
  sim.rules.max_wave_parallelism = 4;
  sim.rules.budget.attempt.usd = 2;
  sim.rules.budget.phase.usd = 5;
  sim.world.usd = 1;
  CHECK(sim.run() == 0);
  CHECK(sim.most_in_flight == 2);
  CHECK(sim.events<event::budget_reached>().empty());
}

TEST_CASE("a task's budget stops its own plan, and the others go on") {
  RunSimulator sim(independent_plans(2));
  sim.rules.budget.task.usd = 3;
  sim.world.usd = 1;
  sim.world.say(kFirst, Action::review_spec, {reject(), pass()});
  CHECK(sim.run() == 7);
  const auto reached = sim.events<event::budget_reached>();
  REQUIRE(reached.size() == 1);
  CHECK(reached.at(0).scope == "task");
  CHECK(reached.at(0).plan == 1);
  CHECK(reached.at(0).task == 1);
  CHECK(sim.attempts.size() == 6);
  sim.rules.budget = {};
  CHECK(sim.run() == 0);
}

// --- Sessions ---

TEST_CASE("a fix goes on in the executor's own session if that is wanted") {
  RunSimulator sim = one_task();
  const bool is_wanted = GENERATE(true, false);
  sim.rules.resumes_sessions = is_wanted;
  sim.world.session = "abc";
  sim.world.say(kFirst, Action::review_spec, {reject(), pass()});
  CHECK(sim.run() == 0);
  std::vector<std::string> sessions;
  for (const auto& attempt : sim.attempts)
    if (attempt.role == RoleName::executor) sessions.push_back(attempt.session);
  CHECK(sessions == std::vector<std::string>{"", is_wanted ? "abc" : ""});
}

TEST_CASE("after a failed attempt a fresh session begins") {
  RunSimulator sim = one_task();
  sim.rules.resumes_sessions = true;
  sim.world.session = "abc";
  sim.world.say(kFirst, Action::execute, {done(), crash(), done()});
  sim.world.say(kFirst, Action::review_spec, {reject(), pass()});
  CHECK(sim.run() == 0);
  std::vector<std::string> sessions;
  for (const auto& attempt : sim.attempts)
    if (attempt.role == RoleName::executor) sessions.push_back(attempt.session);
  CHECK(sessions == std::vector<std::string>{"", "abc", ""});
}

TEST_CASE("a later run goes on in sessions, unless the plan was edited") {
  RunSimulator sim = one_task();
  sim.rules.resumes_sessions = true;
  sim.world.session = "abc";
  sim.rules.budget.task.usd = 2;
  sim.world.usd = 1;
  sim.world.say(kFirst, Action::review_spec, {reject(), pass()});
  CHECK(sim.run() == 7);
  sim.rules.budget = {};
  const bool is_edited = GENERATE(false, true);
  if (is_edited) sim.plans.at(0).fingerprint = "edited";
  CHECK(sim.run() == 0);
  REQUIRE(sim.attempts.front().role == RoleName::executor);
  CHECK(sim.attempts.front().reason == "spec_fix");
  CHECK(sim.attempts.front().session == (is_edited ? "" : "abc"));
}

TEST_CASE("what was cut off goes on in its session, and only that") {
  RunSimulator sim = one_task();
  sim.world.session = "abc";
  const std::string cause = GENERATE("quota", "overloaded", "interrupted");
  sim.world.say(kFirst, Action::execute, {refused(cause), refused(cause), crash(), done()});
  CHECK(sim.run() == 0);
  std::vector<std::string> sessions;
  for (const auto& attempt : sim.attempts)
    if (attempt.role == RoleName::executor) {
      sessions.push_back(attempt.session);
      CHECK(attempt.is_cut_off == !attempt.session.empty());
    }
  CHECK(sessions == std::vector<std::string>{"", "abc", "abc", ""});
}

TEST_CASE("a session is still gone on with when an attempt ends before its agent began") {
  RunSimulator sim = one_task();
  sim.world.session = "abc";
  sim.world.say(kFirst, Action::execute, {refused(), refused("cancelled"), done()});
  CHECK(sim.run() == 0);
  std::vector<std::string> sessions;
  for (const auto& attempt : sim.attempts)
    if (attempt.role == RoleName::executor) sessions.push_back(attempt.session);
  CHECK(sessions == std::vector<std::string>{"", "abc", "abc"});
}

TEST_CASE("a session that is lost is no failed attempt, and is asked for once") {
  RunSimulator sim = one_task();
  sim.rules.max_crash_retries = 0;
  sim.world.session = "abc";
  sim.world.say(kFirst, Action::execute, {refused(), crash("session_lost"), done()});
  CHECK(sim.run() == 0);
  std::vector<std::string> sessions;
  for (const auto& attempt : sim.attempts)
    if (attempt.role == RoleName::executor) sessions.push_back(attempt.session);
  CHECK(sessions == std::vector<std::string>{"", "abc", ""});
}

TEST_CASE("what was cut off begins afresh where its plan was edited") {
  RunSimulator sim = one_task();
  sim.world.session = "abc";
  sim.world.say(kFirst, Action::execute, {refused("auth"), done()});
  CHECK(sim.run() == 6);
  const bool is_edited = GENERATE(false, true);
  if (is_edited) sim.plans.at(0).fingerprint = "edited";
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.front().session == (is_edited ? "" : "abc"));
}
