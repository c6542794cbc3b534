// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"

namespace konductor::test {

// What somebody does to the files of a tree.
using Edit = std::function<void(const std::filesystem::path&)>;

inline Edit put(const std::string& path, const std::string& text) {
  return [=](const std::filesystem::path& top) { GitProject::put(top / path, text); };
}
inline Edit gone(const std::string& path) {
  return [=](const std::filesystem::path& top) { std::filesystem::remove_all(top / path); };
}
inline Edit all(std::vector<Edit> edits) {
  return [=](const std::filesystem::path& top) {
    for (const Edit& edit : edits)
      edit(top);
  };
}

inline ports::CommitText text_for(int plan) {
  return {"feat(01-plan-" + std::to_string(plan) + "): a task\n"};
}

// A phase whose plans begin with the same files.
struct PlansSideBySide {
  PlansSideBySide() {
    project.write("shared.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    project.write("other.txt", "other\n");
    project.write("dir/a.txt", "a\n");
    project.commit("shared");
    require(workspaces.prepare());
  }

  // A plan's only task.
  ports::Workspace edit(int plan, const Edit& change) {
    auto workspace = require(workspaces.open(plan));
    change(workspace.directory);
    workspace.head = require(workspaces.snapshot(workspace, text_for(plan)));
    return workspace;
  }

  GitProject project;
  platform::GitWorkspaces workspaces{project.options()};
};

}  // namespace konductor::test
