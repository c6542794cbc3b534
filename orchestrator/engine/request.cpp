// SPDX-License-Identifier: MIT
#include "engine/request.hpp"

namespace konductor::engine {

std::string_view to_string(RequestAction action) {
  switch (action) {
    case RequestAction::pause:
      return "pause";
    case RequestAction::resume:
      return "resume";
    case RequestAction::stop:
      return "stop";
    case RequestAction::tell:
      return "tell";
    case RequestAction::skip:
      return "skip";
    case RequestAction::retry:
      return "retry";
    case RequestAction::unblock:
      return "unblock";
  }
  return "pause";
}

std::optional<RequestAction> parse_request_action(std::string_view text) {
  for (const RequestAction action : kAllRequestActions)
    if (to_string(action) == text) return action;
  return std::nullopt;
}

bool has_address(RequestAction action) {
  return action != RequestAction::pause && action != RequestAction::resume &&
         action != RequestAction::stop;
}

}  // namespace konductor::engine
