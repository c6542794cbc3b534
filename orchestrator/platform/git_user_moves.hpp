// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// What people did in their own checkouts since a moment, as far as the logs of their HEADs tell.
class UserMoves {
 public:
  // Sizes of those logs now, by path.
  static std::map<std::string, std::uint64_t> sizes(git_repository* repository);

  UserMoves(git_repository* repository, const std::map<std::string, std::uint64_t>& since);

  // Whether a branch that went from `before` to `now` (hex, "" for none) was moved by a person.
  bool explains(const std::string& reference, const std::string& before,
                const std::string& now) const;

 private:
  struct Entry {
    std::string id;
    std::string message;
  };
  void read_log(const std::filesystem::path& path, std::uint64_t from);

  std::vector<Entry> entries_;
  std::vector<std::string> unlogged_;  // Branches of checkouts that keep no log.
};

}  // namespace konductor::platform::git
