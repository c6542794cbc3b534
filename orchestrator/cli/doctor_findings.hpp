// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/confinement.hpp"
#include "agent/containment.hpp"
#include "cli/listed_agents.hpp"
#include "cli/output.hpp"
#include "platform/git_check.hpp"

// What `konductor doctor` makes of what it found: pure, so that each machine there may be can be
// tried.
namespace konductor::cli {

enum class FindingState {
  ok,
  warning,  // Something works less well, or not at all that is not needed.
  problem,  // `konductor execute` would not start, or would end at once.
};

struct Finding {
  std::string area;  // "runtime", "git"
  std::string name;  // "claude", "identity"
  FindingState state = FindingState::ok;
  std::string text;
  std::string fix;  // A command where one does it; "" when there is nothing to mend.
  friend bool operator==(const Finding&, const Finding&) = default;
};

// What can be told of an agent's login without using it.
enum class Login { found, missing, cannot_be_told };

// Where an agent's login lies: looked for, never read.
struct LoginPlaces {
  std::vector<std::string> variables;  // Of the environment; any of them will do.
  std::vector<std::string> files;      // Below the home directory.
  std::string command;                 // That logs in.
};
// nullopt for agents of which it is not known.
std::optional<LoginPlaces> login_places(const config::RuntimeSettings& runtime);

struct RuntimeFacts {
  ListedAgent agent;
  bool is_wanted = false;  // Some role is to run on it, and on no other.
  Login login = Login::cannot_be_told;
  std::string login_command;
};
Finding judge_runtime(const RuntimeFacts& facts);

struct SandboxFacts {
  config::Sandbox wanted = config::Sandbox::none;
  int landlock_abi = 0;  // 0: none.
  std::string bwrap;     // The program; "" where it does not work.
  std::string no_bwrap;  // Why not.
};
Finding judge_sandbox(const SandboxFacts& facts);

// `offer` is what a cgroup can be had for.
Finding judge_containment(const config::Config& config, const agent::CgroupOffer& offer);

// `why_not` is "" where overlays work.
Finding judge_overlay(bool is_wanted, const std::string& why_not);

// `version` is that of the git program; "" when there is none.
std::vector<Finding> judge_git(const platform::RepositoryFacts& facts, const std::string& version,
                               const config::Config& config);

// Bytes that are free where the project lies.
Finding judge_disk(std::uint64_t free_bytes, const std::string& directory);

struct KernelFacts {
  std::string release;  // "6.1.0"
  bool has_pidfd = true;
  std::uint64_t watches_max = 0;  // Of inotify, for this user; 0 when that cannot be told.
};
std::vector<Finding> judge_kernel(const KernelFacts& facts);

// 6 when something is a problem.
int doctor_exit(const std::vector<Finding>& findings);
std::string doctor_text(const std::vector<Finding>& findings, const Paint& paint, bool is_quiet);
nlohmann::ordered_json doctor_json(const std::vector<Finding>& findings);

}  // namespace konductor::cli
