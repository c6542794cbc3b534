// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "ports/workspaces.hpp"

namespace konductor::test {

// Workspaces without disk or git: commits are maps of path to content. Fake processes edit a plan's
// tree with write() and erase(). The next merge can be made to conflict, any call to be refused.
// Not for several threads at once.
class MemoryWorkspaces final : public ports::Workspaces {
 public:
  using Files = std::map<std::string, std::string>;
  // Told of each call before it has an effect, "merge" and "2"; its error is the call's.
  using Hook = std::function<Result<void>(const std::string& operation, const std::string& what)>;

  // `place` is where the trees are said to stand: a real folder when real code looks there.
  explicit MemoryWorkspaces(Files start = {}, std::string isolation = "worktree",
                            std::filesystem::path place = "/workspaces")
      : isolation_(std::move(isolation)),
        place_(std::move(place)),
        base_(commit(std::move(start), "", "start")) {
    integration_ = base_;
    user_ = base_;
  }

  // What a test does and sees.

  // Edits the plan's tree as an attempt would; it must be open.
  void write(ports::PlanNumber plan, const std::string& path, std::string text) {
    trees_.at(plan).files[path] = std::move(text);
  }
  void erase(ports::PlanNumber plan, const std::string& path) { trees_.at(plan).files.erase(path); }
  // What an attempt does to git itself; the next restore_guarded() reports and undoes it.
  void touch_guarded(ports::PlanNumber plan, std::string line) {
    trees_.at(plan).touched.push_back(std::move(line));
  }
  // The attempt moved HEAD off its branch.
  void move_head(ports::PlanNumber plan) { trees_.at(plan).is_head_moved = true; }

  // The next merge of the plan ends in conflict on these paths.
  void conflict_on(ports::PlanNumber plan, std::vector<std::string> paths) {
    conflicts_[plan] = std::move(paths);
  }
  // The next call of the operation ("open", "snapshot", "merge", …) fails with this error.
  void refuse(const std::string& operation, Error error) {
    refusals_[operation].push_back(std::move(error));
  }
  // The user committed or edited: deliver() reports it and moves nothing.
  void block_delivery(std::string why) { blocked_ = std::move(why); }

  void before_each_call(Hook hook) { hook_ = std::move(hook); }
  // The machine stops: of what open trees hold beyond their branch, nothing was synced.
  template <class Survives>
  void lose_power(Survives&& survives) {
    for (auto& [plan, tree] : trees_)
      if (!survives()) tree = Tree{files_at(branches_.at(plan).head), {}, false};
  }

  const Files& tree(ports::PlanNumber plan) const { return trees_.at(plan).files; }
  bool is_open(ports::PlanNumber plan) const { return trees_.count(plan) != 0; }
  const Files& files_at(const std::string& id) const { return commits_.at(id).files; }
  const std::string& message_of(const std::string& id) const { return commits_.at(id).message; }
  const std::string& user_head() const { return user_; }
  // "refs/konductor/…" to commit.
  const std::map<std::string, std::string>& kept() const { return kept_; }
  bool has_open_trees() const { return !trees_.empty(); }
  // Operations in the order they were called, "open 1", "merge 0".
  const std::vector<std::string>& calls() const { return calls_; }

  // The port.

  std::string_view isolation() const override { return isolation_; }

  Result<void> prepare() override { return called("prepare", ""); }

  using ports::Workspaces::open;
  Result<ports::Workspace> open(ports::PlanNumber plan, ports::TreeUse) override {
    KON_TRY_VOID(called("open", std::to_string(plan)));
    const auto [branch, is_new] = branches_.try_emplace(plan, Branch{integration_, integration_});
    if (!is_new && trees_.count(plan) == 0 && is_ancestor(branch->second.head, integration_))
      branch->second = Branch{integration_, integration_};
    const auto tree = trees_.find(plan);
    const bool is_fresh = tree == trees_.end();
    if (is_fresh) trees_[plan] = Tree{files_at(branch->second.head), {}, false};
    ports::Workspace workspace;
    workspace.plan = plan;
    workspace.directory = place_ / (plan == 0 ? "holistic" : "plan-" + plan_text(plan));
    workspace.base = branch->second.base;
    workspace.head = branch->second.head;
    workspace.is_fresh = is_fresh;
    return workspace;
  }

