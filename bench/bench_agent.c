// SPDX-License-Identifier: MIT
// The cheapest agent that keeps to the contract: reads its prompt, writes its document, ends. It is
// static, so that what is measured is who starts it.
//
//   bench_agent                         role, plan, task and output from KONDUCTOR_*; prompt on
//   stdin bench_agent ROLE OUTPUT [FILE]      the same work for engines that know no roles
//   bench_agent --sleep SECONDS         with KONDUCTOR_*, but sleeps first
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int write_file(const char* path, const char* text) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return 0;
  const size_t size = strlen(text);
  const int is_whole = write(file, text, size) == (ssize_t)size;
  return close(file) == 0 && is_whole;
}

static const char kSummary[] =
    "# Summary\n\n## Status: DONE\n\nWrote the one file that the task declares and looked at it "
    "once more. Nothing else was touched.\n\n## Files Modified\n\n- as declared\n";
static const char kReview[] =
    "# Review\n\n## Verdict: pass\n\n## Findings\n\nEverything that the task asks for is there.\n";

int main(int argc, char** argv) {
  char buffer[65536];
  while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) {
  }
  const char* role = getenv("KONDUCTOR_ROLE");
  const char* output = getenv("KONDUCTOR_OUTPUT");
  const char* plan = getenv("KONDUCTOR_PLAN");
  const char* task = getenv("KONDUCTOR_TASK");
  const char* file = NULL;
  char own_file[64];
  if (argc >= 3 && strcmp(argv[1], "--sleep") == 0) {
    const struct timespec pause = {atol(argv[2]), 0};
    nanosleep(&pause, NULL);
  } else if (argc >= 3) {
    role = argv[1];
    output = argv[2];
    if (argc >= 4) file = argv[3];
  }
  if (role == NULL || output == NULL) {
    fputs("bench_agent: no role or output is named\n", stderr);
    return 2;
  }
  const int is_executor = strcmp(role, "executor") == 0;
  if (is_executor && file == NULL && plan != NULL && task != NULL) {
    snprintf(own_file, sizeof own_file, "p%st%s.txt", plan, task);
    file = own_file;
  }
  if (is_executor && file != NULL && !write_file(file, "done\n")) return 1;
  return write_file(output, is_executor ? kSummary : kReview) ? 0 : 1;
}
