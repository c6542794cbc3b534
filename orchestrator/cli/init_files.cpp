// SPDX-License-Identifier: MIT
#include "cli/init_files.hpp"

#include "agent/role.hpp"
#include "base/text.hpp"
#include "config/key_schema.hpp"
#include "config/slot.hpp"
#include "records/state_file.hpp"

namespace konductor::cli {
namespace {

constexpr std::string_view kConfigHeader =
    "#:schema ./schemas/config.schema.json\n"
    "# Settings of konductor for this project. What is not set here has its default, which the\n"
    "# commented lines show. Later sources win: ~/.config/konductor/config.toml, this file, the\n"
    "# environment (KONDUCTOR_<SECTION>_<KEY>), --set section.key=value.\n"
    "#\n"
    "# Commands in this file and in plans are run: use only those you trust.\n";

constexpr std::string_view kConfigSections =
    "\n"
    "[execution]\n"
    "# Plans of one wave that run side by side; 1 is one after another.\n"
    "# max_wave_parallelism = 4\n"
    "# \"waves\" waits for a whole wave; \"dependencies\" starts a plan when what it needs is "
    "there.\n"
    "# schedule = \"waves\"\n"
    "# More tries for an attempt that crashed or handed in nothing.\n"
    "# max_crash_retries = 1\n"
    "# Tasks that are blocked at the same time before everything stops.\n"
    "# circuit_breaker = 3\n"
    "\n"
    "[features]\n"
    "# Two reviews of each task and one of the whole phase, by fresh agents.\n"
    "# code_review = true\n"
    "\n"
    "[gates]\n"
    "# Longest time for one verify command.\n"
    "# verify_timeout = \"10m\"\n"
    "\n"
    "[limits]\n"
    "# Longest time for one attempt of an agent.\n"
    "# timeout = \"1h\"\n";

constexpr std::string_view kConfigRuntime =
    "\n"
    "# Any program that reads a prompt and writes files can be the agent. It works in the plan's "
    "own\n"
    "# tree, gets the prompt on standard input too, and writes its document to $KONDUCTOR_OUTPUT.\n"
    "# Name it above: default_runtime = \"my-agent\".\n"
    "#\n"
    "# [runtimes.my-agent]\n"
    "# kind = \"command\"\n"
    "# command = [\"my-agent\", \"--prompt-file\", \"{prompt_file}\"]\n"
    "# pass_env = [\"MY_AGENT_KEY\"]\n";

constexpr std::string_view kRequirements =
    "# Requirements\n"
    "\n"
    "<!-- What must hold, one line each, so that it can be tested. Plans name the ones they "
    "cover:\n"
    "- **REQ-01** A word that nobody knows is an error that names the word.\n"
    "-->\n";

constexpr std::string_view kGuideHead =
    "# Plans of this phase\n"
    "\n"
    "A plan is a file here: three digits, perhaps a name, `.md` (`001.md`, `002-parser.md`). "
    "Plans\n"
    "of one wave run side by side, each in its own tree; the tasks of a plan run one after\n"
    "another. `depends_on` names plans of earlier waves. What stands in backticks under `verify`\n"
    "is run by konductor and decides.\n"
    "\n";

std::string runtime_lines(const ProjectFacts& facts) {
  std::string text =
      "\n[general]\n"
      "# The agent that does the work. \"auto\" is the first that is installed of claude, codex,\n"
      "# opencode, gemini and qwen; [runtimes.<name>] adds others.\n";
  if (facts.agents.empty())
    return text +
           "# None of these was found when this file was written: install one, or name your own.\n"
           "# default_runtime = \"auto\"\n";
  if (facts.agents.size() > 1)
    text += "# Installed when this file was written: " + join(facts.agents, ", ") + ".\n";
  return text + "default_runtime = " + config::toml_string(facts.agents.front()) + "\n";
}

std::string workspace_lines(const ProjectFacts& facts) {
  std::vector<std::string> commands;
  for (const std::string& command : facts.kind.setup_commands)
    commands.push_back(config::toml_string(command));
  if (commands.empty()) commands.push_back(config::toml_string("make prepare"));
  return "\n[workspace]\n"
         "# Shell commands that prepare a fresh work tree, and ignored files it needs a copy of.\n"
         "# setup = [" +
         join(commands, ", ") + "]\n# copy = [\".env\"]\n";
}

std::string roadmap(const ProjectFacts& facts) {
  return "# Roadmap\n"
         "\n"
         "| phase | goal | requirements |\n"
         "|---|---|---|\n"
         "| " +
         facts.phase +
         " | | |\n"
         "\n"
         "<!-- One row a phase; a section for each says when it is done. -->\n";
}

}  // namespace

std::string initial_config(const ProjectFacts& facts) {
  return std::string(kConfigHeader) + runtime_lines(facts) + std::string(kConfigSections) +
         workspace_lines(facts) + std::string(kConfigRuntime);
}

std::string initial_project(const ProjectFacts& facts) {
  std::string text = "# " + facts.name +
                     "\n\n<!-- Every agent reads this file before its task. Say in a few lines "
                     "what the project does,\nand for whom. -->\n\n";
  if (!facts.about.empty()) text += facts.about + "\n\n";
  text += "## Facts\n\n";
  if (!facts.kind.languages.empty())
    text += "- Language: " + join(facts.kind.languages, ", ") + "\n";
  for (const std::string& command : facts.kind.test_commands)
    text += "- Tests: `" + command + "`\n";
  text +=
      "\n## Constraints\n\n<!-- What every change has to respect: versions, libraries, what may "
      "not be touched. -->\n"
      "\n## Conventions\n\n<!-- How code, names, tests and commits look here. -->\n";
  return text;
}

std::string example_plan(std::string_view phase, std::string_view test_command) {
  const std::string verify = test_command.empty() ? "`test -s docs/usage.md`"
                                                  : "`" + std::string(test_command) + "` passes";
  return "+++\n"
         "phase = \"" +
         std::string(phase) +
         "\"\n"
         "plan = 1\n"
         "wave = 1\n"
         "title = \"Usage guide\"\n"
         "depends_on = []\n"
         "requirements = [\"REQ-01\"]\n"
         "files_modified = [\"docs/usage.md\"]\n"
         "\n"
         "[must_haves]\n"
         "truths = [\"A newcomer can use the program after reading one page\"]\n"
         "artifacts = [\"docs/usage.md\"]\n"
         "+++\n"
         "\n"
         "# Plan 001: Usage guide\n"
         "\n"
         "## Goal\n"
         "\n"
         "One page that shows how the program is used.\n"
         "\n"
         "## Tasks\n"
         "\n"
         "### Task 1: Write the page\n"
         "\n"
         "- **files:** `docs/usage.md`\n"
         "- **action:** Describe how to start the program, with one example for each option.\n"
         "- **verify:** " +
         verify +
         "\n"
         "- **done:** Every option has an example\n";
}

std::string first_plan(const ProjectFacts& facts) {
  const std::string command =
      facts.kind.test_commands.empty() ? std::string() : facts.kind.test_commands.front();
  return example_plan(facts.phase, command);
}

std::string plan_guide(const ProjectFacts& facts) {
  return std::string(kGuideHead) + "```markdown\n" + first_plan(facts) +
         "```\n\nThen: `konductor plan check " + facts.phase + "`, `konductor execute " +
         facts.phase + "`.\n";
}

std::vector<NewFile> initial_files(const ProjectFacts& facts) {
  return {
      {"config.toml", initial_config(facts)},
      {"project.md", initial_project(facts)},
      {"requirements.md", std::string(kRequirements)},
      {"roadmap.md", roadmap(facts)},
      {"state.toml", records::initial_state(facts.name, facts.phase, 1, facts.now)},
      // Editors complete and check config.toml and agents/*.toml by them.
      {"schemas/config.schema.json", config::config_schema().dump(2) + "\n"},
      {"schemas/role.schema.json", agent::role_schema().dump(2) + "\n"},
  };
}

}  // namespace konductor::cli
