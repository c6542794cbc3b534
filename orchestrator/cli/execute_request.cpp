// SPDX-License-Identifier: MIT
#include "cli/execute_request.hpp"

#include <iostream>

#include "base/text.hpp"

namespace konductor::cli {
namespace {

// Reads addresses of one phase.
class AddressReader {
 public:
  AddressReader(const ports::FileStore& files, const driver::RunFacts& facts)
      : files_(files), facts_(facts) {}

  Result<int> plan(const std::string& text) const {
    KON_TRY(const AddressText address, read(text, AddressKind::plan));
    KON_TRY_VOID(check_plan(*address.plan, text));
    return *address.plan;
  }

  // A task, or a plan for its merge. "01/002" is a plan of this phase, as everywhere; "1/2" a task.
  Result<TaskAddress> retry(const std::string& text) const {
    if (!is_plan(text)) return task(text);
    KON_TRY(const int number, plan(text));
    return TaskAddress{number, 0};
  }

  Result<TaskAddress> task(const std::string& text) const {
    KON_TRY(const AddressText address, read(text, AddressKind::task));
    const TaskAddress task{*address.plan, *address.task};
    if (!task.is_phase()) KON_TRY_VOID(check_plan(task.plan, text));
    return task;
  }

 private:
  bool is_plan(const std::string& text) const {
    const auto address = parse_address(text, AddressKind::plan);
    if (!address) return false;
    if (!address->phase) return true;
    const auto named = driver::find_phase(files_, facts_.layout, *address->phase);
    const std::size_t digits = text.size() - text.rfind('/') - 1;
    return digits >= plan_text(1).size() && named &&
           named->directory_name == facts_.phase.directory_name;
  }

  Result<AddressText> read(const std::string& text, AddressKind kind) const {
    KON_TRY(AddressText address, parse_address(text, kind));
    if (!address.phase) return address;
    // As the phase itself may be typed: by its number, with or without leading zeros, or its name.
    KON_TRY(const auto named, driver::find_phase(files_, facts_.layout, *address.phase));
    if (named.directory_name == facts_.phase.directory_name) return address;
    return Error{
        ErrorCode::invalid_input,
        quote(text) + " is not in phase " + quote(facts_.phase.id) + ", which is to be executed"};
  }

  Result<void> check_plan(int number, const std::string& text) const {
    if (facts_.plans.count(number) != 0) return {};
    return Error{ErrorCode::invalid_input, "no plan " + quote(text) + " in phase " +
                                               quote(facts_.phase.id) +
                                               "; see `konductor plan list`"};
  }

  const ports::FileStore& files_;
  const driver::RunFacts& facts_;
};

}  // namespace

Result<void> read_request(const ports::FileStore& files, const ExecuteOptions& options,
                          const driver::RunFacts& facts, driver::ExecuteRequest& request) {
  const AddressReader addresses(files, facts);
  if (!options.plan.empty()) {
    KON_TRY(request.scope.plan, addresses.plan(options.plan));
  }
  if (!options.only.empty()) {
    KON_TRY(request.scope.only, addresses.task(options.only));
  }
  request.scope.until_wave = options.until_wave;
  for (const std::string& text : options.approvals) {
    KON_TRY(const int plan, addresses.plan(text));
    request.scope.approved.insert(plan);
  }
  for (const std::string& text : options.retries) {
    KON_TRY(const TaskAddress task, addresses.retry(text));
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
  if (!around.is_input_terminal || !around.is_error_terminal) return;
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
