// SPDX-License-Identifier: MIT
#include "platform/git_diff.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "platform/git_compare.hpp"
#include "platform/git_delta.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

using ports::ChangeKind;
using ports::FileChange;

namespace {

// Larger files are shown as "differ" only.
constexpr git_off_t kShownFileMax = 4 << 20;
// Comparing everything with everything for renames is not worth it beyond this.
constexpr std::size_t kRenameLimit = 200;

int leave_folder_out(const git_diff*, const git_diff_delta* delta, const char*, void* payload) {
  const auto& folder = *static_cast<const std::string*>(payload);
  const std::string_view path = delta->new_file.path;
  const bool is_inside = path.substr(0, folder.size()) == folder &&
                         (path.size() == folder.size() || path[folder.size()] == '/');
  return is_inside ? 1 : 0;
}

Result<Diff> diff_trees(git_repository* repository, const Layout& layout, const std::string& from,
                        const std::string& to, const std::vector<std::string>& paths = {},
                        git_off_t shown_file_max = kShownFileMax) {
  KON_TRY(const Commit old_commit, find_named_commit(repository, from));
  KON_TRY(const Commit new_commit, find_named_commit(repository, to));
  std::string folder = layout.project_folder();
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_DISABLE_PATHSPEC_MATCH;
  std::vector<std::string> wanted;
  for (const std::string& path : paths)
    wanted.push_back(layout.to_repository(path));
  std::vector<char*> pointers;
  for (std::string& path : wanted)
    pointers.push_back(path.data());
  options.pathspec.strings = pointers.data();
  options.pathspec.count = pointers.size();
  options.notify_cb = leave_folder_out;
  options.payload = &folder;
  options.max_size = shown_file_max;
  return compare_trees(repository, *git_commit_tree_id(old_commit.get()),
                       *git_commit_tree_id(new_commit.get()), options);
}

struct PatchText {
  std::string text;
  std::size_t bytes_max;
  bool is_cut = false;
};

int append_line(const git_diff_delta*, const git_diff_hunk*, const git_diff_line* line,
                void* payload) {
  auto& patch = *static_cast<PatchText*>(payload);
  const bool has_sign = line->origin == GIT_DIFF_LINE_CONTEXT ||
                        line->origin == GIT_DIFF_LINE_ADDITION ||
                        line->origin == GIT_DIFF_LINE_DELETION;
  const std::size_t length = line->content_len + (has_sign ? 1 : 0);
  if (patch.text.size() + length > patch.bytes_max) {
    patch.is_cut = true;
    return GIT_EUSER;
  }
  if (has_sign) patch.text += line->origin;
  patch.text.append(line->content, line->content_len);
  return 0;
}

}  // namespace

Result<Diff> diff_commits(git_repository* repository, const Layout& layout, const std::string& from,
                          const std::string& to, git_off_t shown_file_max) {
  return diff_trees(repository, layout, from, to, {}, shown_file_max);
}

Result<void> find_renames(const Diff& diff) {
  git_diff_find_options find = made_by(git_diff_find_options_init);
  find.flags = GIT_DIFF_FIND_RENAMES;
  find.rename_limit = kRenameLimit;
  return check(git_diff_find_similar(diff.get(), &find), "cannot look for renamed files");
}

Result<std::vector<FileChange>> changes_between(git_repository* repository, const Layout& layout,
                                                const std::string& from, const std::string& to) {
  std::vector<FileChange> found;
  if (from == to) return found;
  KON_TRY(const Diff diff, diff_trees(repository, layout, from, to));
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), n);
    found.push_back(FileChange{kind_of(delta->status), layout.to_project(delta->new_file.path)});
  }
  std::sort(found.begin(), found.end(),
            [](const FileChange& left, const FileChange& right) { return left.path < right.path; });
  return found;
}

Result<std::string> patch_between(git_repository* repository, const Layout& layout,
                                  const std::string& from, const std::string& to,
                                  std::size_t bytes_max, const std::vector<std::string>& paths) {
  KON_TRY(const Diff diff, diff_trees(repository, layout, from, to, paths));
  KON_TRY_VOID(find_renames(diff));
  PatchText patch{"", bytes_max, false};
  const int code = git_diff_print(diff.get(), GIT_DIFF_FORMAT_PATCH, append_line, &patch);
  if (code < 0 && !patch.is_cut) return failure(code, "cannot write a patch");
  if (patch.is_cut) {
    git_error_clear();
    if (!patch.text.empty() && patch.text.back() != '\n') patch.text += '\n';
    patch.text += "[the patch is cut here, at " + std::to_string(bytes_max) + " bytes; " +
                  std::to_string(git_diff_num_deltas(diff.get())) + " files differ in all]\n";
  }
  return patch.text;
}

Result<std::string> file_in_commit(git_repository* repository, const Layout& layout,
                                   const std::string& commit, const std::string& path) {
  KON_TRY(const Commit found, find_commit(repository, commit));
  KON_TRY(const Tree tree, tree_of(found));
  const Error absent{ErrorCode::not_found, quote(path) + " is not in the commit " + quote(commit)};
  const std::string in_repository = layout.to_repository(path);
  TreeEntry entry;
  const int code = git_tree_entry_bypath(receive(entry), tree.get(), in_repository.c_str());
  if (code == GIT_ENOTFOUND || (code == 0 && git_tree_entry_type(entry.get()) != GIT_OBJECT_BLOB))
    return absent;
  KON_TRY_VOID(check(code, "cannot find " + quote(path)));
  Blob blob;
  KON_TRY_VOID(check(git_blob_lookup(receive(blob), repository, git_tree_entry_id(entry.get())),
                     "cannot read " + quote(path)));
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

}  // namespace konductor::platform::git
