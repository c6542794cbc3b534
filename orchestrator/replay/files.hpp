// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace konductor::replay {

// A recorded file is held in memory, so it has a bound.
inline constexpr std::uint64_t kFileBytesMax = 64ULL << 20;

// What the caller gave is not what can be used.
inline Error invalid(const std::string& message) {
  return Error{ErrorCode::invalid_input, message};
}

struct FileText {
  std::string text;
  mode_t mode = 0644;  // Permission bits only.
};

// The whole regular file. Links are refused, not followed. Errors: `not_found`, `invalid_input` (a
// link, a directory, a device, more than kFileBytesMax), `io`.
Result<FileText> read_regular_file(const std::filesystem::path& path);

// Creates `path` with exactly these permission bits; what stood there, link or file, is replaced
// and never written through.
Result<void> write_new_file(const std::filesystem::path& path, std::string_view text, mode_t mode);

// The same in one step: readers see the old file or the whole new one.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text);

// Whether `path` may be written below a workspace: relative, no empty, "." or ".." part, nothing in
// a `.git` folder or the project's `.konductor`. Error `invalid_input` says which part is wrong.
Result<void> check_inside_path(std::string_view path);

}  // namespace konductor::replay
