// SPDX-License-Identifier: MIT
#include "engine/schedule.hpp"

#include <algorithm>

namespace konductor::engine {

Schedule::Schedule(std::vector<SchedulePlan> plans, ScheduleMode mode) : mode_(mode) {
  for (SchedulePlan& plan : plans) {
    by_wave_[plan.wave].insert(plan.plan);
    const int number = plan.plan;
    plans_[number] = std::move(plan);
  }
  for (const auto& [number, plan] : plans_) {
    int open = 0;
    for (const int dependency : plan.depends_on) {
      if (plans_.count(dependency) == 0) continue;  // Outside what is scheduled.
      dependants_[dependency].push_back(number);
      ++open;
    }
    open_dependencies_[number] = open;
  }
  compute_paths();
  if (mode_ == ScheduleMode::waves) {
    open_wave();
  } else {
    for (const auto& [number, plan] : plans_)
      make_ready_if_free(number);
  }
}

// Plans in an order in which dependants come first, then each path from its dependants' paths.
void Schedule::compute_paths() {
  std::map<int, int> missing;
  std::vector<int> leaves;
  for (const auto& [number, plan] : plans_) {
    const auto found = dependants_.find(number);
    missing[number] = found == dependants_.end() ? 0 : static_cast<int>(found->second.size());
    if (missing[number] == 0) leaves.push_back(number);
    remaining_[number] = plan.length;
  }
  while (!leaves.empty()) {
    const int number = leaves.back();
    leaves.pop_back();
    for (const int dependency : plans_[number].depends_on) {
      const auto found = plans_.find(dependency);
      if (found == plans_.end()) continue;
      remaining_[dependency] =
          std::max(remaining_[dependency], found->second.length + remaining_[number]);
      if (--missing[dependency] == 0) leaves.push_back(dependency);
    }
  }
}

Schedule::Order Schedule::order_of(int plan) const {
  const SchedulePlan& found = plans_.at(plan);
  if (mode_ == ScheduleMode::waves) return {0, found.wave, plan};
  return {remaining_.at(plan), found.wave, plan};
}

void Schedule::make_ready_if_free(int plan) {
  if (open_dependencies_[plan] > 0 || taken_.count(plan) != 0 || is_settled(plan)) return;
  ready_.insert(order_of(plan));
}

void Schedule::open_wave() {
  if (by_wave_.empty()) return;
  for (const int plan : by_wave_.begin()->second)
    if (taken_.count(plan) == 0) ready_.insert(order_of(plan));
}

std::vector<int> Schedule::ready() const {
  std::vector<int> plans;
  for (const Order& order : ready_)
    plans.push_back(order.plan);
  return plans;
}

std::optional<int> Schedule::next_ready() const {
  if (ready_.empty()) return std::nullopt;
  return ready_.begin()->plan;
}

void Schedule::take(int plan) {
  ready_.erase(order_of(plan));
  taken_.insert(plan);
}

void Schedule::settle(int plan, bool is_complete) {
  if (plans_.count(plan) == 0 || is_settled(plan)) return;
  ready_.erase(order_of(plan));
  settled_[plan] = is_complete;
  const int wave = plans_[plan].wave;
  by_wave_[wave].erase(plan);
  if (by_wave_[wave].empty()) by_wave_.erase(wave);
  for (const int dependant : dependants_[plan]) {
    --open_dependencies_[dependant];
    if (mode_ == ScheduleMode::dependencies) make_ready_if_free(dependant);
  }
  if (mode_ == ScheduleMode::waves && by_wave_.count(wave) == 0) open_wave();
}

void Schedule::reopen(int plan) {
  if (settled_.erase(plan) == 0) return;
  taken_.erase(plan);
  const int wave = plans_[plan].wave;
  by_wave_[wave].insert(plan);
  for (const int dependant : dependants_[plan]) {
    ++open_dependencies_[dependant];
    if (mode_ == ScheduleMode::dependencies) ready_.erase(order_of(dependant));
  }
  if (mode_ == ScheduleMode::dependencies) {
    make_ready_if_free(plan);
    return;
  }
  std::erase_if(ready_, [wave](const Order& order) { return order.wave > wave; });
  if (by_wave_.begin()->first == wave) ready_.insert(order_of(plan));
}

std::optional<int> Schedule::blocked_by(int plan) const {
  std::vector<int> dependencies = plans_.at(plan).depends_on;
  std::sort(dependencies.begin(), dependencies.end());
  for (const int dependency : dependencies) {
    const auto found = settled_.find(dependency);
    if (found != settled_.end() && !found->second) return dependency;
  }
  return std::nullopt;
}

std::optional<int> Schedule::current_wave() const {
  if (by_wave_.empty()) return std::nullopt;
  return by_wave_.begin()->first;
}

bool Schedule::is_wave_settled(int wave) const {
  return by_wave_.count(wave) == 0;
}

}  // namespace konductor::engine
