// SPDX-License-Identifier: MIT
#include "platform/git_history.hpp"

#include <algorithm>

#include "platform/git_delta.hpp"
#include "platform/git_diff.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_snapshot_workspaces.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;

namespace {

// Larger files are binary to git, too (its core.bigFileThreshold).
constexpr git_off_t kShownFileMax = 512LL << 20U;

PatchLine line_kind(char origin) {
  switch (origin) {
    case GIT_DIFF_LINE_CONTEXT:
    case GIT_DIFF_LINE_CONTEXT_EOFNL:
      return PatchLine::context;
    case GIT_DIFF_LINE_ADDITION:
    case GIT_DIFF_LINE_ADD_EOFNL:
      return PatchLine::addition;
    case GIT_DIFF_LINE_DELETION:
    case GIT_DIFF_LINE_DEL_EOFNL:
      return PatchLine::removal;
    case GIT_DIFF_LINE_HUNK_HDR:
      return PatchLine::hunk;
    default:
      return PatchLine::header;
  }
}

int give_line(const git_diff_delta*, const git_diff_hunk*, const git_diff_line* line,
              void* payload) {
  const bool has_sign = line->origin == GIT_DIFF_LINE_CONTEXT ||
                        line->origin == GIT_DIFF_LINE_ADDITION ||
                        line->origin == GIT_DIFF_LINE_DELETION;
  std::string text;
  if (has_sign) text += line->origin;
  text.append(line->content, line->content_len);
  (*static_cast<const PatchSink*>(payload))(line_kind(line->origin), text);
  return 0;
}

}  // namespace

struct GitHistory::Parts {
  git::Layout layout;
  git::PhaseNames names;
  git::Repository repository;

  git_repository* get() const { return repository.get(); }

  Result<std::optional<std::string>> tip(const std::string& name) const {
    KON_TRY(const std::optional<git_oid> id, git::read_ref(get(), name));
    if (!id) return std::optional<std::string>();
    return std::optional(git::hex(*id));
  }

  Result<git::Diff> diff(const std::string& from, const std::string& to) const {
    KON_TRY(git::Diff found, git::diff_commits(get(), layout, from, to, kShownFileMax));
    KON_TRY_VOID(git::find_renames(found));
    return found;
  }
};

GitHistory::GitHistory(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GitHistory::GitHistory(GitHistory&&) noexcept = default;
GitHistory::~GitHistory() = default;

Result<GitHistory> GitHistory::open(const fs::path& root, std::string_view isolation,
                                    const std::string& phase) {
  git::Layout layout;
  if (isolation == "none") {
    layout.root = layout.top = root;
    layout.git_directory = layout.common_directory = snapshot_store(root);
    std::error_code error;
    if (!fs::exists(layout.git_directory / "HEAD", error))
      return Error{ErrorCode::not_found,
                   "there are no snapshots of this project: \"" + layout.git_directory.native() +
                       "\" is missing (it is made by the first run, and `konductor clean` removes "
                       "it)"};
  } else {
    KON_TRY(layout, git::find_layout(root));
  }
  KON_TRY(git::Repository repository, git::open_repository(layout.git_directory));
  return GitHistory(std::make_unique<Parts>(
      Parts{std::move(layout), git::PhaseNames(phase), std::move(repository)}));
}

bool GitHistory::has_commit(const std::string& id) const {
  const bool has_it = git::find_commit(parts_->get(), id).has_value();
  git_error_clear();
  return has_it;
}

Result<std::optional<std::string>> GitHistory::phase_base() const {
  return parts_->tip(parts_->names.base);
}

Result<std::optional<std::string>> GitHistory::integration_head() const {
  return parts_->tip(parts_->names.integration);
}

Result<std::optional<std::string>> GitHistory::plan_head(ports::PlanNumber plan) const {
  return parts_->tip(parts_->names.branch(plan));
}

Result<std::optional<std::string>> GitHistory::last_state() const {
  return parts_->tip("refs/konductor/" + parts_->names.phase + "/last");
}

Result<bool> GitHistory::is_ancestor(const std::string& ancestor,
                                     const std::string& descendant) const {
  KON_TRY(const git_oid older, git::parse_id(ancestor));
  KON_TRY(const git_oid newer, git::parse_id(descendant));
  return git::is_ancestor(parts_->get(), older, newer);
}

Result<std::vector<FileCount>> GitHistory::counts(const std::string& from,
                                                  const std::string& to) const {
  KON_TRY(const git::Diff diff, parts_->diff(from, to));
  std::vector<FileCount> found;
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    git::Patch patch;
    KON_TRY_VOID(git::check(git_patch_from_diff(git::receive(patch), diff.get(), n),
                            "cannot compare two files"));
    // Known to be binary only once it was looked at.
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), n);
    FileCount file;
    file.change = {git::kind_of(delta->status), parts_->layout.to_project(delta->new_file.path)};
    if (delta->status == GIT_DELTA_RENAMED)
      file.old_path = parts_->layout.to_project(delta->old_file.path);
    file.is_binary = (delta->flags & GIT_DIFF_FLAG_BINARY) != 0;
    if (patch.get() != nullptr)
      git_patch_line_stats(nullptr, &file.added, &file.removed, patch.get());
    found.push_back(std::move(file));
  }
  std::sort(found.begin(), found.end(), [](const FileCount& left, const FileCount& right) {
    return left.change.path < right.change.path;
  });
  return found;
}

Result<void> GitHistory::patch(const std::string& from, const std::string& to,
                               const PatchSink& sink) const {
  KON_TRY(const git::Diff diff, parts_->diff(from, to));
  auto* payload = const_cast<PatchSink*>(&sink);
  return git::check(git_diff_print(diff.get(), GIT_DIFF_FORMAT_PATCH, give_line, payload),
                    "cannot write a patch");
}

Result<std::vector<CommitSummary>> GitHistory::commits(const std::string& from,
                                                       const std::string& to) const {
  KON_TRY(const git_oid begin, git::parse_id(from));
  KON_TRY(const git_oid end, git::parse_id(to));
  git::RevisionWalk walk;
  KON_TRY_VOID(
      git::check(git_revwalk_new(git::receive(walk), parts_->get()), "cannot list commits"));
  git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
  KON_TRY_VOID(git::check(git_revwalk_push(walk.get(), &end), "cannot list commits"));
  KON_TRY_VOID(git::check(git_revwalk_hide(walk.get(), &begin), "cannot list commits"));
  std::vector<CommitSummary> found;
  for (git_oid id{}; git_revwalk_next(&id, walk.get()) == 0;) {
    KON_TRY(const git::Commit commit, git::find_commit(parts_->get(), id));
    const char* subject = git_commit_summary(commit.get());
    found.push_back({git::hex(id), subject != nullptr ? subject : ""});
  }
  git_error_clear();  // A shallow clone's history simply ends.
  return found;
}

Result<std::string> GitHistory::keep(std::string_view run, std::string_view name,
                                     const std::string& id) const {
  KON_TRY(const git_oid commit, git::parse_id(id));
  KON_TRY_VOID(git::find_commit(parts_->get(), commit));
  const std::string reference =
      "refs/konductor/" + git::safe_name(run) + "/" + git::safe_path(name);
  return git::keep_commit(parts_->get(), reference, commit, "keep aside");
}

}  // namespace konductor::platform
