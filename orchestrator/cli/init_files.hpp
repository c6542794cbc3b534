// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/project_detection.hpp"

namespace konductor::cli {

// What `konductor init` found out before it writes.
struct ProjectFacts {
  std::string name;
  std::string about;  // What it does, for agents; may be empty.
  ProjectKind kind;
  std::vector<std::string> agents;  // Built-in runtimes that are installed, the preferred first.
  std::string phase = "01";         // The phase that state.toml begins with.
  std::string now;                  // RFC 3339.
};

struct NewFile {
  std::string path;  // Inside `.konductor`.
  std::string text;
};

// `.konductor/config.toml`: the settings that are changed most, and how to name an agent.
std::string initial_config(const ProjectFacts& facts);
// `.konductor/project.md`, which every agent reads.
std::string initial_project(const ProjectFacts& facts);
// The first plan of a phase, to be changed: it uses the project's own test command.
std::string first_plan(const ProjectFacts& facts);
// How a plan looks, with that one as its example.
std::string plan_guide(const ProjectFacts& facts);
// The example in it alone: a plan file without errors.
std::string example_plan(std::string_view phase, std::string_view test_command);

// All files of a new project but the plan guide, in the order they are to be read.
std::vector<NewFile> initial_files(const ProjectFacts& facts);

}  // namespace konductor::cli
