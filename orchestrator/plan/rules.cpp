// SPDX-License-Identifier: MIT
#include "plan/rules.hpp"

#include <algorithm>
#include <array>

namespace konductor::plan {
namespace {

constexpr std::array<RuleText, 34> kRules = {{
    {Rule::bad_toml, "bad-toml", "The frontmatter is TOML."},
    {Rule::no_frontmatter, "no-frontmatter", "A plan begins with its frontmatter."},
    {Rule::open_frontmatter, "open-frontmatter", "The frontmatter ends with \"+++\"."},
    {Rule::required_field, "required-field", "The frontmatter has all required fields."},
    {Rule::unknown_field, "unknown-field", "Fields are those that plans and tasks have."},
    {Rule::field_type, "field-type", "A field's value is of its type and in its range."},
    {Rule::empty_path, "empty-path", "A path names a file."},
    {Rule::absolute_path, "absolute-path", "Paths are relative to the project."},
    {Rule::path_outside, "path-outside", "Paths stay in the repository."},
    {Rule::empty_must_haves, "empty-must-haves", "A plan says what is true when it is done."},
    {Rule::empty_field, "empty-field", "A field that is written holds something."},
    {Rule::phase_differs, "phase-differs", "A plan's phase is that of its directory."},
    {Rule::duplicate_plan, "duplicate-plan", "Each plan of a phase has its own number."},
    {Rule::plan_number, "plan-number", "A plan's number is that of its file."},
    {Rule::self_dependency, "self-dependency", "No plan waits for itself."},
    {Rule::unknown_dependency, "unknown-dependency", "Plans wait for plans that there are."},
    {Rule::dependency_cycle, "dependency-cycle", "Plans do not wait for each other in a circle."},
    {Rule::wave_order, "wave-order", "A plan's wave is behind those it waits for."},
    {Rule::late_wave, "late-wave", "A plan's wave is the first that it fits into."},
    {Rule::shared_file, "shared-file", "Plans of one wave declare different files."},
    {Rule::unreadable_file, "unreadable-file", "A plan is a file that can be read."},
    {Rule::file_too_large, "file-too-large", "A plan is a page of text."},
    {Rule::not_utf8, "not-utf8", "A plan is UTF-8 text."},
    {Rule::no_tasks, "no-tasks", "A plan has tasks."},
    {Rule::task_heading, "task-heading", "Tasks begin with \"### Task N: title\"."},
    {Rule::stray_task, "stray-task", "Tasks stand below the heading \"## Tasks\"."},
    {Rule::no_tasks_heading, "no-tasks-heading", "Tasks stand below the heading \"## Tasks\"."},
    {Rule::duplicate_task, "duplicate-task", "Each task of a plan has its own number."},
    {Rule::task_numbers, "task-numbers", "Tasks are numbered 1, 2, 3 in their order."},
    {Rule::duplicate_field, "duplicate-field", "A task has each of its fields once."},
    {Rule::no_action, "no-action", "A task says what to do."},
    {Rule::no_verify_command, "no-verify-command", "A task's verify field holds a command."},
    {Rule::open_fence, "open-fence", "Code fences are closed."},
    {Rule::unknown_type, "unknown-type", "A plan's type is one that there is."},
}};

constexpr bool is_in_order() {
  for (std::size_t n = 0; n < kRules.size(); ++n)
    if (static_cast<std::size_t>(kRules[n].rule) != n) return false;
  return true;
}
static_assert(is_in_order(), "a rule is found by its value");

}  // namespace

const RuleText& text_of(Rule rule) {
  return kRules[static_cast<std::size_t>(rule)];
}

}  // namespace konductor::plan
