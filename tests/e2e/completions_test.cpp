// SPDX-License-Identifier: MIT
// The shells' own completion, with the scripts that the program prints.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::Scenario;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

const std::string kFolder = KONDUCTOR_BINARY_DIR;

Words environment(const Scenario& scenario) {
  return {"PATH=" + kFolder + ":/usr/bin:/bin", "HOME=" + scenario.home().string(), "TERM=dumb"};
}

std::string write_script(const Scenario& scenario, const std::string& shell) {
  const Ended ended = e2e::run_program({kFolder + "/konductor", "completions", shell},
                                       environment(scenario), scenario.project());
  REQUIRE(ended.exit == 0);
  const fs::path path = scenario.home() / ("konductor." + shell);
  scenario.write(path, ended.out);
  return path;
}

// Runs a script in the project; its lines, sorted.
Words lines_of(const Scenario& scenario, const Words& argv) {
  const Ended ended = e2e::run_program(argv, environment(scenario), scenario.project());
  INFO(ended.err);
  CHECK(ended.err.empty());
  Words lines;
  for (const std::string_view line : konductor::split_lines(ended.out))
    lines.emplace_back(konductor::trim(line));
  std::sort(lines.begin(), lines.end());
  return lines;
}

// What bash offers behind these words, "=" being a word of its own, as bash has it.
Words of_bash(const Scenario& scenario, const std::string& words) {
  return lines_of(scenario,
                  {"/bin/bash", "--norc", "-c",
                   ". '" + write_script(scenario, "bash") + "'; COMP_WORDS=(konductor " + words +
                       "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _konductor; "
                       "[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' \"${COMPREPLY[@]}\""});
}

Scenario& with_plans(Scenario& scenario) {
  scenario.plan(1, {"first thing", "second thing"});
  return scenario;
}

}  // namespace

TEST_CASE("bash completes commands, options, phases and addresses") {
  Scenario scenario;
  with_plans(scenario);
  CHECK(of_bash(scenario, "exec") == Words{"execute"});
  CHECK(of_bash(scenario, "plan ch") == Words{"check"});
  CHECK(of_bash(scenario, "execute ''") == Words{"01"});
  CHECK(of_bash(scenario, "execute --dry") == Words{"--dry-run"});
  CHECK(of_bash(scenario, "show 01/") == Words{"01/001", "01/001/1", "01/001/2"});
  CHECK(of_bash(scenario, "execute --only = 01/001/2") == Words{"01/001/2"});
  CHECK(of_bash(scenario, "plan check --format =") == Words{"json", "sarif", "text"});
}

TEST_CASE("what goes wrong completes nothing and says nothing") {
  Scenario scenario;
  CHECK(of_bash(scenario, "-C /nowhere execute ''").empty());
  CHECK(of_bash(scenario, "no-such-command x").empty());
  scenario.write(scenario.konductor() / "config.toml", "this is = no TOML =");
  CHECK(of_bash(scenario, "show 01/").empty());
}

TEST_CASE("bash looks for files where the program asks for one") {
  Scenario scenario;
  scenario.write(scenario.project() / "events.jsonl", "");
  CHECK(of_bash(scenario, "execute --events eve") == Words{"events.jsonl"});
}

TEST_CASE("fish completes with what the words are") {
  if (!fs::exists("/usr/bin/fish")) {
    WARN("skipped: fish is not installed");
    return;
  }
  Scenario scenario;
  with_plans(scenario);
  const Words lines = lines_of(scenario, {"/usr/bin/fish", "--no-config", "-c",
                                          "source '" + write_script(scenario, "fish") +
                                              "'; complete -C 'konductor show 01/'"});
  CHECK(lines == Words{"01/001\tPlan 1", "01/001/1\tfirst thing", "01/001/2\tsecond thing"});
}

TEST_CASE("zsh completes in a terminal") {
  if (!fs::exists("/usr/bin/zsh")) {
    WARN("skipped: zsh is not installed");
    return;
  }
  Scenario scenario;
  with_plans(scenario);
  const std::string script = write_script(scenario, "zsh");
  // The shell that completes runs in a terminal of zsh's own; its screen is what is printed.
  const Ended ended = e2e::run_program(
      {"/usr/bin/zsh", "-f", "-c",
       "zmodload zsh/zpty; zpty shell zsh -f -i; "
       "zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; source " +
           script +
           "; print rea''dy'; zpty -r -m shell line '*ready*'; "
           "zpty -w -n shell $'konductor show 01/001/\\t\\t'; "
           "zpty -r -m shell line '*second thing*'; print -r -- \"$line\"; zpty -d shell"},
      environment(scenario), scenario.project());
  INFO(ended.err);
  CHECK_THAT(ended.out, Contains("first thing") && Contains("01/001/2"));
}
