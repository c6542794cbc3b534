// SPDX-License-Identifier: MIT
#include "agent/confinement.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

using namespace konductor;
using namespace konductor::agent;
using config::RuntimeKind;
using config::RuntimeSettings;
using config::Sandbox;
using Lines = std::vector<std::string>;

namespace {

struct Setting {
  config::Config config;
  RuntimeSettings runtime;
  Permissions may{true, true};
  AttemptPlaces places{"/p",          "/p/trees/1",        "/p/trees/1/api",
                       "/p/runs/r/a", {"/p/.git/objects"}, {"/p/journal"}};
  std::map<std::string, std::string, std::less<>> variables = {{"HOME", "/home/ada"}};

  std::string variable(std::string_view name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  }

  Lines all() const {
    const auto value = [this](std::string_view name) { return variable(name); };
    return writable_places(config, runtime, may, places, value);
  }

  Lines hidden() const {
    const auto value = [this](std::string_view name) { return variable(name); };
    return unreadable_places(may, places, value);
  }

  // Those that are not the same for every attempt.
  Lines special() const {
    const Lines usual = Setting().all();
    Lines found;
    for (const std::string& place : all())
      if (std::find(usual.begin(), usual.end(), place) == usual.end()) found.push_back(place);
    return found;
  }

  bool has(const std::string& place) const {
    const Lines found = all();
    return std::find(found.begin(), found.end(), place) != found.end();
  }
};

RuntimeSettings runtime_of(RuntimeKind kind, Lines command, std::string dialect = "") {
  RuntimeSettings runtime;
  runtime.kind = kind;
  runtime.command = std::move(command);
  runtime.dialect = std::move(dialect);
  return runtime;
}

Lines state_of(RuntimeSettings runtime) {
  Setting setting;
  setting.runtime = std::move(runtime);
  return setting.special();
}

}  // namespace

TEST_CASE("an attempt may write its tree, its run directory, temporary files and devices") {
  const Setting setting;
  for (const char* place : {"/p/trees/1", "/p/runs/r/a", "/p/.git/objects", "/tmp", "/dev/null",
                            "/dev/shm", "/dev/tty"})
    CHECK(setting.has(place));
  for (const char* place : {"/p", "/p/", "/", "/home/ada", "/dev", "/p/.konductor", "/p/.git"})
    CHECK_FALSE(setting.has(place));
}

TEST_CASE("with a lease an attempt writes that instead of its tree, and the rest as ever") {
  Setting setting;
  setting.places.lease = {"/p/trees/1/api/a.txt", "/p/trees/1/api/new/"};
  CHECK_FALSE(setting.has("/p/trees/1"));
  for (const char* place : {"/p/trees/1/api/a.txt", "/p/trees/1/api/new/", "/p/runs/r/a",
                            "/p/.git/objects", "/tmp", "/dev/null"})
    CHECK(setting.has(place));
  setting.runtime.write = {"target/"};
  CHECK(setting.has("/p/trees/1/api/target/"));
}

TEST_CASE("the journal tells what of a tree may be written, and whether it is held to that") {
  using config::Lease;
  CHECK(lease_name(Lease::workspace, {7, ""}, true) == "workspace");
  CHECK(lease_name(Lease::declared, {7, ""}, true) == "declared");
  CHECK(lease_name(Lease::declared, {0, "/usr/bin/bwrap"}, true) == "declared");
  CHECK(lease_name(Lease::declared, {}, true) == "unenforced");
  CHECK(lease_name(Lease::declared, {7, ""}, false) == "workspace");
}

TEST_CASE("temporary files go to TMPDIR alone where it is set") {
  Setting setting;
  setting.variables["TMPDIR"] = "/var/scratch";
  CHECK(setting.has("/var/scratch"));
  CHECK_FALSE(setting.has("/tmp"));
}

TEST_CASE("who may not write builds in the tree, but commits nothing and gets no `write`") {
  Setting setting;
  setting.runtime.write = {"/data"};
  CHECK(setting.has("/data"));
  setting.may.write = false;
  CHECK(setting.has("/p/trees/1"));
  CHECK_FALSE(setting.has("/p/.git/objects"));
  CHECK_FALSE(setting.has("/data"));
}

TEST_CASE("configured places are absolute, below home, or relative") {
  Setting setting;
  setting.config.sandbox.write = {"/opt/cache", "~/.cargo/registry/", "build/../common", ""};
  setting.runtime.write = {"../data"};
  CHECK(setting.special() ==
        Lines{"/p/trees/1/data", "/opt/cache", "/home/ada/.cargo/registry/", "/p/common"});
  setting.variables.clear();
  CHECK(setting.special() == Lines{"/p/trees/1/data", "/opt/cache", "/p/common"});
}

