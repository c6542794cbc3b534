// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "ports/file_store.hpp"

namespace konductor::driver {

// Limits of providers' accounts that the engines of one user on this host tell each other: a file
// for each account that has met one. Only a help to spend less: what cannot be read is no limit,
// what cannot be written nobody else hears of, and the error says so.
class SharedLimits {
 public:
  // `directory` empty: nothing is shared.
  SharedLimits(ports::FileStore& files, std::filesystem::path directory)
      : files_(files), directory_(std::move(directory)) {}

  // Until when the account is said to be at its limit, in milliseconds since 1970.
  std::optional<std::int64_t> until(const std::string& account) const;
  Result<void> tell(const std::string& account, std::int64_t until);
  // The account works: what was told until `now` does not hold any more.
  void withdraw(const std::string& account, std::int64_t now);

 private:
  std::filesystem::path path_of(const std::string& account) const { return directory_ / account; }

  ports::FileStore& files_;
  std::filesystem::path directory_;
};

// Where engines of this user look for them, by the engine's environment; empty when it has no home.
std::filesystem::path shared_limits_directory(const std::vector<std::string>& environment);

}  // namespace konductor::driver
