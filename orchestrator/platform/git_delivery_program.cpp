// SPDX-License-Identifier: MIT
// Deliveries for which only the git program will do: it runs hooks, signs, and knows sparse
// checkouts. What it has to be called with is decided here; who asked for the delivery calls it.
#include "base/text.hpp"
#include "platform/git_delivery.hpp"
#include "platform/git_files.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

namespace {

constexpr const char* kNoHooks = "core.hooksPath=/dev/null";

using Words = std::vector<std::string>;

Words git_words(bool runs_hooks) {
  if (runs_hooks) return {"git"};
  return {"git", "-c", kNoHooks};
}

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

// A merge of what could be fast-forwarded: it cannot conflict, and has the result's own tree.
Words merge_words(const DeliveryRules& rules, const std::string& commit) {
  Words words = git_words(rules.runs_hooks);
  append(words, {"merge", "--no-ff", "--no-commit", "--no-squash", "--no-autostash", "--no-stat",
                 "--quiet", commit});
  return words;
}

Words commit_words(const DeliveryRules& rules, const std::string& message) {
  Words words = git_words(rules.runs_hooks);
  append(words, {"commit", "--quiet", "--cleanup=whitespace",
                 rules.signs ? "--gpg-sign" : "--no-gpg-sign"});
  if (!rules.runs_hooks) words.emplace_back("--no-verify");
  append(words, {"-m", message});
  return words;
}

}  // namespace

Result<ports::Delivery> DeliveryRun::merge_by_program() {
  command_ = std::string("git merge --no-ff ") + (rules_.signs ? "-S " : "") +
             branch_name(names_.integration);
  if (symbolic_target(repository_, "HEAD") != target_)
    return refused("the branch " + target_name() +
                   " is not checked out here, which its merge commit needs");
  const std::string strange = checkout_.strangeness();
  if (!strange.empty()) return refused("the working tree of " + target_name() + strange);
  KON_TRY(const std::string reason, make_ready());
  if (!reason.empty()) return refused(reason);
  KON_TRY_VOID(begin());
  ports::Delivery delivery = refused("the git program did not make the merge commit");
  const std::string message = "merge(" + names_.phase + "): result of phase " + names_.phase +
                              "\n\nKonductor-Run: " + rules_.run;
  delivery.work.directory = layout_.top;
  delivery.work.steps = {merge_words(rules_, hex(result_)), commit_words(rules_, message)};
  return delivery;
}

// What is outside a sparse checkout stays outside, and git refuses what is in the way.
Result<ports::Delivery> DeliveryRun::forward_by_program() {
  const std::string busy = checkout_.busy_reason();
  if (!busy.empty()) return refused(busy);
  ports::Delivery delivery =
      refused("the working tree of " + target_name() + checkout_.strangeness() +
              ", and the git program did not update it");
  Words words = git_words(false);
  append(words, {"merge", "--ff-only", "--no-autostash", "--no-stat", "--quiet", hex(result_)});
  delivery.work.directory = layout_.top;
  delivery.work.steps = {std::move(words)};
  return delivery;
}

// A merge of this very result, which only an engine begins that has left its note: a person's own
// is never touched.
bool DeliveryRun::is_own_merge() const {
  const auto head = read_text(layout_.git_directory / "MERGE_HEAD");
  return head && trim(*head) == hex(result_);
}

// Its files are seen to like those of any delivery that was cut short, so a merge in which a person
// went on stays.
Result<void> DeliveryRun::end_own_merge() {
  if (!was_interrupted_ || !is_own_merge()) return {};
  KON_TRY(const UserCheckout::Difference difference, checkout_.between(user_, result_));
  KON_TRY(const std::vector<std::string> edited,
          checkout_.edited(difference.files, user_, result_));
  if (edited.empty()) forget_merge();
  return {};
}

void DeliveryRun::forget_merge() {
  git_repository_state_cleanup(repository_);
  git_error_clear();
}

Result<std::string> DeliveryRun::abandon() {
  KON_TRY(const std::optional<ports::Delivery> refusal, find_ends());
  if (refusal || !was_interrupted_) return std::string();
  KON_TRY(const bool is_home, is_ancestor(repository_, result_, user_));
  std::string kept;
  if (!is_home) {
    KON_TRY(const UserCheckout::Difference difference, checkout_.between(user_, result_));
    KON_TRY(const std::vector<std::string> edited,
            checkout_.edited(difference.files, user_, result_));
    if (!edited.empty()) {
      KON_TRY(const git_oid commit, checkout_.record(result_, edited));
      KON_TRY(kept,
              keep_commit(repository_, "refs/konductor/" + safe_name(rules_.run) + "/delivery",
                          commit, "keep aside"));
    }
    KON_TRY_VOID(checkout_.put(user_, difference.files));
    if (is_own_merge()) forget_merge();
  }
  KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  return kept;
}

}  // namespace konductor::platform::git
