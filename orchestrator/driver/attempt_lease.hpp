// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "driver/run_shared.hpp"

// The write lease of an executor's attempt: of its tree it may write only what its task declares
// and what it was given besides (execution.lease).
namespace konductor::driver {

// Paths below the workspace, or nothing where the whole tree may be written: for every role but the
// executor, for fixes of the whole phase, and where no lease is wanted.
std::optional<std::vector<std::string>> leased_files(const RunShared& shared,
                                                     const TaskAddress& address, RoleName role);

// Whether attempts are held to their leases.
bool is_lease_enforced(const RunShared& shared);

// The places of these paths, absolute and without links; directories end in "/". A file that is
// missing is made, empty, as nothing that confines could allow it otherwise; who works there can
// write it, but neither remove nor replace it. What leads out of the tree, or is git's or the
// engine's, is left out; so is what cannot be made because of what is there. The error is
// `environment`: the machine has no room for it. Blocks.
Result<std::vector<std::string>> open_lease(ports::FileStore& files,
                                            const std::filesystem::path& workspace,
                                            const std::vector<std::string>& paths);

// Removes files that open_lease made and nobody has written, and directories that are empty then.
// Needs no memory of what it made, so it also cleans up after an engine that died. With `since`,
// when an attempt was prepared that never started, empty files that are no older go, too. Blocks.
Result<void> close_lease(ports::FileStore& files, const std::filesystem::path& workspace,
                         const std::vector<std::string>& paths,
                         const std::optional<timespec>& since = std::nullopt);

// That time, for the attempt of this run directory; nothing when it started or is not known.
std::optional<timespec> before_start(const ports::FileStore& files,
                                     const std::filesystem::path& directory);

}  // namespace konductor::driver
