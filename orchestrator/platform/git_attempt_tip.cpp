// SPDX-License-Identifier: MIT
#include "platform/git_attempt_tip.hpp"

#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

namespace {

std::optional<git_oid> commit_of(git_repository* repository, const std::string& text) {
  const std::string symbolic = "ref: ";
  std::optional<git_oid> id;
  if (text.rfind(symbolic, 0) == 0) {
    if (const auto found = read_ref(repository, text.substr(symbolic.size()))) id = *found;
  } else if (const auto parsed = parse_id(text)) {
    id = *parsed;
  }
  // An agent may have written anything there.
  if (id && !find_commit(repository, *id)) return std::nullopt;
  return id;
}

}  // namespace

Result<AttemptTip> find_attempt_tip(git_repository* repository, const git_oid& head,
                                    const std::optional<git_oid>& branch,
                                    const std::string& checked_out) {
  AttemptTip tip{head, {}};
  std::vector<git_oid> left;
  if (branch) left.push_back(*branch);
  // Last, so that it wins: the files on disk belong to it.
  if (const auto commit = commit_of(repository, checked_out)) left.push_back(*commit);
  for (const git_oid& commit : left) {
    KON_TRY(const bool is_built_on_head, is_ancestor(repository, head, commit));
    if (is_built_on_head && !(commit == head)) tip.parent = commit;
  }
  for (const git_oid& commit : left) {
    KON_TRY(const bool is_reached, is_ancestor(repository, commit, tip.parent));
    if (!is_reached) tip.others.push_back(commit);
  }
  return tip;
}

}  // namespace konductor::platform::git
