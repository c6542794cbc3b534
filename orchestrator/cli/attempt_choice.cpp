// SPDX-License-Identifier: MIT
#include "cli/attempt_choice.hpp"

#include <algorithm>

#include "base/role_name.hpp"
#include "base/text.hpp"

namespace konductor::cli {
namespace {

using Stories = std::vector<const AttemptStory*>;

// A person need not read through a phase's thousands.
constexpr std::size_t kListedMax = 20;

Stories attempts_of(const std::vector<AttemptStory>& all, const AttemptWish& wish) {
  Stories found;
  for (const AttemptStory& story : all) {
    const bool is_wanted = wish.task   ? story.address == *wish.task
                           : wish.plan ? story.address.plan == *wish.plan
                                       : true;
    if (is_wanted) found.push_back(&story);
  }
  return found;
}

// "executor 1, executor 2, spec-reviewer 1"; of several tasks with their addresses.
std::string listed(const Stories& stories, const AttemptWish& wish) {
  std::vector<std::string> names;
  for (const AttemptStory* story : stories)
    names.push_back((wish.task ? "" : address_text(wish.phase, story->address) + " ") +
                    story->role + " " + std::to_string(story->attempt));
  const std::size_t left_out = names.size() > kListedMax ? names.size() - kListedMax : 0;
  names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(left_out));
  return (left_out > 0 ? std::to_string(left_out) + " others, " : "") + join(names, ", ");
}

std::string about(const AttemptWish& wish) {
  return (wish.task ? "task " : wish.plan ? "plan " : "phase ") + quote(wish.subject);
}

}  // namespace

Result<Stories> choose_attempts(const std::vector<AttemptStory>& all, const AttemptWish& wish) {
  const Stories there = attempts_of(all, wish);
  if (!wish.role.empty() && !parse_role_name(wish.role))
    return Error{
        ErrorCode::invalid_input,
        "no role " + quote(wish.role) + (there.empty() ? "" : "; there is " + listed(there, wish))};
  if (there.empty())
    return Error{ErrorCode::invalid_input, "no attempt at " + about(wish) +
                                               " has begun; `konductor explain " + wish.subject +
                                               "` says why, `konductor status` what has"};
  const bool is_any_role = wish.role.empty() && !wish.attempt;
  const std::string role =
      wish.role.empty() ? std::string(to_string(RoleName::executor)) : wish.role;
  Stories fitting;
  for (const AttemptStory* story : there)
    if ((is_any_role || story->role == role) && (!wish.attempt || story->attempt == *wish.attempt))
      fitting.push_back(story);
  if (fitting.empty())
    return Error{ErrorCode::invalid_input,
                 about(wish) + " has no attempt " + role +
                     (wish.attempt ? " " + std::to_string(*wish.attempt) : "") + "; there is " +
                     listed(there, wish)};
  Stories running;
  if (!wish.attempt)
    for (const AttemptStory* story : fitting)
      if (!story->is_finished) running.push_back(story);
  if (!running.empty()) return running;
  return Stories{fitting.back()};
}

}  // namespace konductor::cli
