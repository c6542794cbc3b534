// SPDX-License-Identifier: MIT
#include "cli/rollback_folder.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "platform/git_history.hpp"
#include "platform/git_snapshot_workspaces.hpp"

namespace konductor::cli {
namespace {

using ports::FileChange;

constexpr std::size_t kNamedFilesMax = 3;

// Where the folder is neither as it was nor as it was to become. A file that is missing, or holds
// the beginning of what it should, is one that was being written.
class PersonsChanges {
 public:
  PersonsChanges(ports::Workspaces& workspaces, const ports::FileStore& files,
                 const std::filesystem::path& root, const FolderStates& states)
      : workspaces_(workspaces), files_(files), states_(states) {
    folder_.directory = root;
    folder_.head = states.last;
  }

  Result<std::vector<FileChange>> find() {
    KON_TRY(std::vector<FileChange> changes, workspaces_.dirt(folder_, states_.last));
    if (!states_.is_resumed || changes.empty()) return changes;
    KON_TRY(const std::vector<FileChange> unwanted, workspaces_.dirt(folder_, states_.wanted));
    std::vector<FileChange> found;
    for (const FileChange& change : changes) {
      const bool is_put_back =
          std::none_of(unwanted.begin(), unwanted.end(),
                       [&change](const FileChange& other) { return other.path == change.path; });
      if (!is_put_back && !is_half_written(change)) found.push_back(change);
    }
    return found;
  }

 private:
  bool is_half_written(const FileChange& change) const {
    if (change.kind == ports::ChangeKind::deleted) return true;
    const auto wanted = workspaces_.file_at(states_.wanted, change.path);
    const auto text = files_.read(folder_.directory / change.path);
    return wanted && text && wanted.value().compare(0, text.value().size(), text.value()) == 0;
  }

  ports::Workspaces& workspaces_;
  const ports::FileStore& files_;
  const FolderStates& states_;
  ports::Workspace folder_;
};

}  // namespace

Result<void> check_folder_untouched(ports::Workspaces& workspaces, const ports::FileStore& files,
                                    const std::filesystem::path& root, const FolderStates& states) {
  KON_TRY(const std::vector<FileChange> changes,
          PersonsChanges(workspaces, files, root, states).find());
  if (changes.empty()) return {};
  std::vector<std::string> paths;
  for (const FileChange& change : changes)
    if (paths.size() < kNamedFilesMax) paths.push_back(quote(change.path));
  return Error{ErrorCode::invalid_input,
               "the project's folder was changed since the plan worked in it (" +
                   join(paths, ", ") + (changes.size() > kNamedFilesMax ? ", …" : "") +
                   "), and these changes would be lost: move them away first, and put them back "
                   "afterwards"};
}

Result<void> check_rolled_back_folder(ports::Workspaces& workspaces, const ports::FileStore& files,
                                      const std::filesystem::path& root, const std::string& phase,
                                      const engine::RunState& state) {
  for (const auto& [plan, record] : state.plans()) {
    for (const engine::TaskRecord* task : state.tasks_of(plan)) {
      const bool is_waiting = std::holds_alternative<engine::state::waiting>(task->state);
      if (!is_waiting || task->start_commit.empty()) continue;
      if (platform::is_attempt_cut_short(root, phase, plan)) continue;
      KON_TRY(const auto history, platform::GitHistory::open(root, "none", phase));
      KON_TRY(const auto last, history.last_state());
      if (!last || !history.has_commit(task->start_commit)) continue;
      const FolderStates states{*last, task->start_commit, *last != task->start_commit};
      KON_TRY_VOID(check_folder_untouched(workspaces, files, root, states));
    }
  }
  return {};
}

}  // namespace konductor::cli
