// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/owner_mark.hpp"
#include "platform/unique_fd.hpp"
#include "ports/process_launcher.hpp"

namespace konductor::platform {

// What a supervisor is handed when its program has a cgroup: the cgroup's directory, and its
// "cgroup.kill", open for writing. It could not open that itself where it is confined.
inline constexpr int kCgroupDescriptor = 3;
inline constexpr int kCgroupKillDescriptor = 4;

struct Spawned {
  pid_t pid = 0;
  UniqueFd pidfd;
};

// Why a program could not be run: what execve's error means to a person.
Error program_error(int error_number, const std::string& program);

// Starts programs as vfork does: the child borrows the parent's memory until it runs the program,
// so a start costs the same however large the parent is and however many descriptors it holds, and
// a failed step is reported exactly. The calling thread stands still for those microseconds.
//
// The child leads its own process group and has default signal handling and no descriptor but 0, 1
// and 2, with a supervisor those of its program's cgroup too. Where the specification says so, it
// is in a cgroup, and Landlock confines it. It gets no session of
// its own: where the kernel schedules by session, that makes a start more than twice as slow.
class Spawner {
 public:
  Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;
  ~Spawner();

  // Runs `program` (a path; a relative one is looked up from `spec.directory`) with `spec.argv`.
  // Errors as ProcessLauncher::start; nothing is left behind by a failed one.
  Result<Spawned> spawn(const ports::ProcessSpec& spec, const std::string& program,
                        std::optional<OwnerMark> mark);

 private:
  void* stack_ = nullptr;
  std::vector<int> signals_to_reset_;
};

}  // namespace konductor::platform
