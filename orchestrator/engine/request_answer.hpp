// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "engine/request.hpp"
#include "engine/run_state.hpp"

namespace konductor::engine {

// What a request comes to.
struct RequestAnswer {
  std::vector<EventBody> events;  // To be recorded together, the request's own first.
  std::string refusal;            // Why nothing follows; "" when something does.
};

// Decides on a request that was not taken yet. `phase` is its short name, for messages;
// `is_running` tells whether an engine is at work: without one nothing is in flight. Pure.
RequestAnswer answer_request(const RunState& state, const Request& request,
                             const std::string& phase, bool is_running);

}  // namespace konductor::engine
