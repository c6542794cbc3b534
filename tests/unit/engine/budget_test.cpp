// SPDX-License-Identifier: MIT
#include "engine/budget.hpp"

#include <catch2/catch.hpp>

using konductor::TaskAddress;
using konductor::engine::Budget;
using konductor::engine::BudgetLimits;
using konductor::engine::Spending;
using Answer = Budget::Answer;

namespace {

constexpr TaskAddress kFirst{1, 1};
constexpr TaskAddress kSecond{1, 2};
constexpr TaskAddress kOther{2, 1};

Spending dollars(double usd) {
  Spending spending;
  spending.usd = usd;
  return spending;
}

Spending tokens(std::int64_t count) {
  Spending spending;
  spending.tokens = count;
  return spending;
}

void spend(Budget& budget, const TaskAddress& address, const Spending& used) {
  budget.start(address, {});
  budget.finish(address, used);
}

}  // namespace

TEST_CASE("without limits every attempt is admitted") {
  Budget budget;
  spend(budget, kFirst, {1'000'000'000, 1e9, 1e9});
  CHECK(budget.ask(kFirst, dollars(1e9)).answer == Answer::admitted);
}

TEST_CASE("attempts in flight cannot overshoot together") {
  BudgetLimits limits;
  limits.phase = dollars(10);
  Budget budget(limits);
  budget.start(kFirst, dollars(4));
  CHECK(budget.ask(kOther, dollars(4)).answer == Answer::admitted);
  budget.start(kOther, dollars(4));
  CHECK(budget.ask({3, 1}, dollars(4)).answer == Answer::later);
  SECTION("what was not used is given back") {
    budget.finish(kFirst, dollars(1));
    CHECK(budget.ask({3, 1}, dollars(4)).answer == Answer::admitted);
    CHECK(budget.ask({3, 1}, dollars(6)).answer == Answer::later);
  }
  SECTION("what is used up is gone") {
    budget.finish(kFirst, dollars(9));
    CHECK(budget.ask({3, 1}, dollars(4)).answer == Answer::later);
    budget.finish(kOther, dollars(0));
    const Budget::Verdict verdict = budget.ask({3, 1}, dollars(4));
    CHECK(verdict.answer == Answer::reached);
    CHECK(verdict.reached.scope == "phase");
    CHECK(verdict.reached.resource == "usd");
    CHECK(verdict.reached.used == 9);
    CHECK(verdict.reached.limit == 10);
    CHECK(verdict.reached.plan == 0);
  }
}

TEST_CASE("a limit that is passed is reached, whatever is in flight") {
  BudgetLimits limits;
  limits.phase = tokens(100);
  Budget budget(limits);
  budget.start(kOther, {});
  spend(budget, kFirst, tokens(100));
  CHECK(budget.ask(kSecond, {}).answer == Answer::reached);
}

TEST_CASE("the first attempt of a scope starts, however little there is") {
  BudgetLimits limits;
  limits.phase = dollars(1);
  limits.task = dollars(0.5);
  Budget budget(limits);
  CHECK(budget.ask(kFirst, dollars(100)).answer == Answer::admitted);
  budget.start(kFirst, dollars(100));
  CHECK(budget.ask(kOther, dollars(100)).answer == Answer::later);
}

TEST_CASE("a task's or a plan's limit holds back its own attempts only") {
  BudgetLimits limits;
  limits.task.seconds = 60;
  limits.plan.seconds = 100;
  Budget budget(limits);
  Spending minute;
  minute.seconds = 60;
  spend(budget, kFirst, minute);
  const Budget::Verdict task = budget.ask(kFirst, {});
  CHECK(task.answer == Answer::reached);
  CHECK(task.reached.scope == "task");
  CHECK(task.reached.plan == 1);
  CHECK(task.reached.task == 1);
  CHECK(task.reached.resource == "seconds");
  CHECK(budget.ask(kSecond, {}).answer == Answer::admitted);
  spend(budget, kSecond, minute);
  const Budget::Verdict plan = budget.ask({1, 3}, {});
  CHECK(plan.answer == Answer::reached);
  CHECK(plan.reached.scope == "plan");
  CHECK(plan.reached.task == 0);
  CHECK(budget.ask(kOther, {}).answer == Answer::admitted);
  CHECK(budget.ask(konductor::kPhaseAddress, {}).answer == Answer::admitted);
}

TEST_CASE("an attempt is expected to use what it may, else what such attempts used") {
  BudgetLimits limits;
  limits.attempt = dollars(2);
  const Spending expected = Budget(limits).expected({500, 0.1, 7});
  CHECK(expected == Spending{500, 2, 7});
}

TEST_CASE("an attempt that its provider refused was not the first") {
  BudgetLimits limits;
  limits.attempt = dollars(5);
  limits.plan = dollars(4);
  Budget budget(limits);
  REQUIRE(budget.ask(kFirst, dollars(5)).answer == Answer::admitted);
  budget.start(kFirst, dollars(5));
  budget.finish(kFirst, {}, false);
  CHECK(budget.ask(kFirst, dollars(5)).answer == Answer::admitted);
}
