// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "engine/event.hpp"

namespace konductor::engine {

// What attempts use up: tokens read and written (those from a provider's cache apart), US dollars,
// and the time they run, added up.
struct Spending {
  std::int64_t tokens = 0;
  double usd = 0;
  double seconds = 0;

  Spending& operator+=(const Spending& other);
  Spending& operator-=(const Spending& other);
  friend bool operator==(const Spending&, const Spending&) = default;
};

Spending spending_of(const event::attempt_finished& finished);

// The most that may be spent in one run; zero is no limit. `attempt` is what one attempt can use at
// most, so that its place can be kept.
struct BudgetLimits {
  Spending attempt;
  Spending task;
  Spending plan;
  Spending phase;
  Spending run;  // What was asked for this run alone, besides.
  friend bool operator==(const BudgetLimits&, const BudgetLimits&) = default;
};

// Admits attempts so that those in flight cannot overshoot together: what each of them is expected
// to use is kept for it from its start to its end.
class Budget {
 public:
  enum class Answer {
    admitted,
    later,    // When those in flight have used less than is kept for them.
    reached,  // Never in this run.
  };
  struct Verdict {
    Answer answer = Answer::admitted;
    event::budget_reached reached;  // What of, when it is reached.
  };

  Budget() = default;
  explicit Budget(BudgetLimits limits) : limits_(limits) {}

  // May an attempt at the task start that uses about as much as `expected` says? The first attempt
  // of a scope may, however little there is.
  Verdict ask(const TaskAddress& address, const Spending& expected) const;
  void start(const TaskAddress& address, const Spending& expected);
  // `counts`: false for an attempt that was cut off before it could show what such attempts use.
  void finish(const TaskAddress& address, const Spending& used, bool counts = true);
  // What one attempt is expected to use: its own limit where it has one, else what such attempts
  // `typically` used.
  Spending expected(const Spending& typically) const;

 private:
  struct Account {
    Spending spent;
    Spending kept;
    int in_flight = 0;
    int finished = 0;
  };

  static std::optional<Verdict> refusal(const Account& account, const Spending& limit,
                                        const Spending& expected);
  template <class Visitor>
  void visit_accounts(const TaskAddress& address, Visitor&& visitor);

  BudgetLimits limits_;
  std::map<TaskAddress, Account> tasks_;
  std::map<int, Account> plans_;
  Account phase_;
  std::map<TaskAddress, Spending> kept_;  // Of the attempt in flight.
};

}  // namespace konductor::engine
