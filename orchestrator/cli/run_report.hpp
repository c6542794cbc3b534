// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "agent/agent_stream.hpp"
#include "cli/output.hpp"
#include "cli/run_progress.hpp"
#include "ports/run_observer.hpp"

namespace konductor::cli {

// How a person is told of a run while it goes on.
class RunReport : public ports::RunObserver {
 public:
  // Before the first event: what all are folded into. Holds already what is told in the same
  // moment, and outlives the last event.
  virtual void on_start(const engine::RunState& state) = 0;
  // What happened before anybody looked, oldest first, of a run that goes on.
  virtual void catch_up(const std::vector<engine::Event>& events) {
    for (const engine::Event& event : events)
      on_event(event);
  }
  // What a person should know beside the events: one line.
  virtual void note(const std::string& text) = 0;
  // A signal asks for an end, for the `count`-th time, now: milliseconds since 1970.
  virtual void on_stop(int signal, int count, std::int64_t now) = 0;
  // The program was suspended, and somebody else wrote to the terminal meanwhile.
  virtual void on_resume() {}
  // While it is held, what it has to say waits: somebody is being asked something.
  virtual void hold(bool is_held) { static_cast<void>(is_held); }
  // Nothing more is told, and others may write where it wrote. Any number of times.
  virtual void close() {}
};

// The reader for what a runtime's agents print; null when nobody understands it. Without a name
// ("") the one that the role would be given.
using OpenStream = std::function<std::unique_ptr<agent::AgentStream>(const std::string& runtime,
                                                                     const std::string& role)>;

// What a report has to know of the run.
struct ReportSubject {
  std::string phase;
  engine::TaskDurations durations;    // Of earlier runs.
  std::chrono::milliseconds grace{};  // Between the two signals that end attempts.
  OpenStream open_stream;
};

// "stopping on SIGINT: waiting for 01/002/1 executor, killed after 10s; …".
std::string stop_text(const RunProgress& progress, int signal, int count,
                      std::chrono::milliseconds grace);

// Lines with the time since the run's start.
std::unique_ptr<RunReport> make_plain_report(std::ostream& stream, Paint paint,
                                             const ReportSubject& subject, bool is_verbose);

}  // namespace konductor::cli
