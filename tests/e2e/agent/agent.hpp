// SPDX-License-Identifier: MIT
#pragma once

#include <climits>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A scripted coding agent: the title of its task says how it behaves. A title is a list of
// directives separated by ";", each a behaviour's name and, optionally, for how many attempts it
// holds: "crash once; spec rejects 2". What no directive speaks of is done honestly.
namespace fake {

inline constexpr int kAlways = INT_MAX;

// One word of a title: "spec rejects" for the first `attempts` attempts of the role.
struct Directive {
  std::string name;
  int attempts = kAlways;
};

struct Agent {
  std::string role;
  std::string reason;
  std::string phase;
  int plan = 0;  // 0 for phase-wide roles.
  int task = 0;
  int attempt = 0;
  std::string prompt;  // What came on stdin.
  std::string title;   // Of the task; of FAKE_AGENT_PHASE for phase-wide roles.
  std::vector<std::string> files;
  std::filesystem::path directory;  // FAKE_AGENT_DIR: where it tells what it does.
  std::filesystem::path project;    // FAKE_AGENT_PROJECT: the repository it must not touch.
  std::filesystem::path output;     // KONDUCTOR_OUTPUT.

  // "executor-1-2-1", or "holistic-code-reviewer-1" for phase-wide roles.
  [[nodiscard]] std::string name() const;
};

// A way to behave. Returns the exit code.
using Behaviour = int (*)(Agent&);
using Behaviours = std::map<std::string, Behaviour, std::less<>>;

// Reads environment, prompt and plan file.
Agent read_agent();

// Text of an environment variable, "" when it is not set.
std::string environment(const char* name);

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

// The first directive of the title that `behaviours` knows and that holds for this attempt.
Behaviour choose(const Agent& agent, const Behaviours& behaviours);
// The word behind `name` in the title: "waits door" gives "door"; nothing when it is not there.
std::optional<std::string> argument(const Agent& agent, std::string_view name);
// True when the title has that directive, for any number of attempts.
bool has(const Agent& agent, std::string_view name);

// Appends one JSON line to the log: what, who, when; `extra` is JSON members or "".
void log_line(const Agent& agent, std::string_view what, const std::string& extra = "");

// Hands in the role's document, replacing what it handed in before.
void hand_in(const Agent& agent, std::string_view text);

// The honest summary with `status`; `more` are further sections.
std::string summary(const Agent& agent, std::string_view status, std::string_view more = "");

// Writes every declared file with a content that tells who wrote it.
void write_declared_files(const Agent& agent);

// Runs git in the current directory; a failure ends the agent with exit code 9.
void git(const std::vector<std::string>& arguments);

// Never returns.
[[noreturn]] void hang();
// Returns after about that time; for agents that work slowly.
void linger(int milliseconds);
// Returns when the file is there; gives up, ending the agent, after a minute.
void await_file(const std::filesystem::path& path);

int execute(Agent& agent);
int review_spec(Agent& agent);
int review_code(Agent& agent);
int review_phase(Agent& agent);
int research(Agent& agent);
int assess(Agent& agent);

}  // namespace fake
