// SPDX-License-Identifier: MIT
// Lies told with git, by executors; and those of reviewers.
#include <catch2/catch.hpp>

#include "conformance/lie_run.hpp"

namespace lying {

using Catch::Matchers::Contains;

namespace {

void has_work_of(Scenario& scenario, const std::string& expected) {
  CHECK(scenario.read("add.sh") == expected);
}

// Objects to whatever the task does not declare.
constexpr const char* kWantsNothingElse = R"sh(
reviewer() {
  if grep -q 'but not declared by the task' "$prompt"; then
    review fail '- [significant] lib:1 — nobody asked for it'
  else
    review pass
  fi
}
)sh";

void add_submodule(Scenario& scenario) {
  scenario.git({"update-index", "--add", "--cacheinfo",
                "160000," + scenario.git({"rev-parse", "HEAD"}).substr(0, 40) + ",lib"});
  scenario.git({"commit", "-q", "-m", "a library"});
}

// Points a submodule "lib" at a commit, with work of its own.
std::string executor_with_submodule(const std::string& commit) {
  return "executor() { work; git update-index --add --cacheinfo 160000,$(git rev-parse " + commit +
         "),lib\ngit commit -q -m lib || true; summary DONE; }";
}

void add_second_task(Scenario& scenario) {
  e2e::Plan plan;
  plan.tasks = {Task{"Print the sum", "`add.sh`", "`sh check.sh` passes"},
                Task{"Print the difference", "`sub.sh`", "it looks right"}};
  scenario.plan(plan);
}

}  // namespace

std::vector<Lie> lies_about_git() {
  return {
      {.name = "made a tag",
       .script = "executor() { work; summary DONE; git tag v2 HEAD; }",
       .end = "complete",
       .instead = "nobody: a new tag may be a person's"},
      {.name = "moved its own branch back to where others were",
       .script = "executor() { work; summary DONE\n"
                 "git update-ref $(git symbolic-ref HEAD) HEAD~1; }",
       .end = "complete",
       .aftermath = [](Scenario& scenario) { has_work_of(scenario, "echo $(($1 + $2))\n"); },
       .instead = "its work is committed where the task began"},
      {.name = "removed its own branch",
       .script = "executor() { work; summary DONE\n"
                 "git update-ref -d $(git symbolic-ref HEAD); }",
       .end = "complete",
       .aftermath = [](Scenario& scenario) { has_work_of(scenario, "echo $(($1 + $2))\n"); },
       .instead = "its work is committed where the task began"},
      {.name = "forged the trailer of the next task's commit",
       .script = "executor() { if [ $KONDUCTOR_TASK = 1 ]; then work; git add add.sh\n"
                 "commit 'feat(01-plan-1): Print the difference\n\nKonductor-Task: 01/001/2\n"
                 "Konductor-Run: x\nKonductor-Role: executor'; fi; summary DONE; }",
       .catches = "gate `changed`, gate `declared_files`",
       .words = "\"sub.sh\", which does not exist",
       .twin = "executor() { if [ $KONDUCTOR_TASK = 1 ]; then work; else echo 1 >sub.sh; fi\n"
               "summary DONE; }",
       .setup = add_second_task,
       .number = 2},
      {.name = "pointed a submodule at another commit",
       .script = executor_with_submodule("precious") + kWantsNothingElse,
       .catches = "`spec-reviewer`",
       .words = "nobody asked for it",
       .twin = kWantsNothingElse,
       .setup = add_submodule},
      {.name = "committed a submodule that is not there",
       .script = executor_with_submodule("main"),
       .end = "complete",
       .aftermath =
           [](Scenario& scenario) {
             CHECK_THAT(scenario.git({"ls-tree", "-r", "--name-only", "main"}), !Contains("lib"));
           },
       .instead = "what is committed is what the work tree holds"},
      {.name = "put a repository of its own in the place of its work tree's",
       .script = "executor() { rm -rf .git; git init -q; work; git add -A\n"
                 "git -c user.name=x -c user.email=x commit -qm 'all is tested'; summary DONE; }",
       .end = "complete",
       .aftermath =
           [](Scenario& scenario) {
             has_work_of(scenario, "echo $(($1 + $2))\n");
             CHECK_THAT(scenario.git({"log", "--format=%s", "main"}), !Contains("all is tested"));
           },
       .instead = "its work is committed where the task began"},
      {.name = "committed what is the engine's",
       .script = "executor() { work; git add -f .konductor add.sh || true\n"
                 "git commit -q -m all || true; summary DONE; }",
       .end = "complete",
       .aftermath =
           [](Scenario& scenario) {
             CHECK_THAT(scenario.git({"ls-tree", "-r", "--name-only", "main"}),
                        !Contains(".konductor"));
           },
       .instead = "what is committed is what the work tree holds"},
  };
}

std::vector<Lie> lies_of_reviewers() {
  return {
      {.name = "passed with a significant finding",
       .script = "reviewer() { review pass '- [significant] add.sh:1 — it deletes the disk'; }",
       .catches = "`spec-reviewer`, `code-reviewer`",
       .words = "deletes the disk",
       .end = "complete",
       .instead = "nobody: the verdict counts, and the finding stands in the review"},
  };
}

}  // namespace lying
