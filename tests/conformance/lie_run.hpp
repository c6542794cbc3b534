// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/lie.hpp"
#include "e2e/scenario.hpp"

// Agents that say what is not so, or do what they must not: each row is one lie, told by a small
// shell script, what of the engine catches it, and the script of an honest twin. Most are shipped
// (orchestrator/conformance); here are those that need more than a script, and all are held to
// their rows.
namespace lying {

using e2e::Scenario;
using e2e::Task;
using konductor::conformance::Seen;

// How the project differs from the usual one before the run, or what has to hold behind it.
using Look = std::function<void(Scenario&)>;

// What stands around a project, and goes before it.
using Stage = std::function<std::shared_ptr<void>(Scenario&)>;

// What a script may use, and the project that it works in: orchestrator/conformance/lie.cpp.
struct Lie {
  std::string name;
  std::string script;        // Functions of the agent: `executor`, `reviewer`.
  std::string catches = {};  // What caught it, in order, as `Seen::catches` tells.
  std::string words = {};    // What one of the catches says, in part.
  std::string end = "needs a person";
  std::string twin = {};  // "" without a task of its own: the usual honest work.
  std::optional<Task> task = {};
  std::optional<Task> twin_task = {};  // That of the lie when it is not set.
  Look setup = {};
  Look aftermath = {};
  std::string instead = {};  // What stands for `catches` where nobody has to catch it.
  int number = 1;            // The task that is lied about.
  Stage stage = {};
  Look recovery = {};                      // What a person does then, and what has to come of it.
  std::function<bool()> is_possible = {};  // False where this machine has no means to try it.
};

// A shipped one as a row.
Lie row_of(const konductor::conformance::Lie& lie);

// Rows of one table, behind those that are shipped; the parts are for readers only.
std::vector<Lie> lies_about_work();
std::vector<Lie> lies_about_tests();
std::vector<Lie> lies_in_documents();
std::vector<Lie> lies_in_files();
std::vector<Lie> lies_about_records();
std::vector<Lie> lies_about_git();
std::vector<Lie> lies_of_reviewers();
std::vector<Lie> lies_to_processes();
std::vector<Lie> lies_beyond_the_project();

// Lets the liar and its twin work, each in a project of its own, and holds them to the row. Tells
// what became of the liar's task. An engine that is killed is followed by another one, and so is
// one that is suspended (`--take-over`).
Seen hold_to(const Lie& lie);

// The project's agent keeps to `script` from now on, in the words of those that are shipped.
void use_script(Scenario& scenario, const std::string& script);

// The usual honest work, which is the twin of the rows without one.
void hold_honest_work();

// Rows as Markdown: case, what catches it, how it ends.
std::string table_head();
std::string table_row(const Lie& lie, const Seen& seen);

}  // namespace lying
