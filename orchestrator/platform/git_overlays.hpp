// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "platform/git_layout.hpp"
#include "platform/git_workspaces.hpp"

namespace konductor::platform {

// Gives this process a mount namespace in which the trees of GitWorkspaces with these options can
// be overlays; the error says why they cannot, and then nothing has changed. To be called before
// there is a second thread, by who holds the phase.
Result<void> enter_overlays(const WorkspacesOptions& options);

}  // namespace konductor::platform

namespace konductor::platform::git {

// A checkout that the trees of a run are laid over. Nobody changes it.
struct OverlayBase {
  std::filesystem::path directory;
  git_oid commit{};

  std::filesystem::path files() const { return directory / "files"; }
  std::filesystem::path index_file() const { return directory / "index"; }
};

// Checks its commit out.
Result<void> fill_base(const OverlayBase& base, const Layout& layout, git_repository* repository);

// Makes all trees of the phase that are overlays plain ones, wherever they stand, and removes from
// `parent`, where trees are made, what overlays have left.
Result<void> settle_overlays(const Layout& layout, const std::filesystem::path& parent,
                             const PhaseNames& names);

}  // namespace konductor::platform::git
