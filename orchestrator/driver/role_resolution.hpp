// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "agent/prompt_template.hpp"
#include "driver/run_context.hpp"

namespace konductor::driver {

// Roles that executing a phase can need.
inline constexpr std::array<RoleName, 5> kExecutionRoles = {
    RoleName::executor, RoleName::spec_reviewer, RoleName::code_reviewer, RoleName::researcher,
    RoleName::assessor};

// Paths of the programs that come with konductor.
struct ShippedPrograms {
  std::filesystem::path replay;      // Plays recordings.
  std::filesystem::path acp;         // Speaks with agents of kind acp.
  std::filesystem::path supervisor;  // Owns an attempt's program; empty when it is not there.
};

// Everything each enabled role is started with: role file, configuration, runtime, program, prompt.
// Roles that are switched off are left out.
// Errors: `invalid_input` for role files and templates, `environment` when no agent is installed or
// a role's program cannot be found.
Result<std::map<RoleName, ResolvedRole>> resolve_roles(const ports::FileStore& files,
                                                       const ProjectLayout& layout,
                                                       const config::Config& config,
                                                       std::string_view phase,
                                                       const std::vector<std::string>& environment,
                                                       const ShippedPrograms& shipped);

// The templates in `.konductor/prompts`.
Result<agent::ProjectPrompts> load_project_prompts(const ports::FileStore& files,
                                                   const ProjectLayout& layout);

// The absolute path of a program as a shell would find it; "" when there is none.
std::string find_program(const std::string& name, const std::vector<std::string>& environment);

}  // namespace konductor::driver
