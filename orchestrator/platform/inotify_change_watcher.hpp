// SPDX-License-Identifier: MIT
#pragma once

#include "ports/change_watch.hpp"

namespace konductor::platform {

// ChangeWatcher over inotify. Where the kernel has no room for another watch, every question is
// answered with "not known".
class InotifyChangeWatcher final : public ports::ChangeWatcher {
 public:
  std::unique_ptr<ports::ChangeWatch> watch(
      const std::vector<std::filesystem::path>& folders) override;
};

}  // namespace konductor::platform
