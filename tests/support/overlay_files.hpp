// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "support/temp_dir.hpp"

namespace konductor::test {

// Files of a project to which everything can happen that an overlay has to show.
inline void put_sources(const std::filesystem::path& top) {
  write_file(top / "tool.sh", "#!/bin/sh\n");
  write_file(top / "old/one.txt", "one\n");
  write_file(top / "old/deep/two.txt", "two\n");
  write_file(top / "swap/three.txt", "three\n");
  write_file(top / "plain", "plain\n");
  write_file(top / "again/four.txt", "four\n");
  write_file(top / "gone.txt", "gone\n");
  std::filesystem::create_symlink("plain", top / "link");
}

}  // namespace konductor::test
