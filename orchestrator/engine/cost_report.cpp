// SPDX-License-Identifier: MIT
#include "engine/cost_report.hpp"

#include <algorithm>
#include <map>

#include "base/role_name.hpp"
#include "engine/run_state.hpp"

namespace konductor::engine {
namespace {

bool is_cut_off(std::string_view cause) {
  return cause == "interrupted" || cause == "cancelled" || cause == "session_lost";
}

void add(CostLine& line, const AttemptCost& attempt) {
  line.total.add(attempt.finished);
  line.parts.at(static_cast<std::size_t>(attempt.fate)).add(attempt.finished);
}

std::string model_of(const event::attempt_finished& finished) {
  const std::string runtime = finished.runtime.empty() ? "unknown" : finished.runtime;
  return finished.model.empty() ? runtime : runtime + " (" + finished.model + ")";
}

std::string key_of(const AttemptCost& attempt, CostKey key, std::string_view phase) {
  switch (key) {
    case CostKey::plan:
      return attempt.address.is_phase() ? address_text(phase, attempt.address)
                                        : plan_address_text(phase, attempt.address.plan);
    case CostKey::role:
      return attempt.finished.role;
    case CostKey::model:
      return model_of(attempt.finished);
    case CostKey::task:
      return attempt.address.is_merge() ? address_text(phase, attempt.address) + " merge"
                                        : address_text(phase, attempt.address);
    case CostKey::none:
      break;
  }
  return {};
}

bool is_costlier(const CostLine& a, const CostLine& b) {
  const Usage& one = a.total.usage;
  const Usage& two = b.total.usage;
  if (one.cost_usd != two.cost_usd) return one.cost_usd > two.cost_usd;
  return one.input_tokens + one.output_tokens > two.input_tokens + two.output_tokens;
}

}  // namespace

std::string_view to_string(WorkFate fate) {
  switch (fate) {
    case WorkFate::productive:
      return "productive";
    case WorkFate::wasted:
      return "wasted";
    case WorkFate::engine:
      return "engine";
    case WorkFate::open:
      break;
  }
  return "open";
}

void CostLedger::apply(const Event& event) {
  if (const auto* started = std::get_if<event::attempt_started>(&event.body)) {
    running_.insert(attempt_name({started->plan, started->task}, started->role, started->attempt));
  } else if (const auto* finished = std::get_if<event::attempt_finished>(&event.body)) {
    on_finished(*finished);
  } else if (const auto* done = std::get_if<event::task_completed>(&event.body)) {
    settle({done->plan, done->task}, WorkFate::productive);
  } else if (const auto* fixed = std::get_if<event::merge_fixed>(&event.body)) {
    settle({fixed->plan, 0}, WorkFate::productive);
  } else if (const auto* holistic = std::get_if<event::holistic_finished>(&event.body)) {
    if (holistic->verdict == "pass") settle(kPhaseAddress, WorkFate::productive);
  } else if (const auto* failed = std::get_if<event::task_failed>(&event.body)) {
    settle({failed->plan, failed->task}, WorkFate::wasted);
  } else if (const auto* split = std::get_if<event::task_split>(&event.body)) {
    set_aside({split->plan, split->task});
  } else if (const auto* reset = std::get_if<event::task_reset>(&event.body)) {
    // A review of all that there was has done its work, also when a plan was added since.
    const TaskAddress address{reset->plan, reset->task};
    if (!address.is_phase() || reset->reason == "retry") waste(address);
  } else if (std::holds_alternative<event::run_started>(event.body)) {
    runs_.insert(event.run);
  }
}

void CostLedger::on_finished(const event::attempt_finished& finished) {
  const TaskAddress address{finished.plan, finished.task};
  running_.erase(attempt_name(address, finished.role, finished.attempt));
  Entry entry;
  entry.cost.address = address;
  entry.cost.finished = finished;
  if (is_cut_off(finished.cause))
    entry.cost.fate = WorkFate::engine;
  else if (finished.cause != "done")
    entry.cost.fate = WorkFate::wasted;
  if (!finished.session.empty()) {
    for (Entry& before : entries_)
      if (before.gone_on_by == finished.session && before.cost.address == address &&
          before.continuation == 0)
        before.continuation = entries_.size() + 1;
    if (is_excused(finished.cause)) entry.gone_on_by = finished.session;
  }
  entries_.push_back(std::move(entry));
}

// What is not decided yet.
void CostLedger::settle(const TaskAddress& address, WorkFate fate) {
  for (Entry& entry : entries_)
    if (entry.cost.address == address && entry.cost.fate == WorkFate::open) entry.cost.fate = fate;
}

// The task begins anew: nothing that was done at it counts.
void CostLedger::waste(const TaskAddress& address) {
  settle(address, WorkFate::wasted);
  for (Entry& entry : entries_)
    if (entry.cost.address == address && entry.cost.fate == WorkFate::productive)
      entry.cost.fate = WorkFate::wasted;
}

// Its parts begin where it did; that it has to be split was worth to know.
void CostLedger::set_aside(const TaskAddress& address) {
  for (Entry& entry : entries_) {
    if (entry.cost.address != address || entry.cost.fate != WorkFate::open) continue;
    const bool is_work = entry.cost.finished.role == to_string(RoleName::executor);
    entry.cost.fate = is_work ? WorkFate::wasted : WorkFate::productive;
  }
}

// Those that go on come behind, so that this ends.
WorkFate CostLedger::fate_of(const Entry& entry) const {
  const Entry* at = &entry;
  while (at->continuation != 0)
    at = &entries_.at(at->continuation - 1);
  return at->cost.fate;
}

std::vector<AttemptCost> CostLedger::attempts() const {
  std::vector<AttemptCost> all;
  for (const Entry& entry : entries_) {
    all.push_back(entry.cost);
    all.back().fate = fate_of(entry);
  }
  return all;
}

CostLine total_cost(const std::vector<AttemptCost>& attempts) {
  CostLine line;
  for (const AttemptCost& attempt : attempts)
    add(line, attempt);
  return line;
}

std::vector<CostLine> cost_lines(const std::vector<AttemptCost>& attempts, CostKey key,
                                 std::string_view phase) {
  std::map<std::pair<TaskAddress, std::string>, CostLine> lines;
  const bool is_by_place = key == CostKey::plan || key == CostKey::task;
  for (const AttemptCost& attempt : attempts) {
    TaskAddress place;
    if (is_by_place) place.plan = attempt.address.plan;
    if (key == CostKey::task) place.task = attempt.address.task;
    const std::string name = key_of(attempt, key, phase);
    CostLine& line = lines[{place, name}];
    line.name = name;
    add(line, attempt);
  }
  std::vector<CostLine> all;
  for (auto& [at, line] : lines)
    all.push_back(std::move(line));
  if (!is_by_place) std::stable_sort(all.begin(), all.end(), is_costlier);
  return all;
}

}  // namespace konductor::engine
