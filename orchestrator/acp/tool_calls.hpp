// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <set>
#include <string>

#include "acp/fields.hpp"

namespace konductor::acp {

// What is known of something that the agent wants to do.
struct ToolCall {
  std::string id;
  std::string title;
  std::string kind;             // As the protocol names kinds; "" when it is not known.
  std::set<std::string> paths;  // Every path that it names.
  bool changes_files = false;   // It shows a change to a file.
};

// Adds what a tool_call, a tool_call_update or a permission request says of the call.
void describe(ToolCall& call, const Json& told);

// The calls of a session: a permission request may leave out what an update before it said.
class ToolCalls {
 public:
  // More calls than this at a time are forgotten, the oldest first.
  static constexpr std::size_t kCallsMax = 256;

  void on_update(const Json& update);
  // The call of a permission request, with all that is known of it.
  [[nodiscard]] ToolCall asked_for(const Json& told) const;

 private:
  std::deque<ToolCall> calls_;
};

}  // namespace konductor::acp
