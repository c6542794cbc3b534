// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// What a guarded file holds: its bytes and mode, or a link's target.
struct GuardedFile {
  std::string content;
  unsigned mode = 0;
  bool is_link = false;
  friend bool operator==(const GuardedFile&, const GuardedFile&) = default;
};

// Everything of a repository that an attempt may not touch, as it was before the attempt.
struct GuardRecord {
  std::filesystem::path directory;            // The repository's common directory.
  std::map<std::string, GuardedFile> files;   // Paths in the common directory.
  std::map<std::string, std::string> refs;    // Hex, or "ref: name".
  std::map<std::string, std::uint64_t> logs;  // Sizes of the logs of the user's HEADs.
  std::string head;                           // Of the attempt's own work tree.
};

std::string to_text(const GuardRecord& record);
Result<GuardRecord> parse_guard(const std::string& text);

Result<GuardRecord> look_at_guarded(git_repository* repository);

// Puts back files of the common directory that differ, and adds a line for each. Needs no
// repository that can be opened.
Result<void> put_files_back(const std::filesystem::path& directory, const GuardRecord& before,
                            std::vector<std::string>& lines);

// Says what a reference should hold now, given what it held before: another value when the engine
// itself moved it meanwhile, nothing when it is not to be watched.
using RefExpectation =
    std::function<std::optional<std::string>(const std::string& name, const std::string& before)>;

// Puts back references that differ and that no person moved, and adds a line for each. What they
// led to is kept below `kept`, a reference prefix without "/" at its end.
Result<void> put_refs_back(git_repository* repository, const GuardRecord& before,
                           const RefExpectation& expectation, const std::string& kept,
                           std::vector<std::string>& lines);

}  // namespace konductor::platform::git
