// SPDX-License-Identifier: MIT
#pragma once

#include <git2.h>

#include "ports/workspaces.hpp"

namespace konductor::platform::git {

inline ports::ChangeKind kind_of(git_delta_t status) {
  if (status == GIT_DELTA_UNTRACKED || status == GIT_DELTA_ADDED) return ports::ChangeKind::added;
  if (status == GIT_DELTA_DELETED) return ports::ChangeKind::deleted;
  if (status == GIT_DELTA_TYPECHANGE) return ports::ChangeKind::type_changed;
  return ports::ChangeKind::modified;
}

}  // namespace konductor::platform::git
