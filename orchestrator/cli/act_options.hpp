// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

#include "engine/request.hpp"

namespace konductor::cli {

// What a person asks of a phase, whether an engine is at work on it or not.
struct ActOptions {
  engine::RequestAction action = engine::RequestAction::pause;
  std::string phase;          // pause, resume, stop; "" is the current one.
  std::string address;        // The others.
  std::string text;           // The note, the reason, or the context.
  bool is_immediate = false;  // stop --now
  // stop: how long the engine's end is waited for.
  std::chrono::milliseconds wait = std::chrono::minutes(1);
};

}  // namespace konductor::cli
