// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"

namespace konductor::cli {

// What a person is told who does not sit at the terminal (schemas/notification.schema.json).
struct Notification {
  std::string event;  // "needs_person", "blocked", "breaker" or "done".
  std::int64_t time = 0;
  std::string phase;
  std::string run;
  std::string address;  // Of the task or the plan; "" is the phase's.
  std::string message;
  std::string command;      // What goes on from here; "" where that is nothing.
  std::optional<int> exit;  // done: the exit code, and
  std::string outcome;      // run_finished's word.
  friend bool operator==(const Notification&, const Notification&) = default;
};

// What the event means to somebody who is away; nothing for most of them. Its texts are redacted
// when the event is.
std::optional<Notification> notification_of(const engine::Event& event, const std::string& phase);

// The document, with the project's folder in it.
std::string notification_text(const Notification& notification, const std::string& project);
// The same as variables: KONDUCTOR_EVENT, _PHASE, _RUN, _ADDRESS, _MESSAGE, _COMMAND, _EXIT,
// _OUTCOME.
std::vector<std::string> notification_variables(const Notification& notification);

}  // namespace konductor::cli
