// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agents/real_agent.hpp"

// What real agents are told, and what is checked of all of them. A check of an agent that is not
// installed is skipped by its name.
namespace e2e {

// Steps of the scripted model for the attempts of a role. `attempt` is an expression for their
// numbers; `{{output}}` in a step is the path of the document.
json scene(const std::string& role, const json& steps, const std::string& attempt = R"(\d+)");
// A model that knows these scenes only.
json script(const std::vector<json>& scenes);

// Writes the file of a plan's only task, and says DONE.
json executor_steps();
// A review that found nothing, as the last message.
json reviewer_steps();
extern const char* const kVerdict;

// True, with a line that ctest takes for a skipped test, when the agent is not installed.
bool is_skipped(const std::string& agent);

// The run stops at once and says to log in with `program`.
void check_refused_key(const std::string& agent, const std::string& program);
// An attempt whose connection is cut fails.
void check_cut_stream(const std::string& agent);
// One that would repeat its request for ever is ended. What it prints of that is no promise of its
// own, so the time may have to do it.
void check_endless_repeats(const std::string& agent);
// It says DONE and has written nothing.
void check_lie(const std::string& agent);
// The first plan of `examples/calculator`, with the agent's own tools: written, tested, reviewed,
// found fault with, fixed, reviewed again and completed.
void check_calculator(const std::string& agent);

}  // namespace e2e
