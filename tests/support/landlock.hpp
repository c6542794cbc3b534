// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>

#include "platform/landlock.hpp"

namespace konductor::test {

// True when attempts can be confined here; else the test that asked says that it was skipped.
inline bool has_landlock() {
  const bool is_there = platform::landlock_abi() > 0;
  if (!is_there) WARN("skipped: this kernel offers no Landlock");
  return is_there;
}

}  // namespace konductor::test
