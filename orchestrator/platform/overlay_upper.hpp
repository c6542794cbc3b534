// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

// The upper directory of an overlay, read without a mount: files are there as they are, what was
// removed is a device 0:0 of its name, and a directory that hides the one below it says so.
namespace konductor::platform {

// Paths at which the overlay may differ from what is below, sorted: each means itself and all that
// is or was below it. Directories that only hold such paths are not named.
Result<std::vector<std::string>> list_upper(const std::filesystem::path& upper);

// Makes `target`, a copy of what is below, what the overlay shows. Files become further links to
// those in `upper`, which stays whole.
Result<void> apply_upper(const std::filesystem::path& upper, const std::filesystem::path& target);

}  // namespace konductor::platform
