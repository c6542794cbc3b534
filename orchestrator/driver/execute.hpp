// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "driver/run_context.hpp"
#include "engine/recovery.hpp"
#include "engine/run_machine.hpp"
#include "records/markers.hpp"

namespace konductor::driver {

// What a run was asked for, beyond its facts.
struct ExecuteRequest {
  engine::RunScope scope;
  engine::RetryRequest retry;
  engine::MarkersOnDisk markers;
  double usd_max = 0;      // Of this run alone, besides the budgets; 0 is no limit.
  double seconds_max = 0;  // From its start until it starts no more attempts; 0 is no limit.
  std::string version;     // Of this program, for the journal.
  std::string host;
  // Told, if it is there, before observers are told the first event: what all events are folded
  // into. It lives until the last one was told, and holds already what is told in the same moment.
  std::function<void(const engine::RunState&)> tell_state = {};
};

struct ExecuteResult {
  int exit = 0;
  std::string outcome;  // As run_finished has it.
  std::optional<Error> error;
  engine::RunState state;
  ports::Delivery delivery;
  std::string delivery_state;  // As run_finished has it.
  double seconds = 0;
  double expected_seconds = 0;  // As told before it began; 0: not known.
};

// The limits and switches that a configuration means.
engine::RunRules make_rules(const config::Config& config,
                            const std::map<RoleName, ResolvedRole>& roles,
                            std::string_view isolation);

// What the journal says of the phase, over the plans as they are now. `seen` gets each event,
// behind the state that comes of it.
Result<engine::RunState> replay_state(const ports::Journal& journal,
                                      const std::map<int, plan::Plan>& plans,
                                      const std::function<void(const engine::Event&)>& seen = {});

// Runs the phase (or what the request narrows it to) to its end: recovery, plans, holistic review,
// delivery. The phase is locked and its plans are checked before. `note` gets what a person should
// know beside the events. The error is one that was found before anything started; what goes wrong
// later is in the result.
Task<Result<ExecuteResult>> execute(boost::asio::io_context& context, RunPorts& ports,
                                    const RunFacts& facts, const ExecuteRequest& request,
                                    std::vector<ports::RunObserver*> observers, StopSignal& stop,
                                    std::function<void(std::function<void(int)>)> on_signal,
                                    std::function<void(const std::string&)> note);

}  // namespace konductor::driver
