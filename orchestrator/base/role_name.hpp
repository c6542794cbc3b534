// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace konductor {

// Who an attempt works as. The names, with hyphens, are used in configuration, environment, events
// and file names.
enum class RoleName {
  executor,
  spec_reviewer,
  code_reviewer,
  researcher,
  assessor,
  discoverer,
  designer,
  planner,
  plan_checker,
  design_reviewer,
  verifier,
  codebase_mapper,
};

inline constexpr std::array<RoleName, 12> kAllRoles = {
    RoleName::executor,        RoleName::spec_reviewer, RoleName::code_reviewer,
    RoleName::researcher,      RoleName::assessor,      RoleName::discoverer,
    RoleName::designer,        RoleName::planner,       RoleName::plan_checker,
    RoleName::design_reviewer, RoleName::verifier,      RoleName::codebase_mapper,
};

// "spec-reviewer" and so on.
std::string_view to_string(RoleName role);
std::optional<RoleName> parse_role_name(std::string_view text);

}  // namespace konductor
