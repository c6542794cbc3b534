// SPDX-License-Identifier: MIT
#include "driver/review_models.hpp"

#include <algorithm>
#include <array>

#include "agent/agent_cli.hpp"
#include "base/text.hpp"

namespace konductor::driver {
namespace {

using config::RuntimeKind;
using config::RuntimeSettings;

constexpr std::array<RoleName, 2> kReviewers = {RoleName::spec_reviewer, RoleName::code_reviewer};

bool is_reviewer(RoleName role) {
  return std::find(kReviewers.begin(), kReviewers.end(), role) != kReviewers.end();
}

// Whose command line is konductor's own.
bool is_native(const RuntimeSettings& runtime) {
  return runtime.kind == RuntimeKind::claude || runtime.kind == RuntimeKind::codex;
}

bool has_same_command(const RuntimeSettings& one, const RuntimeSettings& other) {
  return one.command == other.command && one.args == other.args && one.env == other.env &&
         one.cassette == other.cassette;
}

// Who did a task's newest work, as the journal has it.
struct Author {
  std::string runtime;
  std::string model;
  friend bool operator==(const Author&, const Author&) = default;
};

std::vector<Author> authors_of(const RunShared& shared, const TaskAddress& address) {
  std::vector<Author> authors;
  const auto add = [&authors](const engine::TaskRecord* task) {
    if (task == nullptr || task->author_runtime.empty()) return;
    Author author{task->author_runtime, task->author_model};
    if (std::find(authors.begin(), authors.end(), author) == authors.end())
      authors.push_back(std::move(author));
  };
  add(shared.state().task(address));
  if (!address.is_phase()) return authors;
  for (const auto& [number, plan] : shared.state().plans())
    for (const engine::TaskRecord* task : shared.state().tasks_of(number))
      add(task);
  return authors;
}

// The configuration may name the author's runtime no more: then its model alone tells.
bool may_be_author(const RunShared& shared, const RoleRuntime& runtime, const Author& author) {
  const auto& runtimes = shared.facts.config.runtimes;
  const auto written = runtimes.find(author.runtime);
  const auto reviewing = runtimes.find(runtime.name);
  if (written == runtimes.end() || reviewing == runtimes.end())
    return author.model.empty() || author.model == runtime.model;
  return may_be_same_model(written->second, author.model, reviewing->second, runtime.model);
}

std::string described(const std::string& runtime, const std::string& model) {
  return quote(runtime) + (model.empty() ? " (its own default model)" : " (" + model + ")");
}

std::string advice(RoleName role) {
  const std::string section = "roles." + std::string(to_string(role));
  return "; set " + section + ".model or " + section +
         ".runtime to another model, or review.different_model = false";
}

}  // namespace

bool takes_model(const RuntimeSettings& runtime) {
  if (runtime.kind != RuntimeKind::command && runtime.kind != RuntimeKind::replay) return true;
  const auto holds = [](const std::string& word) {
    return word.find("{model}") != std::string::npos;
  };
  return std::any_of(runtime.command.begin(), runtime.command.end(), holds) ||
         std::any_of(runtime.args.begin(), runtime.args.end(), holds);
}

bool may_be_same_model(const RuntimeSettings& one, const std::string& one_model,
                       const RuntimeSettings& other, const std::string& other_model) {
  if (one.kind != other.kind) return false;
  if (!is_native(one) && !has_same_command(one, other)) return false;
  if (!takes_model(one)) return true;
  const std::string first = agent::told_model(one.kind, one_model);
  const std::string second = agent::told_model(other.kind, other_model);
  return first.empty() || second.empty() || first == second;
}

Result<void> check_review_models(const config::Config& config,
                                 const std::map<RoleName, ResolvedRole>& roles) {
  if (!config.review.different_model) return {};
  for (const RoleName role : kReviewers) {
    const auto reviewer = roles.find(role);
    if (reviewer == roles.end()) continue;
    const std::vector<RoleRuntime>& reviewing = reviewer->second.runtimes;
    for (const RoleRuntime& author : roles.at(RoleName::executor).runtimes) {
      const auto is_same = [&author](const RoleRuntime& runtime) {
        return may_be_same_model(author.settings, author.model, runtime.settings, runtime.model);
      };
      if (!std::all_of(reviewing.begin(), reviewing.end(), is_same)) continue;
      return Error{ErrorCode::invalid_input,
                   "review.different_model is true, but role " + std::string(to_string(role)) +
                       " has no runtime that is surely of another model than the executor's " +
                       described(author.name, author.model) + advice(role)};
    }
  }
  return {};
}

std::vector<const RoleRuntime*> runtimes_for(const RunShared& shared, RoleName role,
                                             const TaskAddress& address) {
  std::vector<Author> authors;
  if (shared.facts.config.review.different_model && is_reviewer(role))
    authors = authors_of(shared, address);
  std::vector<const RoleRuntime*> found;
  for (const RoleRuntime& runtime : shared.facts.roles.at(role).runtimes) {
    // Of what several models did each has had reviewers of another one already.
    const bool is_author = authors.size() == 1 && may_be_author(shared, runtime, authors.front());
    if (!is_author) found.push_back(&runtime);
  }
  return found;
}

std::string no_reviewer_text(const RunShared& shared, RoleName role, const TaskAddress& address) {
  const std::vector<Author> authors = authors_of(shared, address);
  const std::string author =
      authors.empty() ? "" : " " + described(authors.front().runtime, authors.front().model);
  return "role " + std::string(to_string(role)) +
         " has no runtime that is surely of another model than the author," + author + advice(role);
}

std::vector<std::string> accounts_of(const std::vector<const RoleRuntime*>& runtimes) {
  std::vector<std::string> accounts;
  accounts.reserve(runtimes.size());
  for (const RoleRuntime* runtime : runtimes)
    accounts.push_back(runtime->account);
  return accounts;
}

}  // namespace konductor::driver
