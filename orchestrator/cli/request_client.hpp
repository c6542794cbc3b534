// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/lock_holder.hpp"
#include "cli/phase_view.hpp"
#include "engine/request.hpp"

namespace konductor::cli {

// How a request to a phase fared.
struct RequestFate {
  enum class Kind {
    taken,       // By the engine that holds the phase.
    resting,     // Nobody holds the phase; nothing was done.
    unanswered,  // Somebody holds the phase, and does not answer.
  };
  Kind kind = Kind::resting;
  std::string refusal;               // By the engine; "" is none.
  std::optional<LockHolder> holder;  // As of the last look.
};

// Puts the request before the engine that holds the phase and waits for its answer, at most for
// `patience`. What is not answered is taken back. Errors: the journal cannot be read.
Result<RequestFate> send_request(ports::FileStore& files, const ChosenPhase& chosen,
                                 engine::Request request, std::chrono::milliseconds patience);

// An id that no other request has.
std::string make_request_id(std::int64_t now);

// Waits for a moment, so that others can act.
void wait_a_moment();

}  // namespace konductor::cli
