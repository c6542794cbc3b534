// SPDX-License-Identifier: MIT
#include "engine/explanation.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace konductor;          // NOLINT
using namespace konductor::engine;  // NOLINT
using Catch::Matchers::Contains;

namespace {

PlanDefinition define(int number, int wave, std::vector<int> depends_on, int tasks) {
  PlanDefinition plan;
  plan.plan = number;
  plan.wave = wave;
  plan.title = "Plan " + std::to_string(number);
  plan.depends_on = std::move(depends_on);
  plan.fingerprint = "p" + std::to_string(number);
  for (int task = 1; task <= tasks; ++task)
    plan.tasks.push_back({task, "Task " + std::to_string(task), "f"});
  return plan;
}

// Plan 1 of two tasks, and plan 2 of one, which depends on it.
std::vector<PlanDefinition> two_plans() {
  return {define(1, 1, {}, 2), define(2, 2, {1}, 1)};
}

// A phase told event by event, and what is asked of it.
class Phase {
 public:
  explicit Phase(std::vector<PlanDefinition> plans = two_plans()) : state_(std::move(plans)) {}

  Phase& happens(EventBody body) {
    events_.push_back({1'769'860'800'000 + static_cast<std::int64_t>(events_.size()) * 1000, "r1",
                       std::move(body)});
    const Result<void> applied = state_.apply(events_.back());
    if (applied.has_error()) FAIL(applied.error().message);
    return *this;
  }
  Phase& begins(int plan = 1, int task = 1) {
    if (events_.empty()) happens(event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "w"});
    happens(event::plan_started{plan, plan, 0, "P"});
    happens(event::workspace_prepared{plan, "c0", "c0"});
    return happens(event::task_started{plan, task, "T", "c0"});
  }
  Phase& starts(const std::string& role, const std::string& reason, int attempt = 1) {
    event::attempt_started started{1, 1, role, reason, attempt, "fake"};
    started.fingerprint = "p1";
    return happens(started);
  }
  Phase& ends(const std::string& role, const std::string& cause, int attempt = 1,
              const std::string& detail = "") {
    event::attempt_finished finished;
    finished.plan = finished.task = 1;
    finished.role = role;
    finished.attempt = attempt;
    finished.cause = cause;
    finished.detail = detail;
    finished.commit = "c1";
    return happens(finished);
  }
  Phase& reports(const std::string& status, const std::string& text = "") {
    return happens(event::status_reported{1, 1, 1, status, {}, text});
  }
  // An executor's attempt that is done, and what the gates say of it.
  Phase& works(bool is_gate_passed) {
    starts("executor", "execute").ends("executor", "done").reports("DONE");
    std::vector<Finding> findings;
    if (!is_gate_passed) findings.push_back({"significant", "verify", "`make test` exited 2"});
    return happens(event::gate_checked{1, 1, is_gate_passed, "spec", findings, {}, {}});
  }
  Phase& completes(int plan, int task) {
    happens(event::task_completed{plan, task, "c1", "f", false});
    markers.tasks.insert({plan, task});
    return happens(event::marker_filed{plan, task, {"a-summary.md"}});
  }
  Phase& run_ends(const std::string& outcome, int exit) {
    return happens(event::run_finished{exit, outcome, "none", ""});
  }

  Explanation task(int plan, int task) const { return explain_task(facts(), {plan, task}); }
  Explanation plan(int number) const { return explain_plan(facts(), number); }

  MarkersOnDisk markers;
  bool is_engine_alive = false;

 private:
  ExplanationFacts facts() const { return {"01", state_, markers, events_, is_engine_alive, 3}; }

  RunState state_;
  std::vector<Event> events_;
};

const Cause& cause(const std::vector<Cause>& causes, const std::string& name) {
  const auto found = std::find_if(causes.begin(), causes.end(),
                                  [&](const Cause& each) { return each.name == name; });
  std::string names;
  for (const Cause& each : causes)
    names += each.name + " ";
  INFO("wanted " << name << " among " << names);
  REQUIRE(found != causes.end());
  return *found;
}

