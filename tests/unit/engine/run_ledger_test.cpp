// SPDX-License-Identifier: MIT
#include "engine/run_ledger.hpp"

#include <catch2/catch.hpp>

using namespace konductor;          // NOLINT
using namespace konductor::engine;  // NOLINT

namespace {

class Journal {
 public:
  Journal& in(const std::string& run) {
    run_ = run;
    return *this;
  }
  Journal& happens(EventBody body) {
    ledger_.apply({now_ += 1000, run_, std::move(body)});
    return *this;
  }
  Journal& tries(int plan, int task, int attempt, double usd) {
    happens(event::attempt_started{plan, task, "executor", "execute", attempt, "claude"});
    event::attempt_finished finished;
    finished.plan = plan;
    finished.task = task;
    finished.role = "executor";
    finished.attempt = attempt;
    finished.cause = "done";
    finished.seconds = 2;
    finished.usage = {10, 1, 0, usd};
    return happens(finished);
  }
  std::vector<RunRecord> runs() const { return ledger_.runs(); }

 private:
  RunLedger ledger_;
  std::string run_;
  std::int64_t now_ = 1'769'860'800'000;
};

// Run a: task 1 complete, task 2 failed. Run b, after an operator's word: task 2 complete, cut off.
Journal two_runs() {
  Journal journal;
  journal.in("a").happens(event::run_started{}).happens(event::task_started{1, 1, "T", "c"});
  journal.tries(1, 1, 1, 0.5).happens(event::task_completed{1, 1, "c", "f", false});
  journal.happens(event::marker_filed{1, 1, {}});
  journal.happens(event::task_started{1, 2, "T", "c"}).tries(1, 2, 1, 0.25);
  journal.happens(event::task_failed{1, 2, "x"});
  journal.happens(event::run_finished{1, "incomplete", "none", ""});
  journal.in("operator-1").happens(event::task_unblocked{1, 3, "x"});
  journal.in("b").happens(event::run_started{}).happens(event::task_reset{1, 2, "failed"});
  journal.happens(event::task_started{1, 2, "T", "c"}).tries(1, 2, 2, 1).tries(1, 2, 3, 1);
  journal.happens(event::task_completed{1, 2, "c", "f", false});
  return journal;
}

}  // namespace

TEST_CASE("each run has its times, tasks, attempts, cost and end") {
  const std::vector<RunRecord> runs = two_runs().runs();
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].run == "a");
  CHECK(runs[0].finished->exit == 1);
  CHECK(runs[0].seconds() == 10);
  CHECK(runs[0].tasks_completed == 1);
  CHECK(runs[0].attempts_started == 2);
  CHECK(runs[0].cost.usage.cost_usd == 0.75);
  CHECK(runs[0].tasks.at({1, 1}).seconds() == 3);
  CHECK_FALSE(runs[1].finished);
  CHECK(runs[1].attempts_started == 2);
  CHECK(runs[1].tasks.size() == 1);
}

TEST_CASE("tasks are known at a run's end as they stood then") {
  const std::vector<RunRecord> runs = two_runs().runs();
  CHECK(runs[0].outcomes ==
        std::map<TaskAddress, std::string>{{{1, 1}, "completed"}, {{1, 2}, "failed"}});
  CHECK(runs[1].outcomes.at({1, 2}) == "completed");
  CHECK(runs[1].outcomes.at({1, 3}) == "unfinished");
}

TEST_CASE("two runs differ in what came out and in what they took") {
  const std::vector<RunRecord> runs = two_runs().runs();
  const std::vector<TaskChange> changes = compare_runs(runs[0], runs[1]);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].address == TaskAddress{1, 1});
  CHECK(changes[0].before == changes[0].after);
  CHECK(changes[0].in_after.attempts_started == 0);
  CHECK(changes[1].before == "failed");
  CHECK(changes[1].after == "completed");
  CHECK(changes[1].in_before.attempts_started == 1);
  CHECK(changes[1].in_after.attempts_started == 2);
  CHECK(changes[1].in_after.cost.usage.cost_usd == 2);
  CHECK(changes[2].before.empty());
  CHECK(compare_runs(runs[1], runs[1]).size() == 1);
}

TEST_CASE("the holistic review and a merge's fix are tasks of a run, too") {
  Journal journal;
  journal.in("a").happens(event::run_started{}).happens(event::plan_started{1, 1, 0, "P"});
  journal.happens(event::merge_finished{1, "conflict", "c", {"a"}, "d"}).tries(1, 0, 1, 1);
  journal.happens(event::merge_fixed{1, "c"}).happens(event::holistic_finished{"fail", "x"});
  const RunRecord run = journal.runs().front();
  CHECK(run.outcomes.at({1, 0}) == "completed");
  CHECK(run.outcomes.at(kPhaseAddress) == "blocked");
  CHECK(run.tasks.count({1, 0}) == 1);
  CHECK(run.tasks.count(kPhaseAddress) == 0);
}
