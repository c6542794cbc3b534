// SPDX-License-Identifier: MIT
#include "cli/phase_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/output.hpp"
#include "cli/phase_view.hpp"

namespace konductor::cli {
namespace {

std::string retry_command(const std::string& phase, const OpenMatter& matter) {
  return "konductor execute " + phase + " --retry " + matter.name;
}

void add_task(PhaseReport& report, const std::string& phase, const engine::TaskRecord& task) {
  OpenMatter matter{task.address, address_text(phase, task.address), reason_of(task.state), true};
  if (std::holds_alternative<engine::state::blocked>(task.state)) {
    matter.command = unblock_command(matter);
    report.blockers.push_back(matter);
  }
  if (std::holds_alternative<engine::state::needs_manual>(task.state))
    matter.command = retry_command(phase, matter);
  if (std::holds_alternative<engine::state::failed>(task.state)) report.failed.push_back(matter);
  if (std::holds_alternative<engine::state::needs_manual>(task.state))
    report.needs_manual.push_back(matter);
  if (std::holds_alternative<engine::state::skipped>(task.state)) {
    matter.command = "konductor retry " + matter.name;
    report.skipped.push_back(matter);
  }
}

bool is_skipped_by_person(const engine::PlanRecord& plan) {
  return !plan.skip_reason.empty() &&
         !std::holds_alternative<engine::plan_state::completed>(plan.state);
}

// A plan that was skipped only because a person skipped one of its tasks is told by the task.
bool is_skip_told_by_task(const PhaseReport& report, int plan) {
  return std::any_of(report.skipped.begin(), report.skipped.end(), [plan](const auto& matter) {
    return matter.address.plan == plan && !matter.address.is_merge();
  });
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
  const bool is_left_out = is_skipped_by_person(plan);
  const bool is_skipped = std::holds_alternative<engine::plan_state::skipped>(plan.state);
  OpenMatter matter{{number, 0},
                    plan_address_text(phase, number),
                    is_left_out ? plan.skip_reason : reason_of(plan.state),
                    is_left_out || (fix != nullptr && engine::is_settled(fix->state))};
  if (is_left_out || (is_skipped && !is_skip_told_by_task(report, number))) {
    if (is_left_out)
      matter.command = "konductor retry " + matter.name;
    else if (matter.reason.rfind("is not autonomous", 0) == 0)
      matter.command = "konductor execute " + phase + " --approve " + matter.name;
    report.skipped.push_back(matter);
  }
  if (matter.can_be_retried) matter.command = retry_command(phase, matter);
  if (std::holds_alternative<engine::plan_state::needs_manual>(plan.state) &&
      !is_told_by_task(report, number))
    report.needs_manual.push_back(matter);
}

std::string entry(const OpenMatter& matter) {
  std::string text = "  " + matter.name + "  " + one_line(matter.reason) + "\n";
  if (!matter.command.empty()) text += "      " + matter.command + "\n";
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

nlohmann::ordered_json skipped_json(const std::vector<OpenMatter>& skipped) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const OpenMatter& matter : skipped) {
    nlohmann::ordered_json entry;
    entry["plan"] =
        matter.address.is_merge() ? matter.name : matter.name.substr(0, matter.name.rfind('/'));
    entry["task"] = matter.address.is_merge() ? std::string() : matter.name;
    entry["reason"] = matter.reason;
    list.push_back(std::move(entry));
  }
  return list;
}

std::string report_text(const PhaseReport& report) {
  std::string text;
  const auto add = [&text](const char* title, const std::vector<OpenMatter>& matters) {
    if (!matters.empty()) text += std::string(title) + "\n";
    for (const OpenMatter& matter : matters)
      text += entry(matter);
  };
  add("blocked", report.blockers);
  add("failed (the next run tries again)", report.failed);
  add("needs manual review", report.needs_manual);
  add("skipped", report.skipped);
  return text;
}

}  // namespace konductor::cli
