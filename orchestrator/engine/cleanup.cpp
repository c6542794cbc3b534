// SPDX-License-Identifier: MIT
#include "engine/cleanup.hpp"

#include <algorithm>

namespace konductor::engine {
namespace {

constexpr std::string_view kHeads = "refs/heads/";
constexpr std::string_view kRefs = "refs/";
constexpr std::string_view kKept = "refs/konductor/";

std::string without(const std::string& name, std::string_view prefix) {
  return name.compare(0, prefix.size(), prefix) == 0 ? name.substr(prefix.size()) : name;
}

bool is_named(const Leftover& leftover, const std::string& name) {
  return name == leftover.name || name == without(leftover.name, kHeads) ||
         name == without(leftover.name, kRefs) || name == without(leftover.name, kKept);
}

class Decider {
 public:
  Decider(const std::map<std::string, PhaseStanding>& phases,
          const std::vector<std::string>& forced, bool is_watched)
      : phases_(phases), forced_(forced), is_watched_(is_watched) {}

  // A tree stands on its branch and goes with it.
  void note_forced(const Leftover& leftover) {
    if (leftover.kind == LeftoverKind::plan_branch && is_forced(leftover))
      forced_plans_.insert(place_of(leftover));
  }

  void decide(const Leftover& leftover) {
    const auto phase = phases_.find(leftover.phase);
    const PhaseStanding standing =
        phase == phases_.end() ? PhaseStanding{true, false, true} : phase->second;
    if (standing.is_held) return refuse(leftover, "an engine is at work on the phase", false);
    if (leftover.kind == LeftoverKind::kept_work && is_watched_ && !leftover.is_in_store)
      return refuse(leftover, "an engine is at work on another phase and watches it", false);
    const bool goes_with_branch =
        leftover.kind == LeftoverKind::worktree && forced_plans_.count(place_of(leftover)) != 0;
    if (is_forced(leftover) || goes_with_branch) return force(leftover, standing);
    if (leftover.has_changes) return refuse(leftover, "holds changes that no commit has", true);
    const bool is_of_use =
        leftover.kind != LeftoverKind::kept_work && leftover.kind != LeftoverKind::pooled_tree;
    if (standing.is_over || !is_of_use)
      return leftover.is_reached || leftover.commit.empty()
                 ? cleanup_.removed.push_back(leftover)
                 : refuse(leftover, "is not merged into any branch of yours", true);
    keep(leftover, standing);
  }

  Cleanup finish(const std::vector<Leftover>& found) {
    for (const std::string& name : forced_)
      if (std::none_of(found.begin(), found.end(),
                       [&](const Leftover& leftover) { return is_named(leftover, name); }))
        cleanup_.unknown.push_back(name);
    keep_below_trees();
    std::stable_sort(
        cleanup_.removed.begin(), cleanup_.removed.end(),
        [](const Leftover& left, const Leftover& right) { return left.kind < right.kind; });
    return std::move(cleanup_);
  }

 private:
  using Place = std::pair<std::string, int>;
  static Place place_of(const Leftover& leftover) { return {leftover.phase, leftover.plan}; }

  bool is_forced(const Leftover& leftover) const {
    return std::any_of(forced_.begin(), forced_.end(),
                       [&](const std::string& name) { return is_named(leftover, name); });
  }

  // A branch stays as long as its tree.
  void keep_below_trees() {
    std::set<Place> trees;
    for (const Refused& refused : cleanup_.refused)
      if (refused.what.kind == LeftoverKind::worktree) trees.insert(place_of(refused.what));
    const auto stands_below = [&trees](const Leftover& leftover) {
      return leftover.kind == LeftoverKind::plan_branch && !leftover.is_in_store &&
             trees.count(place_of(leftover)) != 0;
    };
    for (const Leftover& leftover : cleanup_.removed)
      if (stands_below(leftover)) refuse(leftover, "has a work tree that stays", true);
    const auto end = std::remove_if(cleanup_.removed.begin(), cleanup_.removed.end(), stands_below);
    cleanup_.removed.erase(end, cleanup_.removed.end());
  }

  static bool belongs_to_phase(const Leftover& leftover) {
    return leftover.kind == LeftoverKind::integration || leftover.kind == LeftoverKind::phase_note;
  }

  void refuse(const Leftover& leftover, const std::string& reason, bool can_be_forced) {
    cleanup_.refused.push_back({leftover, reason, can_be_forced ? short_name(leftover) : ""});
  }

  void force(const Leftover& leftover, const PhaseStanding& standing) {
    if (standing.is_over || standing.is_given_up || !belongs_to_phase(leftover))
      cleanup_.removed.push_back(leftover);
    else
      refuse(leftover, "the phase has work left that is based on it", false);
  }

  // The phase goes on with it.
  void keep(const Leftover& leftover, const PhaseStanding& standing) {
    cleanup_.left_phases.insert(leftover.phase);
    if (leftover.is_reached || leftover.commit.empty()) return;
    const bool can_be_forced = standing.is_given_up || !belongs_to_phase(leftover);
    refuse(leftover, "is not merged, and the phase has work left", can_be_forced);
  }

  const std::map<std::string, PhaseStanding>& phases_;
  const std::vector<std::string>& forced_;
  bool is_watched_;
  std::set<Place> forced_plans_;
  Cleanup cleanup_;
};

}  // namespace

std::string_view to_string(LeftoverKind kind) {
  switch (kind) {
    case LeftoverKind::pooled_tree:
      return "pooled_tree";
    case LeftoverKind::worktree:
      return "worktree";
    case LeftoverKind::plan_branch:
      return "plan_branch";
    case LeftoverKind::kept_work:
      return "kept_work";
    case LeftoverKind::integration:
      return "integration";
    case LeftoverKind::phase_note:
      break;
  }
  return "phase_note";
}

std::string short_name(const Leftover& leftover) {
  return without(leftover.name, kHeads);
}

Cleanup decide_cleanup(const std::vector<Leftover>& found,
                       const std::map<std::string, PhaseStanding>& phases,
                       const std::vector<std::string>& forced, bool is_watched) {
  Decider decider(phases, forced, is_watched);
  for (const Leftover& leftover : found)
    decider.note_forced(leftover);
  for (const Leftover& leftover : found)
    decider.decide(leftover);
  return decider.finish(found);
}

}  // namespace konductor::engine
