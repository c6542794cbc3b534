// SPDX-License-Identifier: MIT
#include "engine/task_machine.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "support/golden.hpp"

using namespace konductor;
using namespace konductor::engine;

namespace {

constexpr TaskAddress kTask{1, 2};
constexpr int kAttempt = 3;

// "attempt_finished" and the variant "crashed"; a type with one variant has none to name.
struct NamedEvent {
  std::string type;
  std::string variant;
  EventBody body;
};

struct NamedState {
  std::string name;
  TaskRecord record;
};

// --- Every event type, with the variants that lead somewhere else ---

class EventList {
 public:
  explicit EventList(const TaskAddress& address) : address_(address) {}

  std::vector<NamedEvent> make(const TaskState& state) {
    add(event::run_started{});
    add(event::workspace_prepared{address_.plan, "base", "head"});
    add(on_task<event::task_started>());
    add_attempts(state);
    add_statuses();
    add_answers();
    add_checks();
    add_ends();
    add_others();
    return std::move(events_);
  }

 private:
  template <class E>
  E on_task() const {
    E event;
    event.plan = address_.plan;
    event.task = address_.task;
    return event;
  }

  void add(EventBody body, std::string variant = "") {
    std::string type(event_name(body));
    events_.push_back({std::move(type), std::move(variant), std::move(body)});
  }

  static std::string role_in(const TaskState& state) {
    Action action = Action::execute;
    if (const auto* due = std::get_if<state::due>(&state)) action = due->action;
    if (const auto* active = std::get_if<state::active>(&state)) action = active->action;
    return std::string(to_string(is_attempt(action) ? role_of(action) : RoleName::executor));
  }

  void add_attempts(const TaskState& state) {
    auto started = on_task<event::attempt_started>();
    started.role = role_in(state);
    started.attempt = kAttempt;
    add(started, "own role");
    started.role = "verifier";
    add(started, "other role");
    auto finished = on_task<event::attempt_finished>();
    finished.role = role_in(state);
    finished.attempt = kAttempt;
    finished.commit = "after";
    for (const char* cause :
         {"done", "crashed", "timed_out", "stalled", "output_limit", "no_document",
          "changed_workspace", "escaped_workspace", "not_started", "context_too_long", "network",
          "protocol_error", "cancelled", "interrupted", "quota", "overloaded", "auth"}) {
      finished.cause = cause;
      add(finished, finished.cause);
    }
    finished.cause = "done";
    finished.attempt = kAttempt - 1;
    add(finished, "done, of an earlier attempt");
    finished.attempt = kAttempt;
    finished.role = "verifier";
    add(finished, "done, of another role");
  }

  void add_statuses() {
    auto status = on_task<event::status_reported>();
    status.text = "why";
    for (const char* word : {"DONE", "NEEDS_CONTEXT", "BLOCKED", "SOMETHING_ELSE"}) {
      status.status = word;
      add(status, status.status);
    }
    status.status = "DONE_WITH_CONCERNS";
    add(status, "DONE_WITH_CONCERNS, none listed");
    status.concerns = {"[informational] slow"};
    add(status, "DONE_WITH_CONCERNS, informational");
    status.concerns = {"[informational] slow", "[actionable] leaks"};
    add(status, "DONE_WITH_CONCERNS, actionable");
    status.concerns = {"[actionable] leaks", "unmarked"};
    add(status, "DONE_WITH_CONCERNS, unmarked");
  }

  void add_answers() {
    auto concerns = on_task<event::concerns_assessed>();
    concerns.informational = {"slow"};
    add(concerns, "none actionable");
    concerns.actionable = {"leaks"};
    add(concerns, "actionable");
    add(on_task<event::context_provided>());
    auto split = on_task<event::task_split>();
    split.tasks.resize(2);
    add(split);
  }

  void add_checks() {
    auto gates = on_task<event::gate_checked>();
    auto review = on_task<event::review_finished>();
    for (const char* stage : {"spec", "quality", "gates", "holistic", "unheard_of"}) {
      gates.stage = stage;
      gates.passed = true;
      add(gates, "passed at " + gates.stage);
      gates.passed = false;
      add(gates, "failed at " + gates.stage);
    }
    for (const char* stage : {"spec", "quality", "holistic", "unheard_of"}) {
      review.stage = stage;
      review.verdict = "pass";
      add(review, "pass at " + review.stage);
      review.verdict = "fail";
      add(review, "fail at " + review.stage);
    }
  }

