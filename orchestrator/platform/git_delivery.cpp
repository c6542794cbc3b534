// SPDX-License-Identifier: MIT
#include "platform/git_delivery.hpp"

#include "base/text.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

using ports::DeliveredAs;
using ports::Delivery;

Result<Delivery> DeliveryRun::run() {
  KON_TRY(const std::optional<Delivery> refusal, find_ends());
  if (refusal) return *refusal;
  KON_TRY(const bool is_home, is_ancestor(repository_, result_, user_));
  if (is_home) {
    KON_TRY_VOID(remove_ref(repository_, names_.delivering));
    return delivered(
        rules_.needs_merge_commit() ? DeliveredAs::merge_commit : DeliveredAs::fast_forward,
        home_text());
  }
  KON_TRY_VOID(end_own_merge());
  if (!rules_.commits) return deliver_files();
  KON_TRY(const bool is_forward, is_ancestor(repository_, user_, result_));
  if (!is_forward) {
    command_ = "git merge " + branch_name(names_.integration);
    return refused("the branch " + target_name() + " has moved on meanwhile");
  }
  const bool is_checked_out = symbolic_target(repository_, "HEAD") == target_;
  if (rules_.needs_merge_commit()) return merge_by_program();
  if (!is_checked_out) return move_branch_only();
  return checkout_.strangeness().empty() ? move_checkout() : forward_by_program();
}

Result<std::optional<Delivery>> DeliveryRun::find_ends() {
  const std::string integration = branch_name(names_.integration);
  command_ = "git merge --ff-only " + integration;
  KON_TRY(const std::optional<git_oid> result, read_ref(repository_, names_.integration));
  if (!result)
    return Error{ErrorCode::not_found, "there is no branch " + quote(integration) + " to deliver"};
  result_ = *result;
  checkout_.clear_dead_lock();
  KON_TRY_VOID(look_for_interrupted());
  target_ = read_note(repository_, names_.target);
  if (target_.empty())
    return std::optional(refused("the phase was started without a branch (detached HEAD)"));
  KON_TRY(const std::optional<git_oid> user, read_ref(repository_, target_));
  if (!user) return std::optional(refused("the branch " + target_name() + " is gone"));
  user_ = *user;
  return std::optional<Delivery>();
}

Result<void> DeliveryRun::look_for_interrupted() {
  KON_TRY(const std::optional<git_oid> begun, read_ref(repository_, names_.delivering));
  was_interrupted_ = begun && *begun == result_;
  if (begun && !was_interrupted_) return remove_ref(repository_, names_.delivering);
  return {};
}

Delivery DeliveryRun::refused(const std::string& why) const {
  Delivery delivery;
  delivery.detail = why;
  delivery.command = command_;
  return delivery;
}

Delivery DeliveryRun::delivered(DeliveredAs as, const std::string& detail) const {
  Delivery delivery;
  delivery.is_delivered = true;
  delivery.as = as;
  delivery.detail = detail;
  return delivery;
}

std::string DeliveryRun::target_name() const {
  return quote(branch_name(target_));
}

std::string DeliveryRun::home_text() const {
  return target_name() + " holds the result, commit " + short_hex(result_);
}

Result<Delivery> DeliveryRun::move_branch_only() {
  Reference branch;
  KON_TRY_VOID(check(git_reference_lookup(receive(branch), repository_, target_.c_str()),
                     "cannot read the branch " + target_name()));
  command_ = "git fetch . " + branch_name(names_.integration) + ":" + branch_name(target_);
  if (git_branch_is_checked_out(branch.get()) == 1) {
    command_ = "git merge --ff-only " + branch_name(names_.integration);
    return refused("the branch " + target_name() + " is checked out in another work tree");
  }
  KON_TRY_VOID(begin());
  const Result<void> moved = move_branch();
  KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  KON_TRY_VOID(moved);
  return delivered(DeliveredAs::fast_forward, home_text());
}

Result<Delivery> DeliveryRun::move_checkout() {
  KON_TRY(std::string reason, make_ready());
  if (!reason.empty()) return refused(reason);
  KON_TRY_VOID(begin());
  KON_TRY(reason, update_files(UserCheckout::WithIndex::yes));
  if (!reason.empty()) return refused(reason);
  const Result<void> moved = move_branch();
  if (!moved) {
    // Somebody committed this instant: the files go back to what they were.
    KON_TRY(const UserCheckout::Difference difference, checkout_.between(user_, result_));
    KON_TRY_VOID(checkout_.put(user_, difference.files));
    KON_TRY_VOID(remove_ref(repository_, names_.delivering));
    return refused(moved.error().message);
  }
  KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  return delivered(DeliveredAs::fast_forward, home_text());
}

Result<std::string> DeliveryRun::make_ready() {
  std::string reason = checkout_.busy_reason();
  if (reason.empty()) {
    KON_TRY(reason, finish_interrupted());
  }
  if (reason.empty()) {
    KON_TRY(reason, dirt());
  }
  return reason;
}

Result<std::string> DeliveryRun::dirt() {
  KON_TRY(const std::string path, checkout_.dirty_path(user_));
  if (path.empty()) return path;
  return "the working tree of " + target_name() +
         " is not clean: " + quote(layout_.to_project(path));
}

Result<std::string> DeliveryRun::finish_interrupted() {
  if (!was_interrupted_) return std::string();
  // Begun with a clean tree and this very result, so these paths are known to be the engine's.
  KON_TRY(const UserCheckout::Difference difference, checkout_.between(user_, result_));
  KON_TRY(const std::vector<std::string> edited,
          checkout_.edited(difference.files, user_, result_));
  if (!edited.empty())
    return "an update of the working tree was interrupted, and " +
           quote(layout_.to_project(edited.front())) + " has been edited since";
  KON_TRY_VOID(checkout_.put(user_, difference.files));
  return std::string();
}

Result<std::string> DeliveryRun::update_files(UserCheckout::WithIndex with_index) {
  const Result<void> done = checkout_.update(result_, with_index);
  if (done) return std::string();
  const Error& error = done.error();
  const bool is_untouched =
      error.code == ErrorCode::conflict || error.code == ErrorCode::already_exists;
  if (is_untouched) KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  if (error.code == ErrorCode::conflict)
    return "files that git does not track are in the way (" + error.message + ")";
  return error.message;
}

// Written before anything of the user's is touched: tells a later run what was under way.
Result<void> DeliveryRun::begin() {
  return write_ref(repository_, names_.delivering, result_, "update the user's files");
}

Result<void> DeliveryRun::move_branch() {
  if (was_interrupted_) remove_dead_lock(layout_.common_directory / (target_ + ".lock"), result_);
  const Result<void> moved = write_ref(repository_, target_, result_,
                                       "deliver " + branch_name(names_.integration), &user_);
  if (moved || moved.error().code != ErrorCode::conflict) return moved;
  return Error{ErrorCode::conflict, "the branch " + target_name() + " was moved at the same time"};
}

}  // namespace konductor::platform::git
