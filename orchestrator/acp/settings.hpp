// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "acp/fields.hpp"
#include "acp/rights.hpp"

namespace konductor::acp {

// A request for the agent.
struct Call {
  std::string method;
  Json params;
};

// The login to use, of those that `initialize` offers: the first whose key is in the environment.
// "" when there is none: a login in a browser needs a person. `has_variable` tells whether the
// environment holds a value.
std::string choose_login(const Json& auth_methods,
                         const std::function<bool(const std::string&)>& has_variable);

// The call that gives the session the mode for these rights, of those that `session/new` or
// `session/load` offers. Nothing when the agent offers no mode that is known.
//
//   the role may          first of these that is offered
//   write                 default, workspace-write, agent, build: what is not harmless is asked for
//   read and use a shell  read-only, default, plan
//   read                  read-only, plan, default
std::optional<Call> mode_call(const std::string& session_id, const Json& session,
                              const Rights& rights);

// The call that chooses the model, under the name that the agent knows it by; with a name it does
// not list the wanted one. Nothing when `model` is "" or the agent has no such choice.
std::optional<Call> model_call(const std::string& session_id, const Json& session,
                               const std::string& model);

}  // namespace konductor::acp
