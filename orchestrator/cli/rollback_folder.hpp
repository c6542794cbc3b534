// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "engine/run_state.hpp"
#include "ports/file_store.hpp"
#include "ports/workspaces.hpp"

namespace konductor::cli {

struct FolderStates {
  std::string last;         // The commit of what the engine knows to be in the folder.
  std::string wanted;       // The one that it is to be put back to.
  bool is_resumed = false;  // A rollback that was killed may have begun with that.
};

// What a person changed in a project that is worked on in place is not ours to put away. Error
// (`invalid_input`) when they have changed something.
Result<void> check_folder_untouched(ports::Workspaces& workspaces, const ports::FileStore& files,
                                    const std::filesystem::path& root, const FolderStates& states);

// The same before a run that begins a task at a state to which a rollback has put the folder back,
// or was about to.
Result<void> check_rolled_back_folder(ports::Workspaces& workspaces, const ports::FileStore& files,
                                      const std::filesystem::path& root, const std::string& phase,
                                      const engine::RunState& state);

}  // namespace konductor::cli
