// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace bench {

// Each measures one thing and prints its table as Markdown. Throw std::runtime_error when a command
// fails.

// What a task costs beside ninja, make and the bare system calls, at 4 and 16 at once.
void bench_dispatch(int plans, int tasks, int rounds);
// The loop's longest stall while short and long children come and go.
void bench_loop_stall();
// `plan check` beside reading and parsing the same files.
void bench_check(int plans, int rounds);
// `execute` of a finished and of a half-finished phase, beside ninja with nothing to do.
void bench_finished(int plans, int tasks, int rounds);
// Memory, wake-ups and processor time while attempts only run.
void bench_live(int attempts);
// `--version` and `status` beside `git --version`.
void bench_start(int rounds);

// All of a phase's work in git beside the git command line.
void bench_git(int files, int plans, int tasks);
// A row: how long a review waits for a tree, shared and copied, with so many files.
void bench_review_copies(int files);

// What each dialect's agent prints, read by its reader and by a JSON parser that builds everything.
void bench_streams(std::size_t bytes, int rounds);

}  // namespace bench
