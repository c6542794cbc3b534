// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace konductor::platform {

// What an overlay is laid together from; all of it has to be there. `upper` and `work` are on one
// filesystem.
struct OverlayParts {
  std::filesystem::path lower;  // Never written to. Nobody may change it while it is mounted.
  std::filesystem::path upper;  // Gets what is changed.
  std::filesystem::path work;   // The kernel's own.
  std::filesystem::path point;  // Where the files are seen.
};

// Gives this process, and all that it starts from now on, mounts of its own: nothing that it mounts
// is seen outside, and all of it is gone when the last of them has ended. Without the privilege to
// do so, in a user namespace in which only its own user and group are known. To be called before
// there is a second thread.
Result<void> enter_mount_namespace();

Result<void> mount_overlay(const OverlayParts& parts);
// At once, also while files of it are open.
Result<void> unmount_overlay(const std::filesystem::path& point);
// As this process sees it.
bool is_mount_point(const std::filesystem::path& directory);

// Whether enter_mount_namespace() would be allowed and an overlay in `directory`, which is made for
// it and removed, would do what work trees need; the error says what not. Tried by a process of its
// own, so that this one stays where it is. To be called before there is a second thread.
Result<void> try_overlay(const std::filesystem::path& directory);

}  // namespace konductor::platform
