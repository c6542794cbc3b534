// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "platform/cgroup.hpp"

namespace konductor::test {

// Where cgroups can be made here; "" where they cannot, and then the test that asked says that it
// was skipped, and why.
inline std::string cgroup_home() {
  const platform::CgroupHome home = platform::find_cgroup_home(false);
  if (home.directory.empty()) WARN("skipped: attempts can have no cgroups here: " << home.why_not);
  return home.directory;
}

inline bool has_cgroups() {
  return !cgroup_home().empty();
}

// Cgroups of a test's own, which are gone with it.
class TestCgroups {
 public:
  TestCgroups() : home_(cgroup_home()) {
    static int count = 0;
    if (!home_.empty())
      parent_ =
          home_ + "/konductor-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  }
  TestCgroups(const TestCgroups&) = delete;
  TestCgroups& operator=(const TestCgroups&) = delete;
  ~TestCgroups() {
    if (is_there()) platform::remove_cgroup(parent_);
  }

  [[nodiscard]] bool is_there() const { return !parent_.empty(); }
  [[nodiscard]] const std::string& parent() const { return parent_; }
  [[nodiscard]] std::string path(const std::string& name) const { return parent_ + "/" + name; }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(path(name));
  }

 private:
  std::string home_;
  std::string parent_;
};

}  // namespace konductor::test
