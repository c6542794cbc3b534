// SPDX-License-Identifier: MIT
#include "platform/git_check.hpp"

#include "platform/git_layout.hpp"

namespace konductor::platform {
namespace {

std::string under_way(git_repository* repository) {
  switch (git_repository_state(repository)) {
    case GIT_REPOSITORY_STATE_NONE:
      return {};
    case GIT_REPOSITORY_STATE_MERGE:
      return "merge";
    case GIT_REPOSITORY_STATE_REVERT:
    case GIT_REPOSITORY_STATE_REVERT_SEQUENCE:
      return "revert";
    case GIT_REPOSITORY_STATE_CHERRYPICK:
    case GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE:
      return "cherry-pick";
    case GIT_REPOSITORY_STATE_BISECT:
      return "bisect";
    case GIT_REPOSITORY_STATE_APPLY_MAILBOX:
      return "am";
    default:
      return "rebase";
  }
}

void read_head(git_repository* repository, RepositoryFacts& facts) {
  git::Reference head;
  facts.has_commit = git_repository_head(git::receive(head), repository) == 0;
  facts.is_unborn = git_repository_head_unborn(repository) == 1;
  if (facts.has_commit && git_reference_is_branch(head.get()) != 0)
    facts.branch = git_reference_shorthand(head.get());
  git_error_clear();
}

}  // namespace

RepositoryFacts look_at_repository(const std::filesystem::path& root) {
  RepositoryFacts facts;
  facts.is_there = git::is_versioned(root);
  if (!facts.is_there) return facts;
  const Result<git::Layout> layout = git::find_layout(root);
  if (layout.has_error()) {
    facts.unusable = layout.error().message;
    return facts;
  }
  facts.top = layout.value().top.string();
  const Result<git::Repository> repository = git::open_repository(layout.value().git_directory);
  if (repository.has_error()) {
    facts.unusable = repository.error().message;
    return facts;
  }
  git_repository* handle = repository.value().get();
  const Result<void> supported = git::check_supported(handle, layout.value());
  if (supported.has_error()) facts.unusable = supported.error().message;
  read_head(handle, facts);
  facts.under_way = under_way(handle);
  const auto identity = git::find_identity(handle);
  if (identity.has_error()) facts.no_identity = identity.error().message;
  return facts;
}

std::string git_library_version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  git_libgit2_version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace konductor::platform
