// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/run_state.hpp"

namespace konductor::cli {

// Something of a phase that a person should look at.
struct OpenMatter {
  TaskAddress address;  // Task 0 of a plan stands for the plan.
  std::string name;     // "01/002/3", "01/002", "01/holistic".
  std::string reason;

  bool can_be_retried = true;  // With `--retry`: a task, or a plan whose merge conflicts.
  std::string command = {};    // The very command that settles it; "" when there is none.
};

// Everything of a phase that is neither complete nor simply still to be done, each lowest address
// first.
struct PhaseReport {
  std::vector<OpenMatter> blockers;  // Tasks, and the holistic review.
  std::vector<OpenMatter> failed;
  // Tasks, and plans that cannot complete although none of their tasks needs a person.
  std::vector<OpenMatter> needs_manual;
  std::vector<OpenMatter> skipped;  // Plans, and tasks that a person left out.
};

// `phase` is the phase's short name, "01".
PhaseReport report_phase(const std::string& phase, const engine::RunState& state);

// What a person needs to read of it: each matter with its reason and, where there is one, the
// command that settles it, on lines of their own. "" when there is nothing.
std::string report_text(const PhaseReport& report);

// A list of objects with the matter's name under `name`, and its reason.
nlohmann::ordered_json matters_json(const std::vector<OpenMatter>& matters, const char* name);

// The same of what is skipped: each with its plan, and a task that was left out alone with that.
nlohmann::ordered_json skipped_json(const std::vector<OpenMatter>& skipped);

// `konductor unblock 01/002/3 --context "…"`.
std::string unblock_command(const OpenMatter& blocker);

}  // namespace konductor::cli
