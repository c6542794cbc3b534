// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/git_layout.hpp"

namespace konductor::platform::git {

// The plans of a phase and what each of them depends on.
using PlanDependencies = std::map<ports::PlanNumber, std::vector<ports::PlanNumber>>;

// Every plan behind all that it depends on, else by number.
std::vector<ports::PlanNumber> stacking_order(const PlanDependencies& dependencies);

// The branches of a phase whose plans keep one each: a plan begins where those it depends on end.
// Nothing is remembered; everything is read from the branches.
class PlanStack {
 public:
  PlanStack(git_repository* repository, const PhaseNames& names,
            const PlanDependencies& dependencies)
      : repository_(repository), names_(names), dependencies_(dependencies) {}

  // The commit at which a plan's tree begins: the phase's base, the end of the one plan it depends
  // on, or a merge of several. Plan 0 begins with everything. A plan that has work of its own stays
  // where it is. Error `conflict` when what it depends on does not fit together.
  Result<git_oid> start(ports::PlanNumber plan) const;

  // What the result of the phase is: branches in stacking order, and the commands that merge them.
  Result<ports::Delivery> result() const;

 private:
  struct Tip {
    std::string name;  // For people.
    git_oid id{};
  };
  Result<std::vector<Tip>> ends(const std::vector<ports::PlanNumber>& plans) const;
  // Without those that lie in the history of another.
  Result<std::vector<Tip>> outermost(std::vector<Tip> tips) const;
  // The tips must not be empty.
  Result<git_oid> merged(ports::PlanNumber plan, const std::vector<Tip>& tips) const;
  Result<bool> are_in(const std::vector<Tip>& tips, const git_oid& commit) const;
  // The error.
  Result<git_oid> misfit(ports::PlanNumber plan, const std::vector<Tip>& tips, std::size_t at,
                         const std::vector<std::string>& conflicts) const;
  // Branches of plans that do not hold what the plans depend on, or depend on one that does not.
  Result<std::vector<ports::BehindBranch>> behind() const;
  Result<std::vector<std::string>> to_merge(const std::vector<Tip>& tips) const;

  git_repository* repository_;
  const PhaseNames& names_;
  const PlanDependencies& dependencies_;
};

}  // namespace konductor::platform::git
