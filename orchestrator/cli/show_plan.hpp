// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "cli/subject.hpp"
#include "cli/task_story.hpp"
#include "cli/work_view.hpp"
#include "engine/work_range.hpp"
#include "platform/git_history.hpp"

namespace konductor::cli {

// What `konductor show 01/002` tells of a plan.
struct PlanShow {
  std::string subject;
  std::string phase;
  const engine::RunState* state = nullptr;
  int plan = 0;
  const TaskStory* story = nullptr;  // Of the whole phase.
  std::vector<platform::FileCount> changes;
};

// For people; ends with a line break.
std::string plan_show_text(const PlanShow& show);
// schemas/show.schema.json
nlohmann::ordered_json plan_show_json(const PlanShow& show);

// The files that a range changed; nothing when its commits are not there (any more).
std::vector<platform::FileCount> changed_files(const ChosenPhase& chosen, const PhaseWork& work,
                                               const Result<engine::WorkRange>& range);
// "changed files" and a line for each; "" when there are none.
std::string changes_text(const std::vector<platform::FileCount>& changes);
nlohmann::ordered_json changes_json(const std::vector<platform::FileCount>& changes);

}  // namespace konductor::cli
