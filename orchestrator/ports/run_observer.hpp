// SPDX-License-Identifier: MIT
#pragma once

#include "engine/event.hpp"

namespace konductor::ports {

// Told of every event after it is durable: terminal report, event stream, recorder.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_event(const engine::Event& event) = 0;
  // What attempts print is read for those only who want it, and told between the attempt's
  // `attempt_started` and `attempt_finished`.
  [[nodiscard]] virtual bool wants_output() const { return false; }
  virtual void on_output(std::int64_t /*time*/, const std::string& /*run*/,
                         const engine::event::attempt_output& /*output*/) {}
};

}  // namespace konductor::ports
