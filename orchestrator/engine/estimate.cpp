// SPDX-License-Identifier: MIT
#include "engine/estimate.hpp"

#include <algorithm>

namespace konductor::engine {

double expected_length(const RunState& state, int plan, const TaskDurations& durations,
                       const TaskSeconds& under_way) {
  const double typical = durations.typical > 0 ? durations.typical : 1;
  double length = 0;
  for (const TaskRecord* task : state.tasks_of(plan)) {
    if (is_settled(task->state)) continue;
    const auto own = durations.own.find(task->address);
    const double whole = own == durations.own.end() ? typical : own->second;
    const auto begun = under_way.find(task->address);
    length += begun == under_way.end() ? whole : std::max(0.0, whole - begun->second);
  }
  return length;
}

double expected_makespan(const RunState& state, const RunRules& rules, const RunScope& scope,
                         const TaskSeconds& under_way) {
  if (rules.durations.typical <= 0) return 0;
  std::map<int, double> lengths;
  std::vector<SchedulePlan> plans;
  for (const auto& [number, record] : state.plans()) {
    if (!is_in_scope(scope, number, record)) continue;
    lengths[number] = expected_length(state, number, rules.durations, under_way);
    plans.push_back(
        {number, record.definition.wave, record.definition.depends_on, lengths[number]});
  }
  Schedule schedule(std::move(plans), rules.schedule);
  for (const auto& [number, length] : lengths)
    if (length == 0) schedule.settle(number, true);
  const std::size_t slots =
      rules.runs_plans_alone ? 1 : static_cast<std::size_t>(rules.max_wave_parallelism);
  std::multimap<double, int> running;  // By when they end.
  double now = 0;
  while (true) {
    while (running.size() < slots) {
      const std::optional<int> next = schedule.next_ready();
      if (!next) break;
      schedule.take(*next);
      running.emplace(now + lengths[*next], *next);
    }
    if (running.empty()) return now;
    const auto first = running.begin();
    now = first->first;
    schedule.settle(first->second, true);
    running.erase(first);
  }
}

}  // namespace konductor::engine
