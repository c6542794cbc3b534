// SPDX-License-Identifier: MIT
// What starting processes costs at the least: for each task three agents one after another, so many
// tasks at once, nothing recorded.
//
//   bench_floor AGENT PROMPT TASKS PARALLEL      run in an empty directory
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

struct Slot {
  pid_t pid;
  long task;
  int stage;
};

static const char* const kRoles[] = {"executor", "spec-reviewer", "code-reviewer"};

static int start(struct Slot* slot, char* agent, const char* prompt) {
  char output[64];
  char file[64];
  snprintf(output, sizeof output, "out-%ld-%d", slot->task, slot->stage);
  snprintf(file, sizeof file, "file-%ld", slot->task);
  char role[32];
  snprintf(role, sizeof role, "%s", kRoles[slot->stage]);
  char* arguments[] = {agent, role, output, slot->stage == 0 ? file : NULL, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, prompt, O_RDONLY, 0);
  const int error = posix_spawn(&slot->pid, agent, &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0;
}

int main(int argc, char** argv) {
  if (argc != 5) {
    fputs("usage: bench_floor AGENT PROMPT TASKS PARALLEL\n", stderr);
    return 2;
  }
  const long tasks = atol(argv[3]);
  const long width = atol(argv[4]);
  struct Slot* slots = calloc((size_t)width, sizeof *slots);
  if (slots == NULL) return 1;
  long started = 0;
  long running = 0;
  for (; running < width && started < tasks; ++running) {
    slots[running].task = started++;
    if (!start(&slots[running], argv[1], argv[2])) return 1;
  }
  while (running > 0) {
    siginfo_t ended;
    if (waitid(P_ALL, 0, &ended, WEXITED) != 0 || ended.si_status != 0) return 1;
    struct Slot* slot = slots;
    while (slot->pid != ended.si_pid)
      ++slot;
    if (++slot->stage == 3) {
      slot->pid = 0;
      if (started == tasks) {
        --running;
        continue;
      }
      slot->task = started++;
      slot->stage = 0;
    }
    if (!start(slot, argv[1], argv[2])) return 1;
  }
  free(slots);
  return 0;
}
