// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/git_overlays.hpp"
#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"
#include "support/overlay_files.hpp"
#include "support/overlays.hpp"

// Projects whose work trees are overlays.
namespace konductor::test {

inline platform::WorkspacesOptions overlaid(const GitProject& project) {
  platform::WorkspacesOptions options = project.options();
  options.overlay = true;
  return options;
}

inline void commit_sources(const GitProject& project) {
  put_sources(project.root);
  project.commit("sources");
}

// One of everything that can happen to a file.
inline void rearrange(const std::filesystem::path& top) {
  namespace fs = std::filesystem;
  fs::remove(top / "gone.txt");
  fs::permissions(top / "tool.sh", fs::perms::owner_all);
  // As mv does it: a directory from below cannot be renamed in one step.
  fs::copy(top / "old", top / "new", fs::copy_options::recursive);
  fs::remove_all(top / "old");
  fs::remove_all(top / "swap");
  GitProject::put(top / "swap", "a file now\n");
  fs::remove(top / "plain");
  GitProject::put(top / "plain/inside.txt", "a folder now\n");
  fs::remove_all(top / "again");
  GitProject::put(top / "again/five.txt", "five\n");
  fs::remove(top / "link");
  fs::create_symlink("again/five.txt", top / "link");
  GitProject::put(top / "README.md", "hello again\n");
  GitProject::put(top / "build/ignored.o", "object\n");
  GitProject::put(top / "src/more.c", "int more;\n");
}

// What the end of the engine's last process does.
inline void forget_mount(const std::filesystem::path& top) {
  namespace fs = std::filesystem;
  require(platform::unmount_overlay(top));
  REQUIRE(fs::exists(top / "READ-ME.txt"));
  REQUIRE_FALSE(fs::exists(top / "src"));
}

// Names in the directory of the work trees, hidden ones too.
inline std::vector<std::string> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error))
    found.push_back(entry.path().filename());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace konductor::test
