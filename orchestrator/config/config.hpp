// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/role_name.hpp"

// The settings of the program: typed, each default written once, in the member's initialiser.
namespace konductor::config {

using std::chrono::milliseconds;

enum class Schedule { waves, dependencies };
enum class BranchingStrategy { none, feature, plan };
enum class Isolation { automatic, worktree, none };  // "auto" in the files.
enum class FixAttempts { fresh, resume };
enum class Sandbox { none, automatic, landlock, bwrap };  // "auto" in the files.
enum class Containment { automatic, cgroup, processes };  // "auto" in the files.
enum class Lease { workspace, declared };
enum class ReviewWorkspace { automatic, copy, shared };  // "auto" in the files.
enum class OnEngineDeath { go_on, stop };                // "continue" is a word of the language.
enum class GitHooks { none, at_the_end };                // "final" in the files.
enum class StructuredOutput { automatic, never };        // "auto" in the files.
enum class RuntimeKind { command, replay, acp, claude, codex };

std::string_view to_string(Schedule value);
std::string_view to_string(BranchingStrategy value);
std::string_view to_string(Isolation value);
std::string_view to_string(FixAttempts value);
std::string_view to_string(Sandbox value);
std::string_view to_string(Containment value);
std::string_view to_string(Lease value);
std::string_view to_string(ReviewWorkspace value);
std::string_view to_string(OnEngineDeath value);
std::string_view to_string(GitHooks value);
std::string_view to_string(StructuredOutput value);
std::string_view to_string(RuntimeKind value);

// The name that stands for "the first installed agent".
inline constexpr std::string_view kAutoRuntime = "auto";

struct GeneralSettings {
  std::string default_runtime = std::string(kAutoRuntime);
  std::string default_model = "claude-sonnet-4";
  friend bool operator==(const GeneralSettings&, const GeneralSettings&) = default;
};

struct ExecutionSettings {
  int max_wave_parallelism = 4;
  Schedule schedule = Schedule::waves;
  int max_crash_retries = 1;
  int circuit_breaker = 3;
  milliseconds grace_period = std::chrono::seconds(10);
  FixAttempts fix_attempts = FixAttempts::fresh;
  Sandbox sandbox = Sandbox::none;
  Lease lease = Lease::workspace;  // What of its tree a confined executor may write.
  OnEngineDeath on_engine_death = OnEngineDeath::go_on;
  Containment containment = Containment::automatic;
  // Bytes that an attempt may come to need; none starts where less is free. Zero: none is kept.
  std::uint64_t memory_per_attempt = std::uint64_t{1} << 30U;
  friend bool operator==(const ExecutionSettings&, const ExecutionSettings&) = default;
};

struct GitSettings {
  bool auto_commit = true;
  bool sign = false;
  GitHooks hooks = GitHooks::none;
  BranchingStrategy branching_strategy = BranchingStrategy::none;
  Isolation isolation = Isolation::automatic;
  std::string worktree_dir;  // "" is .konductor/worktrees; relative to the project.
  bool overlay = false;
  friend bool operator==(const GitSettings&, const GitSettings&) = default;
};

struct FeatureSettings {
  bool research = true;
  bool plan_checker = true;
  bool design_review = true;
  bool code_review = true;
  bool verifier = true;
  friend bool operator==(const FeatureSettings&, const FeatureSettings&) = default;
};

struct GateSettings {
  bool changed = true;
  bool declared_files = true;
  bool verify = true;
  bool protected_files = true;
  bool tests = true;
  bool secrets = true;
  bool baseline = false;
  milliseconds verify_timeout = std::chrono::minutes(10);  // Zero is no limit.
  friend bool operator==(const GateSettings&, const GateSettings&) = default;
};

struct LimitSettings {
  std::uint64_t document_max = std::uint64_t{1} << 20U;  // Bytes.
  std::uint64_t output_max = std::uint64_t{1} << 30U;    // Bytes.
  milliseconds timeout = std::chrono::hours(1);          // Wall time of an attempt; zero is none.
  // Zero is off, because a plain command need not write anything while it works; agents with a
  // protocol of their own get a limit all the same.
  milliseconds silence = milliseconds(0);
  // From a provider's refusal to the next try; zero is as long as it takes.
  milliseconds max_wait = milliseconds(0);
  int steps = 1000;  // Tool calls of one attempt; zero is no limit.
  // Of one attempt with all that it starts, where the system can hold it to them; zero is none.
  std::uint64_t memory = 0;  // Bytes.
  int processes = 0;
  double cpus = 0;
  int repeats = 50;  // The same tool call in a row; zero is no limit.
  friend bool operator==(const LimitSettings&, const LimitSettings&) = default;
};

// What attempts may use up in one run; zero is no limit.
struct BudgetSettings {
  int attempt_tokens = 0;
  double attempt_usd = 0;
  int task_tokens = 0;
  double task_usd = 0;
  milliseconds task_time = milliseconds(0);
  int plan_tokens = 0;
  double plan_usd = 0;
  milliseconds plan_time = milliseconds(0);
  int phase_tokens = 0;
  double phase_usd = 0;
  milliseconds phase_time = milliseconds(0);
  friend bool operator==(const BudgetSettings&, const BudgetSettings&) = default;
};

struct ReviewSettings {
  bool different_model = false;
  // Where reviewers work: in a copy of the plan's tree, or in the tree itself.
  ReviewWorkspace workspace = ReviewWorkspace::automatic;
  friend bool operator==(const ReviewSettings&, const ReviewSettings&) = default;
};

struct WorkspaceSettings {
  std::vector<std::string> setup;  // Shell commands run in a fresh worktree.
  std::vector<std::string> copy;   // Files brought over from the project into it.
  friend bool operator==(const WorkspaceSettings&, const WorkspaceSettings&) = default;
};

struct SandboxSettings {
  std::vector<std::string> write;  // Places that confined attempts may write besides their own.
  // Places that they may not read, where their role says nothing of it; a given list replaces all
  // of these.
  std::vector<std::string> deny_read = {"~/.ssh",
                                        "~/.gnupg",
                                        "~/.aws",
                                        "~/.azure",
                                        "~/.config/gcloud",
                                        "~/.kube",
                                        "~/.docker/config.json",
                                        "~/.netrc",
                                        "~/.git-credentials",
                                        "~/.config/git/credentials",
                                        "~/.config/gh",
                                        "~/.config/hub",
                                        "~/.pypirc",
                                        "~/.password-store",
                                        "~/.local/share/keyrings",
                                        "~/.mozilla",
                                        "~/.thunderbird",
                                        "~/.config/google-chrome",
                                        "~/.config/chromium",
                                        "~/.config/microsoft-edge",
                                        "~/.config/BraveSoftware"};
  friend bool operator==(const SandboxSettings&, const SandboxSettings&) = default;
};

// Who is told when a run needs a person, or is over.
struct NotifySettings {
  std::vector<std::string> command;  // argv, given a JSON document on stdin; empty: none.
  std::string webhook;               // http:// or https://; "": none.
  milliseconds timeout = std::chrono::seconds(10);  // For each notification.
  friend bool operator==(const NotifySettings&, const NotifySettings&) = default;
};

struct RunsSettings {
  // Age at which the folders of runs that nobody needs are removed; zero: never by themselves.
  milliseconds keep = milliseconds(0);
  friend bool operator==(const RunsSettings&, const RunsSettings&) = default;
};

struct HookSettings {
  // What makes a shell command count as a test run; a given list replaces all of these.
  std::vector<std::string> test_patterns = {
      "test",    "pytest",        "cargo test",  "npm test",     "npx test",
      "go test", "mvn test",      "gradle test", "gradlew test", "jest",
      "vitest",  "mocha",         "junit",       "ruff",         "lint",
      "eslint",  "golangci-lint", "checkstyle",  "clippy"};
  friend bool operator==(const HookSettings&, const HookSettings&) = default;
};

// `[roles.<role>]`: what is left out stays as the role's own file says.
struct RoleSettings {
  std::vector<std::string> runtime;  // Tried in turn; empty is general.default_runtime.
  std::string model;                 // "" is general.default_model.
  std::optional<milliseconds> timeout;
  std::optional<bool> enabled;
  std::optional<std::vector<std::string>> deny_read;
  friend bool operator==(const RoleSettings&, const RoleSettings&) = default;
};

// What a kind `command` may say that it prints; "text" is nothing that anybody reads.
inline constexpr std::array<std::string_view, 7> kDialects = {
    "text", "claude", "codex", "opencode", "gemini", "qwen", "pi"};

// `[runtimes.<name>]`: how to start one agent.
struct RuntimeSettings {
  RuntimeKind kind = RuntimeKind::command;
  std::vector<std::string> command;  // argv; empty only for kind replay: the shipped player.
  std::vector<std::string> args;     // Put behind the command's own arguments.
  std::map<std::string, std::string> env;
  std::vector<std::string> pass_env;  // Names taken from the engine's environment.
  std::vector<std::string> write;     // Paths it may write besides the workspace.
  // Where the agent keeps what it remembers; empty is what is known of its kind.
  std::vector<std::string> state_dirs;
  std::string model;  // For roles that name none, and where it steps in.
  // US dollars for a million tokens, where the agent tells no cost.
  double price_input = 0;
  double price_output = 0;
  double price_cache_read = 0;
  std::string dialect;   // One of kDialects: what a kind `command` prints; "" is "text".
  std::string cassette;  // Kind replay: the recorded directory, relative to the project.
  // Whether documents are asked for by their schema, where the agent offers that.
  StructuredOutput structured_output = StructuredOutput::automatic;
  friend bool operator==(const RuntimeSettings&, const RuntimeSettings&) = default;
};

// The agents that are known without configuration, in the order in which "auto" looks for them.
inline constexpr std::array<std::string_view, 5> kBuiltInRuntimes = {"claude", "codex", "opencode",
                                                                     "gemini", "qwen"};
// Their settings, by name.
std::map<std::string, RuntimeSettings> built_in_runtimes();

struct Config {
  GeneralSettings general;
  ExecutionSettings execution;
  GitSettings git;
  FeatureSettings features;
  GateSettings gates;
  ReviewSettings review;
  LimitSettings limits;
  BudgetSettings budget;
  WorkspaceSettings workspace;
  SandboxSettings sandbox;
  NotifySettings notify;
  RunsSettings runs;
  HookSettings hooks;
  std::array<RoleSettings, kAllRoles.size()> roles;  // By RoleName.
  std::map<std::string, RuntimeSettings> runtimes = built_in_runtimes();

