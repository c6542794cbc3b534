// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace konductor::platform {

// Whether a journal can be kept in a directory: makes a database there, with a log beside it, and
// removes both. Error `environment` with what does not work.
Result<void> try_journal(const std::filesystem::path& directory);

std::string sqlite_version();

}  // namespace konductor::platform
