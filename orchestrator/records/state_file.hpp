// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

// `.konductor/state.toml`: where the project stands, for people and other tools. The journal is the
// truth; this file is written from it.
namespace konductor::records {

// One entry of `[[blockers]]`, which is a history: entries are resolved, never removed.
struct Blocker {
  std::string phase;
  std::string step;
  std::string reason;  // Of a task: "01/002/3: why"; see blocker_reason.
  std::string timestamp;
  bool resolved = false;
  friend bool operator==(const Blocker&, const Blocker&) = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("phase", self.phase);
    visit("step", self.step);
    visit("reason", self.reason);
    visit("timestamp", self.timestamp);
    visit("resolved", self.resolved);
  }
};

// What the file says. Every key may be missing: texts are then "", numbers 0.
struct StateFile {
  struct Project {
    std::string name;
    std::string initialized;
    template <class Self, class Visitor>
    static void fields(Self& self, Visitor&& visit) {
      visit("name", self.name);
      visit("initialized", self.initialized);
    }
  };
  struct Current {
    std::string phase;
    std::string step;    // specced, discussed, designed, planned, executing, executed, …
    std::string status;  // idle, busy, blocked, complete.
    std::string plan;
    std::int64_t wave = 0;
    template <class Self, class Visitor>
    static void fields(Self& self, Visitor&& visit) {
      visit("phase", self.phase);
      visit("step", self.step);
      visit("status", self.status);
      visit("plan", self.plan);
      visit("wave", self.wave);
    }
  };
  struct Progress {
    std::int64_t phases_total = 0;
    std::int64_t phases_complete = 0;
    std::int64_t current_phase_plans = 0;
    std::int64_t current_phase_plans_complete = 0;
    template <class Self, class Visitor>
    static void fields(Self& self, Visitor&& visit) {
      visit("phases_total", self.phases_total);
      visit("phases_complete", self.phases_complete);
      visit("current_phase_plans", self.current_phase_plans);
      visit("current_phase_plans_complete", self.current_phase_plans_complete);
    }
  };
  struct Metrics {
    std::string last_activity;
    std::int64_t total_agent_sessions = 0;
    template <class Self, class Visitor>
    static void fields(Self& self, Visitor&& visit) {
      visit("last_activity", self.last_activity);
      visit("total_agent_sessions", self.total_agent_sessions);
    }
  };

  Project project;
  Current current;
  Progress progress;
  Metrics metrics;
  std::vector<Blocker> blockers;
  // The text that was read: keys that are not listed above are kept from it.
  std::string source;
};

// Reads the file's text; "" is an empty state. Error `invalid_input`, "line 3, column 5: …", for
// bad TOML and for a known key of the wrong type.
Result<StateFile> parse_state(std::string_view text);

// The file's text: what was read, with every field that was changed since. Comments are not kept.
std::string to_toml(const StateFile& state);

// The text of a new project's file, with every key of the format. `now` is RFC 3339.
std::string initial_state(std::string_view project, std::string_view phase,
                          std::int64_t phases_total, std::string_view now);

// Says that `phase` has reached `step`. The status becomes "blocked" while a blocker of the phase
// is open, else `status`.
void set_step(StateFile& state, std::string_view phase, std::string_view step,
              std::string_view status, std::string_view now);

// "01/002/3: why", on one line. `address` is that of a task, or "01/holistic".
std::string blocker_reason(std::string_view address, std::string_view reason);

// Adds a blocker for `address` at the current step, and makes the status "blocked". An address that
// is blocked already only has its reason brought up to date.
void add_blocker(StateFile& state, std::string_view phase, std::string_view address,
                 std::string_view reason, std::string_view now);

// Resolves the open blockers of `address`; the status becomes "idle" when none is left open in any
// phase. Nothing changes when there was none. Returns how many were resolved.
std::size_t resolve_blockers(StateFile& state, std::string_view phase, std::string_view address,
                             std::string_view now);

}  // namespace konductor::records
