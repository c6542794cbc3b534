// SPDX-License-Identifier: MIT
#include "platform/git_factory.hpp"

#include "base/text.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_snapshot_workspaces.hpp"

namespace konductor::platform {

Result<std::unique_ptr<ports::Workspaces>> make_workspaces(WorkspacesOptions options,
                                                           std::string_view isolation) {
  if (isolation != "auto" && isolation != "worktree" && isolation != "none")
    return Error{ErrorCode::invalid_input, "git.isolation is " + quote(isolation) +
                                               ": write \"auto\", \"worktree\" or \"none\""};
  std::unique_ptr<ports::Workspaces> made;
  if (isolation == "worktree" || (isolation == "auto" && git::is_versioned(options.root)))
    made = std::make_unique<GitWorkspaces>(std::move(options));
  else
    made = std::make_unique<GitSnapshotWorkspaces>(std::move(options));
  return made;
}

}  // namespace konductor::platform
