// SPDX-License-Identifier: MIT
#pragma once

#include "engine/event.hpp"

namespace konductor::ports {

// Told of every event after it is durable: terminal report, event stream, recorder.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_event(const engine::Event& event) = 0;
};

}  // namespace konductor::ports
