// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <variant>

#include "base/ids.hpp"
#include "engine/task_state.hpp"

// What the machine wants done. Each is performed after the events that led to it are durable, and
// answers with one outcome.
namespace konductor::engine::command {

struct open_workspace {
  int plan = 0;
};
struct start_attempt {
  TaskAddress address;
  Action action = Action::execute;
  RoleName role = RoleName::executor;
  std::string reason;
  int attempt = 0;
  int take = 0;  // Which performance this is: attempts that a crash cut off do not count.
  int slot = 0;
};
struct check_gates {
  TaskAddress address;
};
struct file_task {
  TaskAddress address;
};
struct complete_plan {
  int plan = 0;
};
struct file_plan {
  int plan = 0;
};

}  // namespace konductor::engine::command

namespace konductor::engine {

using Command = std::variant<command::open_workspace, command::start_attempt, command::check_gates,
                             command::file_task, command::complete_plan, command::file_plan>;

}  // namespace konductor::engine
