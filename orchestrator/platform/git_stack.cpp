// SPDX-License-Identifier: MIT
#include "platform/git_stack.hpp"

#include <algorithm>
#include <set>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

using ports::PlanNumber;

std::vector<PlanNumber> stacking_order(const PlanDependencies& dependencies) {
  std::vector<PlanNumber> order;
  std::set<PlanNumber> placed;
  while (placed.size() < dependencies.size()) {
    const std::size_t before = placed.size();
    for (const auto& [plan, needed] : dependencies) {
      const bool is_ready =
          placed.count(plan) == 0 && std::all_of(needed.begin(), needed.end(), [&](PlanNumber on) {
            return placed.count(on) != 0 || dependencies.count(on) == 0;
          });
      if (!is_ready) continue;
      order.push_back(plan);
      placed.insert(plan);
    }
    if (placed.size() == before) break;  // A cycle, which plans that were checked do not have.
  }
  return order;
}

Result<std::vector<PlanStack::Tip>> PlanStack::ends(const std::vector<PlanNumber>& plans) const {
  std::vector<Tip> found;
  for (const PlanNumber plan : plans) {
    const std::string branch = names_.branch(plan);
    KON_TRY(const auto id, read_ref(repository_, branch));
    if (id) found.push_back(Tip{branch_name(branch), *id});
  }
  return found;
}

Result<bool> PlanStack::are_in(const std::vector<Tip>& tips, const git_oid& commit) const {
  for (const Tip& tip : tips) {
    KON_TRY(const bool is_in, is_ancestor(repository_, tip.id, commit));
    if (!is_in) return false;
  }
  return true;
}

Result<std::vector<PlanStack::Tip>> PlanStack::outermost(std::vector<Tip> tips) const {
  std::vector<Tip> kept;
  for (std::size_t n = 0; n < tips.size(); ++n) {
    bool is_inner = false;
    for (std::size_t other = 0; other < tips.size() && !is_inner; ++other) {
      if (other == n) continue;
      // Of two that are the same commit the first one stays.
      if (tips[other].id == tips[n].id) {
        is_inner = other < n;
      } else {
        KON_TRY(is_inner, is_ancestor(repository_, tips[n].id, tips[other].id));
      }
    }
    if (!is_inner) kept.push_back(tips[n]);
  }
  return kept;
}

Result<git_oid> PlanStack::start(PlanNumber plan) const {
  KON_TRY(const auto base, read_ref(repository_, names_.base));
  if (!base) return Error{ErrorCode::not_found, "there is no reference " + quote(names_.base)};
  const auto needed = dependencies_.find(plan);
  std::vector<PlanNumber> below;
  if (plan == 0)
    below = stacking_order(dependencies_);
  else if (needed != dependencies_.end())
    below = needed->second;
  KON_TRY(std::vector<Tip> tips, ends(below));
  if (tips.empty() || plan == 0) tips.push_back(Tip{short_hex(*base), *base});
  KON_TRY(const auto own, read_ref(repository_, names_.branch(plan)));
  if (own) {
    KON_TRY(const bool has_all, are_in(tips, *own));
    if (has_all) return *own;
    bool has_work = true;
    for (const Tip& tip : tips) {
      KON_TRY(const bool is_in, is_ancestor(repository_, *own, tip.id));
      if (is_in) has_work = false;
    }
    if (has_work && plan != 0) return *own;
    if (has_work) tips.insert(tips.begin(), Tip{branch_name(names_.branch(plan)), *own});
  }
  KON_TRY(tips, outermost(std::move(tips)));
  return merged(plan, tips);
}

Result<git_oid> PlanStack::merged(PlanNumber plan, const std::vector<Tip>& tips) const {
  git_oid made = tips.front().id;
  for (std::size_t n = 1; n < tips.size(); ++n) {
    KON_TRY(const Merged merged, merge_commits(repository_, made, tips[n].id));
    if (!merged.conflicts.empty()) return misfit(plan, tips, n, merged.conflicts);
    KON_TRY(const Signature identity, find_identity(repository_));
    const std::string into = plan == 0 ? "the holistic review" : "plan " + plan_text(plan);
    KON_TRY(made, write_commit(repository_, *identity,
                               CommitParts{merged.tree,
                                           {made, tips[n].id},
                                           "merge: what " + into + " begins with\n"}));
  }
  return made;
}