TEST_CASE("where agents keep their state is known by kind, by program and by dialect") {
  CHECK(state_of(runtime_of(RuntimeKind::claude, {"claude"})) ==
        Lines{"/home/ada/.claude/", "/home/ada/.claude.json"});
  CHECK(state_of(runtime_of(RuntimeKind::codex, {"codex"})) == Lines{"/home/ada/.codex/"});
  CHECK(state_of(runtime_of(RuntimeKind::acp, {"/bin/gemini", "--acp"})) ==
        Lines{"/home/ada/.gemini/"});
  CHECK(state_of(runtime_of(RuntimeKind::acp, {"qwen", "--acp"})) == Lines{"/home/ada/.qwen/"});
  CHECK(state_of(runtime_of(RuntimeKind::acp, {"opencode", "acp"})) ==
        Lines{"/home/ada/.local/share/opencode/", "/home/ada/.config/opencode/",
              "/home/ada/.local/state/opencode/", "/home/ada/.cache/opencode/"});
  CHECK(state_of(runtime_of(RuntimeKind::acp, {"npx", "claude-agent-acp"})) ==
        Lines{"/home/ada/.claude/", "/home/ada/.claude.json"});
  CHECK(state_of(runtime_of(RuntimeKind::command, {"pi"}, "pi")) == Lines{"/home/ada/.pi/"});
  CHECK(state_of(runtime_of(RuntimeKind::command, {"./agent.sh"})).empty());
  CHECK(state_of(runtime_of(RuntimeKind::replay, {})).empty());
}

TEST_CASE("the variables by which an agent's state is moved are followed") {
  Setting setting;
  setting.runtime = runtime_of(RuntimeKind::claude, {"claude"});
  setting.variables["CLAUDE_CONFIG_DIR"] = "/srv/claude";
  CHECK(setting.special() == Lines{"/srv/claude/", "/srv/claude/"});
  setting.runtime = runtime_of(RuntimeKind::acp, {"opencode", "acp"});
  setting.variables["XDG_DATA_HOME"] = "/srv/data";
  CHECK(setting.has("/srv/data/opencode/"));
  CHECK_FALSE(setting.has("/home/ada/.local/share/opencode/"));
}

TEST_CASE("state_dirs take the place of what is known of the kind") {
  Setting setting;
  setting.runtime = runtime_of(RuntimeKind::claude, {"claude"});
  setting.runtime.state_dirs = {"~/.other/"};
  CHECK(setting.special() == Lines{"/home/ada/.other/"});
}

TEST_CASE("an attempt may not read what is the engine's, nor what its role denies") {
  Setting setting;
  CHECK(setting.hidden() == Lines{"/p/journal"});
  setting.may.deny_read = {"~/.ssh", "/etc/shadow", "notes/../private", ""};
  CHECK(setting.hidden() == Lines{"/p/journal", "/home/ada/.ssh", "/etc/shadow", "/p/private"});
  setting.may.deny_read = Lines();
  CHECK(setting.hidden() == Lines{"/p/journal"});
}

TEST_CASE("what confines attempts follows from the setting and the machine") {
  const SandboxOffer both{7, "/usr/bin/bwrap", ""};
  const SandboxOffer landlock{7, "", "install bubblewrap"};
  const SandboxOffer bwrap{0, "/usr/bin/bwrap", ""};
  const SandboxOffer neither{0, "", "install bubblewrap"};
  const auto name = [](Sandbox wanted, const SandboxOffer& offer) {
    const Result<SandboxChoice> choice = choose_sandbox(wanted, offer);
    if (choice.has_value()) return sandbox_name(choice.value());
    CHECK(choice.error().code == ErrorCode::environment);
    return "error: " + choice.error().message;
  };
  for (const SandboxOffer& offer : {both, landlock, bwrap, neither})
    CHECK(name(Sandbox::none, offer) == "none");
  CHECK(name(Sandbox::automatic, both) == "landlock-abi-7");
  CHECK(name(Sandbox::automatic, landlock) == "landlock-abi-7");
  CHECK(name(Sandbox::automatic, bwrap) == "bwrap");
  CHECK(name(Sandbox::automatic, neither) == "none");
  CHECK(name(Sandbox::landlock, both) == "landlock-abi-7");
  CHECK_THAT(name(Sandbox::landlock, bwrap), Catch::StartsWith("error: execution.sandbox is"));
  CHECK(name(Sandbox::bwrap, both) == "bwrap");
  CHECK(name(Sandbox::bwrap, landlock) ==
        "error: execution.sandbox is \"bwrap\", but install bubblewrap");
}

TEST_CASE("bubblewrap is tried only where it may be taken") {
  CHECK(depends_on_bwrap(Sandbox::bwrap, 7));
  CHECK(depends_on_bwrap(Sandbox::automatic, 0));
  CHECK_FALSE(depends_on_bwrap(Sandbox::automatic, 7));
  CHECK_FALSE(depends_on_bwrap(Sandbox::landlock, 0));
  CHECK_FALSE(depends_on_bwrap(Sandbox::none, 0));
}

TEST_CASE("only who is confined by something is confined") {
  CHECK_FALSE(SandboxChoice{}.is_confining());
  CHECK(SandboxChoice{7, ""}.is_confining());
  CHECK(SandboxChoice{0, "/usr/bin/bwrap"}.is_confining());
}
