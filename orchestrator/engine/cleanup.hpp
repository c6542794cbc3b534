// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::engine {

// What runs leave in a repository. In the order in which it may be removed: what says where the
// phase stands goes last, so that a clean that was cut short is continued by the next.
enum class LeftoverKind {
  pooled_tree,  // A tree that its plan has left and no other has taken.
  worktree,     // The tree of a plan, or of the holistic review.
  plan_branch,  // The branch of one.
  kept_work,    // A reference that keeps what an attempt left: `refs/konductor/<run>/…`.
  integration,  // The branch that the phase's plans are merged into.
  phase_note,   // What else is remembered of the phase: `refs/konductor/<phase>/…`.
};

std::string_view to_string(LeftoverKind kind);

struct Leftover {
  LeftoverKind kind = LeftoverKind::kept_work;
  std::string name;          // A full reference, or a tree's name.
  std::string commit;        // "" for what leads to none.
  std::string phase;         // "" when no journal knows the run.
  int plan = 0;              // Of a tree or a branch; 0 is the phase's own.
  bool is_reached = false;   // From a branch, tag or remote of the user's.
  bool has_changes = false;  // A tree with work that no commit holds.
  bool is_in_store = false;  // In the project's own store of snapshots.
};

// How a phase stands.
struct PhaseStanding {
  bool is_over = false;      // Complete, and its result was brought home or is kept on its branch.
  bool is_held = false;      // An engine is at work on it.
  bool is_given_up = false;  // Its folder or its journal is gone: nothing can go on with it.
};

struct Refused {
  Leftover what;
  std::string reason;
  std::string force;  // The name that `--force` wants; "" when that does not help.
};

struct Cleanup {
  std::vector<Leftover> removed;
  std::vector<Refused> refused;
  std::set<std::string> left_phases;  // That have work left and keep what they need.
  std::vector<std::string> unknown;   // Forced names that fit nothing.
};

// What may go: of phases that are over everything that the user's branches reach; of others what
// keeps merged work; and what was named with `--force`. `is_watched`: engines of other phases are
// at work, which put back kept references that go. Pure.
Cleanup decide_cleanup(const std::vector<Leftover>& found,
                       const std::map<std::string, PhaseStanding>& phases,
                       const std::vector<std::string>& forced, bool is_watched);

// What it is called in messages, and `--force` takes: a branch without "refs/heads/".
std::string short_name(const Leftover& leftover);

}  // namespace konductor::engine
