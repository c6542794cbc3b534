// SPDX-License-Identifier: MIT
#include "platform/git_phase.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

namespace {

constexpr const char* kAllKonductorBranches = "refs/heads/konductor/";
constexpr const char* kKeptRefs = "refs/konductor/";

// A branch "konductor" leaves no room for "konductor/01/main".
Result<void> check_room(git_repository* repository, const PhaseNames& names) {
  for (const std::string& name :
       {std::string("refs/heads/konductor"), "refs/heads/konductor/" + names.phase}) {
    KON_TRY(const auto id, read_ref(repository, name));
    if (id)
      return Error{ErrorCode::environment,
                   "the branch " + quote(branch_name(name)) + " is in the way of " +
                       quote(branch_name(names.integration)) + ": rename it with `git branch -m " +
                       branch_name(name) + " <other name>`"};
  }
  return check_branch_places(repository, names);
}

}  // namespace

Result<void> check_branch_places(git_repository* repository, const PhaseNames& names) {
  KON_TRY(const std::vector<std::string> all, list_ref_names(repository, names.branches));
  const std::string git = "git -C '" + std::string(git_repository_commondir(repository)) + "' ";
  std::vector<std::string> commands;
  for (const std::string& name : all) {
    const auto plan = plan_of_name(std::string_view(name).substr(names.branches.size()));
    if (plan)
      commands.push_back(git + "branch -m " + branch_name(name) + " " +
                         branch_name(names.branch(*plan)));
  }
  if (commands.empty()) return {};
  return Error{ErrorCode::environment,
               "plans have their branches where an earlier version made them: move these with `" +
                   join(commands, " && ") + "`"};
}

PhaseBranches::PhaseBranches(std::string_view phase, std::string_view run)
    : names_(phase), run_(safe_name(run)) {}

Result<void> PhaseBranches::prepare(git_repository* repository) {
  KON_TRY_VOID(check_room(repository, names_));
  KON_TRY(const std::optional<git_oid> head, read_ref(repository, "HEAD"));
  if (!head) return Error{ErrorCode::environment, "HEAD points to no commit"};
  KON_TRY(const std::optional<git_oid> integration, read_ref(repository, names_.integration));
  if (!integration) return start(repository, *head);
  return catch_up(repository, *integration, *head);
}

// The integration branch comes last: while it is missing, a later run begins again.
Result<void> PhaseBranches::start(git_repository* repository, const git_oid& head) {
  const std::string user = symbolic_target(repository, "HEAD");
  KON_TRY_VOID(write_note(repository, names_.target, user));
  KON_TRY_VOID(set(repository, names_.base, head, "phase base"));
  return set(repository, names_.integration, head, "begin the phase");
}

Result<void> PhaseBranches::catch_up(git_repository* repository, const git_oid& integration,
                                     const git_oid& head) {
  KON_TRY(const std::optional<git_oid> base, read_ref(repository, names_.base));
  if (!base || *base == integration) {
    // No work of its own yet. Plans that have begun keep what they are based on, unless the user's
    // branch has that in it too.
    KON_TRY(const bool is_forward, is_ancestor(repository, integration, head));
    KON_TRY(const bool has_work, has_plan_work(repository, integration));
    if (is_forward || !has_work) return start(repository, head);
    return {};
  }
  if (integration == head) return {};
  KON_TRY(const bool is_forward, is_ancestor(repository, integration, head));
  if (!is_forward) {
    // Brought home without the phase's own commits: from the working tree, or squashed.
    KON_TRY(const bool is_held, adds_nothing(repository, head, integration));
    if (!is_held) return {};
  }
  return set(repository, names_.integration, head, "follow the user's branch", &integration);
}

Result<bool> PhaseBranches::has_plan_work(git_repository* repository,
                                          const git_oid& integration) const {
  KON_TRY(const std::vector<RefValue> branches, list_refs(repository, names_.branches));
  for (const RefValue& branch : branches) {
    const auto id = parse_id(branch.value);
    if (!id) continue;
    KON_TRY(const bool is_merged, is_ancestor(repository, *id, integration));
    if (!is_merged) return true;
  }
  return false;
}

Result<git_oid> PhaseBranches::integration(git_repository* repository) const {
  KON_TRY(const std::optional<git_oid> id, read_ref(repository, names_.integration));
  if (id) return *id;
  return Error{ErrorCode::not_found,
               "there is no branch " + quote(branch_name(names_.integration))};
}

Result<git_oid> PhaseBranches::base(git_repository* repository) const {
  KON_TRY(const std::optional<git_oid> id, read_ref(repository, names_.base));
  if (id) return *id;
  return Error{ErrorCode::not_found, "there is no reference " + quote(names_.base)};
}

Result<git_oid> PhaseBranches::open(git_repository* repository, ports::PlanNumber plan,
                                    const git_oid& start) {
  const std::string name = names_.branch(plan);
  {
    const std::lock_guard lock(references_);
    live_[name] = plan;
  }
  KON_TRY(const std::optional<git_oid> present, read_ref(repository, name));
  if (present) return *present;
  KON_TRY_VOID(set(repository, name, start, "begin plan " + plan_text(plan)));
  return start;
}

Result<void> PhaseBranches::close(git_repository* repository, ports::PlanNumber plan) {
  const std::string name = names_.branch(plan);
  const std::lock_guard lock(references_);
  KON_TRY(const std::optional<git_oid> present, read_ref(repository, name));
  if (present) own_moves_[name] = hex(*present);
  live_.erase(name);
  return {};
}

Result<void> PhaseBranches::set(git_repository* repository, const std::string& name,
                                const git_oid& id, const std::string& why,
                                const git_oid* expected) {
  const std::lock_guard lock(references_);
  KON_TRY_VOID(write_ref(repository, name, id, why, expected));
  own_moves_[name] = hex(id);
  return {};
}

