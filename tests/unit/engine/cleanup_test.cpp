// SPDX-License-Identifier: MIT
// What of a run's leftovers may go.
#include "engine/cleanup.hpp"

#include <catch2/catch.hpp>

using namespace konductor::engine;  // NOLINT

namespace {

using Names = std::vector<std::string>;

const PhaseStanding kOver{true, false, false};
const PhaseStanding kGoesOn{false, false, false};

Leftover leftover(LeftoverKind kind, const std::string& name, bool is_reached,
                  const std::string& phase = "01") {
  Leftover made;
  made.kind = kind;
  made.name = name;
  made.commit = "c1";
  made.phase = phase;
  made.is_reached = is_reached;
  return made;
}

std::vector<Leftover> all_of_a_phase(bool is_reached) {
  return {leftover(LeftoverKind::phase_note, "refs/konductor/01/base", is_reached),
          leftover(LeftoverKind::integration, "refs/heads/konductor/01/main", is_reached),
          leftover(LeftoverKind::kept_work, "refs/konductor/r1/001-task-1-executor-1", is_reached),
          leftover(LeftoverKind::plan_branch, "refs/heads/konductor/01/plan-001/work", is_reached),
          leftover(LeftoverKind::worktree, "01-plan-001", true)};
}

Names removed(const Cleanup& cleanup) {
  Names names;
  for (const Leftover& gone : cleanup.removed)
    names.push_back(short_name(gone));
  return names;
}

Names refused(const Cleanup& cleanup) {
  Names names;
  for (const Refused& one : cleanup.refused)
    names.push_back(one.force.empty() ? short_name(one.what) + " (never)" : one.force);
  return names;
}

Cleanup decide(const std::vector<Leftover>& found, PhaseStanding standing, const Names& forced = {},
               bool is_watched = false) {
  return decide_cleanup(found, {{"01", standing}}, forced, is_watched);
}

}  // namespace

TEST_CASE("of a phase that is over everything merged goes, what tells of it last") {
  const Cleanup cleanup = decide(all_of_a_phase(true), kOver);
  CHECK(removed(cleanup) == Names{"01-plan-001", "konductor/01/plan-001/work",
                                  "refs/konductor/r1/001-task-1-executor-1", "konductor/01/main",
                                  "refs/konductor/01/base"});
  CHECK(cleanup.refused.empty());
}

TEST_CASE("what is not merged is refused with the name that forces it") {
  const Cleanup cleanup = decide(all_of_a_phase(false), kOver);
  CHECK(removed(cleanup) == Names{"01-plan-001"});
  CHECK(refused(cleanup) == Names{"refs/konductor/01/base", "konductor/01/main",
                                  "refs/konductor/r1/001-task-1-executor-1",
                                  "konductor/01/plan-001/work"});
}

TEST_CASE("force removes the one that was named, by any of its names") {
  const std::string name =
      GENERATE("konductor/r1/001-task-1-executor-1", "refs/konductor/r1/001-task-1-executor-1",
               "r1/001-task-1-executor-1");
  const Cleanup cleanup = decide(all_of_a_phase(false), kOver, {name});
  CHECK(removed(cleanup) == Names{"01-plan-001", "refs/konductor/r1/001-task-1-executor-1"});
  CHECK(cleanup.refused.size() == 3);
  CHECK(cleanup.unknown.empty());
  CHECK(decide(all_of_a_phase(false), kOver, {"nonsense"}).unknown == Names{"nonsense"});
}

TEST_CASE("a phase with work left keeps its branches and trees") {
  const Cleanup merged = decide(all_of_a_phase(true), kGoesOn);
  CHECK(removed(merged) == Names{"refs/konductor/r1/001-task-1-executor-1"});
  CHECK(merged.refused.empty());
  CHECK(merged.left_phases == std::set<std::string>{"01"});

  const Cleanup unmerged = decide(all_of_a_phase(false), kGoesOn);
  CHECK(removed(unmerged).empty());
  CHECK(refused(unmerged) == Names{"refs/konductor/01/base (never)", "konductor/01/main (never)",
                                   "refs/konductor/r1/001-task-1-executor-1",
                                   "konductor/01/plan-001/work"});
}

