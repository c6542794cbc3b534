// SPDX-License-Identifier: MIT
#include "driver/phase_files.hpp"

#include <algorithm>
#include <future>
#include <thread>

#include "agent/review.hpp"
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

namespace {

plan::LoadedPlan load_plan_file(const ports::FileStore& files, const PhaseLocation& location,
                                const std::string& name) {
  const std::string path = location.plan_path(name);
  Result<std::string> text = files.read(location.plans() / name);
  if (text.has_value()) return plan::load_plan(path, text.value());
  plan::LoadedPlan unreadable;
  unreadable.path = path;
  unreadable.file_number = plan::plan_file_number(name);
  unreadable.diagnostics.push_back({path,
                                    {},
                                    plan::Severity::error,
                                    plan::Rule::unreadable_file,
                                    text.error().message,
                                    "make it a readable file"});
  return unreadable;
}

// Below this a thread costs more than it saves.
constexpr std::size_t kPlansPerThread = 200;

// Every thread takes one stretch of the files and writes to its own places.
std::vector<plan::LoadedPlan> load_plan_files(const ports::FileStore& files,
                                              const PhaseLocation& location,
                                              const std::vector<std::string>& names) {
  std::vector<plan::LoadedPlan> loaded(names.size());
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t count = std::clamp<std::size_t>(names.size() / kPlansPerThread, 1, cores);
  const auto load_stretch = [&](std::size_t part) {
    const std::size_t end = names.size() * (part + 1) / count;
    for (std::size_t n = names.size() * part / count; n < end; ++n)
      loaded[n] = load_plan_file(files, location, names[n]);
  };
  std::vector<std::future<void>> others;
  for (std::size_t part = 1; part < count; ++part)
    others.push_back(std::async(std::launch::async, load_stretch, part));
  load_stretch(0);
  for (std::future<void>& other : others)
    other.get();
  return loaded;
}

}  // namespace

Result<PhasePlans> load_phase_plans(const ports::FileStore& files, const PhaseLocation& location) {
  KON_TRY(const std::vector<std::string> names, files.list(location.plans()));
  PhasePlans phase;
  phase.location = location;
  std::vector<std::string> plan_names;
  for (const std::string& name : names)
    (plan::is_plan_file_name(name) ? plan_names : phase.other_files).push_back(name);
  phase.loaded = load_plan_files(files, location, plan_names);
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
      definition.tasks.push_back(
          {task.number, task.title, plan::task_fingerprint(task), task.files});
    definition.fingerprint = fingerprint(plan.text);
    definitions.push_back(std::move(definition));
  }
  return definitions;
}

std::vector<int> edited_plans(const ports::FileStore& files, const PhaseLocation& location,
                              const std::map<int, plan::Plan>& plans) {
  std::vector<int> edited;
  for (const auto& [number, plan] : plans) {
    const std::filesystem::path name = std::filesystem::path(plan.path).filename();
    const Result<std::string> text = files.read(location.plans() / name);
    if (text.has_error() || text.value() != plan.text) edited.push_back(number);
  }
  return edited;
}

engine::MarkersOnDisk read_markers(const ports::FileStore& files, const PhasePlans& phase) {
  engine::MarkersOnDisk markers;
  // Listed anew: since the plans were read another engine may have come to its end.
  const Result<std::vector<std::string>> names = files.list(phase.location.plans());
  for (const std::string& name : names.has_value() ? names.value() : phase.other_files) {
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
  const Result<std::string> text = files.read(phase.location.directory / records::kPhaseReviewFile);
  if (text.has_error()) return markers;
  const Result<agent::Review> review = agent::parse_review(text.value(), "code-reviewer");
  markers.is_phase_reviewed = review.has_value() && review.value().is_pass;
  return markers;
}

}  // namespace konductor::driver
