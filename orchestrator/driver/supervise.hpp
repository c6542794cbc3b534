// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "driver/stop_signal.hpp"
#include "ports/clock.hpp"
#include "ports/process_launcher.hpp"

namespace konductor::driver {

// What an attempt may take. Zero is no limit; a `grace` of zero is no time to end politely.
struct AttemptLimits {
  std::chrono::milliseconds timeout{0};  // From start to end.
  std::chrono::milliseconds silence{0};  // Without a byte on stdout or stderr.
  std::chrono::milliseconds grace{0};    // Between SIGTERM and SIGKILL.
  // An attempt that passes a limit is interrupted first, and has half of the grace to say what it
  // used before SIGTERM.
  bool is_interruptible = false;
  // So is one that a stop of the run ends: its protocol has a word for that.
  bool is_interrupted_by_stop = false;
  std::uint64_t output_bytes_max = 0;  // On stdout and stderr together.
};

// Wants to know when a process may have printed something.
class OutputListener {
 public:
  virtual ~OutputListener() = default;
  // Called every now and then while output grows, and once after it stopped. False: asks to be
  // called again even when nothing more is printed.
  virtual bool look() = 0;
  // Why the process has to end, as of the last look; "" while it may go on.
  [[nodiscard]] virtual std::string verdict() const { return {}; }
};

struct Supervised {
  // "done" when it ended by itself, else "timed_out", "stalled", "output_limit", the listener's
  // verdict or "cancelled".
  std::string cause;
  ports::ProcessExit exit;
  std::chrono::milliseconds duration{0};
  CeilingsMet met;  // Of its ceilings.
  int strays = 0;   // Processes that it left behind and that were killed.
};

// Waits for a started process within its limits and ends its whole tree, so that nothing of it is
// left when this returns. An attempt that passes a limit, or is stopped, gets SIGTERM, `grace`,
// then SIGKILL; one that floods its output is killed at once, as it would go on filling the disk.
// `own_stop` stops this attempt and no other. When the coroutine itself is cancelled, the tree is
// killed at once and the cause is "cancelled". Error `io` when a process cannot be killed.
ports::Task<Result<Supervised>> supervise(ports::Clock& clock, ports::Process& process,
                                          AttemptLimits limits, StopSignal& stop,
                                          OutputListener* listener = nullptr,
                                          StopSignal* own_stop = nullptr);

}  // namespace konductor::driver