  [[nodiscard]] RoleSettings& role(RoleName name) {
    return roles.at(static_cast<std::size_t>(name));
  }
  [[nodiscard]] const RoleSettings& role(RoleName name) const {
    return roles.at(static_cast<std::size_t>(name));
  }
  friend bool operator==(const Config&, const Config&) = default;
};

struct ConfigFile {
  std::string path;  // For messages.
  std::string text;
};

// Where settings come from; the later wins, key by key.
struct ConfigSources {
  std::optional<ConfigFile> user_file;
  std::optional<ConfigFile> project_file;
  std::vector<std::string> environment;  // "NAME=value", the whole environment.
  std::vector<std::string> sets;         // "section.key=value", as given to --set.
};

// Reads and checks all sources. The error `invalid_input` names every mistake of every source, one
// a line; those in files as `path:line:column: text`.
Result<Config> load_config(const ConfigSources& sources);

// One key for people: `default_text` is TOML, "" where the key has no default of its own.
struct KeyInfo {
  std::string section;  // "execution", "roles.<role>", "runtimes.<name>".
  std::string name;
  std::string type;
  std::string default_text;
  std::string description;
};

// Every key there is, in the order of the example.
std::vector<KeyInfo> list_keys();

struct KeyValue {
  std::string name;   // "execution.schedule".
  std::string value;  // TOML.
};

// What a configuration holds, key by key; roles and runtimes only where they are configured.
std::vector<KeyValue> list_values(const Config& config);

// A configuration file that lists every key with its default and a comment.
std::string config_example();

}  // namespace konductor::config
