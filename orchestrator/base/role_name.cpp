// SPDX-License-Identifier: MIT
#include "base/role_name.hpp"

namespace konductor {

std::string_view to_string(RoleName role) {
  switch (role) {
    case RoleName::executor:
      return "executor";
    case RoleName::spec_reviewer:
      return "spec-reviewer";
    case RoleName::code_reviewer:
      return "code-reviewer";
    case RoleName::researcher:
      return "researcher";
    case RoleName::assessor:
      return "assessor";
    case RoleName::discoverer:
      return "discoverer";
    case RoleName::designer:
      return "designer";
    case RoleName::planner:
      return "planner";
    case RoleName::plan_checker:
      return "plan-checker";
    case RoleName::design_reviewer:
      return "design-reviewer";
    case RoleName::verifier:
      return "verifier";
    case RoleName::codebase_mapper:
      return "codebase-mapper";
  }
  return "executor";
}

std::optional<RoleName> parse_role_name(std::string_view text) {
  for (const RoleName role : kAllRoles)
    if (to_string(role) == text) return role;
  return std::nullopt;
}

}  // namespace konductor