  void add_ends() {
    auto completed = on_task<event::task_completed>();
    add(completed, "in a run");
    completed.rebuilt = true;
    add(completed, "rebuilt");
    add(on_task<event::task_failed>());
    add(on_task<event::task_blocked>());
    add(on_task<event::task_needs_manual>());
    auto unblocked = on_task<event::task_unblocked>();
    unblocked.context = "use port 80";
    add(unblocked);
    add(on_task<event::task_skipped>());
    add(on_task<event::note_given>());
    add(on_task<event::task_reset>());
    add(on_task<event::marker_filed>());
    add(event::holistic_finished{"pass", ""}, "pass");
    add(event::holistic_finished{"fail", "why"}, "fail");
  }

  void add_others() {
    add(event::wave_started{});
    add(event::wave_finished{});
    add(event::plan_started{});
    add(event::merge_finished{});
    add(event::plan_completed{});
    add(event::plan_reopened{});
    add(event::plan_needs_manual{});
    add(event::plan_skipped{});
    add(event::breaker_tripped{});
    add(event::note_recorded{});
    add(event::quota_waiting{});
    add(event::run_finished{});
  }

  TaskAddress address_;
  std::vector<NamedEvent> events_;
};

// --- Every state ---

NamedState named(const TaskAddress& address, TaskState state) {
  TaskRecord record;
  record.address = address;
  record.state = std::move(state);
  record.start_commit = "start";
  const std::string name = describe(record.state);
  return {name, std::move(record)};
}

std::vector<NamedState> states_of(const TaskAddress& address, const std::vector<Action>& actions) {
  std::vector<NamedState> states = {named(address, state::waiting{})};
  for (const Action action : actions)
    states.push_back(named(address, state::due{action}));
  for (const Action action : actions)
    if (is_attempt(action)) states.push_back(named(address, state::active{action, kAttempt}));
  for (const Action action : actions)
    states.push_back(named(address, state::ended{action}));
  states.push_back(named(address, state::completed{}));
  states.push_back(named(address, state::failed{"why"}));
  states.push_back(named(address, state::blocked{"why"}));
  states.push_back(named(address, state::needs_manual{"why"}));
  if (!address.is_phase()) states.push_back(named(address, state::skipped{"why"}));
  if (!address.is_phase()) states.push_back(named(address, state::split{{4, 5}}));
  return states;
}

// --- The table ---

std::string reason_of(const TaskRecord& before, const TaskRecord& after) {
  const auto* due = std::get_if<state::due>(&after.state);
  if (due == nullptr || due->action != Action::execute) return {};
  std::string text = before.reason == after.reason ? "" : ", reason " + after.reason;
  if (after.is_retry) text += ", a retry";
  return text;
}

// At most 98 bytes a line, broken at blanks.
std::string wrapped(std::string line) {
  constexpr std::size_t kWidth = 98;
  std::string text;
  while (line.size() > kWidth) {
    const std::size_t blank = line.rfind(' ', kWidth);
    text += line.substr(0, blank) + "\n";
    line = "     " + line.substr(blank);
  }
  return text + line + "\n";
}

std::string listed(const std::string& label, const std::vector<std::string>& names) {
  return names.empty() ? "" : wrapped("  " + label + join(names, "; "));
}

enum class Effect { changed, recorded, ignored, error };

struct Cell {
  Effect effect = Effect::error;
  std::string target;
};

Cell apply(const NamedState& state, const NamedEvent& event) {
  TaskRecord after = state.record;
  const Result<Transition> result = advance(after, event.body);
  const std::string target = describe(after.state);
  if (result.has_error()) {
    CHECK(result.error().code == ErrorCode::internal);
    CHECK(target == state.name);
    return {Effect::error, ""};
  }
  switch (result.value()) {
    case Transition::changed:
      return {Effect::changed, target + reason_of(state.record, after)};
    case Transition::recorded:
      CHECK(target == state.name);
      return {Effect::recorded, ""};
    case Transition::ignored:
      break;
  }
  CHECK(target == state.name);
  return {Effect::ignored, ""};
}

// Events by type with the variants that do the same; a type all of whose variants do has none
// named. `key` says what an event does, or "" for events that are not to be listed.
template <class Key>
std::vector<std::pair<std::string, std::string>> grouped(const std::vector<NamedEvent>& events,
                                                         Key key) {
  std::map<std::string, std::size_t> count;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> variants;
  std::vector<std::pair<std::string, std::string>> order;
  for (std::size_t i = 0; i < events.size(); ++i) {
    ++count[events[i].type];
    const std::pair<std::string, std::string> group(events[i].type, key(i));
    if (group.second.empty()) continue;
    if (variants[group].empty()) order.push_back(group);
    variants[group].push_back(events[i].variant);
  }
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& group : order) {
    const bool is_whole = variants[group].size() == count[group.first];
    names.emplace_back(
        is_whole ? group.first : group.first + " (" + join(variants[group], " | ") + ")",
        group.second);
  }
  return names;
}