  Result<std::string> snapshot(const ports::Workspace& workspace,
                               const ports::CommitText& text) override {
    KON_TRY_VOID(called("snapshot", std::to_string(workspace.plan)));
    Tree& tree = trees_.at(workspace.plan);
    tree.is_head_moved = false;
    std::string& head = branches_.at(workspace.plan).head;
    if (files_at(workspace.head) == tree.files) {
      head = workspace.head;
    } else if (text.replaces.empty()) {
      head = commit(tree.files, workspace.head, text.message);
    } else {
      kept_["refs/konductor/" + text.replaces] = workspace.head;
      const std::string id = commit(tree.files, commits_.at(workspace.head).parent, text.message);
      merged_[id] = merged_[workspace.head];
      head = id;
    }
    return head;
  }

  Result<std::vector<ports::FileChange>> changes(const std::string& from,
                                                 const std::string& to) override {
    KON_TRY_VOID(called("changes", ""));
    KON_TRY_VOID(known(from));
    KON_TRY_VOID(known(to));
    return difference(files_at(from), files_at(to));
  }

  using ports::Workspaces::patch;
  Result<std::string> patch(const std::string& from, const std::string& named,
                            std::size_t bytes_max, const std::vector<std::string>& paths) override {
    const auto reference = kept_.find(named);
    const std::string to = reference == kept_.end() ? named : reference->second;
    KON_TRY(const std::vector<ports::FileChange> found, changes(from, to));
    std::string text;
    for (const ports::FileChange& change : found) {
      const bool is_wanted =
          paths.empty() || std::find(paths.begin(), paths.end(), change.path) != paths.end();
      if (!is_wanted) continue;
      text += "--- " + change.path + "\n";
      const auto file = files_at(to).find(change.path);
      if (file != files_at(to).end()) text += "+" + file->second + "\n";
    }
    if (text.size() > bytes_max) text = text.substr(0, bytes_max) + "\n[the patch is cut here]\n";
    return text;
  }

  Result<std::string> file_at(const std::string& id, const std::string& path) override {
    KON_TRY_VOID(called("file_at", path));
    KON_TRY_VOID(known(id));
    const auto file = files_at(id).find(path);
    if (file == files_at(id).end())
      return Error{ErrorCode::not_found, quote(path) + " is not in the commit " + quote(id)};
    return file->second;
  }

  Result<std::vector<ports::FileChange>> dirt(const ports::Workspace& workspace,
                                              const std::string& id) override {
    KON_TRY_VOID(called("dirt", std::to_string(workspace.plan)));
    KON_TRY_VOID(known(id));
    const Tree& tree = trees_.at(workspace.plan);
    std::vector<ports::FileChange> found = difference(files_at(id), tree.files);
    if (tree.is_head_moved || branches_.at(workspace.plan).head != id)
      found.insert(found.begin(), ports::FileChange{ports::ChangeKind::modified, "HEAD"});
    return found;
  }

  Result<bool> is_at(const ports::Workspace& workspace, const std::string& id) override {
    return trees_.count(workspace.plan) != 0 && branches_.at(workspace.plan).head == id &&
           !trees_.at(workspace.plan).is_head_moved;
  }

  Result<void> reset(const ports::Workspace& workspace, const std::string& id) override {
    KON_TRY_VOID(called("reset", std::to_string(workspace.plan)));
    KON_TRY_VOID(known(id));
    Tree& tree = trees_.at(workspace.plan);
    tree.files = files_at(id);
    tree.is_head_moved = false;
    branches_.at(workspace.plan).head = id;
    return {};
  }

  Result<void> show(const ports::Workspace& workspace, const std::string& named) override {
    KON_TRY_VOID(called("show", std::to_string(workspace.plan)));
    const auto reference = kept_.find(named);
    const std::string id = reference == kept_.end() ? named : reference->second;
    KON_TRY_VOID(known(id));
    trees_.at(workspace.plan).files = files_at(id);
    return {};
  }

  Result<std::string> save_aside(const ports::Workspace& workspace, std::string_view run,
                                 std::string_view name) override {
    KON_TRY_VOID(called("save_aside", std::string(name)));
    const Files& files = trees_.at(workspace.plan).files;
    if (files == files_at(workspace.head)) return std::string();
    std::string reference = "refs/konductor/" + std::string(run) + "/" + std::string(name);
    while (kept_.count(reference) != 0)
      reference += "+";
    kept_[reference] = commit(files, workspace.head, "kept aside");
    return reference;
  }

