// SPDX-License-Identifier: MIT
#include "driver/test_first.hpp"

#include <algorithm>

#include "plan/verify_commands.hpp"

namespace konductor::driver {
namespace {

bool expects_failure(const TaskText& task) {
  const std::vector<plan::VerifyStep> steps = plan::parse_verify(task.verify, task.files);
  return std::any_of(steps.begin(), steps.end(), [](const plan::VerifyStep& step) {
    return step.expect == plan::VerifyStep::Expect::failure;
  });
}

}  // namespace

bool owes_test(const RunShared& shared, const TaskAddress& address) {
  const plan::Plan* plan = shared.plan(address.plan);
  const engine::PlanRecord* record = shared.state().plan(address.plan);
  if (plan == nullptr || record == nullptr || plan->type != plan::PlanType::tdd) return false;
  if (task_text(shared, address).files.empty()) return false;
  for (const int number : record->order) {
    if (number == address.task) break;
    if (expects_failure(task_text(shared, {address.plan, number}))) return false;
  }
  return true;
}

}  // namespace konductor::driver