std::string PhaseBranches::kept_prefix(ports::PlanNumber plan) const {
  return kKeptRefs + run_ + "/touched/" +
         (plan == 0 ? std::string("holistic") : "plan-" + plan_text(plan));
}

Result<std::string> PhaseBranches::keep(git_repository* repository, ports::PlanNumber plan,
                                        const git_oid& id) {
  KON_TRY(const std::vector<RefValue> kept, list_refs(repository, kKeptRefs + run_ + "/"));
  for (const RefValue& ref : kept) {
    const auto present = parse_id(ref.value);
    if (!present || !find_commit(repository, *present)) continue;
    KON_TRY(const bool is_kept, is_ancestor(repository, id, *present));
    if (is_kept) return ref.name;
  }
  return keep_commit(repository, kept_prefix(plan) + "/" + short_hex(id), id, "keep");
}

Result<ports::MergeResult> PhaseBranches::merge(git_repository* repository, const Layout& layout,
                                                ports::PlanNumber plan,
                                                const ports::CommitText& text) {
  const std::lock_guard lock(merges_);
  KON_TRY(const git_oid ours, integration(repository));
  KON_TRY(const std::optional<git_oid> theirs, read_ref(repository, names_.branch(plan)));
  if (!theirs)
    return Error{ErrorCode::not_found,
                 "there is no branch " + quote(branch_name(names_.branch(plan))) + " to merge"};
  ports::MergeResult result{true, hex(ours), {}};
  KON_TRY(const bool is_merged, is_ancestor(repository, *theirs, ours));
  if (is_merged) return result;
  KON_TRY(const git_oid commit, merged(repository, ours, *theirs, text, result.conflicts));
  if (!result.conflicts.empty()) {
    result.is_clean = false;
    for (std::string& path : result.conflicts)
      path = layout.to_project(path);
    return result;
  }
  KON_TRY_VOID(set(repository, names_.integration, commit, "merge plan " + plan_text(plan), &ours));
  result.commit = hex(commit);
  return result;
}

Result<git_oid> PhaseBranches::merged(git_repository* repository, const git_oid& ours,
                                      const git_oid& theirs, const ports::CommitText& text,
                                      std::vector<std::string>& conflicts) const {
  KON_TRY(const bool is_forward, is_ancestor(repository, ours, theirs));
  if (is_forward) return theirs;
  KON_TRY(Merged made, merge_commits(repository, ours, theirs));
  conflicts = std::move(made.conflicts);
  if (!conflicts.empty()) return ours;
  KON_TRY(const Signature identity, find_identity(repository));
  return write_commit(repository, *identity, CommitParts{made.tree, {ours, theirs}, text.message});
}

Result<std::vector<ports::PredictedConflict>> PhaseBranches::predict(git_repository* repository,
                                                                     const Layout& layout,
                                                                     ports::PlanNumber plan) const {
  std::map<std::string, ports::PlanNumber> others;
  {
    const std::lock_guard lock(references_);
    others = live_;
  }
  others.erase(names_.branch(0));
  others.erase(names_.branch(plan));
  others[names_.integration] = 0;
  std::vector<ports::PredictedConflict> found;
  KON_TRY(const std::optional<git_oid> ours, read_ref(repository, names_.branch(plan)));
  if (!ours) return found;
  for (const auto& [name, number] : others) {
    KON_TRY(const std::optional<git_oid> theirs, read_ref(repository, name));
    // What an agent is writing at this moment may not be whole yet.
    if (!theirs || !find_commit(repository, *theirs)) continue;
    KON_TRY(const std::vector<git_oid> bases, common_ancestors(repository, *ours, *theirs));
    if (bases == std::vector<git_oid>{*theirs} || bases == std::vector<git_oid>{*ours}) continue;
    KON_TRY(Merged merged, merge_commits(repository, *ours, *theirs));
    if (merged.conflicts.empty()) continue;
    for (std::string& path : merged.conflicts)
      path = layout.to_project(path);
    found.push_back({number, std::move(merged.conflicts)});
  }
  return found;
}

bool PhaseBranches::is_watched(const std::string& name) const {
  const std::lock_guard lock(references_);
  return live_.count(name) == 0 && own_moves_.count(name) == 0;
}

Result<void> PhaseBranches::put_back(git_repository* repository, const Guarded& before,
                                     ports::PlanNumber plan, std::vector<std::string>& lines) {
  const std::lock_guard lock(references_);
  const RefExpectation expectation = [this](const std::string& name, const std::string& value) {
    return expected(name, value);
  };
  return put_refs_back(repository, before, expectation, kept_prefix(plan), lines);
}

// With references_ held.
std::optional<std::string> PhaseBranches::expected(const std::string& name,
                                                   const std::string& before) const {
  const bool is_kept = name.starts_with(kKeptRefs);
  const bool is_own_phase =
      name.starts_with(names_.branches) || name.starts_with(kKeptRefs + names_.phase + "/");
  const auto moved = own_moves_.find(name);
  if (live_.count(name) != 0) return std::nullopt;
  if (moved != own_moves_.end()) return moved->second;
  // Another phase's engine may be at work beside this one.
  if (name.starts_with(kAllKonductorBranches) && !is_own_phase) return std::nullopt;
  if (is_kept && !is_own_phase)
    for (const std::string_view end : {"/base", "/target", "/delivering", "/delivered"})
      if (name.size() > end.size() && name.substr(name.size() - end.size()) == end)
        return std::nullopt;
  // What is kept is only ever added to, and people fetch tags at any time.
  if (before.empty() && (is_kept || name.starts_with("refs/tags/"))) return std::nullopt;
  return before;
}

}  // namespace konductor::platform::git
