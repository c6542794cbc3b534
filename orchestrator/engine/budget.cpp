// SPDX-License-Identifier: MIT
#include "engine/budget.hpp"

#include <array>

namespace konductor::engine {
namespace {

// One kind of thing that is limited.
struct Dimension {
  std::string_view name;  // As budget_reached has it.
  double (*amount)(const Spending&);
};

constexpr std::array<Dimension, 3> kDimensions = {{
    {"tokens", [](const Spending& s) { return static_cast<double>(s.tokens); }},
    {"usd", [](const Spending& s) { return s.usd; }},
    {"seconds", [](const Spending& s) { return s.seconds; }},
}};

}  // namespace

Spending& Spending::operator+=(const Spending& other) {
  tokens += other.tokens;
  usd += other.usd;
  seconds += other.seconds;
  return *this;
}

Spending& Spending::operator-=(const Spending& other) {
  tokens -= other.tokens;
  usd -= other.usd;
  seconds -= other.seconds;
  return *this;
}

Spending spending_of(const event::attempt_finished& finished) {
  Spending spending;
  spending.tokens = finished.usage.input_tokens + finished.usage.output_tokens;
  spending.usd = finished.usage.cost_usd;
  spending.seconds = finished.seconds;
  return spending;
}

Spending Budget::expected(const Spending& typically) const {
  Spending expected = typically;
  if (limits_.attempt.tokens > 0) expected.tokens = limits_.attempt.tokens;
  if (limits_.attempt.usd > 0) expected.usd = limits_.attempt.usd;
  if (limits_.attempt.seconds > 0) expected.seconds = limits_.attempt.seconds;
  return expected;
}

std::optional<Budget::Verdict> Budget::refusal(const Account& account, const Spending& limit,
                                               const Spending& expected) {
  for (const Dimension& dimension : kDimensions) {
    const double most = dimension.amount(limit);
    if (most <= 0) continue;
    const double spent = dimension.amount(account.spent);
    const double asked = dimension.amount(expected);
    const bool is_first = account.in_flight == 0 && account.finished == 0;
    if (spent < most && (is_first || spent + dimension.amount(account.kept) + asked <= most))
      continue;
    Verdict verdict;
    // With nothing in flight nothing is given back.
    verdict.answer = account.in_flight > 0 && spent < most ? Answer::later : Answer::reached;
    verdict.reached.resource = dimension.name;
    verdict.reached.used = spent;
    verdict.reached.limit = most;
    return verdict;
  }
  return std::nullopt;
}

Budget::Verdict Budget::ask(const TaskAddress& address, const Spending& expected) const {
  static const Account kNone;
  const auto task = tasks_.find(address);
  const auto plan = plans_.find(address.plan);
  struct Scope {
    std::string_view name;
    const Account& account;
    const Spending& limit;
  };
  const std::array<Scope, 4> scopes = {{
      {"run", phase_, limits_.run},
      {"phase", phase_, limits_.phase},
      {"plan", plan == plans_.end() ? kNone : plan->second, limits_.plan},
      {"task", task == tasks_.end() ? kNone : task->second, limits_.task},
  }};
  Verdict verdict;
  for (const Scope& scope : scopes) {
    // The phase's own attempts belong to no plan.
    const bool is_whole = scope.name == "phase" || scope.name == "run";
    if (address.is_phase() && !is_whole) continue;
    std::optional<Verdict> refused = refusal(scope.account, scope.limit, expected);
    if (!refused) continue;
    refused->reached.scope = scope.name;
    refused->reached.plan = is_whole ? 0 : address.plan;
    refused->reached.task = scope.name == "task" ? address.task : 0;
    if (refused->answer == Answer::reached) return *refused;
    if (verdict.answer == Answer::admitted) verdict = *refused;
  }
  return verdict;
}

template <class Visitor>
void Budget::visit_accounts(const TaskAddress& address, Visitor&& visitor) {
  visitor(tasks_[address]);
  visitor(plans_[address.plan]);
  visitor(phase_);
}

void Budget::start(const TaskAddress& address, const Spending& expected) {
  kept_[address] = expected;
  visit_accounts(address, [&expected](Account& account) {
    account.kept += expected;
    ++account.in_flight;
  });
}

void Budget::finish(const TaskAddress& address, const Spending& used, bool counts) {
  const auto found = kept_.find(address);
  if (found == kept_.end()) return;
  const Spending kept = found->second;
  kept_.erase(found);
  visit_accounts(address, [&kept, &used, counts](Account& account) {
    account.kept -= kept;
    account.spent += used;
    --account.in_flight;
    if (counts) ++account.finished;
  });
}

}  // namespace konductor::engine
