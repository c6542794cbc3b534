// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace konductor {

// What a process and all that it starts may take together, where the kernel is asked to hold them
// to it. Zero is no ceiling.
struct Ceilings {
  std::uint64_t memory = 0;  // Bytes.
  int processes = 0;         // Threads count as processes.
  double cpus = 0;           // Time of so many processors.
  // How many processes its user may have more than when it starts: what can be had where the
  // kernel counts no group's. Others of the same user count too.
  int user_processes = 0;
  friend bool operator==(const Ceilings&, const Ceilings&) = default;
};

// Which of them were met.
struct CeilingsMet {
  bool memory = false;     // The kernel killed one of its processes.
  bool processes = false;  // It was refused another process.
  friend bool operator==(const CeilingsMet&, const CeilingsMet&) = default;
};

}  // namespace konductor
