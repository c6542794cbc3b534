// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>

#include "engine/explained_future.hpp"
#include "engine/explanation.hpp"

namespace konductor::engine {

// The newest event of that type about the address; null without one.
template <class E>
const Event* newest(const ExplanationFacts& facts, const TaskAddress& address) {
  const auto found = std::find_if(facts.events.rbegin(), facts.events.rend(), [&](const Event& e) {
    return std::holds_alternative<E>(e.body) && subject_of(e.body) == address;
  });
  return found == facts.events.rend() ? nullptr : &*found;
}

template <class E>
const Event* newest_of_run(const ExplanationFacts& facts) {
  const auto found =
      std::find_if(facts.events.rbegin(), facts.events.rend(),
                   [](const Event& event) { return std::holds_alternative<E>(event.body); });
  return found == facts.events.rend() ? nullptr : &*found;
}

// What explanations of tasks and of plans share: collects causes with the events that show them.
class Explainer {
 protected:
  explicit Explainer(const ExplanationFacts& facts) : facts_(facts) {}

  void add_future(ExplainedFuture future);
  Cause& add(std::string name, std::string text, const Event* event = nullptr);
  // The one sentence; its full stop is added.
  void answer(const std::string& sentence);
  std::string name(const TaskAddress& address) const { return address_text(facts_.phase, address); }

  void explain_gone(const TaskAddress& address);
  // Nothing of its own keeps it: the phase has not come to it.
  void explain_not_reached(const TaskAddress& address);
  // Plans that it depends on and that are not complete, with what stops them.
  void add_dependencies(const PlanRecord& plan);
  // What the newest run met: limits of providers, budgets, the circuit breaker.
  void add_limits(const TaskAddress& address);
  void add_run_end();
  // The event that gave the task up; null when none did.
  const Event* event_of_end(const TaskRecord& task) const;

  const ExplanationFacts& facts_;
  Explanation told_;
};

}  // namespace konductor::engine
