// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <variant>

#include "base/ids.hpp"
#include "engine/task_state.hpp"

// What the machine wants done. Each is performed after the events that led to it are durable, and
// answers with one outcome, but for cancel_attempt.
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
  bool is_adopted = false;           // It runs already, or has run: an earlier engine started it.
  std::string session = {};          // To go on in, if the attempt runs with this runtime;
  std::string session_runtime = {};  // "": a fresh one.
  double session_usd = 0;            // What attempts before it used in the session.
  bool is_cut_off = false;        // The session's attempt was ended in the middle of its work, and
  std::string session_kept = {};  // left this, a reference, unless its engine was killed.
};
// Ends the task's attempt in flight, which is cut off. Answered by that attempt's own end.
struct cancel_attempt {
  TaskAddress address;
};
// Asks the person at the terminal what the task wants to know.
struct ask_person {
  TaskAddress address;
  Action action = Action::research;  // Missing context, or with assess_blocker a blocker.
  std::string question;
};
struct check_gates {
  TaskAddress address;
};
struct file_task {
  TaskAddress address;
};
// A conflict is answered with a commit to fix it from, if that `is_fix_wanted`.
struct complete_plan {
  int plan = 0;
  bool is_fix_wanted = false;
};
// Puts the plan's tree back to what it was before the fix of its merge conflict, which is kept.
struct drop_merge_fix {
  int plan = 0;
};
struct file_plan {
  int plan = 0;
};

}  // namespace konductor::engine::command

namespace konductor::engine {

using Command = std::variant<command::open_workspace, command::start_attempt, command::check_gates,
                             command::file_task, command::complete_plan, command::file_plan,
                             command::drop_merge_fix, command::cancel_attempt, command::ask_person>;

}  // namespace konductor::engine
