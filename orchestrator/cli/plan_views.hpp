// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/run_state.hpp"
#include "plan/plan.hpp"
#include "plan/verify_commands.hpp"

// What the `plan` commands print, as pure text and JSON. Texts end with a line break; `phase` is
// the phase's short name, "01".
namespace konductor::cli {

using PlansByNumber = std::map<int, plan::Plan>;

// All diagnostics, then one line that counts: what was wrong, or what there is.
std::string check_text(const std::string& phase, const PlansByNumber& plans,
                       const std::vector<plan::Diagnostic>& diagnostics);
nlohmann::ordered_json check_json(const std::string& phase,
                                  const std::vector<plan::Diagnostic>& diagnostics, int exit);

// The plans by wave, each with its tasks, dependencies, type and state.
std::string list_text(const std::string& phase, const PlansByNumber& plans,
                      const engine::RunState& state);
nlohmann::ordered_json list_json(const std::string& phase, const PlansByNumber& plans,
                                 const engine::RunState& state, int exit);

// One plan with its tasks and what is run to verify them; `lookup` tells what a path is now.
std::string show_text(const std::string& phase, const plan::Plan& plan,
                      const plan::FileLookup& lookup);
nlohmann::ordered_json show_json(const std::string& phase, const plan::Plan& plan,
                                 const plan::FileLookup& lookup);

// Who waits for whom: `edges` lead from a plan to those that wait for it.
nlohmann::ordered_json graph_json(const std::string& phase, const std::vector<plan::Plan>& plans);

}  // namespace konductor::cli
