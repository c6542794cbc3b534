// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace konductor::cli {

// The engine that holds a phase, as its lock file names it.
struct LockHolder {
  long pid = 0;
  std::string host;
  std::string started;          // RFC 3339.
  bool is_on_this_host = true;  // Otherwise nobody here can tell whether it still lives.
};

// What the text of a lock file says; nullopt when it names nobody.
std::optional<LockHolder> parse_lock_holder(std::string_view text);

// True when /proc/locks, given as text, has a lock of the kind that engines take for that process.
bool lists_lock_of(std::string_view proc_locks, long pid);

// Who holds the phase now. Looks only: taking the lock, if but for an instant, could refuse an
// engine that starts meanwhile.
std::optional<LockHolder> find_lock_holder(const std::filesystem::path& lock);

}  // namespace konductor::cli
