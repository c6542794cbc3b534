// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/role.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

// What an attempt may write and read when the kernel confines it.
namespace konductor::agent {

// What there is to confine attempts with.
struct SandboxOffer {
  int landlock_abi = 0;       // The kernel's version of Landlock; 0: none that is of use.
  std::string bwrap;          // Path of bubblewrap where it works, else ""
  std::string bwrap_missing;  // and why it does not, with what to do.
};

// What attempts are confined by: the one, the other, or nothing.
struct SandboxChoice {
  int landlock_abi = 0;
  std::string bwrap;

  bool is_confining() const { return landlock_abi > 0 || !bwrap.empty(); }
};

// Whether the choice asks for `SandboxOffer::bwrap`, which takes starting a program to know.
bool depends_on_bwrap(config::Sandbox wanted, int landlock_abi);

// Error `environment` when that is wanted which is not there.
Result<SandboxChoice> choose_sandbox(config::Sandbox wanted, const SandboxOffer& offer);

// What the journal calls it: "none", "landlock-abi-7", "bwrap".
std::string sandbox_name(const SandboxChoice& sandbox);

// The value of a variable of the attempt's environment; "" when it has none.
using Variable = std::function<std::string(std::string_view name)>;

// Where an attempt works; absolute paths.
struct AttemptPlaces {
  std::string project;
  std::string tree;       // All of it,
  std::string workspace;  // and where in it the attempt begins.
  std::string run_directory;
  std::vector<std::string> commit;  // What it writes besides when it commits.
  std::vector<std::string> secret;  // What is the engine's and other attempts'.
  // What of the tree it may write, if that is not all of it.
  std::optional<std::vector<std::string>> lease = {};
};

// Files and directories that it may write, with all that is in them; one that ends in "/" is to be
// made when it is missing. Who may not write works in the tree all the same, since checking takes
// building, but commits nothing.
std::vector<std::string> writable_places(const config::Config& config,
                                         const config::RuntimeSettings& runtime,
                                         const Permissions& may, const AttemptPlaces& places,
                                         const Variable& variable);

// Whether the tasks' leases are held to: what the journal says of an attempt of an executor at a
// task of a plan ("declared", "unenforced" or "workspace"), or of another.
std::string lease_name(config::Lease wanted, const SandboxChoice& sandbox, bool is_of_task);

// Files and directories that it may not read, but for the writable places in them.
std::vector<std::string> unreadable_places(const Permissions& may, const AttemptPlaces& places,
                                           const Variable& variable);

}  // namespace konductor::agent
