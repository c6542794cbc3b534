// SPDX-License-Identifier: MIT
#pragma once

#include "e2e/agent/agent.hpp"

// The executor's behaviours, one function each; executor.cpp has the table of their names.
namespace fake {

// The files and a summary that says DONE.
int do_honest_work(Agent& agent);

// How its process behaves.
int crash(Agent& agent);
int die_by_signal(Agent& agent);
int hang_quietly(Agent& agent);
int stall(Agent& agent);
int talk(Agent& agent);
int ignore_signals(Agent& agent);
int end_on_signal(Agent& agent);
int flood_stdout(Agent& agent);
int flood_stderr(Agent& agent);
int print_much(Agent& agent);
int leave_child_with_stdout(Agent& agent);
int leave_child_in_own_session(Agent& agent);
int leave_child_without_environment(Agent& agent);

// What it hands in.
int hand_in_nothing(Agent& agent);
int hand_in_unknown_status(Agent& agent);
int hand_in_lowercase_status(Agent& agent);
int hand_in_two_statuses(Agent& agent);
int hand_in_status_in_fence(Agent& agent);
int hand_in_odd_headings(Agent& agent);
int hand_in_forged_review_status(Agent& agent);
int hand_in_huge_summary(Agent& agent);
int hand_in_invalid_utf8(Agent& agent);
int hand_in_link(Agent& agent);
int hand_in_fifo(Agent& agent);
int hand_in_directory(Agent& agent);
int hand_in_long_summary(Agent& agent);

// What it does to files.
int claim_done(Agent& agent);
int write_wrong_file(Agent& agent);
int write_extra_file(Agent& agent);
int write_ignored_file(Agent& agent);
int delete_file(Agent& agent);
int delete_file_silently(Agent& agent);
int rearrange(Agent& agent);
int link_out(Agent& agent);
int link_folder_out(Agent& agent);
int link_inside(Agent& agent);
int link_out_dangling(Agent& agent);
int commit_itself(Agent& agent);
int try_outside(Agent& agent);
int try_undeclared(Agent& agent);
int ask_for_files(Agent& agent);
int read_outside(Agent& agent);
int edit_verify_script(Agent& agent);
int edit_plan(Agent& agent);
int edit_state(Agent& agent);
int edit_config(Agent& agent);
int edit_workspace_konductor(Agent& agent);
int write_next_summary(Agent& agent);
int edit_git_config(Agent& agent);
int add_hook(Agent& agent);
int move_foreign_ref(Agent& agent);

// What it does to tests, and secrets.
int weaken_tests(Agent& agent);
int weaken_tests_always(Agent& agent);
int mute_tests(Agent& agent);
int change_expectation(Agent& agent);
int delete_tests(Agent& agent);
int move_tests(Agent& agent);
int add_test(Agent& agent);
int add_test_in_fix(Agent& agent);
int add_secret(Agent& agent);

}  // namespace fake
