// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temp_dir.hpp"

namespace konductor::replay::test {

// A directory of its own for one test, gone at its end.
class Scratch {
 public:
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  void put(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    REQUIRE(::chmod((path_ / name).c_str(), mode) == 0);
  }
  [[nodiscard]] std::string get(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  [[nodiscard]] mode_t mode(const std::string& name) const {
    struct stat status = {};
    REQUIRE(::lstat((path_ / name).c_str(), &status) == 0);
    return status.st_mode & 0777U;
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(path_ / name));
  }

 private:
  konductor::test::TempDir directory_;
  const std::filesystem::path& path_ = directory_.path();
};

}  // namespace konductor::replay::test
