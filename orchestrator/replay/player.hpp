// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "replay/cassette.hpp"

namespace konductor::replay {

// Does to the workspace what the take says: removes, then writes. Error `invalid_input` before
// anything is changed when a path leads through a link, `io` when the system refuses. A file to
// remove that is not there is no error.
Result<void> play_files(const Take& take, const std::filesystem::path& workspace);

}  // namespace konductor::replay
