// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace konductor {
class Redactor;
}

namespace konductor::ports {

enum class Durability {
  cached,  // The journal can rebuild it: no fsync.
  synced,  // File and directory are on disk when the call returns.
};

// Files as the engine reads and writes them. Calls block.
class FileStore {
 public:
  virtual ~FileStore() = default;
  // The whole file. Errors: `not_found`, `io` (also: larger than `bytes_max`, not a regular file).
  virtual Result<std::string> read(const std::filesystem::path& path,
                                   std::uint64_t bytes_max = 64ULL << 20) const = 0;
  // Replaces the file in one step (temporary file, rename), making missing directories.
  virtual Result<void> write(const std::filesystem::path& path, std::string_view text,
                             Durability durability = Durability::cached) = 0;
  virtual bool exists(const std::filesystem::path& path) const = 0;
  // Names in a directory, sorted, without "." and ".."; a missing directory is empty.
  virtual Result<std::vector<std::string>> list(const std::filesystem::path& directory) const = 0;
  virtual Result<void> make_directories(const std::filesystem::path& directory) = 0;
  // Removes a file or a whole directory; a missing one is no error.
  virtual Result<void> remove(const std::filesystem::path& path) = 0;
  // Puts marks in the place of secrets in the file, or in all files of the directory, which nobody
  // writes any more. Each is replaced in one step and is on disk when the call returns. Returns
  // whether there were any; links, pipes and what is missing are left alone.
  virtual Result<bool> redact(const std::filesystem::path& path, const Redactor& redactor) = 0;
};

}  // namespace konductor::ports
