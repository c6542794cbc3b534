// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "driver/run_shared.hpp"

// Who may review what: with `review.different_model` nobody reviews what a model of its own wrote.
namespace konductor::driver {

// Whether the model that a role names reaches the agent: a plain command has it as `{model}`.
bool takes_model(const config::RuntimeSettings& runtime);

// Whether two runtimes may be of one model. Claude Code and Codex: the models are the same, or that
// of one is left to its agent; for all other kinds everything that could choose a model is the same
// too. Accounts make no difference.
bool may_be_same_model(const config::RuntimeSettings& one, const std::string& one_model,
                       const config::RuntimeSettings& other, const std::string& other_model);

// Error `invalid_input` when a role that reviews has no runtime of another model than one that the
// executor may run with. `roles` are the roles of this run.
Result<void> check_review_models(const config::Config& config,
                                 const std::map<RoleName, ResolvedRole>& roles);

// With what an attempt may run, in the order in which it is tried: all runtimes of its role, but
// for a review those of another model than the newest work at the task; for the review of a phase
// of which one model did all tasks, those of another one.
std::vector<const RoleRuntime*> runtimes_for(const RunShared& shared, RoleName role,
                                             const TaskAddress& address);

// What is wrong when that is nothing.
std::string no_reviewer_text(const RunShared& shared, RoleName role, const TaskAddress& address);

// As the quota gate knows them.
std::vector<std::string> accounts_of(const std::vector<const RoleRuntime*>& runtimes);

}  // namespace konductor::driver
