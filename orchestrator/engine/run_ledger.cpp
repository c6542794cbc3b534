// SPDX-License-Identifier: MIT
#include "engine/run_ledger.hpp"

#include <algorithm>
#include <set>

#include "engine/run_state.hpp"

namespace konductor::engine {
namespace {

// What an event makes of the task it is about; "" when nothing.
std::string outcome_of(const EventBody& body) {
  if (std::holds_alternative<event::task_started>(body)) return "unfinished";
  if (std::holds_alternative<event::task_completed>(body)) return "completed";
  if (std::holds_alternative<event::merge_fixed>(body)) return "completed";
  if (std::holds_alternative<event::task_failed>(body)) return "failed";
  if (std::holds_alternative<event::task_blocked>(body)) return "blocked";
  if (std::holds_alternative<event::task_needs_manual>(body)) return "needs_manual";
  if (std::holds_alternative<event::task_split>(body)) return "split";
  if (std::holds_alternative<event::task_reset>(body)) return "waiting";
  if (std::holds_alternative<event::task_unblocked>(body)) return "unfinished";
  if (std::holds_alternative<event::attempt_started>(body)) return "unfinished";
  return {};
}

template <class Map>
typename Map::mapped_type value_or_nothing(const Map& map, const TaskAddress& address) {
  const auto found = map.find(address);
  return found == map.end() ? typename Map::mapped_type() : found->second;
}

}  // namespace

RunRecord* RunLedger::record_of(const std::string& run) {
  const auto found = std::find_if(runs_.rbegin(), runs_.rend(),
                                  [&](const RunRecord& record) { return record.run == run; });
  return found == runs_.rend() ? nullptr : &*found;
}

std::vector<RunRecord> RunLedger::runs() const {
  std::vector<RunRecord> runs = runs_;
  if (is_open_) runs.back().outcomes = outcomes_;
  return runs;
}

// What happens from now on is no part of the newest run.
void RunLedger::close() {
  if (is_open_) runs_.back().outcomes = outcomes_;
  is_open_ = false;
}

void RunLedger::note_outcome(const EventBody& body) {
  if (const auto* holistic = std::get_if<event::holistic_finished>(&body)) {
    outcomes_[kPhaseAddress] = holistic->verdict == "pass" ? "completed" : "blocked";
    return;
  }
  const std::optional<TaskAddress> subject = subject_of(body);
  const std::string outcome = outcome_of(body);
  if (subject && !outcome.empty()) outcomes_[*subject] = outcome;
}

void RunLedger::apply(const Event& event) {
  if (is_open_ && event.run != runs_.back().run) close();
  if (const auto* started = std::get_if<event::run_started>(&event.body)) {
    RunRecord record;
    record.run = event.run;
    record.started_at = record.last_event_at = event.time;
    record.started = *started;
    runs_.push_back(std::move(record));
    is_open_ = true;
    return;
  }
  note_outcome(event.body);
  // What a person does beside the runs belongs to none.
  RunRecord* run = record_of(event.run);
  if (run == nullptr) return;
  run->last_event_at = std::max(run->last_event_at, event.time);
  if (const auto* finished = std::get_if<event::run_finished>(&event.body)) {
    run->finished = *finished;
    close();
  }
  if (std::holds_alternative<event::task_completed>(event.body)) ++run->tasks_completed;
  const std::optional<TaskAddress> subject = subject_of(event.body);
  const bool is_about_task =
      subject && (!subject->is_merge() || run->tasks.count(*subject) != 0 ||
                  std::holds_alternative<event::attempt_started>(event.body));
  const bool is_work = is_about_task && !std::holds_alternative<event::marker_filed>(event.body) &&
                       !std::holds_alternative<event::task_reset>(event.body) &&
                       !std::holds_alternative<event::workspace_prepared>(event.body);
  if (!is_work) return;
  TaskInRun& task = run->tasks[*subject];
  if (task.first_at == 0) task.first_at = event.time;
  task.last_at = event.time;
  if (std::holds_alternative<event::attempt_started>(event.body)) {
    ++task.attempts_started;
    ++run->attempts_started;
  }
  if (const auto* finished = std::get_if<event::attempt_finished>(&event.body)) {
    task.cost.add(*finished);
    run->cost.add(*finished);
  }
}

std::vector<TaskChange> compare_runs(const RunRecord& before, const RunRecord& after) {
  std::set<TaskAddress> addresses;
  for (const RunRecord* run : {&before, &after}) {
    for (const auto& [address, outcome] : run->outcomes)
      addresses.insert(address);
    for (const auto& [address, task] : run->tasks)
      addresses.insert(address);
  }
  std::vector<TaskChange> changes;
  for (const TaskAddress& address : addresses) {
    TaskChange change{address, value_or_nothing(before.outcomes, address),
                      value_or_nothing(after.outcomes, address),
                      value_or_nothing(before.tasks, address),
                      value_or_nothing(after.tasks, address)};
    const bool is_worked_at = before.tasks.count(address) != 0 || after.tasks.count(address) != 0;
    if (is_worked_at || change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace konductor::engine
