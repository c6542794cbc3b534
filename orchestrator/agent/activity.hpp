// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace konductor::agent {

// What an agent does, in a few words for people who watch it. One short line each; what they hold
// of the agent's own text is as it wrote it, so that a terminal must not be given it unseen.

// Of a tool call, with what it is about: "Edit src/main.cpp", "$ make test". `input` is JSON: an
// object, or a string; "" is not told.
std::string call_activity(std::string_view tool, std::string_view input);

// Of what it says: its first line that is not empty.
std::string words_activity(std::string_view text);

}  // namespace konductor::agent
