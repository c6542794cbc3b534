// SPDX-License-Identifier: MIT
// The fake that simulations stand on answers as the real workspaces do.
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"
#include "support/memory_workspaces.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;

namespace {

// How a test edits a plan's tree; no text removes the file.
using Edit = std::function<void(const ports::Workspace&, const std::string& path,
                                const std::optional<std::string>& text)>;

// Tells what a phase's git side does, in words without ids, so that two kinds can be compared.
class Story {
 public:
  Story(ports::Workspaces& workspaces, Edit edit)
      : workspaces_(workspaces), edit_(std::move(edit)) {}

  std::vector<std::string> tell() {
    require(workspaces_.prepare());
    ids_[require(workspaces_.phase_base())] = "start";
    auto first = open(1);
    auto second = open(2);
    edit_(first, "shared.txt", "first\n");
    edit_(first, "gone.txt", std::nullopt);
    edit_(first, "one.txt", "1\n");
    dirt(first, first.head);
    snapshot(first, "one");
    snapshot(first, "one again");
    changes(first.base, first.head);
    edit_(second, "two.txt", "2\n");
    note("kept " + require(workspaces_.save_aside(second, "run", "002-task-1")));
    reset(second, second.head);
    note("kept " + require(workspaces_.save_aside(second, "run", "002-task-1")));
    edit_(second, "shared.txt", "second\n");
    snapshot(second, "two");
    merge(1);
    merge(1);
    merge(2);
    reset(second, second.base);
    dirt(second, second.base);
    edit_(second, "two.txt", "2\n");
    snapshot(second, "two, better");
    dirt(second, second.base);
    merge(2);
    require(workspaces_.close(1));
    require(workspaces_.close(2));
    open(1);
    auto holistic = open(0);
    edit_(holistic, "fix.txt", "f\n");
    snapshot(holistic, "fix");
    merge(0);
    note("file " + require(workspaces_.file_at(holistic.head, "two.txt")));
    note("no file " +
         std::string(to_string(workspaces_.file_at(holistic.head, "gone.txt").error().code)));
    note("no plan " + std::string(to_string(workspaces_.merge(9, {"none\n"}).error().code)));
    changes(require(workspaces_.phase_base()), require(workspaces_.integration_head()));
    note(require(workspaces_.deliver()).is_delivered ? "delivered" : "not delivered");
    return lines_;
  }

 private:
  void note(std::string line) { lines_.push_back(std::move(line)); }
  // Commits get their names in the order they are first seen.
  std::string name(const std::string& id) {
    return ids_.try_emplace(id, "commit " + std::to_string(ids_.size())).first->second;
  }
  void note_all(const std::string& what, const std::vector<ports::FileChange>& found) {
    for (const std::string& line : lines_of(found))
      note(what + " " + line);
    note(what + " ends");
  }

  ports::Workspace open(int plan) {
    auto workspace = require(workspaces_.open(plan));
    note("open " + std::to_string(plan) + " base " + name(workspace.base) + " head " +
         name(workspace.head) + (workspace.is_fresh ? " fresh" : ""));
    return workspace;
  }
  void snapshot(ports::Workspace& workspace, const std::string& message) {
    workspace.head = require(workspaces_.snapshot(workspace, {message + "\n"}));
    note("snapshot " + name(workspace.head));
  }
  void reset(ports::Workspace& workspace, const std::string& id) {
    require(workspaces_.reset(workspace, id));
    workspace.head = id;
  }
  void dirt(const ports::Workspace& workspace, const std::string& id) {
    note_all("dirt", require(workspaces_.dirt(workspace, id)));
  }
  void changes(const std::string& from, const std::string& to) {
    note_all("change", require(workspaces_.changes(from, to)));
  }
  void merge(int plan) {
    const auto result = require(workspaces_.merge(plan, {"merge\n"}));
    note(std::string("merge ") + (result.is_clean ? "clean " : "conflict ") + name(result.commit));
    for (const std::string& path : result.conflicts)
      note("conflict " + path);
  }

  ports::Workspaces& workspaces_;
  Edit edit_;
  std::vector<std::string> lines_;
  std::map<std::string, std::string> ids_;
};

}  // namespace

TEST_CASE("the workspaces in memory tell the same story as those in git") {
  GitProject project;
  project.write("shared.txt", "both\n");
  project.write("gone.txt", "g\n");
  project.commit("files");
  platform::GitWorkspaces real(project.options());
  const Edit on_disk = [](const ports::Workspace& workspace, const std::string& path,
                          const std::optional<std::string>& text) {
    if (text)
      write_file(workspace.directory / path, *text);
    else
      fs::remove(workspace.directory / path);
  };
  MemoryWorkspaces fake(MemoryWorkspaces::Files{{"shared.txt", "both\n"}, {"gone.txt", "g\n"}});
  const Edit in_memory = [&fake](const ports::Workspace& workspace, const std::string& path,
                                 const std::optional<std::string>& text) {
    if (text)
      fake.write(workspace.plan, path, *text);
    else
      fake.erase(workspace.plan, path);
  };
  const std::vector<std::string> told = Story(real, on_disk).tell();
  CHECK(Story(fake, in_memory).tell() == told);
  CHECK(told.size() > 30);
}

TEST_CASE("the workspaces in memory fail where they are told to") {
  MemoryWorkspaces fake(MemoryWorkspaces::Files{{"a", "1\n"}});
  fake.refuse("open", {ErrorCode::environment, "the disk is full"});
  CHECK(fake.open(1).error().message == "the disk is full");
  auto workspace = require(fake.open(1));
  fake.conflict_on(1, {"a"});
  fake.write(1, "a", "2\n");
  workspace.head = require(fake.snapshot(workspace, {"two\n"}));
  CHECK(fake.message_of(workspace.head) == "two\n");
  CHECK(require(fake.merge(1, {"m\n"})).conflicts == std::vector<std::string>{"a"});
  CHECK(require(fake.merge(1, {"m\n"})).is_clean);
  const auto before = require(fake.guard(workspace));
  fake.touch_guarded(1, "git hook \"pre-commit\" was added: removed");
  CHECK(require(fake.restore_guarded(workspace, before)).size() == 1);
  CHECK(require(fake.restore_guarded(workspace, before)).empty());
  fake.move_head(1);
  CHECK(lines_of(require(fake.dirt(workspace, workspace.head))) ==
        std::vector<std::string>{"M HEAD"});
  fake.block_delivery("the user's branch has moved on");
  CHECK_FALSE(require(fake.deliver()).is_delivered);
  CHECK(fake.files_at(fake.user_head()).at("a") == "1\n");
  CHECK(fake.calls().front() == "open 1");
  require(fake.close(1));
  CHECK_FALSE(fake.is_open(1));
}
