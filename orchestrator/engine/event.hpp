// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"

// The vocabulary of state changes. Names and fields are spelled the same in code, journal, event
// stream, schema and documentation: every event lists its fields once, in `fields`, and both the
// encoder and the decoder walk that list.
namespace konductor::engine {

// What a reviewer or a gate holds against a task.
struct Finding {
  std::string severity;  // "significant" or "minor"; gates: "significant".
  std::string source;    // Name of the gate, or of the reviewing role.
  std::string text;      // "path:line — text" as written.
  friend bool operator==(const Finding&, const Finding&) = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("severity", self.severity);
    visit("source", self.source);
    visit("text", self.text);
  }
};

// A task that an assessor's `split` put in the place of another.
struct SubTask {
  int task = 0;
  std::string title;
  std::vector<std::string> files;
  std::string action;
  std::string verify;
  std::string done;
  friend bool operator==(const SubTask&, const SubTask&) = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("task", self.task);
    visit("title", self.title);
    visit("files", self.files);
    visit("action", self.action);
    visit("verify", self.verify);
    visit("done", self.done);
  }
};

// What an attempt cost, as far as its runtime reports it.
struct Usage {
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  double cost_usd = 0;
  friend bool operator==(const Usage&, const Usage&) = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("input_tokens", self.input_tokens);
    visit("output_tokens", self.output_tokens);
    visit("cache_read_tokens", self.cache_read_tokens);
    visit("cost_usd", self.cost_usd);
  }
};

void add(Usage& total, const Usage& more);

namespace event {

#define KON_EVENT(name)                            \
  static constexpr std::string_view kName = #name; \
  friend bool operator==(const name&, const name&) = default

struct run_started {
  KON_EVENT(run_started);
  std::string phase;
  std::string version;
  std::string host;
  std::int64_t pid = 0;
  std::int64_t fence = 0;
  int max_wave_parallelism = 0;
  std::string schedule;         // "waves" or "dependencies".
  std::string isolation;        // "worktree" or "none".
  double expected_seconds = 0;  // By what tasks took before; 0: none was timed.
  std::string cgroup = {};      // Directory that holds its attempts' cgroups; "": they have none.
  // What it is narrowed to: a plan, one task of it, the waves up to one. 0: it is not.
  int scope_plan = 0;
  int scope_task = 0;
  int until_wave = 0;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("phase", self.phase);
    visit("version", self.version);
    visit("host", self.host);
    visit("pid", self.pid);
    visit("fence", self.fence);
    visit("max_wave_parallelism", self.max_wave_parallelism);
    visit("schedule", self.schedule);
    visit("isolation", self.isolation);
    visit("expected_seconds", self.expected_seconds);
    visit("cgroup", self.cgroup);
    visit("scope_plan", self.scope_plan);
    visit("scope_task", self.scope_task);
    visit("until_wave", self.until_wave);
  }
};

struct wave_started {
  KON_EVENT(wave_started);
  int wave = 0;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("wave", self.wave);
  }
};

// A plan got a slot and a workspace in this run.
struct plan_started {
  KON_EVENT(plan_started);
  int plan = 0;
  int wave = 0;
  int slot = 0;
  std::string title;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("wave", self.wave);
    visit("slot", self.slot);
    visit("title", self.title);
  }
};

// The plan's workspace stands ready in `directory`; `base` is the commit (or snapshot) it was made
// from.
struct workspace_prepared {
  KON_EVENT(workspace_prepared);
  int plan = 0;
  std::string base;
  std::string head;
  std::string directory = {};
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("base", self.base);
    visit("head", self.head);
    visit("directory", self.directory);
  }
};

// `commit` is the state that the task starts from and is put back to.
struct task_started {
  KON_EVENT(task_started);
  int plan = 0;
  int task = 0;
  std::string title;
  std::string commit;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("title", self.title);
    visit("commit", self.commit);
  }
};

