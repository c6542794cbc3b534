// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "platform/overlay_mount.hpp"
#include "support/temp_dir.hpp"

namespace konductor::test {

// True when this process can mount overlays from now on; else the test that asked says that it was
// skipped, and why.
inline bool has_overlays() {
  static const std::string why = [] {
    const TempDir place;
    const Result<void> tried = platform::try_overlay(place / "trial");
    if (!tried) return tried.error().message;
    const Result<void> entered = platform::enter_mount_namespace();
    return entered ? std::string() : entered.error().message;
  }();
  if (!why.empty()) WARN("skipped, the kernel refuses overlays: " << why);
  return why.empty();
}

// Every path below a directory, `.git` left out: what kind of thing it is, and what it holds.
inline std::map<std::string, std::string> picture_of(const std::filesystem::path& top) {
  namespace fs = std::filesystem;
  std::map<std::string, std::string> found;
  for (fs::recursive_directory_iterator it(top), end; it != end; ++it) {
    const fs::path& path = it->path();
    if (path.filename() == ".git") {
      it.disable_recursion_pending();
      continue;
    }
    const fs::file_status status = fs::symlink_status(path);
    std::string& text = found[path.lexically_relative(top)];
    if (fs::is_symlink(status)) {
      text = "-> " + fs::read_symlink(path).native();
      continue;
    }
    const bool is_executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
    text = fs::is_directory(status) ? "directory" : is_executable ? "program " : "file ";
    if (fs::is_regular_file(status)) text += read_file(path);
  }
  return found;
}

}  // namespace konductor::test
