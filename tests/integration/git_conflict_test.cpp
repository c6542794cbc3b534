// SPDX-License-Identifier: MIT
// What two plans may do to the same places: each case ends merged, or as a commit to fix it from.
#include <catch2/catch.hpp>

#include "support/plans_side_by_side.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Lines = std::vector<std::string>;

namespace {

const ports::ConflictLabels kLabels{"plan 002", "konductor/01/main"};

struct Rivals : PlansSideBySide {
  // Merges plan 1, then plan 2; returns the commit that the fix begins from, "" when it merged.
  std::string meet(const Edit& first, const Edit& second) {
    edit(1, first);
    workspace = edit(2, second);
    REQUIRE(require(workspaces.merge(1, {"merge 1\n"})).is_clean);
    result = require(workspaces.merge(2, {"merge 2\n"}));
    if (result.is_clean) return "";
    const std::string before = project.tip("konductor/01/plan-002/work");
    const std::string commit =
        require(workspaces.write_conflict(2, kLabels, {"merge 2\n\nKonductor-Run: run-1\n"}));
    CHECK(project.tip("konductor/01/plan-002/work") == before);
    CHECK(project.tip(commit + "^1") == require(workspaces.integration_head()));
    CHECK(project.tip(commit + "^2") == before);
    return commit;
  }

  // The fix as an attempt makes it, and the merge after it.
  ports::MergeResult fix(const std::string& from, const Edit& change) {
    require(workspaces.reset(workspace, from));
    workspace.head = from;
    change(workspace.directory);
    workspace.head = require(workspaces.snapshot(
        workspace, {"merge(01-plan-2): a task\n\nKonductor-Run: run-1\n", "002-merge-conflict"}));
    return require(workspaces.merge(2, {"merge 2\n"}));
  }

  ports::Workspace workspace;
  ports::MergeResult result;
};

}  // namespace