Result<git_oid> PlanStack::misfit(PlanNumber plan, const std::vector<Tip>& tips, std::size_t at,
                                  const std::vector<std::string>& conflicts) const {
  std::string paths;
  for (const std::string& path : conflicts)
    paths += " " + quote(path);
  const std::string own = branch_name(names_.branch(plan));
  KON_TRY(const auto present, read_ref(repository_, names_.branch(plan)));
  std::string command = "git switch " + own;
  if (!present) command = "git switch -c " + own + " " + tips.front().name;
  for (const Tip& tip : tips)
    if (tip.name != own && (present || tip.name != tips.front().name))
      command += " && git merge " + tip.name;
  std::string text = "the branches that ";
  text += plan == 0 ? "the holistic review looks at" : "it depends on";
  return Error{ErrorCode::conflict, text + " do not fit together (" + tips[at].name +
                                        " conflicts with what is before it):" + paths +
                                        "; merge them yourself with `" + command +
                                        "`, go back to your own branch, and run again"};
}

Result<std::vector<std::string>> PlanStack::to_merge(const std::vector<Tip>& tips) const {
  std::vector<std::string> names;
  for (const Tip& tip : tips)
    names.push_back(tip.name);
  KON_TRY(const auto holistic, read_ref(repository_, names_.branch(0)));
  if (!holistic) return names;
  KON_TRY(const bool has_all, are_in(tips, *holistic));
  if (!has_all) return names;
  // Fixes of the holistic review are nowhere else; without any, the plans' branches are enough.
  KON_TRY(const git_oid plain, merged(0, tips));
  KON_TRY(const git_oid plain_tree, tree_id_of(repository_, plain));
  KON_TRY(const git_oid tree, tree_id_of(repository_, *holistic));
  if (plain_tree == tree) return names;
  return std::vector<std::string>{branch_name(names_.branch(0))};
}

Result<std::vector<ports::BehindBranch>> PlanStack::behind() const {
  std::vector<ports::BehindBranch> found;
  std::set<std::string> names;
  for (const PlanNumber plan : stacking_order(dependencies_)) {
    KON_TRY(const std::vector<Tip> own, ends({plan}));
    if (own.empty()) continue;
    KON_TRY(const std::vector<Tip> below, ends(dependencies_.at(plan)));
    ports::BehindBranch one;
    one.branch = own.front().name;
    one.command = "git switch " + one.branch;
    for (const Tip& tip : below) {
      KON_TRY(const bool is_in, is_ancestor(repository_, tip.id, own.front().id));
      // What it merges now will have to hold more first.
      if (is_in && names.count(tip.name) == 0) continue;
      one.of.push_back(tip.name);
      one.command += " && git merge " + tip.name;
    }
    if (one.of.empty()) continue;
    one.command += " && git switch -";
    names.insert(one.branch);
    found.push_back(std::move(one));
  }
  return found;
}

Result<ports::Delivery> PlanStack::result() const {
  KON_TRY(const std::vector<Tip> all, ends(stacking_order(dependencies_)));
  KON_TRY(const std::vector<Tip> tips, outermost(all));
  KON_TRY(const std::vector<std::string> merges, to_merge(tips));
  ports::Delivery delivery;
  for (const Tip& tip : all)
    delivery.branches.push_back(tip.name);
  for (const std::string& merge : merges) {
    if (std::find(delivery.branches.begin(), delivery.branches.end(), merge) ==
        delivery.branches.end())
      delivery.branches.push_back(merge);
    delivery.command += (delivery.command.empty() ? "git merge " : " && git merge ") + merge;
  }
  const std::string target = read_note(repository_, names_.target);
  KON_TRY(const auto user, read_ref(repository_, target.empty() ? "HEAD" : target));
  if (user) {
    std::vector<Tip> wanted = tips;
    if (merges.size() == 1 && merges.front() == branch_name(names_.branch(0))) {
      KON_TRY(wanted, ends({0}));
    }
    KON_TRY(delivery.is_delivered, are_in(wanted, *user));
  }
  if (delivery.is_delivered) {
    delivery.command.clear();
    delivery.detail = "your branch holds the result";
    return delivery;
  }
  KON_TRY(delivery.behind, behind());
  delivery.detail = "each plan has a branch of its own:";
  for (const std::string& branch : delivery.branches)
    delivery.detail += " " + branch;
  return delivery;
}

}  // namespace konductor::platform::git