bool has(const std::vector<Cause>& causes, const std::string& name) {
  return std::any_of(causes.begin(), causes.end(),
                     [&](const Cause& each) { return each.name == name; });
}

bool has_evidence(const Cause& told, const std::string& name) {
  return std::any_of(told.evidence.begin(), told.evidence.end(),
                     [&](const Evidence& each) { return each.name == name; });
}

bool has_command(const Explanation& told, const std::string& command) {
  return std::find(told.commands.begin(), told.commands.end(), command) != told.commands.end();
}

}  // namespace

TEST_CASE("what was never executed says so, and how it begins") {
  const Explanation told = Phase().task(1, 1);
  CHECK(told.subject == "01/001/1");
  CHECK(told.title == "Task 1");
  CHECK(told.answer == "It did not run, because the phase was never executed.");
  CHECK(has(told.stands, "never_executed"));
  CHECK(cause(told.next, "runs").text == "it runs");
  CHECK(has_command(told, "konductor execute 01"));
}

TEST_CASE("each attempt ran because of what came before it") {
  Phase phase;
  phase.begins().works(false);
  phase.starts("executor", "spec_fix", 2).ends("executor", "crashed", 2, "signal 11");
  phase.starts("executor", "retry", 3).ends("executor", "done", 3).reports("DONE");
  phase.happens(event::gate_checked{1, 1, true, "spec", {}, {}, {}});
  phase.starts("spec-reviewer", "review").ends("spec-reviewer", "done");
  phase.happens(event::review_finished{
      1, 1, "spec", "fail", {{"significant", "spec-reviewer", "a.c:1 — wrong"}}});
  phase.starts("executor", "spec_fix", 4);
  const std::vector<Cause> ran = phase.task(1, 1).ran;
  REQUIRE(ran.size() == 5);
  CHECK(ran[0].text == "executor 1: the task began");
  CHECK(has_evidence(ran[0], "task_started"));
  CHECK(ran[1].name == "gates_failed");
  CHECK(has_evidence(ran[1], "gate_checked"));
  CHECK(ran[1].evidence.back().text == "[significant] `make test` exited 2");
  CHECK(ran[2].name == "attempt_failed");
  CHECK_THAT(ran[2].text, Contains("executor 3: the attempt before it failed: crashed: signal 11"));
  CHECK(ran[3].name == "gates_passed");
  CHECK(ran[4].name == "review_failed");
  CHECK(ran[4].evidence.back().text == "[significant] a.c:1 — wrong");
}

TEST_CASE("context, blockers, interruptions and a person's word lead to attempts, too") {
  Phase phase;
  phase.begins().starts("executor", "execute").ends("executor", "interrupted");
  phase.starts("executor", "execute", 2).ends("executor", "quota", 2);
  phase.starts("executor", "execute", 3).ends("executor", "done", 3);
  phase.happens(event::status_reported{1, 1, 3, "NEEDS_CONTEXT", {}, "which port?"});
  phase.starts("researcher", "research").ends("researcher", "done");
  phase.happens(event::context_provided{1, 1, "researcher", "port 80"});
  phase.starts("executor", "context", 4).ends("executor", "done", 4);
  phase.happens(event::status_reported{1, 1, 4, "BLOCKED", {}, "no access"});
  phase.starts("assessor", "assess").ends("assessor", "done");
  phase.happens(event::task_blocked{1, 1, "no access"});
  phase.happens(event::task_unblocked{1, 1, "use db2"});
  phase.starts("executor", "context", 5);
  const std::vector<Cause> ran = phase.task(1, 1).ran;
  REQUIRE(ran.size() == 7);
  CHECK(ran[1].name == "cut_off_before");
  CHECK(ran[2].name == "refused_before");
  CHECK(ran[3].name == "context_missing");
  CHECK(ran[4].name == "context_provided");
  CHECK(ran[5].name == "blocker_reported");
  CHECK(ran[6].name == "unblocked");
}