TEST_CASE("the same line on both sides stands between markers, and its fix merges") {
  Rivals it;
  const std::string from = it.meet(put("shared.txt", "ours\n2\n3\n4\n5\n6\n7\n8\n9\n"),
                                   put("shared.txt", "theirs\n2\n3\n4\n5\n6\n7\n8\nnine\n"));
  CHECK(it.result.conflicts == Lines{"shared.txt"});
  CHECK(require(it.workspaces.file_at(from, "shared.txt")) ==
        "<<<<<<< plan 002\ntheirs\n||||||| before both\n1\n=======\nours\n"
        ">>>>>>> konductor/01/main\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  const auto merged = it.fix(from, put("shared.txt", "both\n2\n3\n4\n5\n6\n7\n8\nnine\n"));
  CHECK(merged.is_clean);
  CHECK(require(it.workspaces.file_at(merged.commit, "shared.txt")) ==
        "both\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  // The commit with the markers is kept, but not in the history.
  CHECK_FALSE(it.project.git_succeeds({"merge-base", "--is-ancestor", from, merged.commit}));
  CHECK(it.project.tip("refs/konductor/run-1/002-merge-conflict") == from);
  CHECK(it.project.git({"rev-list", "--count", merged.commit + "^1..." + merged.commit + "^2"}) ==
        "2");
  CHECK(it.project.complaints().empty());
}

TEST_CASE("what is not text has one side, and its fix merges") {
  Rivals it;
  Edit first;
  Edit second;
  std::string path = "shared.txt";
  std::string kept;
  SECTION("edited here, removed there") {
    first = gone("shared.txt");
    second = put("shared.txt", kept = "edited\n");
  }
  SECTION("removed here, edited there") {
    first = put("shared.txt", kept = "edited\n");
    second = gone("shared.txt");
  }
  SECTION("binary") {
    path = "other.txt";
    first = put(path, std::string("\0one", 4));
    second = put(path, kept = std::string("\0two", 4));
  }
  SECTION("renamed here, edited beyond recognition there") {
    first = put("shared.txt", kept = "all is new\n");
    second = all({gone("shared.txt"), put("moved.txt", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n")});
    path = "";
  }
  SECTION("a link here, a text there") {
    path = "new";
    first = put(path, "text\n");
    second = [](const fs::path& top) { fs::create_symlink("other.txt", top / "new"); };
    kept = "other.txt";
  }
  const std::string from = it.meet(first, second);
  REQUIRE_FALSE(from.empty());
  if (!path.empty()) CHECK(require(it.workspaces.file_at(from, path)) == kept);
  const auto merged = it.fix(from, put("other.txt", "settled\n"));
  CHECK(merged.is_clean);
  CHECK(require(it.workspaces.file_at(merged.commit, "other.txt")) == "settled\n");
  CHECK(it.project.complaints().empty());
}

TEST_CASE("a fix that finds all as it should be merges what it began from") {
  Rivals it;
  const std::string from = it.meet(gone("shared.txt"), put("shared.txt", "edited\n"));
  const auto merged = it.fix(from, [](const fs::path&) {});
  CHECK(merged.is_clean);
  CHECK(merged.commit == from);
}

TEST_CASE("a file here and a directory there both survive") {
  Rivals it;
  const bool is_file_first = GENERATE(true, false);
  const Edit file = put("place", "file\n");
  const Edit directory = put("place/inner.txt", "inner\n");
  const std::string from = is_file_first ? it.meet(file, directory) : it.meet(directory, file);
  REQUIRE_FALSE(from.empty());
  CHECK(it.project.git({"grep", "-h", "-e", "file", "-e", "inner", from, "--", "place*"}) ==
        "inner\nfile");
  CHECK(it.fix(from, put("other.txt", "settled\n")).is_clean);
  CHECK(it.project.complaints().empty());
}

TEST_CASE("a submodule's pointer that both sides move keeps the plan's") {
  Rivals it;
  const std::string one = it.project.head();
  const std::string two = it.project.tip("HEAD^");
  const auto move_to = [&](const std::string& id) {
    return [&it, id](const fs::path& top) {
      fs::create_directory(top / "module");
      it.project.git_in(top, {"update-index", "--add", "--cacheinfo", "160000," + id + ",module"});
      it.project.git_in(top, {"commit", "-q", "-m", "pointer"});
    };
  };
  const std::string from = it.meet(move_to(one), move_to(two));
  REQUIRE_FALSE(from.empty());
  CHECK_THAT(it.project.git({"ls-tree", from, "module"}), Catch::Matchers::Contains(two));
  CHECK(it.fix(from, put("other.txt", "settled\n")).is_clean);
}

TEST_CASE("what both sides changed in different places merges by itself") {
  Rivals it;
  Edit first = put("other.txt", "one\n");
  Edit second = put("shared.txt", "two\n");
  Lines paths = {"dir/a.txt", "other.txt", "shared.txt"};
  SECTION("different files") {}
  SECTION("a new mode and a new content") {
    first = [](const fs::path& top) { fs::permissions(top / "shared.txt", fs::perms::owner_all); };
  }
  SECTION("a directory that goes and a file beside it") {
    first = gone("dir");
    paths = {"other.txt", "shared.txt"};
  }
  SECTION("a plan that empties a directory") {
    second = gone("dir");
    paths = {"other.txt", "shared.txt"};
  }
  SECTION("names that differ in case alone") {
    first = put("Name.txt", "upper\n");
    second = put("name.txt", "lower\n");
    paths = {"Name.txt", "dir/a.txt", "name.txt", "other.txt", "shared.txt"};
  }
  CHECK(it.meet(first, second).empty());
  CHECK(it.project.git({"ls-tree", "-r", "--name-only", it.result.commit, "--", "Name.txt",
                        "name.txt", "dir", "other.txt", "shared.txt"}) == [&] {
    std::string text;
    for (const std::string& path : paths)
      text += (text.empty() ? "" : "\n") + path;
    return text;
  }());
  // As git itself merges them.
  const std::string tree = it.project.git(
      {"merge-tree", "--write-tree", it.result.commit + "^1", it.result.commit + "^2"});
  CHECK(it.project.tip(it.result.commit + "^{tree}") == tree);
  CHECK(it.project.complaints().empty());
}

TEST_CASE("conflicts to come are seen between plans that are under way") {
  Rivals it;
  it.edit(1, put("shared.txt", "one\n"));
  CHECK(require(it.workspaces.predict_conflicts(1)).empty());
  it.edit(2, put("other.txt", "two\n"));
  CHECK(require(it.workspaces.predict_conflicts(2)).empty());
  it.edit(3, put("shared.txt", "three\n"));
  auto predicted = require(it.workspaces.predict_conflicts(3));
  REQUIRE(predicted.size() == 1);
  CHECK(predicted[0].other == 1);
  CHECK(predicted[0].paths == Lines{"shared.txt"});
  SECTION("and with what is merged") {
    REQUIRE(require(it.workspaces.merge(1, {"merge 1\n"})).is_clean);
    require(it.workspaces.close(1));
    predicted = require(it.workspaces.predict_conflicts(3));
    REQUIRE(predicted.size() == 1);
    CHECK(predicted[0].other == 0);
  }
}

TEST_CASE("a replaced commit keeps what an attempt committed itself") {
  Rivals it;
  auto workspace = require(it.workspaces.open(1));
  const std::string base = workspace.head;
  const std::string trailer = "feat: a task\n\nKonductor-Run: run-1\n";
  GitProject::put(workspace.directory / "a.txt", "refused\n");
  workspace.head = require(it.workspaces.snapshot(workspace, {trailer}));
  const std::string refused = workspace.head;
  SECTION("nothing of its own: the refused commit goes") {
    GitProject::put(workspace.directory / "a.txt", "accepted\n");
    const std::string head =
        require(it.workspaces.snapshot(workspace, {trailer, "001-task-1-executor-1"}));
    CHECK(it.project.tip(head + "^") == base);
    CHECK(it.project.tip("refs/konductor/run-1/001-task-1-executor-1") == refused);
  }
  SECTION("onto the refused one: both stay") {
    GitProject::put(workspace.directory / "a.txt", "own\n");
    const std::string own = it.project.commit_in(workspace.directory, "own");
    GitProject::put(workspace.directory / "a.txt", "accepted\n");
    const std::string head =
        require(it.workspaces.snapshot(workspace, {trailer, "001-task-1-executor-1"}));
    CHECK(it.project.tip(head + "^") == own);
    CHECK(it.project.tip(own + "^") == refused);
  }
  SECTION("refused by the agent's own hand: it stays") {
    GitProject::put(workspace.directory / "a.txt", "own\n");
    workspace.head = it.project.commit_in(workspace.directory, "own");
    GitProject::put(workspace.directory / "a.txt", "accepted\n");
    const std::string head =
        require(it.workspaces.snapshot(workspace, {trailer, "001-task-1-executor-1"}));
    CHECK(it.project.tip(head + "^") == workspace.head);
  }
  CHECK(it.project.complaints().empty());
}