  Result<ports::GuardState> guard(const ports::Workspace& workspace) override {
    KON_TRY_VOID(called("guard", std::to_string(workspace.plan)));
    trees_.at(workspace.plan).touched.clear();
    return ports::GuardState{
        std::make_shared<const std::string>("guard of " + std::to_string(workspace.plan))};
  }

  Result<std::vector<std::string>> restore_guarded(const ports::Workspace& workspace,
                                                   const ports::GuardState& before) override {
    KON_TRY_VOID(called("restore_guarded", std::to_string(workspace.plan)));
    const auto text = std::static_pointer_cast<const std::string>(before.record);
    if (text == nullptr || *text != "guard of " + std::to_string(workspace.plan))
      return Error{ErrorCode::invalid_input, "this is not the guard of this workspace"};
    std::vector<std::string> lines;
    lines.swap(trees_.at(workspace.plan).touched);
    return lines;
  }

  Result<ports::MergeResult> merge(ports::PlanNumber plan, const ports::CommitText& text) override {
    KON_TRY_VOID(called("merge", std::to_string(plan)));
    const auto branch = branches_.find(plan);
    if (branch == branches_.end())
      return Error{ErrorCode::not_found, "plan " + std::to_string(plan) + " has no branch"};
    if (const auto scripted = conflicts_.find(plan); scripted != conflicts_.end()) {
      ports::MergeResult result{false, integration_, scripted->second};
      conflicts_.erase(scripted);
      return result;
    }
    return merge_files(branch->second, text);
  }

  Result<std::string> write_conflict(ports::PlanNumber plan, const ports::ConflictLabels& labels,
                                     const ports::CommitText& text) override {
    KON_TRY_VOID(called("write_conflict", std::to_string(plan)));
    const Branch& branch = branches_.at(plan);
    Files files = files_at(branch.head);
    const Files& before = files_at(branch.base);
    for (const ports::FileChange& change : difference(before, files_at(integration_))) {
      const auto ours = text_in(files, change.path);
      const auto theirs = text_in(files_at(integration_), change.path);
      if (ours == text_in(before, change.path) && theirs)
        files[change.path] = *theirs;
      else if (ours == text_in(before, change.path))
        files.erase(change.path);
      else
        files[change.path] = "<<<<<<< " + labels.ours + "\n" + ours.value_or("") + "=======\n" +
                             theirs.value_or("") + ">>>>>>> " + labels.theirs + "\n";
    }
    const std::string id = commit(std::move(files), branch.head, text.message);
    for (std::string other = integration_; !other.empty(); other = commits_.at(other).parent)
      merged_[id].insert(other);
    return id;
  }

  Result<bool> is_made_from(const std::string& id, const std::string& start) override {
    KON_TRY_VOID(called("is_made_from", ""));
    return is_ancestor(start, id) ||
           commits_.at(id).message.find("Konductor-Run: ") != std::string::npos;
  }

  Result<std::vector<ports::PredictedConflict>> predict_conflicts(ports::PlanNumber plan) override {
    KON_TRY_VOID(called("predict_conflicts", std::to_string(plan)));
    std::vector<ports::PredictedConflict> found;
    const Branch& ours = branches_.at(plan);
    for (const auto& [number, tree] : trees_) {
      if (number == plan || number == 0) continue;
      const Branch& theirs = branches_.at(number);
      std::vector<std::string> paths;
      for (const auto& change : difference(files_at(ours.base), files_at(ours.head)))
        for (const auto& other : difference(files_at(theirs.base), files_at(theirs.head)))
          if (change.path == other.path && text_in(files_at(ours.head), change.path) !=
                                               text_in(files_at(theirs.head), change.path))
            paths.push_back(change.path);
      if (!paths.empty()) found.push_back({number, std::move(paths)});
    }
    return found;
  }

  Result<std::string> phase_base() override { return base_; }
  Result<std::string> integration_head() override { return integration_; }

  Result<ports::Delivery> deliver() override {
    KON_TRY_VOID(called("deliver", ""));
    if (!blocked_.empty())
      return ports::Delivery{false, blocked_, "git merge --ff-only konductor/01/main"};
    user_ = integration_;
    return ports::Delivery{true, "main holds the result", ""};
  }

  void set_dependencies(
      const std::map<ports::PlanNumber, std::vector<ports::PlanNumber>>&) override {}
  Result<std::vector<std::filesystem::path>> commit_places(const ports::Workspace&) override {
    return std::vector<std::filesystem::path>();
  }
  Result<std::string> abandon_delivery() override { return std::string(); }