TEST_CASE("a complete task is left alone, and an edit of its text is told") {
  Phase phase;
  phase.begins().works(true).completes(1, 1);
  Explanation told = phase.task(1, 1);
  CHECK(told.state == "completed");
  CHECK(has_evidence(cause(told.stands, "accepted"), "task_completed"));
  CHECK(has(told.next, "stays_complete"));
  CHECK_FALSE(has(told.next, "text_changed"));
  CHECK(has_command(told, "konductor execute 01 --retry 01/001/1"));

  std::vector<PlanDefinition> edited = two_plans();
  edited[0].tasks[0].fingerprint = "g";
  Phase after(edited);
  after.begins().works(true).completes(1, 1);
  told = after.task(1, 1);
  CHECK_THAT(cause(told.next, "text_changed").evidence.front().text, Contains("is g, it was f"));
}

TEST_CASE("a summary file that a person removed runs its task again") {
  Phase phase;
  phase.begins().works(true).completes(1, 1);
  phase.happens(event::task_started{1, 2, "T", "c1"}).completes(1, 2);
  phase.markers.tasks.erase({1, 1});
  const Explanation told = phase.task(1, 1);
  const Cause& again = cause(told.next, "runs_again");
  CHECK_THAT(again.text, Contains("its summary file was removed"));
  CHECK(has_evidence(again, "a-summary.md"));
  CHECK(has(told.next, "runs"));
}

TEST_CASE("when all summary files are gone the run is refused") {
  Phase phase;
  phase.begins().works(true).completes(1, 1);
  phase.markers.tasks.clear();
  const Explanation told = phase.task(1, 2);
  CHECK_THAT(cause(told.next, "refused").text, Contains("--rebuild-markers"));
  CHECK(has_command(told, "konductor execute 01 --rebuild-markers"));
}

TEST_CASE("a marker that was not written yet is told") {
  Phase phase;
  phase.begins().works(true);
  phase.happens(event::task_completed{1, 1, "c1", "f", false});
  CHECK(has(phase.task(1, 1).stands, "marker_not_filed"));
}

TEST_CASE("a failed task names its last attempt, and runs again") {
  Phase phase;
  phase.begins().starts("executor", "execute").ends("executor", "timed_out", 1, "after 30 min");
  phase.happens(event::task_failed{1, 1, "2 attempts failed"}).run_ends("incomplete", 1);
  const Explanation told = phase.task(1, 1);
  CHECK(told.answer == "It is not complete, because it failed: 2 attempts failed.");
  CHECK_THAT(cause(told.stands, "last_attempt").text, Contains("executor 1, ended timed_out"));
  CHECK(has_evidence(cause(told.stands, "last_attempt"), "runs/r1/001-task-1-executor-1"));
  CHECK_THAT(cause(told.next, "tries_again").text, Contains("failed in an earlier run"));
  CHECK(has(told.next, "runs"));
}

TEST_CASE("a blocked task is left alone until somebody says what it lacks") {
  Phase phase;
  phase.begins().starts("executor", "execute").ends("executor", "done");
  phase.reports("BLOCKED", "no access").happens(event::task_blocked{1, 1, "no access"});
  const Explanation told = phase.task(1, 1);
  CHECK(told.answer == "It is not complete, because it is blocked: no access.");
  CHECK(has_evidence(cause(told.stands, "blocked"), "task_blocked"));
  CHECK(has_evidence(cause(told.stands, "status"), "001-task-1-executor-1"));
  CHECK(has(told.next, "stays_blocked"));
  CHECK(has_command(told, "konductor unblock 01/001/1 --context \"…\""));
  // And what comes behind it waits.
  const Explanation behind = phase.task(1, 2);
  CHECK(behind.answer == "It did not run, because 01/001/1, which comes before it, is blocked.");
  CHECK(has_evidence(cause(behind.stands, "earlier_task"), "task_blocked"));
  CHECK(has(behind.next, "waits_for_person"));
  const Explanation other_plan = phase.task(2, 1);
  CHECK(has(other_plan.next, "dependency_stuck"));
}

