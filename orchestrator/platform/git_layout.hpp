// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "platform/git_handles.hpp"
#include "ports/workspaces.hpp"

namespace konductor::platform::git {

inline constexpr const char* kProjectFolder = ".konductor";

// Where the project, the user's checkout and the repository are.
struct Layout {
  std::filesystem::path root;           // The folder that holds `.konductor`.
  std::filesystem::path top;            // The user's work tree.
  std::filesystem::path git_directory;  // Of the user's checkout.
  std::filesystem::path
      common_directory;  // Of the repository; the same unless it is a linked tree.
  std::string prefix;    // `root` in `top`: "" or "services/api/".

  // ".konductor" as a path of the repository.
  std::string project_folder() const { return prefix + kProjectFolder; }
  // A path of the repository as one relative to the project ("../x" outside it), and back.
  std::string to_project(const std::string& path) const;
  std::string to_repository(const std::string& path) const;
};

// Finds the repository around `root`. Errors are `environment` and say what to do.
Result<Layout> find_layout(const std::filesystem::path& root);

// Whether `root` lies in the work tree of a repository that does not ignore it. A repository that
// cannot be opened counts, so that the reason is told.
bool is_versioned(const std::filesystem::path& root);

// Error when the repository uses something that this library cannot do right.
Result<void> check_supported(git_repository* repository, const Layout& layout);

// The number in "plan-002"; "holistic" is 0.
std::optional<ports::PlanNumber> plan_of_name(std::string_view name);

// References and folders of one phase, with names that git accepts.
struct PhaseNames {
  explicit PhaseNames(std::string_view phase);

  std::string phase;
  std::string branches;     // "refs/heads/konductor/01/"
  std::string integration;  // "refs/heads/konductor/01/main"
  std::string base;         // The commit that the phase's work began from.
  std::string target;       // A note: the user's branch that gets the result.
  std::string delivering;   // Set while the user's files are being updated.
  std::string delivered;    // The result that was brought to the working tree without a commit.
  std::string pool;         // What names of pooled trees begin with: "01-pool-".

  // A plan's branch has a folder to itself: git writes a lock beside a reference, so that the
  // folder is the least that whoever commits has to be allowed.
  std::string branch_folder(ports::PlanNumber plan) const;  // "refs/heads/konductor/01/plan-002"
  std::string branch(ports::PlanNumber plan) const;         // In there: a full reference.
  // The plan whose branch it is; nothing for other references.
  std::optional<ports::PlanNumber> plan_of(std::string_view reference) const;
  std::string worktree(ports::PlanNumber plan) const;  // "01-plan-002", "01-holistic"
  // Of its copy: "01-plan-002-review"; and the plan whose copy has such a name.
  std::string review_copy(ports::PlanNumber plan) const;
  std::optional<ports::PlanNumber> plan_of_review_copy(std::string_view name) const;
  // Names of the phase, and not of one whose name only begins with it.
  bool is_pooled(std::string_view name) const;  // "01-pool-1"
  bool is_trash(std::string_view name) const;   // What becomes of such trees, see trash_place().
};

// "refs/heads/x" without its first two parts.
std::string branch_name(const std::string& reference);

}  // namespace konductor::platform::git
