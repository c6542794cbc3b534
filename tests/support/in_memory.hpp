// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <cstdlib>

namespace konductor::test {

// While it lives, temporary directories are made in memory: on a disk, making and removing
// thousands of small files would be most of the work. What is synced there is counted like anywhere
// else.
class InMemory {
 public:
  InMemory() {
    const char* directory = std::getenv("TMPDIR");
    had_directory_ = directory != nullptr;
    if (had_directory_) return;
    if (::access("/dev/shm", W_OK | X_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  }
  InMemory(const InMemory&) = delete;
  InMemory& operator=(const InMemory&) = delete;
  ~InMemory() {
    if (!had_directory_) ::unsetenv("TMPDIR");
  }

 private:
  bool had_directory_ = false;
};

}  // namespace konductor::test
