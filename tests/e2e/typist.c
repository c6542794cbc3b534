// SPDX-License-Identifier: MIT
// A person at a terminal: runs a program with a terminal of its own and types when it has printed
// what is waited for. What it prints goes to stdout, and its end is this program's.
//
//     typist TEXT ANSWER [TEXT ANSWER …] -- PROGRAM ARGUMENT…
//
// In an answer "\n" is Enter and "^C", "^D" are those keys; the answer "hang up" closes the terminal.
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kSeenMax = 1 << 20 };

static void type(int terminal, const char* answer) {
  for (const char* at = answer; *at != '\0'; ++at) {
    char key = *at;
    if (at[0] == '\\' && at[1] == 'n') {
      key = '\n';
      ++at;
    } else if (at[0] == '^' && (at[1] == 'C' || at[1] == 'D')) {
      key = (char)(at[1] - '@');
      ++at;
    }
    if (write(terminal, &key, 1) != 1) return;
  }
}

int main(int argc, char** argv) {
  int split = 1;
  while (split < argc && strcmp(argv[split], "--") != 0)
    ++split;
  if (split + 1 >= argc || split % 2 == 0) return 99;
  int terminal = -1;
  const struct winsize size = {.ws_row = 40, .ws_col = 100};
  const pid_t pid = forkpty(&terminal, NULL, NULL, &size);
  if (pid < 0) return 99;
  if (pid == 0) {
    execvp(argv[split + 1], argv + split + 1);
    _exit(127);
  }
  char* seen = calloc(1, kSeenMax + 1);
  if (seen == NULL) return 99;
  size_t used = 0;
  size_t answered = 0;  // What came before that is no answer's cause.
  int next = 1;
  while (used < kSeenMax) {
    const ssize_t got = read(terminal, seen + used, kSeenMax - used);
    if (got <= 0) break;
    fwrite(seen + used, 1, (size_t)got, stdout);
    fflush(stdout);
    used += (size_t)got;
    while (next + 1 < split + 1 && next < split) {
      const char* found = strstr(seen + answered, argv[next]);
      if (found == NULL) break;
      answered = (size_t)(found - seen) + strlen(argv[next]);
      if (strcmp(argv[next + 1], "hang up") == 0) {
        close(terminal);
        terminal = -1;
        next = split;
        break;
      }
      type(terminal, argv[next + 1]);
      next += 2;
    }
    if (terminal < 0) break;
  }
  int status = 0;
  waitpid(pid, &status, 0);
  free(seen);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
