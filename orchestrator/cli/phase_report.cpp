// SPDX-License-Identifier: MIT
#include "cli/phase_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/output.hpp"
#include "cli/phase_view.hpp"

namespace konductor::cli {
namespace {

void add_task(PhaseReport& report, const std::string& phase, const engine::TaskRecord& task) {
  const OpenMatter matter{task.address, address_text(phase, task.address), reason_of(task.state),
                          true};
  if (std::holds_alternative<engine::state::blocked>(task.state)) report.blockers.push_back(matter);
  if (std::holds_alternative<engine::state::failed>(task.state)) report.failed.push_back(matter);
  if (std::holds_alternative<engine::state::needs_manual>(task.state))
    report.needs_manual.push_back(matter);
}

// A plan that needs a person only because one of its tasks does is told by the task.
bool is_told_by_task(const PhaseReport& report, int plan) {
  return std::any_of(report.needs_manual.begin(), report.needs_manual.end(),
                     [plan](const OpenMatter& task) { return task.address.plan == plan; });
}

// After the plan's tasks.
void add_plan(PhaseReport& report, const std::string& phase, int number,
              const engine::RunState& state) {
  const engine::PlanRecord& plan = *state.plan(number);
  const engine::TaskRecord* fix = state.merge_fix(number);
  const OpenMatter matter{{number, 0},
                          plan_address_text(phase, number),
                          reason_of(plan.state),
                          fix != nullptr && engine::is_settled(fix->state)};
  if (std::holds_alternative<engine::plan_state::skipped>(plan.state))
    report.skipped.push_back(matter);
  if (std::holds_alternative<engine::plan_state::needs_manual>(plan.state) &&
      !is_told_by_task(report, number))
    report.needs_manual.push_back(matter);
}

std::string entry(const OpenMatter& matter, const std::string& command) {
  std::string text = "  " + matter.name + "  " + one_line(matter.reason) + "\n";
  if (!command.empty()) text += "      " + command + "\n";
  return text;
}

}  // namespace

PhaseReport report_phase(const std::string& phase, const engine::RunState& state) {
  PhaseReport report;
  for (const auto& [number, plan] : state.plans()) {
    if (number == 0) continue;
    for (const engine::TaskRecord* task : state.tasks_of(number))
      add_task(report, phase, *task);
    add_plan(report, phase, number, state);
  }
  add_task(report, phase, state.holistic());
  return report;
}

std::string unblock_command(const OpenMatter& blocker) {
  return "konductor unblock " + blocker.name + " --context \"…\"";
}

nlohmann::ordered_json matters_json(const std::vector<OpenMatter>& matters, const char* name) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const OpenMatter& matter : matters) {
    nlohmann::ordered_json entry;
    entry[name] = matter.name;
    entry["reason"] = matter.reason;
    list.push_back(std::move(entry));
  }
  return list;
}

std::string report_text(const std::string& phase, const PhaseReport& report) {
  std::string text;
  if (!report.blockers.empty()) text += "blocked\n";
  for (const OpenMatter& matter : report.blockers)
    text += entry(matter, unblock_command(matter));
  if (!report.failed.empty()) text += "failed (the next run tries again)\n";
  for (const OpenMatter& matter : report.failed)
    text += entry(matter, "");
  if (!report.needs_manual.empty()) text += "needs manual review\n";
  for (const OpenMatter& matter : report.needs_manual) {
    const std::string retry = "konductor execute " + phase + " --retry " + matter.name;
    text += entry(matter, matter.can_be_retried ? retry : "");
  }
  if (!report.skipped.empty()) text += "skipped\n";
  for (const OpenMatter& matter : report.skipped)
    text += entry(matter, "");
  return text;
}

}  // namespace konductor::cli
