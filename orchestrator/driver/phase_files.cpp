// SPDX-License-Identifier: MIT
#include "driver/phase_files.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/fingerprint.hpp"
#include "plan/plan_check.hpp"
#include "records/markers.hpp"

namespace konductor::driver {

std::map<int, plan::Plan> PhasePlans::plans() const {
  std::map<int, plan::Plan> by_number;
  for (const plan::LoadedPlan& file : loaded)
    if (file.plan) by_number.emplace(file.plan->number, *file.plan);
  return by_number;
}

std::vector<plan::Diagnostic> PhasePlans::check() const {
  return plan::check_plans(location.directory_name, loaded);
}

Result<PhasePlans> load_phase_plans(const ports::FileStore& files, const PhaseLocation& location) {
  KON_TRY(const std::vector<std::string> names, files.list(location.plans()));
  PhasePlans phase;
  phase.location = location;
  for (const std::string& name : names) {
    if (!plan::is_plan_file_name(name)) {
      phase.other_files.push_back(name);
      continue;
    }
    const std::string path = location.plan_path(name);
    Result<std::string> text = files.read(location.plans() / name);
    if (text.has_value()) {
      phase.loaded.push_back(plan::load_plan(path, text.value()));
      continue;
    }
    plan::LoadedPlan unreadable;
    unreadable.path = path;
    unreadable.file_number = plan::plan_file_number(name);
    unreadable.diagnostics.push_back(
        {path, {}, plan::Severity::error, text.error().message, "make it a readable file"});
    phase.loaded.push_back(std::move(unreadable));
  }
  if (phase.loaded.empty())
    return Error{ErrorCode::invalid_input,
                 "phase " + quote(location.id) + " has no plans: write one to " +
                     location.plan_path("001.md") + " (`konductor plan --help` shows an example)"};
  return phase;
}

std::vector<engine::PlanDefinition> define_plans(const std::map<int, plan::Plan>& plans) {
  std::vector<engine::PlanDefinition> definitions;
  for (const auto& [number, plan] : plans) {
    engine::PlanDefinition definition;
    definition.plan = number;
    definition.wave = plan.wave;
    definition.title = plan.title;
    definition.depends_on = plan.depends_on;
    definition.autonomous = plan.autonomous;
    for (const plan::Task& task : plan.tasks)
      definition.tasks.push_back({task.number, task.title, plan::task_fingerprint(task)});
    definitions.push_back(std::move(definition));
  }
  return definitions;
}

engine::MarkersOnDisk read_markers(const ports::FileStore& files, const PhasePlans& phase) {
  engine::MarkersOnDisk markers;
  for (const std::string& name : phase.other_files) {
    const std::optional<records::MarkerName> marker = records::parse_marker_file_name(name);
    if (!marker) continue;
    if (marker->kind == records::MarkerKind::plan_summary) {
      markers.plans.insert(marker->plan);
    } else if (marker->kind == records::MarkerKind::task_summary) {
      Result<std::string> text = files.read(phase.location.plans() / name);
      if (text.has_value() && records::is_accepted_summary(text.value()))
        markers.tasks.insert({marker->plan, marker->task});
    }
  }
  return markers;
}

}  // namespace konductor::driver
