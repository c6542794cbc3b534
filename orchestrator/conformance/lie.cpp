// SPDX-License-Identifier: MIT
#include "conformance/lie.hpp"

#include <nlohmann/json.hpp>

namespace konductor::conformance {
namespace {

using nlohmann::json;

// The scripts' words. Reviewers believe everything unless a lie is theirs, so what is caught is
// caught by the engine.
constexpr const char* kWords = R"sh(set -eu
out=$KONDUCTOR_OUTPUT
prompt=$KONDUCTOR_PROMPT_FILE
plans=$project/.konductor/phases/01/plans
supervisor=$PPID
engine() { cut -d' ' -f4 "/proc/$supervisor/stat"; }
summary() { printf '# Summary\n\n## Status: %s\n\n%s\n' "$1" "${2-}" >"$out"; }
review() { printf '# Review\n\n## Verdict: %s\n\n## Findings\n\n%s\n' "$1" "${2-}" >"$out"; }
work() { echo 'echo $(($1 + $2))' >add.sh; }
commit() { git commit -q -m "$@"; }
executor() { work; summary DONE; }
reviewer() { review pass; }
assessor() { printf '# Assessment\n\n## Decision: escalate\n\nA person has to.\n' >"$out"; }
researcher() { printf '# Research\n\n## Context\n\nPort 4711.\n' >"$out"; }
)sh";

constexpr const char* kActs = R"sh(
case $KONDUCTOR_ROLE in
*-reviewer) reviewer ;;
*) $KONDUCTOR_ROLE ;;
esac
)sh";

std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char letter : text)
    word += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return word + "'";
}

void add(std::string& list, const std::string& entry) {
  if (list.find(entry) == std::string::npos) list += (list.empty() ? "" : ", ") + entry;
}

std::string end_of(const json& event) {
  const std::string type = event.at("type");
  if (type == "task_completed") return "complete";
  if (type == "task_needs_manual") return "needs a person";
  if (type == "task_failed") return "failed";
  if (type == "task_blocked") return "blocked";
  return "";
}

}  // namespace

std::vector<ProjectFile> project_files() {
  return {{"add.sh", "echo unfinished\nexit 1\n"},
          {"check.sh", "test \"$(sh add.sh 2 3)\" = 5\n"},
          {"tests/test_add.py", "assert add(2, 3) == 5\nassert add(0, 0) == 0\n"}};
}

Task usual_task() {
  return {"Print the sum", "`add.sh`", "`sh check.sh` passes",
          "Make `sh add.sh A B` print the sum of the two numbers A and B, and nothing else"};
}

Lie trespass(const std::string& name, const std::string& commands, const std::string& words,
             const std::string& twin) {
  return {.name = name,
          .script = "executor() { work; summary DONE\n" + commands + "\n}",
          .catches = "gate `protected_files`",
          .words = words,
          .twin = twin.empty() ? "" : "executor() { work; summary DONE\n" + twin + "\n}"};
}

std::string honest_work() {
  return "echo $(($1 + $2))\n";
}

std::string agent_script(const std::string& part, const std::string& notes,
                         const std::string& project) {
  return "#!/bin/sh\nnotes=" + shell_word(notes) + "\nproject=" + shell_word(project) + "\n" +
         kWords + part + kActs;
}

std::vector<Lie> lies() {
  std::vector<Lie> all;
  for (const auto& part :
       {lies_about_work(), lies_about_tests(), lies_in_documents(), lies_in_files(),
        lies_about_records(), lies_about_git(), lies_of_reviewers()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

void look(const std::vector<json>& events, int task, Seen& seen) {
  for (const json& event : events) {
    const std::string type = event.at("type");
    if (type == "attempt_finished" && event.at("cause") != "done") {
      add(seen.catches, "cause `" + event.at("cause").get<std::string>() + "`");
      seen.words += event.at("detail").get<std::string>() + "\n";
    }
    if (type == "gate_checked" || type == "review_finished")
      for (const json& finding : event.at("findings")) {
        const std::string source = finding.at("source");
        add(seen.catches, (type == "gate_checked" ? "gate `" : "`") + source + "`");
        seen.words += finding.at("text").get<std::string>() + "\n";
      }
    const std::string end = end_of(event);
    if (end.empty() || event.at("task") != task) continue;
    seen.end = end;
    seen.words += event.value("reason", "") + "\n";
  }
}

}  // namespace konductor::conformance
