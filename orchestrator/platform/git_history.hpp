// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ports/workspaces.hpp"

namespace konductor::platform {

// How much of one file differs.
struct FileCount {
  ports::FileChange change;
  std::string old_path;  // "" unless it was renamed.
  std::size_t added = 0;
  std::size_t removed = 0;
  bool is_binary = false;
};

struct CommitSummary {
  std::string id;
  std::string subject;
};

enum class PatchLine { header, hunk, context, addition, removal };
// Gets a patch line by line, line ends and signs included.
using PatchSink = std::function<void(PatchLine kind, std::string_view text)>;

// The commits of a project's phase, for commands beside a run: they are only looked at, and kept.
// Works on the user's repository or, for a phase that runs in place, on the store of its snapshots.
class GitHistory {
 public:
  // `isolation` is "worktree" or "none". Error `not_found` when there is no store yet.
  static Result<GitHistory> open(const std::filesystem::path& root, std::string_view isolation,
                                 const std::string& phase);
  GitHistory(GitHistory&&) noexcept;
  ~GitHistory();

  bool has_commit(const std::string& id) const;
  // Where the phase's work began, and the integration branch; nothing when they are not there.
  Result<std::optional<std::string>> phase_base() const;
  Result<std::optional<std::string>> integration_head() const;
  // Where the plan's branch is.
  Result<std::optional<std::string>> plan_head(ports::PlanNumber plan) const;
  // In place: the state that the engine left the folder in last, whichever plan's it is.
  Result<std::optional<std::string>> last_state() const;
  Result<bool> is_ancestor(const std::string& ancestor, const std::string& descendant) const;

  // What differs between two commits, `.konductor/` left out, by path. Renamed files count as one.
  Result<std::vector<FileCount>> counts(const std::string& from, const std::string& to) const;
  // The whole patch, one file after the other; it is never in memory as a whole.
  Result<void> patch(const std::string& from, const std::string& to, const PatchSink& sink) const;
  // Commits that `to` reaches and `from` does not, oldest first.
  Result<std::vector<CommitSummary>> commits(const std::string& from, const std::string& to) const;

  // Keeps a commit under `refs/konductor/<run>/<name>`, or that name with a number when another
  // commit has it. Returns the reference's name.
  Result<std::string> keep(std::string_view run, std::string_view name,
                           const std::string& id) const;

 private:
  struct Parts;
  explicit GitHistory(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace konductor::platform
