// SPDX-License-Identifier: MIT
#include "engine/cost_report.hpp"

#include <catch2/catch.hpp>

using namespace konductor;          // NOLINT
using namespace konductor::engine;  // NOLINT

namespace {

// A phase's ledger, told attempt by attempt. Each attempt costs a dollar and a hundred tokens.
class Ledger {
 public:
  Ledger& happens(EventBody body) {
    ledger_.apply({0, "r1", std::move(body)});
    return *this;
  }
  Ledger& starts(const std::string& role, int attempt, int plan = 1, int task = 1) {
    return happens(event::attempt_started{plan, task, role, "execute", attempt, "claude"});
  }
  Ledger& tries(const std::string& role, int attempt, const std::string& cause = "done",
                const std::string& session = "", int plan = 1, int task = 1) {
    starts(role, attempt, plan, task);
    event::attempt_finished finished;
    finished.plan = plan;
    finished.task = task;
    finished.role = role;
    finished.attempt = attempt;
    finished.cause = cause;
    finished.session = session;
    finished.seconds = 10;
    finished.runtime = "claude";
    finished.model = "sonnet";
    finished.usage = usage;
    return happens(finished);
  }
  Ledger& completes(int task = 1) {
    return happens(event::task_completed{1, task, "c", "f", false});
  }
  std::vector<std::string> fates() const {
    std::vector<std::string> names;
    for (const AttemptCost& attempt : ledger_.attempts())
      names.emplace_back(to_string(attempt.fate));
    return names;
  }
  const CostLedger& ledger() const { return ledger_; }

  Usage usage{70, 30, 900, 1};

 private:
  CostLedger ledger_;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("reviews that led to fixes, and the fixes, are productive once the task is complete") {
  Ledger ledger;
  ledger.tries("executor", 1).tries("spec-reviewer", 1).tries("executor", 2);
  CHECK(ledger.fates() == Names{"open", "open", "open"});
  ledger.completes();
  CHECK(ledger.fates() == Names{"productive", "productive", "productive"});
}

TEST_CASE("failed attempts are wasted, also when another one completes the task") {
  Ledger ledger;
  ledger.tries("executor", 1, "crashed").tries("executor", 2, "quota").tries("executor", 3);
  ledger.completes();
  CHECK(ledger.fates() == Names{"wasted", "wasted", "productive"});
}

TEST_CASE("what the engine's end cut off stands apart") {
  Ledger ledger;
  ledger.tries("executor", 1, "interrupted").tries("executor", 2, "cancelled").tries("executor", 3);
  ledger.completes();
  CHECK(ledger.fates() == Names{"engine", "engine", "productive"});
}

TEST_CASE("an attempt that was gone on with in its session shares the fate of what went on") {
  Ledger ledger;
  ledger.tries("executor", 1, "interrupted", "s1").tries("executor", 2, "quota", "s1");
  ledger.tries("executor", 3, "done", "s1").tries("executor", 4, "interrupted", "s2");
  CHECK(ledger.fates() == Names{"open", "open", "open", "engine"});
  ledger.tries("executor", 5, "crashed", "s2").completes();
  CHECK(ledger.fates() == Names{"productive", "productive", "productive", "wasted", "wasted"});
}

TEST_CASE("work that is begun anew was for nothing") {
  Ledger ledger;
  ledger.tries("executor", 1).completes().happens(event::task_reset{1, 1, "rolled back"});
  ledger.tries("executor", 2);
  CHECK(ledger.fates() == Names{"wasted", "open"});
  ledger.happens(event::task_failed{1, 1, "gave up"});
  CHECK(ledger.fates() == Names{"wasted", "wasted"});
}

TEST_CASE("a split puts the parent's work aside, and not what led to it") {
  Ledger ledger;
  ledger.tries("executor", 1).tries("assessor", 1).happens(event::task_split{1, 1, {}});
  CHECK(ledger.fates() == Names{"wasted", "productive"});
}

TEST_CASE("blocked tasks and those left to a person are open") {
  Ledger ledger;
  ledger.tries("executor", 1).happens(event::task_blocked{1, 1, "x"});
  ledger.tries("executor", 1, "done", "", 1, 2).happens(event::task_needs_manual{1, 2, "x"});
  CHECK(ledger.fates() == Names{"open", "open"});
}

TEST_CASE("reviews of the phase and fixes of a merge count, too") {
  Ledger ledger;
  ledger.tries("code-reviewer", 1, "done", "", 0, 0);
  ledger.happens(event::holistic_finished{"pass", ""});
  ledger.happens(event::task_reset{0, 0, "a plan was added"});
  ledger.tries("executor", 1, "done", "", 2, 0).happens(event::merge_fixed{2, "c"});
  CHECK(ledger.fates() == Names{"productive", "productive"});
  ledger.happens(event::task_reset{0, 0, "retry"});
  CHECK(ledger.fates() == Names{"wasted", "productive"});
}

TEST_CASE("the parts add up to the total, line by line") {
  Ledger ledger;
  ledger.happens(event::run_started{});
  ledger.tries("executor", 1, "crashed").tries("executor", 2).tries("spec-reviewer", 1);
  ledger.tries("executor", 3, "interrupted").completes();
  ledger.tries("executor", 1, "done", "", 2, 1).starts("executor", 2, 2, 1);
  CHECK(ledger.ledger().running() == 1);
  CHECK(ledger.ledger().runs() == 1);
  const auto attempts = ledger.ledger().attempts();
  for (const CostKey key :
       {CostKey::none, CostKey::plan, CostKey::role, CostKey::model, CostKey::task}) {
    CostSum all;
    for (const CostLine& line : cost_lines(attempts, key, "01")) {
      CostSum parts;
      for (const CostSum& part : line.parts)
        parts.add(part);
      CHECK(parts == line.total);
      all.add(line.total);
    }
    CHECK(all == total_cost(attempts).total);
    CHECK(all.attempts == 5);
    CHECK(all.usage.cost_usd == 5);
  }
  const auto plans = cost_lines(attempts, CostKey::plan, "01");
  REQUIRE(plans.size() == 2);
  CHECK(plans[0].name == "01/001");
  CHECK(plans[0].part(WorkFate::wasted).usage.input_tokens == 70);
  const auto roles = cost_lines(attempts, CostKey::role, "01");
  CHECK(roles[0].name == "executor");
  CHECK(cost_lines(attempts, CostKey::model, "01")[0].name == "claude (sonnet)");
  CHECK(cost_lines(attempts, CostKey::task, "01")[1].name == "01/002/1");
}

TEST_CASE("a price that is not known is counted, and not as nothing") {
  Ledger ledger;
  ledger.usage = {70, 30, 0, 0};
  ledger.tries("executor", 1);
  ledger.usage = {};
  ledger.tries("executor", 2).tries("executor", 3, "not_started");
  const CostSum total = total_cost(ledger.ledger().attempts()).total;
  CHECK(total.unpriced == 1);
  CHECK(total.untold == 1);
  CHECK_FALSE(total.is_cost_known());
}
