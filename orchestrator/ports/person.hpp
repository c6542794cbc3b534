// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace konductor::ports {

// What a task wants to know from a person.
struct Question {
  TaskAddress address;
  std::string title;                     // The task's.
  bool is_blocker = false;               // It cannot go on; else it lacks context.
  std::string text;                      // In the agent's words.
  std::vector<std::string> suggestions;  // Answers that the agent itself names.
};

// Somebody at a terminal who answers what tasks ask.
class Person {
 public:
  virtual ~Person() = default;
  // Asks, one question at a time however many are waiting, and returns the answer; nothing when the
  // person has none or is gone. Throws operation_aborted when cancelled: the question is taken
  // back.
  virtual boost::asio::awaitable<std::optional<std::string>> ask(Question question) = 0;
};

}  // namespace konductor::ports
