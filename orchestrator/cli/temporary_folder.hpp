// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.hpp"

namespace konductor::cli {

// A folder for this user alone that goes with its owner, unless it is to be kept.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder&& other) noexcept
      : path_(std::exchange(other.path_, std::filesystem::path())) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  // From now on it is the caller's.
  std::filesystem::path keep() { return std::exchange(path_, std::filesystem::path()); }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace konductor::cli
