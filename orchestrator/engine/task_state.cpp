// SPDX-License-Identifier: MIT
#include "engine/task_state.hpp"

#include "base/check.hpp"
#include "base/overloaded.hpp"

namespace konductor::engine {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::execute:
      return "execute";
    case Action::research:
      return "research";
    case Action::assess_blocker:
      return "assess_blocker";
    case Action::assess_concerns:
      return "assess_concerns";
    case Action::check_gates:
      return "check_gates";
    case Action::review_spec:
      return "review_spec";
    case Action::review_quality:
      return "review_quality";
    case Action::review_holistic:
      return "review_holistic";
  }
  return "execute";
}

bool is_attempt(Action action) {
  return action != Action::check_gates;
}

bool is_review(Action action) {
  return action == Action::review_spec || action == Action::review_quality ||
         action == Action::review_holistic;
}

RoleName role_of(Action action) {
  KON_CHECK(is_attempt(action));
  switch (action) {
    case Action::research:
      return RoleName::researcher;
    case Action::assess_blocker:
    case Action::assess_concerns:
      return RoleName::assessor;
    case Action::review_spec:
      return RoleName::spec_reviewer;
    case Action::review_quality:
    case Action::review_holistic:
      return RoleName::code_reviewer;
    case Action::execute:
    case Action::check_gates:
      break;
  }
  return RoleName::executor;
}

std::string_view status_name(const TaskState& state) {
  return std::visit(Overloaded{
                        [](const state::waiting&) { return std::string_view("waiting"); },
                        [](const state::due&) { return std::string_view("running"); },
                        [](const state::active&) { return std::string_view("running"); },
                        [](const state::ended&) { return std::string_view("running"); },
                        [](const state::completed&) { return std::string_view("completed"); },
                        [](const state::failed&) { return std::string_view("failed"); },
                        [](const state::blocked&) { return std::string_view("blocked"); },
                        [](const state::needs_manual&) { return std::string_view("needs_manual"); },
                        [](const state::skipped&) { return std::string_view("skipped"); },
                        [](const state::split&) { return std::string_view("split"); },
                    },
                    state);
}

std::string describe(const TaskState& state) {
  auto with_action = [](std::string_view name, Action action) {
    return std::string(name) + "(" + std::string(to_string(action)) + ")";
  };
  return std::visit(Overloaded{
                        [&](const state::due& s) { return with_action("due", s.action); },
                        [&](const state::active& s) { return with_action("active", s.action); },
                        [&](const state::ended& s) { return with_action("ended", s.action); },
                        [&](const auto&) { return std::string(status_name(state)); },
                    },
                    state);
}

bool is_settled(const TaskState& state) {
  return !std::holds_alternative<state::waiting>(state) &&
         !std::holds_alternative<state::due>(state) &&
         !std::holds_alternative<state::active>(state) &&
         !std::holds_alternative<state::ended>(state);
}

std::string attempt_reason(const TaskRecord& task, Action action) {
  switch (action) {
    case Action::execute:
      return task.is_retry ? "retry" : task.reason;
    case Action::research:
      return "research";
    case Action::assess_blocker:
    case Action::assess_concerns:
      return "assess";
    case Action::review_holistic:
      return "holistic";
    case Action::review_spec:
    case Action::review_quality:
    case Action::check_gates:
      break;
  }
  return "review";
}

}  // namespace konductor::engine
