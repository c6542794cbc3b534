// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "base/redactor.hpp"
#include "base/result.hpp"

namespace konductor::platform {

// As `ports::FileStore::redact` says. A file without secrets is read once and not written.
Result<bool> redact_files(const std::filesystem::path& path, const Redactor& redactor);

}  // namespace konductor::platform
