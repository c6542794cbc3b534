// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"

namespace konductor::ports {

// Tells cheaply what changed below a folder since it was asked last, so that nobody has to look at
// every file after every attempt.
class ChangeWatch {
 public:
  virtual ~ChangeWatch() = default;
  // Files and folders that were made, written, moved or removed since the last call; nullopt when
  // that is not known and everything has to be looked at.
  virtual std::optional<std::vector<std::filesystem::path>> take_changes() = 0;
};

class ChangeWatcher {
 public:
  virtual ~ChangeWatcher() = default;
  // Watches `folders` (not what is below them).
  virtual std::unique_ptr<ChangeWatch> watch(const std::vector<std::filesystem::path>& folders) = 0;
};

}  // namespace konductor::ports
