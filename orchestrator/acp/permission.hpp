// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "acp/rights.hpp"
#include "acp/tool_calls.hpp"

namespace konductor::acp {

// What is answered to a permission request.
struct Decision {
  bool is_allowed = false;
  std::string reason;  // For people, when it is refused.
};

// Whether the agent may do it.
//
//   kind                    allowed
//   read, search, think     always, unless it shows a change to a file
//   edit, delete, move      when every path that it names may be changed; without a path, when the
//                           role may write and use the shell
//   execute, fetch          when the role may use the shell
//   switch_mode             never: the client chose the mode
//   other, unknown          when the role may write and use the shell
Decision decide(const ToolCall& call, const Rights& rights, const ResolvePath& resolve);

// The result of session/request_permission. Options are told by their kind. Nothing is allowed for
// longer than this once: where that is not offered it is refused, and where nothing is offered the
// request is answered as cancelled.
Json permission_result(const Json& options, const Decision& decision);

}  // namespace konductor::acp