// The intention to start one process for one role; committed before the process exists.
struct attempt_started {
  KON_EVENT(attempt_started);
  int plan = 0;
  int task = 0;
  std::string role;
  std::string reason;
  int attempt = 0;
  std::string runtime;
  std::string fingerprint = {};  // Of the plan's file as the attempt is given it.
  std::string sandbox = {};      // What confines it: "none", "landlock-abi-7".
  std::string containment = {};  // What holds its processes together: "cgroup", "processes".
  std::vector<std::string> ceilings = {};  // That it is held to: "memory", "processes", ….
  // What of its tree it may write: all ("workspace"), what its task declares ("declared"), or that
  // with nothing to hold it to it ("unenforced").
  std::string lease = {};
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("role", self.role);
    visit("reason", self.reason);
    visit("attempt", self.attempt);
    visit("runtime", self.runtime);
    visit("fingerprint", self.fingerprint);
    visit("sandbox", self.sandbox);
    visit("containment", self.containment);
    visit("ceilings", self.ceilings);
    visit("lease", self.lease);
  }
};

// A later engine takes over an attempt whose own engine died: it is still at work, or has ended
// meanwhile. `started_in` is the run that started it.
struct attempt_adopted {
  KON_EVENT(attempt_adopted);
  int plan = 0;
  int task = 0;
  std::string role;
  int attempt = 0;
  std::string started_in;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("role", self.role);
    visit("attempt", self.attempt);
    visit("started_in", self.started_in);
  }
};

// What a running attempt prints. In the stream only, never in the journal, and no state follows
// from it. `stream` is "stdout" or "stderr"; `text` a piece of it, not always whole lines;
// `skipped` counts the bytes before it that are told by the attempt's log file alone, because it
// prints too fast.
struct attempt_output {
  KON_EVENT(attempt_output);
  int plan = 0;
  int task = 0;
  std::string role;
  int attempt = 0;
  std::string stream;
  std::string text;
  std::int64_t skipped = 0;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("role", self.role);
    visit("attempt", self.attempt);
    visit("stream", self.stream);
    visit("text", self.text);
    visit("skipped", self.skipped);
  }
};

// `cause` is "done", or why it does not count: crashed, timed_out, stalled, output_limit,
// no_document, changed_workspace, escaped_workspace (it left a link that leads out of the
// repository), not_started, context_too_long, network, protocol_error (it never said how it ended),
// over_budget (the attempt's own), step_limit, tool_loop, cancelled (the run was stopped),
// interrupted (the engine died), refused (the provider would not answer this prompt), or what its
// provider refused to anybody: quota, overloaded, auth. `commit` is the state of the workspace the
// attempt left (executor only), `kept` the reference that keeps what a failed one left. `runtime`
// and `model` are what it ran with: not those of attempt_started when another runtime had to step
// in meanwhile.
struct attempt_finished {
  KON_EVENT(attempt_finished);
  int plan = 0;
  int task = 0;
  std::string role;
  std::string reason;
  int attempt = 0;
  std::string cause;
  std::string detail;
  int exit_code = -1;
  int signal = 0;
  double seconds = 0;
  std::string commit;
  std::string kept;
  std::vector<std::string> violations;  // Protected things the attempt touched; they are put back.
  Usage usage;
  std::string runtime = {};
  std::string model = {};
  std::string session = {};  // The agent's own name for it, by which it can go on; "" without one.
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("role", self.role);
    visit("reason", self.reason);
    visit("attempt", self.attempt);
    visit("cause", self.cause);
    visit("detail", self.detail);
    visit("exit_code", self.exit_code);
    visit("signal", self.signal);
    visit("seconds", self.seconds);
    visit("commit", self.commit);
    visit("kept", self.kept);
    visit("violations", self.violations);
    visit("usage", self.usage);
    visit("runtime", self.runtime);
    visit("model", self.model);
    visit("session", self.session);
  }
};