TEST_CASE("a task that needs a person tells which findings were left") {
  Phase phase;
  phase.begins().works(false).happens(event::task_needs_manual{1, 1, "2 rounds of fixes"});
  const Explanation told = phase.task(1, 1);
  CHECK_THAT(told.answer, Contains("needs a person: 2 rounds of fixes"));
  CHECK(cause(told.stands, "gates_failed").evidence.back().kind == "finding");
  CHECK(has(told.next, "stays_with_person"));
  CHECK(has_command(told, "konductor execute 01 --retry 01/001/1"));
}

TEST_CASE("a split task names its parts") {
  Phase phase;
  phase.begins().starts("executor", "execute").ends("executor", "done").reports("BLOCKED", "big");
  phase.starts("assessor", "assess").ends("assessor", "done");
  SubTask part;
  part.task = 3;
  phase.happens(event::task_split{1, 1, {part}});
  const Explanation told = phase.task(1, 1);
  CHECK(told.answer == "It was split into 01/001/3.");
  CHECK(has(told.next, "parts_run"));
  CHECK(has_command(told, "konductor explain 01/001/3"));
}

TEST_CASE("a skipped plan tells which dependency was not complete, and why that was not") {
  Phase phase;
  phase.begins().starts("executor", "execute").ends("executor", "crashed");
  phase.happens(event::task_failed{1, 1, "an attempt failed"});
  phase.happens(event::plan_skipped{2, "depends on plan 001, which is not complete"});
  phase.run_ends("incomplete", 1);
  for (const Explanation& told : {phase.task(2, 1), phase.plan(2)}) {
    CHECK_THAT(told.answer, Contains("skipped: it depends on plan 001, which is not complete"));
    CHECK(has_evidence(cause(told.stands, "plan_skipped"), "plan_skipped"));
    CHECK(has_evidence(cause(told.stands, "dependency_incomplete"), "task_failed"));
    // The failed task runs again, and this behind it.
    CHECK(has(told.next, "dependency_open"));
  }
}

TEST_CASE("a plan that is not autonomous waits for a person to allow it") {
  std::vector<PlanDefinition> plans = {define(1, 1, {}, 1)};
  plans[0].autonomous = false;
  Phase phase(plans);
  phase.happens(event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "w"});
  phase.happens(event::plan_skipped{1, "is not autonomous; allow it with --approve 001"});
  const Explanation told = phase.plan(1);
  CHECK(has(told.next, "needs_approval"));
  CHECK(has_command(told, "konductor execute 01 --approve 01/001"));
}

TEST_CASE("what a run did not come to tells how that run ended") {
  Phase phase;
  phase.begins().starts("executor", "execute").ends("executor", "cancelled");
  phase.run_ends("interrupted", 130);
  const Explanation cut = phase.task(1, 1);
  CHECK(cut.answer == "It is not complete, because its run ended before it did.");
  CHECK_THAT(cause(cut.stands, "run_ended").text, Contains("interrupted"));
  CHECK_THAT(cause(cut.next, "runs").text, Contains("goes on"));
  const Explanation behind = phase.task(1, 2);
  CHECK(behind.answer == "It did not run, because the last run ended before its turn.");
  CHECK(cause(behind.next, "waits_for_task").text ==
        "it runs when 01/001/1, which comes before it, is settled");
  CHECK(has(phase.task(2, 1).stands, "plan_not_started"));
}

TEST_CASE("an engine that died is told from one that is at work") {
  Phase phase;
  phase.begins().starts("executor", "execute");
  CHECK(has(phase.task(1, 1).stands, "run_cut_off"));
  phase.is_engine_alive = true;
  const Explanation told = phase.task(1, 1);
  CHECK(told.answer == "It is not complete, because it is being worked on now.");
  CHECK_FALSE(has(told.stands, "run_cut_off"));
  CHECK(has(told.next, "engine_works"));
  CHECK(has(phase.task(1, 2).stands, "turn_to_come"));
  CHECK(has(phase.plan(1).stands, "under_way"));
}

