// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plan/plan.hpp"

namespace konductor::plan {

struct Wave {
  int number = 0;
  std::vector<int> plans;  // Plan numbers, ascending.
  friend bool operator==(const Wave&, const Wave&) = default;
};

// Who waits for whom in a phase whose plans have no errors. Dependencies on plans that are not
// there are ignored.
class PlanGraph {
 public:
  explicit PlanGraph(const std::vector<Plan>& plans);

  // Ascending.
  [[nodiscard]] const std::vector<Wave>& waves() const { return waves_; }
  // The plans that a plan depends on, and those that depend on it; ascending, direct ones only.
  [[nodiscard]] const std::vector<int>& dependencies(int plan) const;
  [[nodiscard]] const std::vector<int>& dependants(int plan) const;
  // The most tasks that must run one after another from the start of this plan to the end of the
  // phase, its own included; a plan without tasks counts as one. 0 for an unknown plan.
  [[nodiscard]] int longest_remaining_path(int plan) const;

 private:
  struct Node {
    std::vector<int> dependencies;
    std::vector<int> dependants;
    int weight = 1;
    int remaining = 0;
  };

  void compute_remaining();

  std::vector<Wave> waves_;
  std::unordered_map<int, Node> nodes_;
};

// The phase as a text tree: waves, their plans, and after which plans each one comes. Ends with a
// line break.
std::string graph_tree(std::string_view phase, const std::vector<Plan>& plans);

// The phase in the language of Graphviz: an arrow leads from a plan to those that wait for it.
std::string graph_dot(std::string_view phase, const std::vector<Plan>& plans);

}  // namespace konductor::plan
