// SPDX-License-Identifier: MIT
#include "driver/review_models.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::driver;
using Catch::Matchers::Contains;
using config::RuntimeKind;
using config::RuntimeSettings;

namespace {

RuntimeSettings settings(RuntimeKind kind, std::vector<std::string> command = {"agent"}) {
  RuntimeSettings runtime;
  runtime.kind = kind;
  runtime.command = std::move(command);
  return runtime;
}

RoleRuntime runtime(const std::string& name, RuntimeKind kind, const std::string& model) {
  RoleRuntime runtime;
  runtime.name = name;
  runtime.settings = settings(kind, {name});
  runtime.model = model;
  return runtime;
}

using Roles = std::map<RoleName, std::vector<RoleRuntime>>;

std::string problem(const Roles& runtimes, bool is_on = true) {
  config::Config config;
  config.review.different_model = is_on;
  std::map<RoleName, ResolvedRole> roles;
  for (const auto& [role, list] : runtimes)
    roles[role].runtimes = list;
  const Result<void> checked = check_review_models(config, roles);
  return checked.has_error() ? checked.error().message : "";
}

const RoleRuntime kSonnet = runtime("claude", RuntimeKind::claude, "claude-sonnet-4");
const RoleRuntime kOpus = runtime("claude", RuntimeKind::claude, "opus");
const RoleRuntime kGpt = runtime("codex", RuntimeKind::codex, "gpt-5.5");

}  // namespace

TEST_CASE("Claude Code and Codex are of one model when they are told the same one, or none") {
  const RuntimeSettings claude = settings(RuntimeKind::claude, {"claude"});
  const RuntimeSettings other_path = settings(RuntimeKind::claude, {"/opt/claude"});
  const RuntimeSettings codex = settings(RuntimeKind::codex, {"codex"});
  CHECK(may_be_same_model(claude, "opus", other_path, "opus"));
  CHECK_FALSE(may_be_same_model(claude, "opus", claude, "haiku"));
  CHECK(may_be_same_model(claude, "opus", claude, ""));
  // The general default, as Claude Code is told it.
  CHECK(may_be_same_model(claude, "claude-sonnet-4", claude, "sonnet"));
  // And as Codex is not.
  CHECK(may_be_same_model(codex, "claude-sonnet-4", codex, "gpt-5.5"));
  CHECK_FALSE(may_be_same_model(claude, "x", codex, "x"));
}

TEST_CASE("other kinds are of one model when nothing that chooses it differs") {
  RuntimeSettings one = settings(RuntimeKind::command, {"opencode", "run", "-m", "{model}"});
  RuntimeSettings other = one;
  CHECK(may_be_same_model(one, "a", other, "a"));
  CHECK_FALSE(may_be_same_model(one, "a", other, "b"));
  other.args = {"--variant", "high"};
  CHECK_FALSE(may_be_same_model(one, "a", other, "a"));
  one = settings(RuntimeKind::command, {"my-agent"});
  other = one;
  // It is not told which.
  CHECK(may_be_same_model(one, "a", other, "b"));
  other.env = {{"MODEL", "b"}};
  CHECK_FALSE(may_be_same_model(one, "a", other, "b"));
  one = settings(RuntimeKind::acp, {"gemini", "--acp"});
  CHECK_FALSE(may_be_same_model(one, "", settings(RuntimeKind::acp, {"qwen", "--acp"}), ""));
  CHECK(may_be_same_model(one, "", one, "claude-sonnet-4"));
}

TEST_CASE("a reviewer without another model than the executor's is a configuration error") {
  using R = RoleName;
  CHECK(problem({{R::executor, {kSonnet}}, {R::spec_reviewer, {kOpus}}, {R::code_reviewer, {kGpt}}})
            .empty());
  const Roles same = {
      {R::executor, {kSonnet}}, {R::spec_reviewer, {kOpus}}, {R::code_reviewer, {kSonnet}}};
  CHECK_THAT(problem(same), Contains("code-reviewer") && Contains("\"claude\" (claude-sonnet-4)") &&
                                Contains("roles.code-reviewer.model") &&
                                Contains("review.different_model = false"));
  CHECK(problem(same, false).empty());
  // Reviews are off.
  CHECK(problem({{R::executor, {kSonnet}}}).empty());
}

TEST_CASE("each runtime that may step in for the executor needs a reviewer of another model") {
  using R = RoleName;
  CHECK(problem({{R::executor, {kSonnet, kGpt}}, {R::spec_reviewer, {kGpt, kSonnet}}}).empty());
  CHECK_THAT(problem({{R::executor, {kSonnet, kGpt}}, {R::spec_reviewer, {kGpt}}}),
             Contains("\"codex\" (gpt-5.5)"));
}