  Result<void> close(ports::PlanNumber plan) override {
    KON_TRY_VOID(called("close", std::to_string(plan)));
    trees_.erase(plan);
    return {};
  }

  Result<void> release() override { return called("release", ""); }

 private:
  struct Commit {
    Files files;
    std::string parent;
    std::string message;
  };
  struct Branch {
    std::string base;
    std::string head;
  };
  struct Tree {
    Files files;
    std::vector<std::string> touched;
    bool is_head_moved = false;
  };

  std::string commit(Files files, const std::string& parent, const std::string& message) {
    const std::string id = "c" + std::to_string(commits_.size() + 1);
    commits_[id] = Commit{std::move(files), parent, message};
    return id;
  }

  Result<void> called(const std::string& operation, const std::string& what) {
    if (hook_) KON_TRY_VOID(hook_(operation, what));
    calls_.push_back(what.empty() ? operation : operation + " " + what);
    const auto refusal = refusals_.find(operation);
    if (refusal == refusals_.end() || refusal->second.empty()) return {};
    Error error = std::move(refusal->second.front());
    refusal->second.pop_front();
    return error;
  }

  Result<void> known(const std::string& id) const {
    if (commits_.count(id) != 0) return {};
    return Error{ErrorCode::not_found, quote(id) + " is not a commit"};
  }

  bool is_ancestor(const std::string& ancestor, std::string id) const {
    for (; !id.empty(); id = commits_.at(id).parent)
      if (id == ancestor || merged_[id].count(ancestor) != 0) return true;
    return false;
  }

  static std::vector<ports::FileChange> difference(const Files& from, const Files& to) {
    std::vector<ports::FileChange> found;
    for (const auto& [path, text] : from) {
      const auto other = to.find(path);
      if (other == to.end())
        found.push_back({ports::ChangeKind::deleted, path});
      else if (other->second != text)
        found.push_back({ports::ChangeKind::modified, path});
    }
    for (const auto& [path, text] : to)
      if (from.count(path) == 0) found.push_back({ports::ChangeKind::added, path});
    std::sort(found.begin(), found.end(),
              [](const auto& left, const auto& right) { return left.path < right.path; });
    return found;
  }

  // File by file: what only one side changed is taken, what both changed differently conflicts.
  ports::MergeResult merge_files(const Branch& branch, const ports::CommitText& text) {
    if (is_ancestor(branch.head, integration_)) return {true, integration_, {}};
    if (is_ancestor(integration_, branch.head)) {
      integration_ = branch.head;
      return {true, integration_, {}};
    }
    Files merged = files_at(integration_);
    ports::MergeResult result{true, integration_, {}};
    const Files& before = files_at(branch.base);
    const Files& theirs = files_at(branch.head);
    for (const ports::FileChange& change : difference(before, theirs)) {
      const auto their = text_in(theirs, change.path);
      const auto our = text_in(merged, change.path);
      if (our != text_in(before, change.path) && our != their)
        result.conflicts.push_back(change.path);
      else if (their)
        merged[change.path] = *their;
      else
        merged.erase(change.path);
    }
    result.is_clean = result.conflicts.empty();
    if (!result.is_clean) return result;
    const std::string head = commit(std::move(merged), integration_, text.message);
    for (std::string id = branch.head; !id.empty(); id = commits_.at(id).parent)
      merged_[head].insert(id);
    integration_ = result.commit = head;
    return result;
  }

  static std::optional<std::string> text_in(const Files& files, const std::string& path) {
    const auto file = files.find(path);
    return file == files.end() ? std::nullopt : std::optional(file->second);
  }

  std::string isolation_;
  std::filesystem::path place_;
  std::map<std::string, Commit> commits_;
  // What a merge commit's second parent reaches.
  mutable std::map<std::string, std::set<std::string>> merged_;
  std::string base_;
  std::string integration_;
  std::string user_;
  std::map<ports::PlanNumber, Branch> branches_;
  std::map<ports::PlanNumber, Tree> trees_;
  std::map<ports::PlanNumber, std::vector<std::string>> conflicts_;
  std::map<std::string, std::deque<Error>> refusals_;
  std::map<std::string, std::string> kept_;
  std::vector<std::string> calls_;
  std::string blocked_;
  Hook hook_;
};

}  // namespace konductor::test