// What the executor's summary says. `status` is DONE, DONE_WITH_CONCERNS, NEEDS_CONTEXT or BLOCKED.
// Concerns begin with "[actionable] ", "[informational] " or neither. `text` is the missing context
// or the blocker. `files_needed` is what it may not write and has to, where tasks hold a lease.
struct status_reported {
  KON_EVENT(status_reported);
  int plan = 0;
  int task = 0;
  int attempt = 0;
  std::string status;
  std::vector<std::string> concerns;
  std::string text;
  std::vector<std::string> files_needed = {};
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("attempt", self.attempt);
    visit("status", self.status);
    visit("concerns", self.concerns);
    visit("text", self.text);
    visit("files_needed", self.files_needed);
  }
};

// Which of a summary's concerns ask for a fix; empty means none.
struct concerns_assessed {
  KON_EVENT(concerns_assessed);
  int plan = 0;
  int task = 0;
  std::vector<std::string> actionable;
  std::vector<std::string> informational;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("actionable", self.actionable);
    visit("informational", self.informational);
  }
};

// `source` is researcher, assessor, person, or lease: the engine answered what was asked for under
// `## Files Needed`. `files` is what the task may write from now on besides what it declares.
struct context_provided {
  KON_EVENT(context_provided);
  int plan = 0;
  int task = 0;
  std::string source;
  std::string text;
  std::vector<std::string> files = {};
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("source", self.source);
    visit("text", self.text);
    visit("files", self.files);
  }
};

struct task_split {
  KON_EVENT(task_split);
  int plan = 0;
  int task = 0;
  std::vector<SubTask> tasks;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("tasks", self.tasks);
  }
};

// `stage` is the review stage that a failure counts against: spec, quality, gates (reviews are off)
// or holistic.
struct gate_checked {
  KON_EVENT(gate_checked);
  int plan = 0;
  int task = 0;
  bool passed = false;
  std::string stage;
  std::vector<Finding> findings;
  std::vector<std::string> undeclared;  // Changed files that the task does not declare.
  std::vector<std::string> untouched;   // Declared files that the task did not change.
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("passed", self.passed);
    visit("stage", self.stage);
    visit("findings", self.findings);
    visit("undeclared", self.undeclared);
    visit("untouched", self.untouched);
  }
};

// `stage` is spec, quality or holistic; `verdict` is pass or fail.
struct review_finished {
  KON_EVENT(review_finished);
  int plan = 0;
  int task = 0;
  std::string stage;
  std::string verdict;
  std::vector<Finding> findings;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("stage", self.stage);
    visit("verdict", self.verdict);
    visit("findings", self.findings);
  }
};

// `fingerprint` is that of the task's text, so that a later edit of the plan is noticed.
struct task_completed {
  KON_EVENT(task_completed);
  int plan = 0;
  int task = 0;
  std::string commit;
  std::string fingerprint;
  bool rebuilt = false;  // Taken over from a marker file, without a journal.
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("commit", self.commit);
    visit("fingerprint", self.fingerprint);
    visit("rebuilt", self.rebuilt);
  }
};

struct task_failed {
  KON_EVENT(task_failed);
  int plan = 0;
  int task = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("reason", self.reason);
  }
};

struct task_blocked {
  KON_EVENT(task_blocked);
  int plan = 0;
  int task = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("reason", self.reason);
  }
};

// A person freed a blocked task; its next attempt gets `context`.
struct task_unblocked {
  KON_EVENT(task_unblocked);
  int plan = 0;
  int task = 0;
  std::string context;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("context", self.context);
  }
};

struct task_needs_manual {
  KON_EVENT(task_needs_manual);
  int plan = 0;
  int task = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("reason", self.reason);
  }
};

// The task runs again from the start: a person asked for it or removed its marker, or it had failed
// in an earlier run.
struct task_reset {
  KON_EVENT(task_reset);
  int plan = 0;
  int task = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("reason", self.reason);
  }
};

// The files under `phases/` that tell of this task (task 0: of the plan; plan 0: of the phase) are
// written.
struct marker_filed {
  KON_EVENT(marker_filed);
  int plan = 0;
  int task = 0;
  std::vector<std::string> files;  // Names inside the phase's directory.
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("files", self.files);
  }
};

