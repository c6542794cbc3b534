// SPDX-License-Identifier: MIT
#include "cli/execute_request.hpp"

#include <iostream>

#include "base/text.hpp"
#include "driver/attempt_environment.hpp"

namespace konductor::cli {
namespace {

Result<AddressText> address_in_phase(const std::string& text, AddressKind kind,
                                     const driver::PhaseLocation& phase) {
  KON_TRY(AddressText address, parse_address(text, kind));
  if (address.phase && *address.phase != phase.id && *address.phase != phase.directory_name)
    return Error{ErrorCode::invalid_input,
                 quote(text) + " is not in phase " + quote(phase.id) + ", which is to be executed"};
  return address;
}

Result<int> plan_number(const std::string& text, const driver::PhaseLocation& phase) {
  KON_TRY(const AddressText address, address_in_phase(text, AddressKind::plan, phase));
  return *address.plan;
}

Result<TaskAddress> task_address(const std::string& text, const driver::PhaseLocation& phase) {
  KON_TRY(const AddressText address, address_in_phase(text, AddressKind::task, phase));
  return TaskAddress{*address.plan, *address.task};
}

Result<void> check_plan(const driver::RunFacts& facts, int number, const std::string& text) {
  if (facts.plans.count(number) != 0) return {};
  return Error{ErrorCode::invalid_input, "no plan " + quote(text) + " in phase " +
                                             quote(facts.phase.id) + "; see `konductor plan list`"};
}

}  // namespace

Result<void> read_request(const ExecuteOptions& options, const driver::RunFacts& facts,
                          driver::ExecuteRequest& request) {
  if (!options.plan.empty()) {
    KON_TRY(request.scope.plan, plan_number(options.plan, facts.phase));
    KON_TRY_VOID(check_plan(facts, *request.scope.plan, options.plan));
  }
  if (!options.only.empty()) {
    KON_TRY(const TaskAddress only, task_address(options.only, facts.phase));
    KON_TRY_VOID(check_plan(facts, only.plan, options.only));
    request.scope.only = only;
  }
  request.scope.until_wave = options.until_wave;
  for (const std::string& text : options.approvals) {
    KON_TRY(const int plan, plan_number(text, facts.phase));
    KON_TRY_VOID(check_plan(facts, plan, text));
    request.scope.approved.insert(plan);
  }
  for (const std::string& text : options.retries) {
    KON_TRY(const TaskAddress task, task_address(text, facts.phase));
    if (!task.is_phase()) KON_TRY_VOID(check_plan(facts, task.plan, text));
    request.retry.tasks.insert(task);
  }
  request.retry.phase = facts.phase.id;
  request.retry.all_blocked = options.retries_blocked;
  request.retry.is_rebuilding_markers = options.rebuilds_markers;
  request.scope.refiles = options.rebuilds_markers;
  return {};
}

void ask_for_approvals(Surroundings& around, const driver::RunFacts& facts,
                       driver::ExecuteRequest& request) {
  const bool can_ask = around.is_input_terminal && around.is_error_terminal &&
                       driver::environment_value(around.environment, "CI").empty();
  if (!can_ask) return;
  for (const auto& [number, plan] : facts.plans) {
    if (plan.autonomous || request.scope.approved.count(number) != 0) continue;
    if (request.markers.plans.count(number) != 0) continue;
    around.err << "plan " << plan_address_text(facts.phase.id, number) << " (" << plan.title
               << ") is not autonomous. Run it? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") request.scope.approved.insert(number);
  }
}

}  // namespace konductor::cli
