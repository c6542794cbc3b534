// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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

// Everything of a repository that no attempt may touch.
struct Guarded {
  std::filesystem::path directory;            // The repository's common directory.
  std::map<std::string, GuardedFile> files;   // Paths in the common directory.
  std::map<std::string, std::string> refs;    // Hex, or "ref: name".
  std::map<std::string, std::uint64_t> logs;  // Sizes of the logs of the user's HEADs.
  friend bool operator==(const Guarded&, const Guarded&) = default;
};

// What was guarded before an attempt, and where HEAD of the attempt's own work tree stood.
struct GuardRecord {
  std::shared_ptr<const Guarded> guarded;
  std::string head;
};

// Which references are looked at; all of them when it is empty.
using RefFilter = std::function<bool(const std::string& name)>;

Result<Guarded> look_at_guarded(git_repository* repository, const RefFilter& is_watched = {});

// Attempts that find the same share one record of it: hundreds of them may be under way.
class GuardStore {
 public:
  std::shared_ptr<const Guarded> share(Guarded found) {
    const std::lock_guard lock(lock_);
    if (newest_ == nullptr || !(*newest_ == found))
      newest_ = std::make_shared<const Guarded>(std::move(found));
    return newest_;
  }

 private:
  std::mutex lock_;
  std::shared_ptr<const Guarded> newest_;
};

// Puts back files of the common directory that differ, and adds a line for each. Needs no
// repository that can be opened.
Result<void> put_files_back(const std::filesystem::path& directory, const Guarded& before,
                            std::vector<std::string>& lines);

// Says what a reference should hold now, given what it held before: another value when the engine
// itself moved it meanwhile, nothing when it is not to be watched.
using RefExpectation =
    std::function<std::optional<std::string>(const std::string& name, const std::string& before)>;

// Puts back references that differ and that no person moved, and adds a line for each. What they
// led to is kept below `kept`, a reference prefix without "/" at its end.
Result<void> put_refs_back(git_repository* repository, const Guarded& before,
                           const RefExpectation& expectation, const std::string& kept,
                           std::vector<std::string>& lines);

}  // namespace konductor::platform::git
