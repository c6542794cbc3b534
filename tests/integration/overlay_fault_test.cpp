// SPDX-License-Identifier: MIT
// Overlays that cannot be made, or cannot be made plain: plain work trees with the reason told, or
// a clear error, and nothing lost.
#include <catch2/catch.hpp>

#include "support/overlay_project.hpp"
#include "support/small_disk.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;
using konductor::platform::GitWorkspaces;
using Lines = std::vector<std::string>;

namespace {

const ports::CommitText kText{"feat(01-plan-1): a task\n"};

bool is_there(const SmallDisk& disk) {
  if (!disk.is_mounted()) WARN("skipped: a file system cannot be mounted here");
  return disk.is_mounted();
}

}  // namespace

TEST_CASE("a disk that is full when overlays are made plain loses nothing") {
  if (!has_overlays()) return;
  GitProject project;
  commit_sources(project);
  project.write("large.txt", std::string(std::size_t{1} << 20U, 'x'));
  project.commit("large");
  const fs::path trees = project.root / ".konductor/worktrees";
  fs::create_directories(trees);
  const SmallDisk disk(trees, "size=16m");
  if (!is_there(disk)) return;
  GitWorkspaces workspaces(overlaid(project));
  require(workspaces.prepare());
  auto first = require(workspaces.open(1));
  const auto second = require(workspaces.open(2));
  if (!platform::is_mount_point(first.directory)) {
    WARN("skipped: a file system in memory takes no overlays here");
    return;
  }
  GitProject::put(first.directory / "done.txt", "done\n");
  first.head = require(workspaces.snapshot(first, kText));
  rearrange(first.directory);
  GitProject::put(second.directory / "second.txt", "second\n");
  const auto picture = picture_of(first.directory);
  disk.fill("filler");
  const auto refused = workspaces.release();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ErrorCode::environment);
  CHECK_THAT(refused.error().message, Contains("cannot write") && Contains("No space left"));
  // What is not plain yet is not taken for empty.
  CHECK(workspaces.snapshot(first, kText).has_error());
  disk.make_room("filler");
  const bool is_same_engine = GENERATE(true, false);
  const bool is_overlaid = GENERATE(true, false);
  CAPTURE(is_same_engine, is_overlaid);
  if (is_same_engine) {
    require(workspaces.release());
  } else {
    GitWorkspaces next(is_overlaid ? overlaid(project) : project.options());
    require(next.prepare());
    const auto taken = require(next.open(1));
    CHECK(taken.head == first.head);
    CHECK(picture_of(first.directory) == picture);
    require(next.release());
  }
  CHECK(picture_of(first.directory) == picture);
  CHECK(GitProject::text_of(second.directory / "second.txt") == "second\n");
  CHECK(names_in(trees) == Lines{"01-plan-001", "01-plan-002"});
  CHECK(project.complaints().empty());
}

TEST_CASE("a disk that is full when the checkout below overlays is made is told") {
  if (!has_overlays()) return;
  GitProject project;
  commit_sources(project);
  project.write("large.txt", std::string(std::size_t{1} << 20U, 'x'));
  project.commit("large");
  const fs::path trees = project.root / ".konductor/worktrees";
  fs::create_directories(trees);
  const SmallDisk disk(trees, "size=16m");
  if (!is_there(disk)) return;
  Lines told;
  platform::WorkspacesOptions options = overlaid(project);
  options.tell_no_overlay = [&told](const std::string& why) { told.push_back(why); };
  GitWorkspaces workspaces(options);
  require(workspaces.prepare());
  disk.fill("filler");
  const auto refused = workspaces.open(1);
  REQUIRE(refused.has_error());
  CHECK_THAT(refused.error().message, Contains("No space left"));
  REQUIRE(told.size() == 1);
  CHECK_THAT(told.front(), Contains("No space left"));
  disk.make_room("filler");
  const auto opened = require(workspaces.open(1));
  CHECK_FALSE(platform::is_mount_point(opened.directory));
  CHECK(require(workspaces.dirt(opened, opened.head)).empty());
  CHECK(GitProject::text_of(opened.directory / "plain") == "plain\n");
  CHECK(names_in(trees) == Lines{"01-plan-001"});
  CHECK(told.size() == 1);
}

TEST_CASE("where an overlay cannot be mounted plans get plain work trees, and why is told once") {
  if (!has_overlays()) return;
  GitProject project;
  commit_sources(project);
  // The kernel takes no overlay for the upper part of another.
  const TempDir place;
  const fs::path trees = project.root / ".konductor/worktrees";
  const platform::OverlayParts parts{place / "lower", place / "upper", place / "work", trees};
  for (const fs::path& path : {parts.lower, parts.upper, parts.work, parts.point})
    fs::create_directories(path);
  require(platform::mount_overlay(parts));
  {
    Lines told;
    platform::WorkspacesOptions options = overlaid(project);
    options.tell_no_overlay = [&told](const std::string& why) { told.push_back(why); };
    GitWorkspaces workspaces(options);
    require(workspaces.prepare());
    for (const int plan : {1, 2}) {
      const auto opened = require(workspaces.open(plan));
      CHECK_FALSE(platform::is_mount_point(opened.directory));
      CHECK(require(workspaces.dirt(opened, opened.head)).empty());
      CHECK(GitProject::text_of(opened.directory / "plain") == "plain\n");
    }
    REQUIRE(told.size() == 1);
    CHECK_THAT(told.front(), Contains("cannot mount an overlay"));
    require(workspaces.release());
    CHECK(names_in(trees) == Lines{"01-plan-001", "01-plan-002"});
  }
  require(platform::unmount_overlay(trees));
}