TEST_CASE("of a phase with work left a plan's branch can be forced, what plans build on cannot") {
  const Cleanup cleanup =
      decide(all_of_a_phase(false), kGoesOn, {"konductor/01/plan-001/work", "konductor/01/main"});
  CHECK(removed(cleanup) == Names{"01-plan-001", "konductor/01/plan-001/work"});
  CHECK(refused(cleanup) == Names{"refs/konductor/01/base (never)", "konductor/01/main (never)",
                                  "refs/konductor/r1/001-task-1-executor-1"});
  const PhaseStanding given_up{false, false, true};
  const Cleanup all = decide(all_of_a_phase(false), given_up, {"konductor/01/main"});
  CHECK(removed(all) == Names{"konductor/01/main"});
}

TEST_CASE("a tree with changes is refused whatever became of its branch") {
  Leftover tree = leftover(LeftoverKind::worktree, "01-plan-001", true);
  tree.has_changes = true;
  CHECK(refused(decide({tree}, kOver)) == Names{"01-plan-001"});
  CHECK(removed(decide({tree}, kOver, {"01-plan-001"})) == Names{"01-plan-001"});
}

TEST_CASE("an unused tree goes while the phase has work left, unless it was changed") {
  Leftover tree = leftover(LeftoverKind::pooled_tree, "01-pool-1", true);
  CHECK(removed(decide({tree}, kGoesOn)) == Names{"01-pool-1"});
  CHECK(refused(decide({tree}, PhaseStanding{false, true, false})) == Names{"01-pool-1 (never)"});
  tree.has_changes = true;
  CHECK(refused(decide({tree}, kGoesOn)) == Names{"01-pool-1"});
  CHECK(removed(decide({tree}, kGoesOn, {"01-pool-1"})) == Names{"01-pool-1"});
}

TEST_CASE("a branch stays as long as its tree, and takes it along") {
  Leftover tree = leftover(LeftoverKind::worktree, "01-plan-001", true);
  tree.plan = 1;
  tree.has_changes = true;
  Leftover branch =
      leftover(LeftoverKind::plan_branch, "refs/heads/konductor/01/plan-001/work", true);
  branch.plan = 1;
  CHECK(removed(decide({branch, tree}, kOver)).empty());
  CHECK(refused(decide({branch, tree}, kOver)) ==
        Names{"01-plan-001", "konductor/01/plan-001/work"});
  CHECK(removed(decide({branch, tree}, kOver, {"konductor/01/plan-001/work"})) ==
        Names{"01-plan-001", "konductor/01/plan-001/work"});
  branch.is_reached = false;
  tree.has_changes = false;
  CHECK(removed(decide({branch, tree}, kGoesOn, {"konductor/01/plan-001/work"})) ==
        Names{"01-plan-001", "konductor/01/plan-001/work"});
}

TEST_CASE("a held phase is left alone, and so is kept work while an engine watches it") {
  const Cleanup held =
      decide(all_of_a_phase(true), PhaseStanding{true, true, false}, {"konductor/01/main"});
  CHECK(removed(held).empty());
  CHECK(held.refused.size() == 5);
  const Cleanup watched = decide(all_of_a_phase(true), kOver, {}, true);
  CHECK(refused(watched) == Names{"refs/konductor/r1/001-task-1-executor-1 (never)"});
  CHECK(removed(watched).size() == 4);
}

TEST_CASE("notes lead to no commit, and work of runs that nobody knows follows the rule") {
  Leftover note = leftover(LeftoverKind::phase_note, "refs/konductor/01/target", false);
  note.commit.clear();
  CHECK(removed(decide({note}, kOver)) == Names{"refs/konductor/01/target"});
  const auto merged = leftover(LeftoverKind::kept_work, "refs/konductor/x/a", true, "");
  const auto unmerged = leftover(LeftoverKind::kept_work, "refs/konductor/x/b", false, "");
  const Cleanup cleanup = decide({merged, unmerged}, kGoesOn);
  CHECK(removed(cleanup) == Names{"refs/konductor/x/a"});
  CHECK(refused(cleanup) == Names{"refs/konductor/x/b"});
}
