// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

// Agents that say what is not so, or do what they must not, as small shell scripts, each with what
// of the engine catches it. `konductor conformance` and the project's own tests play the same.
namespace konductor::conformance {

// The fields of a task in a plan, as Markdown.
struct Task {
  std::string title;
  std::string files;
  std::string verify;
  std::string action = {};
};

struct Lie {
  std::string name;                    // Goes on behind "an agent that".
  std::string script;                  // Functions of the agent: `executor`, `reviewer`.
  std::string catches = {};            // What catches it, in order, as `Seen::catches` tells.
  std::string words = {};              // What one of the catches says, in part.
  std::string end = "needs a person";  // "complete" where it is harmless in the end.
  std::string twin = {};               // The script of an honest one; "": the usual work.
  std::optional<Task> task = {};       // "" is the usual one.
  std::optional<Task> twin_task = {};  // That of the lie when it is not set.
  std::string instead = {};            // What stands for `catches` where nobody has to.
};

// What became of a task.
struct Seen {
  // "gate `verify`", "cause `no_document`", "`spec-reviewer`": each once, with commas between.
  std::string catches;
  std::string words;  // What they say, all of it.
  std::string end;    // "complete", "needs a person", "failed", "blocked"; "" without an end.
};

struct ProjectFile {
  std::string path;
  std::string text;
};

// The project that they work in, and the task that most of them have.
std::vector<ProjectFile> project_files();
Task usual_task();
// What the usual task's file holds when it is done by `work`.
std::string honest_work();

// A whole script of /bin/sh. `part` takes the place of some of its functions; without it the agent
// is honest, and as a reviewer believes everything. `notes` is a folder of its own, `project` the
// user's checkout.
std::string agent_script(const std::string& part, const std::string& notes,
                         const std::string& project);

// All that are shipped.
std::vector<Lie> lies();

// Adds what an engine's events (`execute --events`) tell of a task.
void look(const std::vector<nlohmann::json>& events, int task, Seen& seen);

// The usual work, and something that no attempt may do: it is undone and held against the task.
// `twin` is what an honest agent does instead.
Lie trespass(const std::string& name, const std::string& commands, const std::string& words,
             const std::string& twin = "");

// Parts of the list, for readers only.
std::vector<Lie> lies_about_work();
std::vector<Lie> lies_about_tests();
std::vector<Lie> lies_in_documents();
std::vector<Lie> lies_in_files();
std::vector<Lie> lies_about_records();
std::vector<Lie> lies_about_git();
std::vector<Lie> lies_of_reviewers();

}  // namespace konductor::conformance
