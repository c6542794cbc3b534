// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/role.hpp"
#include "base/result.hpp"

// Templates: Markdown with `{{hole}}` placeholders; `\{{` stands for two braces.
namespace konductor::agent {

// Name of a hole → what fills it. Values are put in as they are, never read for holes again.
using Holes = std::map<std::string, std::string, std::less<>>;

// Fills the holes of `text`. The error `invalid_input` names every unknown or unclosed hole, one a
// line, as `path:line:column: text` with the holes that there are.
Result<std::string> fill_template(const std::string& path, std::string_view text,
                                  const Holes& holes);

// The prompts of a project, by name without ".md": "executor", "executor-extra".
using ProjectPrompts = std::map<std::string, TextFile, std::less<>>;

// The template's name for an attempt of `role` with this KONDUCTOR_REASON: the role's own, but
// "holistic" for the review of the phase, "conflict-fix" for the fix of a merge conflict and
// "assess-concerns" for an assessment of concerns.
std::string template_name(const Role& role, std::string_view reason, bool is_about_concerns);

// The instructions of a role: the project's template of that name, else the shipped one, with its
// holes `role`, `phase`, `document_rules` and `review_rules` filled; then, as it stands, the
// project's `<role>-extra`. They are the same for every attempt of the role in the phase. Errors:
// `not_found` when there is no such template, `invalid_input` as fill_template.
Result<std::string> role_instructions(std::string_view name, RoleName role, std::string_view phase,
                                      const ProjectPrompts& project);

}  // namespace konductor::agent