// `result` is clean, conflict or in_place; `commit` is the integration branch afterwards. After a
// conflict `fix_from` is the commit that a fix begins from, both sides in it with conflict markers;
// empty when the conflict is left to a person.
struct merge_finished {
  KON_EVENT(merge_finished);
  int plan = 0;
  std::string result;
  std::string commit;
  std::vector<std::string> conflicts;
  std::string fix_from = {};
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("result", self.result);
    visit("commit", self.commit);
    visit("conflicts", self.conflicts);
    visit("fix_from", self.fix_from);
  }
};

// The fix of a plan's merge conflict is accepted: `commit` is what is merged now.
struct merge_fixed {
  KON_EVENT(merge_fixed);
  int plan = 0;
  std::string commit;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("commit", self.commit);
  }
};

// The plan as this task left it would not merge with plan `other` as that stands now (0: with what
// is merged already). Nothing follows from it: either may change.
struct conflict_predicted {
  KON_EVENT(conflict_predicted);
  int plan = 0;
  int task = 0;
  int other = 0;
  std::vector<std::string> conflicts;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("other", self.other);
    visit("conflicts", self.conflicts);
  }
};

struct plan_completed {
  KON_EVENT(plan_completed);
  int plan = 0;
  bool rebuilt = false;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("rebuilt", self.rebuilt);
  }
};

// A complete plan has something to do again: a task was reset or added.
struct plan_reopened {
  KON_EVENT(plan_reopened);
  int plan = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("reason", self.reason);
  }
};

// The plan cannot complete: a task needs manual review, an artifact is missing, or the merge
// conflicts.
struct plan_needs_manual {
  KON_EVENT(plan_needs_manual);
  int plan = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("reason", self.reason);
  }
};

struct plan_skipped {
  KON_EVENT(plan_skipped);
  int plan = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("reason", self.reason);
  }
};

struct wave_finished {
  KON_EVENT(wave_finished);
  int wave = 0;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("wave", self.wave);
  }
};

// Attempts of a runtime wait, because its provider's account or machines have reached a limit; no
// attempt has failed. `cause` is quota or overloaded; `until` is in milliseconds since 1970, UTC.
struct quota_waiting {
  KON_EVENT(quota_waiting);
  int plan = 0;
  int task = 0;
  std::string runtime;
  std::string cause;
  std::int64_t until = 0;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("runtime", self.runtime);
    visit("cause", self.cause);
    visit("until", self.until);
  }
};

// A budget has no room for another attempt: of the phase (plan 0), a plan (task 0) or a task, as
// `scope` says, or the limit that this run alone was given (scope run, plan 0). `resource` is
// tokens, usd or seconds; `used` is what attempts that have ended used in this run, and of a run's
// own seconds, how long it has lasted.
struct budget_reached {
  KON_EVENT(budget_reached);
  int plan = 0;
  int task = 0;
  std::string scope;
  std::string resource;
  double used = 0;
  double limit = 0;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("scope", self.scope);
    visit("resource", self.resource);
    visit("used", self.used);
    visit("limit", self.limit);
  }
};

// `kind` is blocked (the circuit breaker) or failures (attempts of three tasks failed in a row).
struct breaker_tripped {
  KON_EVENT(breaker_tripped);
  std::string kind;
  std::vector<std::string> tasks;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("kind", self.kind);
    visit("tasks", self.tasks);
  }
};

// `verdict` is pass or fail.
struct holistic_finished {
  KON_EVENT(holistic_finished);
  std::string verdict;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("verdict", self.verdict);
    visit("reason", self.reason);
  }
};

// Something a person should know that changes no task: files put back, files left behind removed.
struct note_recorded {
  KON_EVENT(note_recorded);
  int plan = 0;
  int task = 0;
  std::string text;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("text", self.text);
  }
};

