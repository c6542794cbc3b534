// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace konductor::engine {

// What a person can ask a phase for from outside of its engine.
enum class RequestAction { pause, resume, stop, tell, skip, retry, unblock };

inline constexpr std::array<RequestAction, 7> kAllRequestActions = {
    RequestAction::pause, RequestAction::resume, RequestAction::stop,   RequestAction::tell,
    RequestAction::skip,  RequestAction::retry,  RequestAction::unblock};

std::string_view to_string(RequestAction action);
// Nothing for an unknown word.
std::optional<RequestAction> parse_request_action(std::string_view text);
// Whether it is about a task or plan, not the whole run.
bool has_address(RequestAction action);

// One wish of a person, as another process hands it to the engine.
struct Request {
  std::string id;  // Of this wish alone: it is taken once.
  RequestAction action = RequestAction::pause;
  TaskAddress address;        // Task 0 of a plan stands for the plan.
  std::string text;           // The note, the reason, or the context.
  bool is_immediate = false;  // stop: as a second signal does.
  std::int64_t until = 0;     // Milliseconds since 1970, UTC; nobody waits for it after that.
  friend bool operator==(const Request&, const Request&) = default;
};

// No longer text is taken.
inline constexpr std::size_t kRequestTextMax = std::size_t{16} << 10U;

}  // namespace konductor::engine
