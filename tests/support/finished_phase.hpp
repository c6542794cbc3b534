// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"

namespace konductor::test {

// A phase whose one plan changed, added and removed files, and is merged; not yet delivered.
struct FinishedPhase {
  explicit FinishedPhase(platform::WorkspacesOptions more = {})
      : options(with_root(std::move(more), project)), workspaces(options) {
    project.write("removed.txt", "r\n");
    project.write("run.sh", "#!/bin/sh\n");
    start = project.commit("removed");
    require(workspaces.prepare());
    result = work(1, [](const std::filesystem::path& directory) {
      GitProject::put(directory / "README.md", "changed\n");
      GitProject::put(directory / "docs/new.txt", "new\n");
      GitProject::put(directory / "docs/blob", std::string("\0\1\2", 3));
      std::filesystem::create_symlink("README.md", directory / "link");
      std::filesystem::permissions(directory / "run.sh", std::filesystem::perms::owner_exec,
                                   std::filesystem::perm_options::add);
      std::filesystem::remove(directory / "removed.txt");
    });
  }

  // Another plan that `edit` does; returns the integration branch afterwards.
  template <class Edit>
  std::string work(int plan, Edit edit) {
    const auto workspace = require(workspaces.open(plan));
    edit(workspace.directory);
    require(workspaces.snapshot(workspace, {"feat(01-plan-1): a task\n"}));
    const auto merged = require(workspaces.merge(plan, {"merge\n"}));
    REQUIRE(merged.is_clean);
    require(workspaces.close(plan));
    require(workspaces.release());
    return merged.commit;
  }

  // Whether the user's files are being changed, or a kill has cut that off.
  bool is_delivering() const {
    return project.git_succeeds({"rev-parse", "-q", "--verify", "refs/konductor/01/delivering"});
  }

  // The command as a person would give it.
  RunResult shell(const std::string& command) const {
    return run_program({"/bin/sh", "-c", "cd '" + project.root.native() + "' && " + command});
  }

  // Whether files and links are those of the result.
  bool has_result() const {
    std::error_code error;
    return project.read("README.md") == "changed\n" && project.read("docs/new.txt") == "new\n" &&
           project.read("docs/blob") == std::string("\0\1\2", 3) &&
           std::filesystem::is_symlink(project.root / "link") &&
           (std::filesystem::status(project.root / "run.sh", error).permissions() &
            std::filesystem::perms::owner_exec) != std::filesystem::perms::none &&
           !std::filesystem::exists(project.root / "removed.txt");
  }

  static platform::WorkspacesOptions with_root(platform::WorkspacesOptions options,
                                               const GitProject& project) {
    options.root = project.root;
    options.run = "run-1";
    return options;
  }

  GitProject project;
  platform::WorkspacesOptions options;
  platform::GitWorkspaces workspaces;
  std::string start;
  std::string result;
};

}  // namespace konductor::test
