// SPDX-License-Identifier: MIT
#include "acp/permission.hpp"

#include "base/text.hpp"

namespace konductor::acp {
namespace {

Decision allowed() {
  return {true, ""};
}

Decision allowed_if(bool is_allowed, const char* reason) {
  return is_allowed ? allowed() : Decision{false, reason};
}

Decision decide_change(const ToolCall& call, const Rights& rights, const ResolvePath& resolve) {
  if (call.paths.empty())
    return allowed_if(rights.may_write && rights.may_shell, "it does not say which files change");
  for (const std::string& path : call.paths)
    if (!may_change(rights, path, resolve))
      return {false, quote(path) + (rights.may_write ? " is outside of the workspace"
                                                     : " may not be changed by this role")};
  return allowed();
}

}  // namespace

Decision decide(const ToolCall& call, const Rights& rights, const ResolvePath& resolve) {
  const std::string& kind = call.kind;
  if (kind == "edit" || kind == "delete" || kind == "move")
    return decide_change(call, rights, resolve);
  if (kind == "execute" || kind == "fetch")
    return allowed_if(rights.may_shell, "this role may not run commands");
  if (kind == "switch_mode") return {false, "the mode is not the agent's to choose"};
  if (call.changes_files) return decide_change(call, rights, resolve);
  if (kind == "read" || kind == "search" || kind == "think") return allowed();
  return allowed_if(rights.may_write && rights.may_shell, "this role may only read");
}

Json permission_result(const Json& options, const Decision& decision) {
  std::vector<std::string> wanted = {"reject_once", "reject_always"};
  if (decision.is_allowed) wanted.insert(wanted.begin(), "allow_once");
  for (const std::string& kind : wanted) {
    for (const Json& option : options) {
      if (text_at(option, "kind") != kind) continue;
      const Json outcome = {{"outcome", "selected"}, {"optionId", text_at(option, "optionId")}};
      return Json{{"outcome", outcome}};
    }
  }
  const Json cancelled = {{"outcome", "cancelled"}};
  return Json{{"outcome", cancelled}};
}

}  // namespace konductor::acp
