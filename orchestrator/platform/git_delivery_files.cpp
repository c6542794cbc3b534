// SPDX-License-Identifier: MIT
// A delivery that commits nothing: the result becomes changes in the user's working tree.
#include "base/text.hpp"
#include "platform/git_delivery.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

using ports::DeliveredAs;
using ports::Delivery;

Result<Delivery> DeliveryRun::deliver_files() {
  KON_TRY(earlier_, read_ref(repository_, names_.delivered));
  if (earlier_ && *earlier_ == result_) {
    KON_TRY_VOID(remove_ref(repository_, names_.delivering));
    return delivered(DeliveredAs::working_tree,
                     "the result was brought to the working tree of " + target_name() + " before");
  }
  if (earlier_) {
    KON_TRY(const bool is_part, is_ancestor(repository_, *earlier_, result_));
    if (!is_part) earlier_.reset();
  }
  command_ = files_command();
  KON_TRY(const bool is_held, adds_nothing(repository_, user_, result_));
  if (is_held) return remember_files();
  KON_TRY(const bool is_forward, is_ancestor(repository_, user_, result_));
  if (!is_forward) return refused("the branch " + target_name() + " has moved on meanwhile");
  if (symbolic_target(repository_, "HEAD") != target_)
    return refused("the branch " + target_name() + " is not checked out here");
  const std::string strange = checkout_.strangeness();
  if (checkout_.is_sparse()) {
    // What is outside the sparse checkout can only be changed in the index.
    command_ = "git merge --squash " + branch_name(names_.integration);
  }
  if (!strange.empty()) return refused("the working tree of " + target_name() + strange);
  return put_files();
}

Result<Delivery> DeliveryRun::put_files() {
  KON_TRY(const UserCheckout::Difference difference, checkout_.between(user_, result_));
  if (!difference.submodules.empty()) {
    command_ = "git merge --ff-only " + branch_name(names_.integration);
    return refused("the result moves the submodule " +
                   quote(layout_.to_project(difference.submodules.front())) +
                   ", which only a commit can hold");
  }
  const std::string busy = checkout_.busy_reason();
  if (!busy.empty()) return refused(busy);
  // As far as a person who used the command, or a run that was killed at its very end, came.
  KON_TRY(const bool is_there, checkout_.holds(difference.files, result_));
  if (is_there) return remember_files();
  KON_TRY(std::string reason, make_ready());
  if (reason.empty()) {
    KON_TRY_VOID(begin());
    KON_TRY(reason, update_files(UserCheckout::WithIndex::no));
  }
  if (reason.empty()) return remember_files();
  if (earlier_)
    reason = "the working tree of " + target_name() +
             " still holds what was brought to it before (" + reason +
             "); commit or stash that and run again, or add what is new";
  return refused(reason);
}

// What a person commits of it later, and in which commits, is theirs: so it has to be remembered.
Result<Delivery> DeliveryRun::remember_files() {
  KON_TRY_VOID(write_ref(repository_, names_.delivered, result_, "brought to the working tree"));
  KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  return delivered(DeliveredAs::working_tree,
                   "the working tree of " + target_name() + " holds the result, not committed");
}

// Changes nothing unless it can change everything, and never the index. Plumbing, because people
// configure what `git diff` prints.
std::string DeliveryRun::files_command() const {
  const std::string integration = branch_name(names_.integration);
  const std::string from =
      earlier_ ? short_hex(*earlier_) + " " : std::string("--merge-base HEAD ");
  // Below the top, `git apply` leaves out what is outside its directory.
  const std::string place =
      layout_.prefix.empty() ? "" : "-C \"$(git rev-parse --show-toplevel)\" ";
  return "git diff-tree -p --binary " + from + integration + " | git " + place +
         "apply --whitespace=nowarn";
}

}  // namespace konductor::platform::git