// Another process asked for something, by a request of that id. `action` is pause, resume, stop,
// tell, skip, retry or unblock; `refusal` says why it was not done, "" when it was: the events that
// follow from it stand behind it in the same transaction. A request is taken once.
struct request_taken {
  KON_EVENT(request_taken);
  std::string request;
  std::string action;
  int plan = 0;
  int task = 0;
  std::string refusal = {};
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("request", self.request);
    visit("action", self.action);
    visit("plan", self.plan);
    visit("task", self.task);
    visit("refusal", self.refusal);
  }
};

// No attempt starts any more until the run is resumed; those at work go on to their end.
struct run_paused {
  KON_EVENT(run_paused);
  std::string request;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("request", self.request);
  }
};

struct run_resumed {
  KON_EVENT(run_resumed);
  std::string request;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("request", self.request);
  }
};

// A person's note: every attempt at the task that begins from now on is given it.
struct note_given {
  KON_EVENT(note_given);
  int plan = 0;
  int task = 0;
  std::string text;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("text", self.text);
  }
};

// A person wants the task (task 0: the plan) left out: it is skipped as soon as nothing of it is in
// flight.
struct skip_requested {
  KON_EVENT(skip_requested);
  int plan = 0;
  int task = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("reason", self.reason);
  }
};

// A person wants the task to run again (task 0: the plan's merge, or the plan that was skipped): as
// soon as its plan is at rest, and at the latest in the next run.
struct retry_requested {
  KON_EVENT(retry_requested);
  int plan = 0;
  int task = 0;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
  }
};

// The task is left out because a person wants that. Its plan goes on with the next one, and cannot
// complete.
struct task_skipped {
  KON_EVENT(task_skipped);
  int plan = 0;
  int task = 0;
  std::string reason;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("plan", self.plan);
    visit("task", self.task);
    visit("reason", self.reason);
  }
};

// `exit` is the exit code of the command; `delivery` says where the result is: fast_forwarded,
// merged (by a commit of its own), working_tree (not committed), kept (on its own branch), in_place
// or none; `command` is what brings a kept result home.
struct run_finished {
  KON_EVENT(run_finished);
  int exit = 0;
  std::string outcome;
  std::string delivery;
  std::string command;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    visit("exit", self.exit);
    visit("outcome", self.outcome);
    visit("delivery", self.delivery);
    visit("command", self.command);
  }
};

#undef KON_EVENT

}  // namespace event

using EventBody = std::variant<
    event::run_started, event::wave_started, event::plan_started, event::workspace_prepared,
    event::task_started, event::attempt_started, event::attempt_finished, event::status_reported,
    event::concerns_assessed, event::context_provided, event::task_split, event::gate_checked,
    event::review_finished, event::task_completed, event::task_failed, event::task_blocked,
    event::task_unblocked, event::task_needs_manual, event::task_reset, event::marker_filed,
    event::merge_finished, event::plan_completed, event::plan_reopened, event::plan_needs_manual,
    event::plan_skipped, event::wave_finished, event::breaker_tripped, event::holistic_finished,
    event::note_recorded, event::quota_waiting, event::merge_fixed, event::conflict_predicted,
    event::budget_reached, event::attempt_adopted, event::request_taken, event::run_paused,
    event::run_resumed, event::note_given, event::skip_requested, event::retry_requested,
    event::task_skipped, event::run_finished>;

// Whether an attempt that ended so did not fail: it was cut off from outside, or its runtime could
// not be used. What was due stays due.
bool is_excused(std::string_view cause);

// One state change. `time` is milliseconds since 1970, UTC.
struct Event {
  std::int64_t time = 0;
  std::string run;
  EventBody body;
  friend bool operator==(const Event&, const Event&) = default;
};

std::string_view event_name(const EventBody& body);

}  // namespace konductor::engine

// Compiled once, in event.cpp: so many alternatives make each of their members long.
extern template class std::vector<konductor::engine::EventBody>;
extern template class std::vector<konductor::engine::Event>;
