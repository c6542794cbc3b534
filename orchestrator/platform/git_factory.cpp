// SPDX-License-Identifier: MIT
#include "platform/git_factory.hpp"

#include "base/text.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_snapshot_workspaces.hpp"

namespace konductor::platform {

bool takes_work_trees(const std::filesystem::path& root, std::string_view isolation) {
  return isolation == "worktree" || (isolation == "auto" && git::is_versioned(root));
}

Result<std::unique_ptr<ports::Workspaces>> make_workspaces(WorkspacesOptions options,
                                                           std::string_view isolation) {
  if (isolation != "auto" && isolation != "worktree" && isolation != "none")
    return Error{ErrorCode::invalid_input, "git.isolation is " + quote(isolation) +
                                               ": write \"auto\", \"worktree\" or \"none\""};
  std::unique_ptr<ports::Workspaces> made;
  if (takes_work_trees(options.root, isolation))
    made = std::make_unique<GitWorkspaces>(std::move(options));
  else
    made = std::make_unique<GitSnapshotWorkspaces>(std::move(options));
  return made;
}

}  // namespace konductor::platform
