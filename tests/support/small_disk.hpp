// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_dir.hpp"

namespace konductor::test {

// A small file system in memory over a folder, with what was in it: a disk that can be filled. Not
// everybody may mount one. The folder is as it was when the object is gone.
class SmallDisk {
 public:
  // `options` as of mount: "size=8m".
  SmallDisk(const std::filesystem::path& place, const std::string& options) : place_(place) {
    constexpr auto kAsItIs =
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks;
    const TempDir aside;
    std::filesystem::copy(place_, aside / "files", kAsItIs);
    is_mounted_ = ::mount("tmpfs", place_.c_str(), "tmpfs", 0, options.c_str()) == 0;
    if (is_mounted_)
      std::filesystem::copy(aside / "files", place_,
                            kAsItIs | std::filesystem::copy_options::overwrite_existing);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_mounted_) ::umount2(place_.c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool is_mounted() const { return is_mounted_; }

  void make_read_only() const {
    ::mount("tmpfs", place_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr);
  }

  // Leaves no room at all, until `filler`, a path in it, is removed.
  void fill(const std::filesystem::path& filler) const {
    std::ofstream stream(place_ / filler, std::ios::binary);
    while (stream << std::string(4096, 'x') << std::flush) {
    }
  }
  void make_room(const std::filesystem::path& filler) const {
    std::filesystem::remove(place_ / filler);
  }

 private:
  std::filesystem::path place_;
  bool is_mounted_ = false;
};

}  // namespace konductor::test
