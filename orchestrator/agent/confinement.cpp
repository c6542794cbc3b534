// SPDX-License-Identifier: MIT
#include "agent/confinement.hpp"

#include <array>
#include <filesystem>

#include "agent/acp_cli.hpp"

namespace konductor::agent {
namespace fs = std::filesystem;
namespace {

// What a program on Unix takes for granted, and terminals of its own.
constexpr std::array<std::string_view, 9> kDevices = {"/dev/null",   "/dev/zero",    "/dev/full",
                                                      "/dev/random", "/dev/urandom", "/dev/tty",
                                                      "/dev/ptmx",   "/dev/pts",     "/dev/shm"};

// A place that an agent keeps its state in: `below` the directory that the variable names, or
// `usual` when it is not set.
struct StatePlace {
  std::string_view agent;  // What its name begins with.
  std::string_view variable;
  std::string_view below;
  std::string_view usual;
};

constexpr std::array<StatePlace, 10> kStatePlaces = {{
    {"claude", "CLAUDE_CONFIG_DIR", "", "~/.claude/"},
    {"claude", "CLAUDE_CONFIG_DIR", "", "~/.claude.json"},
    {"codex", "CODEX_HOME", "", "~/.codex/"},
    {"gemini", "", "", "~/.gemini/"},
    {"qwen", "", "", "~/.qwen/"},
    {"opencode", "XDG_DATA_HOME", "opencode/", "~/.local/share/opencode/"},
    {"opencode", "XDG_CONFIG_HOME", "opencode/", "~/.config/opencode/"},
    {"opencode", "XDG_STATE_HOME", "opencode/", "~/.local/state/opencode/"},
    {"opencode", "XDG_CACHE_HOME", "opencode/", "~/.cache/opencode/"},
    {"pi", "", "", "~/.pi/"},
}};

std::string_view agent_name(const config::RuntimeSettings& runtime) {
  switch (runtime.kind) {
    case config::RuntimeKind::claude:
    case config::RuntimeKind::codex:
      return config::to_string(runtime.kind);
    case config::RuntimeKind::acp:
      return acp_agent_name(runtime);
    case config::RuntimeKind::command:
      return runtime.dialect;
    case config::RuntimeKind::replay:
      break;
  }
  return {};
}

class Places {
 public:
  Places(const Variable& variable, std::vector<std::string>& found)
      : variable_(variable), found_(found) {}

  // A setting: absolute, below "~", or relative to `base`.
  void add(std::string_view path, const fs::path& base) {
    if (path.empty()) return;
    if (path == "~" || path.substr(0, 2) == "~/") {
      const std::string home = variable_("HOME");
      if (!home.empty()) found_.push_back(home + std::string(path.substr(1)));
    } else {
      found_.push_back((base / path).lexically_normal().string());
    }
  }

  void add_state(const StatePlace& place, const fs::path& base) {
    const std::string moved = place.variable.empty() ? "" : variable_(place.variable);
    if (moved.empty()) return add(place.usual, base);
    add((fs::path(moved) / place.below / "").string(), base);
  }

 private:
  const Variable& variable_;
  std::vector<std::string>& found_;
};

}  // namespace

bool depends_on_bwrap(config::Sandbox wanted, int landlock_abi) {
  return wanted == config::Sandbox::bwrap ||
         (wanted == config::Sandbox::automatic && landlock_abi == 0);
}

Result<SandboxChoice> choose_sandbox(config::Sandbox wanted, const SandboxOffer& offer) {
  switch (wanted) {
    case config::Sandbox::none:
      break;
    case config::Sandbox::automatic:
      if (offer.landlock_abi > 0) return SandboxChoice{offer.landlock_abi, ""};
      return SandboxChoice{0, offer.bwrap};
    case config::Sandbox::landlock:
      if (offer.landlock_abi > 0) return SandboxChoice{offer.landlock_abi, ""};
      return Error{
          ErrorCode::environment,
          "execution.sandbox is \"landlock\", but this kernel offers none that is of use: it "
          "takes Linux 5.19 or later with \"landlock\" among its security modules (kernel "
          "parameter lsm=), and a container that lets its system calls through; write "
          "\"auto\" to take bubblewrap where it is missing, or nothing"};
    case config::Sandbox::bwrap:
      if (!offer.bwrap.empty()) return SandboxChoice{0, offer.bwrap};
      return Error{ErrorCode::environment,
                   "execution.sandbox is \"bwrap\", but " + offer.bwrap_missing};
  }
  return SandboxChoice{};
}

std::string sandbox_name(const SandboxChoice& sandbox) {
  if (!sandbox.bwrap.empty()) return "bwrap";
  return sandbox.landlock_abi == 0 ? "none"
                                   : "landlock-abi-" + std::to_string(sandbox.landlock_abi);
}

std::string lease_name(config::Lease wanted, const SandboxChoice& sandbox, bool is_of_task) {
  if (wanted == config::Lease::workspace || !is_of_task) return "workspace";
  return sandbox.is_confining() ? "declared" : "unenforced";
}

std::vector<std::string> writable_places(const config::Config& config,
                                         const config::RuntimeSettings& runtime,
                                         const Permissions& may, const AttemptPlaces& places,
                                         const Variable& variable) {
  std::vector<std::string> found = {places.run_directory};
  if (places.lease)
    found.insert(found.end(), places.lease->begin(), places.lease->end());
  else
    found.push_back(places.tree);
  Places list(variable, found);
  const std::string temporary = variable("TMPDIR");
  list.add(temporary.empty() ? "/tmp" : temporary, places.workspace);
  found.insert(found.end(), kDevices.begin(), kDevices.end());
  if (may.write) {
    found.insert(found.end(), places.commit.begin(), places.commit.end());
    for (const std::string& path : runtime.write)
      list.add(path, places.workspace);
  }
  for (const std::string& path : config.sandbox.write)
    list.add(path, places.project);
  for (const std::string& path : runtime.state_dirs)
    list.add(path, places.project);
  if (!runtime.state_dirs.empty()) return found;
  const std::string_view agent = agent_name(runtime);
  for (const StatePlace& place : kStatePlaces)
    if (agent.substr(0, place.agent.size()) == place.agent) list.add_state(place, places.workspace);
  return found;
}

std::vector<std::string> unreadable_places(const Permissions& may, const AttemptPlaces& places,
                                           const Variable& variable) {
  std::vector<std::string> found = places.secret;
  Places list(variable, found);
  if (!may.deny_read) return found;
  for (const std::string& path : *may.deny_read)
    list.add(path, places.project);
  return found;
}

}  // namespace konductor::agent