std::vector<std::string> names_with(Effect effect, const std::vector<NamedEvent>& events,
                                    const std::vector<Cell>& cells) {
  std::vector<std::string> names;
  auto key = [&](std::size_t i) {
    return cells[i].effect == effect ? std::string("x") : std::string();
  };
  for (auto& [name, unused] : grouped(events, key))
    names.push_back(name);
  return names;
}

const std::vector<std::string>& always_ignored() {
  static const std::vector<std::string> types = {
      "wave_started",   "wave_finished",     "plan_started",  "merge_finished",  "plan_completed",
      "plan_reopened",  "plan_needs_manual", "plan_skipped",  "breaker_tripped", "note_recorded",
      "quota_waiting",  "run_finished",      "request_taken", "run_paused",      "run_resumed",
      "skip_requested", "retry_requested"};
  return types;
}

std::string section(const NamedState& state, const std::vector<NamedEvent>& events) {
  std::vector<Cell> cells;
  for (const NamedEvent& event : events) {
    cells.push_back(apply(state, event));
    const auto& ignored = always_ignored();
    if (std::find(ignored.begin(), ignored.end(), event.type) == ignored.end()) continue;
    CHECK(cells.back().effect == Effect::ignored);
    cells.back().effect = Effect::changed;  // Listed once, above the table.
  }
  std::string changed;
  for (const auto& [name, target] : grouped(events, [&](std::size_t i) { return cells[i].target; }))
    changed += wrapped("  " + name + " → " + target);
  return state.name + "\n" + changed +
         listed("recorded: ", names_with(Effect::recorded, events, cells)) +
         listed("ignored: ", names_with(Effect::ignored, events, cells)) +
         listed("error: ", names_with(Effect::error, events, cells)) + "\n";
}

std::string table(const TaskAddress& address, const std::vector<Action>& actions) {
  std::string text;
  for (const NamedState& state : states_of(address, actions))
    text += section(state, EventList(address).make(state.record.state));
  return text;
}

}  // namespace

TEST_CASE("the table of all states and events is the one that was agreed") {
  std::string text =
      "What every event does to a task in every state, as the engine does it.\n"
      "\n"
      "An arrow: the task changes to that state. recorded: the state stays, a fact is kept.\n"
      "ignored: late, repeated or about something else. error: the journal is damaged.\n"
      "Limits are not in this table: who decides adds task_failed, task_blocked or\n"
      "task_needs_manual after the event that passed one.\n"
      "\n"
      "In every state these are ignored, because they are about plans, waves and the run:\n" +
      listed("", always_ignored()) +
      "\n"
      "=== A task ===\n\n";
  std::vector<Action> actions(kAllActions.begin(), kAllActions.end());
  text += table(kTask, actions);
  text += "=== The phase's own record: the holistic review ===\n\n";
  text += table(kPhaseAddress, actions);
  text.pop_back();
  test::require_golden("task_transitions.txt", text);
}
