// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/role_name.hpp"

// Recorded attempts in a directory: docs/cassette.md is the format.
namespace konductor::replay {

// Which attempt: the `take`-th (from 1) of this role for this task that ended by itself.
struct TakeAddress {
  RoleName role = RoleName::executor;
  int plan = 0;  // 0: the phase as a whole.
  int task = 0;  // 0 beside a plan: the plan as a whole (its merge).
  int take = 1;
  friend bool operator==(const TakeAddress&, const TakeAddress&) = default;
};

struct TakeFile {
  std::string path;  // Relative to the workspace.
  std::string text;
  mode_t mode = 0644;
  friend bool operator==(const TakeFile&, const TakeFile&) = default;
};

// What one attempt did: the files it left, the files it removed, the document it handed in, what it
// printed and how it ended.
struct Take {
  std::vector<TakeFile> files;  // Sorted by path once read.
  std::vector<std::string> deleted;
  std::optional<std::string> document;
  std::string output;  // Standard output; "" is none.
  int exit_code = 0;
  friend bool operator==(const Take&, const Take&) = default;
};

// Where the take lies below a cassette: "executor/002-task-1/1", "code-reviewer/holistic/2",
// "executor/002-merge/1".
std::filesystem::path take_path(const TakeAddress& address);

// Reads one take whole, before anything is done with it. Errors: `not_found` names the directory
// that was looked for; `invalid_input` for links, devices, paths that leave the workspace, an
// `exit` that is no number from 0 to 255; `io`.
Result<Take> read_take(const std::filesystem::path& cassette, const TakeAddress& address);

// Writes one take in one step, replacing the one that is there; makes the cassette when missing.
// Nothing is written when a path is one that read_take refuses.
Result<void> write_take(const std::filesystem::path& cassette, const TakeAddress& address,
                        const Take& take);

}  // namespace konductor::replay