TEST_CASE("limits that stopped a task are told") {
  Phase phase;
  phase.begins().starts("executor", "execute").ends("executor", "quota");
  phase.happens(event::quota_waiting{1, 1, "claude", "quota", 1'769'860'900'000});
  phase.happens(event::budget_reached{0, 0, "phase", "usd", 5, 5});
  phase.happens(event::breaker_tripped{"failures", {"001/1"}}).run_ends("limit", 7);
  const Explanation told = phase.task(1, 1);
  CHECK_THAT(cause(told.stands, "quota").evidence.front().text, Contains("claude (quota) until"));
  CHECK(has(told.stands, "budget"));
  CHECK(has(told.stands, "breaker"));
}

TEST_CASE("a plan that was edited under an attempt is told") {
  std::vector<PlanDefinition> plans = two_plans();
  plans[0].fingerprint = "edited";
  Phase phase(plans);
  phase.begins().starts("executor", "execute");
  CHECK_THAT(cause(phase.task(1, 1).stands, "text_changed").evidence.back().text,
             Contains("is edited, it was p1"));
}

TEST_CASE("a reset is told until the task begins again") {
  Phase phase;
  phase.begins().works(true).completes(1, 1);
  phase.happens(event::task_reset{1, 1, "rolled back"});
  CHECK_THAT(cause(phase.task(1, 1).stands, "reset").text, Contains("rolled back"));
  phase.happens(event::task_started{1, 1, "T", "c0"}).starts("executor", "execute", 2);
  CHECK(phase.task(1, 1).ran.back().name == "began_again");
}

TEST_CASE("a plan that conflicts tells where, before and at its merge") {
  Phase phase;
  phase.begins().works(true).completes(1, 1);
  phase.happens(event::conflict_predicted{1, 1, 2, {"a.c"}});
  CHECK_THAT(cause(phase.plan(1).stands, "conflict_predicted").text,
             Contains("01/002") && Contains("a.c"));
  phase.happens(event::merge_finished{1, "conflict", "c9", {"a.c", "b.c"}, ""});
  phase.happens(event::plan_needs_manual{1, "its merge conflicts"});
  CHECK_THAT(cause(phase.plan(1).stands, "merge_conflict").text, Contains("a.c, b.c"));
}

TEST_CASE("a complete plan and the review behind it") {
  Phase phase({define(1, 1, {}, 1)});
  phase.begins();
  CHECK(has(phase.task(0, 0).stands, "plan_incomplete"));
  CHECK(has(phase.task(0, 0).next, "waits_for_plans"));
  phase.works(true).completes(1, 1).happens(event::plan_completed{1, false});
  phase.happens(event::marker_filed{1, 0, {"001-summary.md"}});
  phase.markers.plans.insert(1);
  CHECK(has_evidence(cause(phase.plan(1).stands, "complete"), "plan_completed"));
  CHECK(has(phase.plan(1).next, "stays_complete"));
  CHECK(has(phase.task(0, 0).next, "runs"));
  phase.happens(event::holistic_finished{"fail", "the parts do not fit"});
  const Explanation told = phase.task(0, 0);
  CHECK(told.subject == "01/holistic");
  CHECK_THAT(told.answer, Contains("the parts do not fit"));
  CHECK(has_evidence(cause(told.stands, "blocked"), "holistic_finished"));
}

TEST_CASE("what no plan names any more is gone") {
  const Explanation told = Phase().task(7, 1);
  CHECK(told.state == "gone");
  CHECK(has(told.next, "not_planned"));
  CHECK(Phase().plan(7).state == "gone");
}

TEST_CASE("many blocked tasks keep everything from starting") {
  Phase phase({define(1, 1, {}, 1), define(2, 1, {}, 1), define(3, 1, {}, 1), define(4, 1, {}, 1)});
  for (int plan = 1; plan <= 3; ++plan)
    phase.begins(plan).happens(event::task_blocked{plan, 1, "stuck"});
  const Explanation told = phase.task(4, 1);
  CHECK_THAT(cause(told.next, "breaker").text, Contains("3 tasks are blocked"));
  CHECK(told.commands.size() == 3);
}
