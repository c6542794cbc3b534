// SPDX-License-Identifier: MIT
#pragma once

#include "ports/file_store.hpp"

namespace konductor::platform {

// Whose temporary files are removed: those of processes that are gone, or everybody's.
enum class TemporariesOf { dead_processes, everybody };

// Removes what writes that a kill cut off have left in a directory (not below it). `everybody` is
// for directories that nobody else writes to now. What cannot be removed stays.
void remove_temporary_files(const std::filesystem::path& directory, TemporariesOf whose);

// Files of this machine. Holds no state, so any thread may call it.
//
// A write goes to a temporary file beside the target (".konductor-<pid>-<n>.tmp") that is renamed
// over it: readers see the old text or the new, and a failed write leaves the old one and no
// temporary file. A target that is a symbolic link is itself replaced, never written through; one
// that exists keeps its permission bits.
class PosixFileStore final : public ports::FileStore {
 public:
  Result<std::string> read(const std::filesystem::path& path,
                           std::uint64_t bytes_max = 64ULL << 20) const override;
  Result<void> write(const std::filesystem::path& path, std::string_view text,
                     ports::Durability durability = ports::Durability::cached) override;
  bool exists(const std::filesystem::path& path) const override;
  Result<std::vector<std::string>> list(const std::filesystem::path& directory) const override;
  Result<void> make_directories(const std::filesystem::path& directory) override;
  // Also removes directories that their owner may not write to (module caches make such).
  Result<void> remove(const std::filesystem::path& path) override;
  Result<bool> redact(const std::filesystem::path& path, const Redactor& redactor) override;
};

}  // namespace konductor::platform
