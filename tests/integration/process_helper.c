// SPDX-License-Identifier: MIT
// A process that behaves, well or badly, as its first argument says.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_for_ever(void) {
  for (;;)
    pause();
}

static void nap(long milliseconds) {
  struct timespec time = {milliseconds / 1000, (milliseconds % 1000) * 1000000};
  nanosleep(&time, NULL);
}

static void say(const char* text) {
  if (write(1, text, strlen(text)) < 0) _exit(99);
}

// Writes the pid, in one step, to a file that the test waits for.
static void leave_pid(const char* path) {
  char temporary[4096];
  snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
  FILE* file = fopen(temporary, "w");
  if (file == NULL) _exit(98);
  fprintf(file, "%d\n", (int)getpid());
  fclose(file);
  if (rename(temporary, path) != 0) _exit(97);
}

static void wait_for_file(const char* path) {
  while (access(path, F_OK) != 0)
    nap(1);
}

static void close_all(void) {
  for (int fd = 0; fd < 3; ++fd)
    close(fd);
  open("/dev/null", O_RDWR);
  open("/dev/null", O_RDWR);
  open("/dev/null", O_RDWR);
}

static int list_descriptors(void) {
  DIR* entries = opendir("/proc/self/fd");
  for (struct dirent* entry; (entry = readdir(entries)) != NULL;)
    if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(entries))
      printf("%s\n", entry->d_name);
  return 0;
}

static int copy_input(void) {
  char buffer[65536];
  for (ssize_t count; (count = read(0, buffer, sizeof buffer)) > 0;)
    if (write(1, buffer, (size_t)count) != count) return 1;
  return 0;
}

static int print_state(void) {
  printf("pid %d group %d session %d\n", (int)getpid(), (int)getpgid(0), (int)getsid(0));
  FILE* status = fopen("/proc/self/status", "r");
  char line[512];
  while (fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, "SigIgn", 6) == 0 || strncmp(line, "SigBlk", 6) == 0) fputs(line, stdout);
  fclose(status);
  return 0;
}

// daemon PIDFILE [again]: double fork, own session, nothing of the environment, closed output.
static int leave_daemon(char** argv) {
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      close_all();
      char* const arguments[] = {argv[0], "linger", argv[2], NULL};
      char* const environment[] = {NULL};
      execve("/proc/self/exe", arguments, environment);
      _exit(96);
    }
    _exit(0);
  }
  wait(NULL);
  wait_for_file(argv[2]);
  return 0;
}

// Every process that sees its child die makes another one.
static void respawn(int depth) {
  for (;;) {
    const pid_t child = fork();
    if (child == 0 && depth > 0) respawn(depth - 1);
    if (child == 0) pause_for_ever();
    if (child > 0) waitpid(child, NULL, 0);
  }
}

// Every process makes others until so many were made in all, and then stays. None hears SIGTERM.
static void bomb(int count) {
  int* const made =
      mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) _exit(94);
  signal(SIGTERM, SIG_IGN);
  while (__atomic_add_fetch(made, 1, __ATOMIC_SEQ_CST) <= count)
    if (fork() == 0) setsid();
  pause_for_ever();
}

// Holds so many megabytes, half of them in a child.
static void hold(size_t megabytes) {
  const size_t half = megabytes << 19;
  int parent_holds[2];
  if (pipe(parent_holds) != 0) _exit(93);
  const pid_t child = fork();
  volatile char* const memory = malloc(half);
  if (memory == NULL) _exit(92);
  for (size_t i = 0; i < half; i += 1024)
    memory[i] = 1;
  close(parent_holds[1]);
  char end = 0;
  if (child == 0 && read(parent_holds[0], &end, 1) == 0) say("ready\n");
  pause_for_ever();
}

// A process that lives on only through its children: each forks once and ends, after a
// millisecond or at once.
static void comet(int is_fast) {
  for (;;) {
    const pid_t child = fork();
    if (child != 0) _exit(0);
    setsid();
    if (!is_fast) nap(1);
  }
}

static int count_signals_fd = -1;
static void count_signal(int signal) {
  (void)signal;
  if (write(count_signals_fd, "T", 1) < 0) _exit(95);
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  const char* operand = argc > 2 ? argv[2] : "";
  setvbuf(stdout, NULL, _IOFBF, 65536);
  if (strcmp(what, "exit") == 0) return atoi(operand);
  if (strcmp(what, "signal") == 0) return raise(atoi(operand));
  if (strcmp(what, "cat") == 0) return copy_input();
  if (strcmp(what, "descriptors") == 0) return list_descriptors();
  if (strcmp(what, "state") == 0) return print_state();
  if (strcmp(what, "directory") == 0) return puts(getcwd(NULL, 0)) < 0;
  if (strcmp(what, "arguments") == 0) {
    for (int i = 0; i < argc; ++i)
      puts(argv[i]);
    return 0;
  }
  if (strcmp(what, "environment") == 0) {
    for (char** entry = environ; *entry != NULL; ++entry)
      puts(*entry);
    return 0;
  }
  if (strcmp(what, "both") == 0) {
    say("out");
    return write(2, "err", 3) != 3;
  }
  if (strcmp(what, "nap") == 0) {
    nap(atol(operand));
    return 0;
  }
  if (strcmp(what, "hang") == 0) {
    say("ready\n");
    pause_for_ever();
  }
  if (strcmp(what, "linger") == 0) {
    leave_pid(operand);
    pause_for_ever();
  }
  if (strcmp(what, "ignore_term") == 0) {
    signal(SIGTERM, SIG_IGN);
    say("ready\n");
    pause_for_ever();
  }
  if (strcmp(what, "count_term") == 0) {
    count_signals_fd = 1;
    signal(SIGTERM, count_signal);
    if (fork() == 0) signal(SIGTERM, count_signal);
    say("r");
    pause_for_ever();
  }
  if (strcmp(what, "flood") == 0) {
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    /* Half a gigabyte: far beyond any limit of a test, and no danger to the disk. */
    for (int i = 0; i < 8192; ++i)
      if (write(1, block, sizeof block) < 0) return 1;
    for (;;) pause();
  }
  if (strcmp(what, "chatter") == 0) {
    for (int i = 0; i < atoi(operand); ++i) {
      say(".");
      nap(20);
    }
    return 0;
  }
  if (strcmp(what, "keep_stdout") == 0) {
    if (fork() == 0) {
      leave_pid(operand);
      pause_for_ever();
    }
    wait_for_file(operand);
    return 0;
  }
  if (strcmp(what, "daemon") == 0) return leave_daemon(argv);
  if (strcmp(what, "daemon_and_hang") == 0) {
    leave_daemon(argv);
    say("ready\n");
    pause_for_ever();
  }
  if (strcmp(what, "respawn") == 0) {
    if (fork() == 0) {
      setsid();
      respawn(3);
    }
    nap(50);
    return 0;
  }
  if (strcmp(what, "bomb") == 0) bomb(atoi(operand));
  if (strcmp(what, "hold") == 0) hold((size_t)atoi(operand));
  if (strcmp(what, "comet") == 0) {
    if (fork() == 0) comet(strcmp(operand, "fast") == 0);
    nap(20);
    return 0;
  }
  if (strcmp(what, "orphans") == 0) {
    for (int i = 0; i < atoi(operand); ++i) {
      if (fork() == 0) {
        if (fork() != 0) _exit(0);
        nap(5);
        _exit(0);
      }
    }
    while (wait(NULL) > 0) {
    }
    say("ready\n");
    pause_for_ever();
  }
  fprintf(stderr, "unknown behaviour \"%s\"\n", what);
  return 64;
}
