// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "support/plans_side_by_side.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitWorkspaces;
using Lines = std::vector<std::string>;

TEST_CASE("a plan that lies ahead is fast-forwarded, and merging it again changes nothing") {
  PlansSideBySide it;
  const auto workspace = it.edit(1, put("new.txt", "n\n"));
  const auto merged = require(it.workspaces.merge(1, text_for(1)));
  CHECK(merged.is_clean);
  CHECK(merged.commit == workspace.head);
  CHECK(require(it.workspaces.integration_head()) == workspace.head);
  const auto again = require(it.workspaces.merge(1, text_for(1)));
  CHECK(again.is_clean);
  CHECK(again.commit == workspace.head);
  CHECK(it.project.git({"status", "--porcelain"}) == "?? .konductor/");
  CHECK(it.project.head() == workspace.base);
}

TEST_CASE("plans that ran side by side are merged with a commit") {
  PlansSideBySide it;
  const auto first = it.edit(1, put("shared.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n"));
  const auto second = it.edit(2, put("shared.txt", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n"));
  CHECK(require(it.workspaces.merge(1, text_for(1))).is_clean);
  const auto merged = require(it.workspaces.merge(2, text_for(2)));
  CHECK(merged.is_clean);
  CHECK(it.project.tip(merged.commit + "^1") == first.head);
  CHECK(it.project.tip(merged.commit + "^2") == second.head);
  CHECK(it.project.git({"log", "-1", "--format=%s %an", merged.commit}) ==
        "feat(01-plan-2): a task Ada");
  CHECK(require(it.workspaces.file_at(merged.commit, "shared.txt")) ==
        "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  CHECK(require(it.workspaces.merge(2, text_for(2))).commit == merged.commit);
  CHECK(require(it.workspaces.merge(1, text_for(1))).commit == merged.commit);
  CHECK(it.project.complaints().empty());
}

TEST_CASE("conflicts name their paths and change nothing") {
  PlansSideBySide it;
  Edit ours = put("shared.txt", "ours\n2\n3\n4\n5\n6\n7\n8\n9\n");
  Edit theirs = put("shared.txt", "theirs\n2\n3\n4\n5\n6\n7\n8\n9\n");
  Lines paths = {"shared.txt"};
  SECTION("the same line") {}
  SECTION("edited and removed") {
    theirs = [](const fs::path& top) { fs::remove(top / "shared.txt"); };
  }
  SECTION("added twice") {
    ours = put("new.txt", "ours\n");
    theirs = put("new.txt", "theirs\n");
    paths = {"new.txt"};
  }
  SECTION("binary files") {
    ours = put("other.txt", std::string("\0ours", 5));
    theirs = put("other.txt", std::string("\0theirs", 7));
    paths = {"other.txt"};
  }
  SECTION("several") {
    ours = [=](const fs::path& top) {
      put("other.txt", "ours\n")(top);
      put("shared.txt", "ours\n")(top);
    };
    theirs = [=](const fs::path& top) {
      put("other.txt", "theirs\n")(top);
      put("shared.txt", "theirs\n")(top);
    };
    paths = {"other.txt", "shared.txt"};
  }
  const auto first = it.edit(1, ours);
  const auto second = it.edit(2, theirs);
  REQUIRE(require(it.workspaces.merge(1, text_for(1))).is_clean);
  const auto result = require(it.workspaces.merge(2, text_for(2)));
  CHECK_FALSE(result.is_clean);
  CHECK(result.conflicts == paths);
  CHECK(result.commit == first.head);
  CHECK(require(it.workspaces.integration_head()) == first.head);
  CHECK(it.project.tip("konductor/01/plan-002/work") == second.head);
  CHECK(it.project.complaints().empty());
}

TEST_CASE("an edit follows a file that the other plan renamed") {
  PlansSideBySide it;
  it.edit(1, [](const fs::path& top) { fs::rename(top / "shared.txt", top / "moved.txt"); });
  it.edit(2, put("shared.txt", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n"));
  REQUIRE(require(it.workspaces.merge(1, text_for(1))).is_clean);
  const auto merged = require(it.workspaces.merge(2, text_for(2)));
  REQUIRE(merged.is_clean);
  CHECK(require(it.workspaces.file_at(merged.commit, "moved.txt")) ==
        "1\n2\n3\n4\n5\n6\n7\n8\nnine\n");
}

TEST_CASE("a conflict that the plan's branch resolves by merging is clean afterwards") {
  PlansSideBySide it;
  it.edit(1, put("other.txt", "ours\n"));
  auto second = it.edit(2, put("other.txt", "theirs\n"));
  REQUIRE(require(it.workspaces.merge(1, text_for(1))).is_clean);
  REQUIRE_FALSE(require(it.workspaces.merge(2, text_for(2))).is_clean);
  CHECK_FALSE(it.project.git_succeeds(
      {"-C", second.directory, "merge", "-q", "--no-edit", "konductor/01/main"}));
  GitProject::put(second.directory / "other.txt", "both\n");
  it.project.commit_in(second.directory, "resolved");
  second.head = require(it.workspaces.snapshot(second, text_for(2)));
  const auto merged = require(it.workspaces.merge(2, text_for(2)));
  CHECK(merged.is_clean);
  CHECK(merged.commit == second.head);
}

TEST_CASE("merging a plan that was never opened is an error") {
  PlansSideBySide it;
  CHECK(it.workspaces.merge(7, text_for(7)).error().code == ErrorCode::not_found);
}

TEST_CASE("the holistic tree begins at the integration branch each time and moves it") {
  PlansSideBySide it;
  it.edit(1, put("one.txt", "1\n"));
  require(it.workspaces.merge(1, text_for(1)));
  auto holistic = it.edit(0, put("fix.txt", "f\n"));
  CHECK(require(it.workspaces.merge(0, text_for(0))).commit == holistic.head);
  CHECK(require(it.workspaces.integration_head()) == holistic.head);
  require(it.workspaces.close(0));
  it.edit(2, put("two.txt", "2\n"));
  const std::string head = require(it.workspaces.merge(2, text_for(2))).commit;
  holistic = require(it.workspaces.open(0));
  CHECK(holistic.head == head);
  CHECK(fs::exists(holistic.directory / "two.txt"));
}

TEST_CASE("a plan without work of its own follows the integration branch") {
  PlansSideBySide it;
  const auto waiting = require(it.workspaces.open(2));
  const auto busy = require(it.workspaces.open(3));
  GitProject::put(busy.directory / "half.txt", "half\n");
  it.edit(1, put("one.txt", "1\n"));
  const std::string head = require(it.workspaces.merge(1, text_for(1))).commit;
  const auto opened = require(it.workspaces.open(2));
  CHECK(opened.head == head);
  CHECK(opened.base == head);
  CHECK(fs::exists(opened.directory / "one.txt"));
  CHECK(require(it.workspaces.dirt(opened, head)).empty());
  // Work that is not committed yet keeps the tree where it is.
  const auto kept = require(it.workspaces.open(3));
  CHECK(kept.head == busy.head);
  CHECK(kept.base == busy.base);
  CHECK(lines_of(require(it.workspaces.dirt(kept, kept.head))) == Lines{"A half.txt"});
  // So does work that is committed.
  const auto third = it.edit(3, put("half.txt", "whole\n"));
  CHECK(require(it.workspaces.open(3)).head == third.head);
  CHECK(require(it.workspaces.open(3)).base == busy.base);
}

TEST_CASE("a tree that somebody works in stays as it is") {
  PlansSideBySide it;
  const auto waiting = require(it.workspaces.open(2));
  it.edit(1, put("one.txt", "1\n"));
  const std::string integration = require(it.workspaces.merge(1, text_for(1))).commit;
  const fs::path lock =
      fs::path(it.project.git_in(waiting.directory, {"rev-parse", "--git-dir"})) / "index.lock";
  std::ofstream(lock) << "held by a commit";
  const auto occupied = require(it.workspaces.open(2, ports::TreeUse::occupied));
  CHECK(occupied.head == waiting.head);
  CHECK(occupied.base == waiting.base);
  CHECK_FALSE(fs::exists(occupied.directory / "one.txt"));
  CHECK(fs::exists(lock));
  CHECK(require(it.workspaces.open(2)).head == integration);
  CHECK_FALSE(fs::exists(lock));
}

TEST_CASE("eight plans worked on from eight threads end as if one after another") {
  GitProject project;
  const int plans = 8;
  for (int plan = 1; plan <= plans; ++plan)
    for (int file = 0; file < 20; ++file)
      project.write("part" + std::to_string(plan) + "/f" + std::to_string(file), "x\n");
  const std::string start = project.commit("parts");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  std::vector<std::string> failures(plans);
  const auto work = [&](int plan) -> Result<void> {
    for (int round = 0; round < 3; ++round) {
      KON_TRY(auto workspace, workspaces.open(plan));
      KON_TRY(const ports::GuardState before, workspaces.guard(workspace));
      const std::string folder = "part" + std::to_string(plan);
      std::ofstream(workspace.directory / folder / "f0") << "round " << round << "\n";
      std::ofstream(workspace.directory / folder / ("new" + std::to_string(round))) << plan;
      KON_TRY(workspace.head, workspaces.snapshot(workspace, text_for(plan)));
      KON_TRY(const auto touched, workspaces.restore_guarded(workspace, before));
      if (!touched.empty()) return Error{ErrorCode::internal, touched.front()};
      KON_TRY(const auto dirt, workspaces.dirt(workspace, workspace.head));
      if (!dirt.empty()) return Error{ErrorCode::internal, dirt.front().path};
      KON_TRY(const auto merged, workspaces.merge(plan, text_for(plan)));
      if (!merged.is_clean) return Error{ErrorCode::conflict, merged.conflicts.front()};
      if (round == 1) KON_TRY_VOID(workspaces.close(plan));
    }
    return workspaces.close(plan);
  };
  std::vector<std::thread> threads;
  for (int plan = 1; plan <= plans; ++plan)
    threads.emplace_back([&, plan] {
      if (const auto result = work(plan); !result)
        failures[static_cast<std::size_t>(plan - 1)] = result.error().message;
    });
  for (std::thread& thread : threads)
    thread.join();
  for (const std::string& failure : failures)
    CHECK(failure == "");
  const std::string head = require(workspaces.integration_head());
  CHECK(require(workspaces.changes(start, head)).size() == plans * 4);
  for (int plan = 1; plan <= plans; ++plan)
    CHECK(require(workspaces.file_at(head, "part" + std::to_string(plan) + "/f0")) == "round 2\n");
  CHECK(project.head() == start);
  require(workspaces.release());
  CHECK(project.git({"status", "--porcelain"}).empty());
  CHECK_FALSE(fs::exists(project.root / ".konductor/worktrees"));
  CHECK_FALSE(fs::exists(project.git_directory() / "worktrees"));
  CHECK(require(workspaces.deliver()).is_delivered);
  CHECK(project.head() == head);
  CHECK(project.complaints().empty());
}
