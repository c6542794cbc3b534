// SPDX-License-Identifier: MIT
// Preloaded into the engine, and into nothing that it starts: makes system calls fail as those of a
// broken disk, a machine without memory or one whose clock is set do. Told by its environment:
//   FAULT_POINT_CALL  "write" (also syncs and truncations), "open" (for writing), "rename" (also
//                     links), "spawn", "sleep" (no time passes) or "clock" (the wall clock)
//   FAULT_POINT_PATH  what the file's path has to hold; none: every file
//   FAULT_POINT_AT    the number of the first call that fails; 0 or none only counts
//   FAULT_POINT_COUNT how many fail from there on; 0 or none: all
//   FAULT_POINT_VALUE errno; for "clock" seconds that it is set forward
//   FAULT_POINT_LOG   a file: how many such calls there were
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "preload.h"

static pid_t engine;
static char wanted_call[16];
static char wanted_path[256];
static long first;
static long count;
static long value;
static int log_file = -1;
static atomic_long passed;

static long number_of(const char* name) {
  const char* text = getenv(name);
  return text == NULL ? 0 : atol(text);
}

__attribute__((constructor)) static void begin(void) {
  const char* call = getenv("FAULT_POINT_CALL");
  const char* path = getenv("FAULT_POINT_PATH");
  const char* log = getenv("FAULT_POINT_LOG");
  if (call != NULL && *call != '\0' && log != NULL) {
    snprintf(wanted_call, sizeof wanted_call, "%s", call);
    snprintf(wanted_path, sizeof wanted_path, "%s", path == NULL ? "" : path);
    first = number_of("FAULT_POINT_AT");
    count = number_of("FAULT_POINT_COUNT");
    value = number_of("FAULT_POINT_VALUE");
    log_file = REAL(open)(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    engine = getpid();
  }
  unsetenv("FAULT_POINT_CALL");
  unsetenv("FAULT_POINT_PATH");
  unsetenv("FAULT_POINT_AT");
  unsetenv("FAULT_POINT_COUNT");
  unsetenv("FAULT_POINT_VALUE");
  unsetenv("FAULT_POINT_LOG");
  unsetenv("LD_PRELOAD");
}

// Whether this call is one that fails.
static int fails(const char* call, const char* path) {
  if (engine == 0 || strcmp(call, wanted_call) != 0) return 0;
  // A child between fork and exec shares this memory.
  if (getpid() != engine || strstr(path, wanted_path) == NULL) return 0;
  const long number = atomic_fetch_add(&passed, 1) + 1;
  const int is_hit = first != 0 && number >= first && (count == 0 || number < first + count);
  char line[512];
  const int length = snprintf(line, sizeof line, "%ld %s %.400s\n", number, call, path);
  if (number <= first || first == 0) {
    if (REAL(pwrite64)(log_file, line, (size_t)length, 0) != length) return 0;
    if (REAL(ftruncate)(log_file, length) != 0) return 0;
  }
  if (is_hit) errno = (int)value;
  return is_hit;
}

static int write_fails(int file) {
  if (engine == 0 || strcmp(wanted_call, "write") != 0 || file < 3) return 0;
  char name[64];
  char path[400] = "";
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(name, path, sizeof path - 1);
  if (length > 0) path[length] = '\0';
  // Pipes and event counters are no disk.
  return path[0] == '/' && fails("write", path);
}

ssize_t write(int file, const void* bytes, size_t size) {
  return write_fails(file) ? -1 : REAL(write)(file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return write_fails(file) ? -1 : REAL(pwrite)(file, bytes, size, at);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return write_fails(file) ? -1 : REAL(pwrite64)(file, bytes, size, at);
}

int ftruncate(int file, off_t length) {
  return write_fails(file) ? -1 : REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
  return write_fails(file) ? -1 : REAL(ftruncate64)(file, length);
}

int fsync(int file) {
  return write_fails(file) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file) {
  return write_fails(file) ? -1 : REAL(fdatasync)(file);
}

int rename(const char* from, const char* to) {
  return fails("rename", to) ? -1 : REAL(rename)(from, to);
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) {
  if (fails("rename", to)) return -1;
  return REAL(renameat)(from_directory, from, to_directory, to);
}

int link(const char* from, const char* to) {
  return fails("rename", to) ? -1 : REAL(link)(from, to);
}

static int open_fails(const char* path, int flags) {
  return (flags & O_ACCMODE) != O_RDONLY && fails("open", path);
}

#define MODE(last)                            \
  mode_t mode = 0;                            \
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list rest;                             \
    va_start(rest, last);                     \
    mode = va_arg(rest, mode_t);              \
    va_end(rest);                             \
  }

int open(const char* path, int flags, ...) {
  MODE(flags)
  return open_fails(path, flags) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  MODE(flags)
  return open_fails(path, flags) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
  MODE(flags)
  return open_fails(path, flags) ? -1 : REAL(openat)(directory, path, flags, mode);
}

int openat64(int directory, const char* path, int flags, ...) {
  MODE(flags)
  return open_fails(path, flags) ? -1 : REAL(openat64)(directory, path, flags, mode);
}

int mkdir(const char* path, mode_t mode) {
  return fails("open", path) ? -1 : REAL(mkdir)(path, mode);
}

int clone(int (*body)(void*), void* stack, int flags, void* argument, ...) {
  va_list rest;
  va_start(rest, argument);
  void* const parent_tid = va_arg(rest, void*);
  void* const tls = va_arg(rest, void*);
  void* const child_tid = va_arg(rest, void*);
  va_end(rest);
  if (fails("spawn", "")) return -1;
  return REAL(clone)(body, stack, flags, argument, parent_tid, tls, child_tid);
}

int usleep(useconds_t time) {
  return fails("sleep", "") ? 0 : REAL(usleep)(time);
}

int nanosleep(const struct timespec* time, struct timespec* rest) {
  return fails("sleep", "") ? 0 : REAL(nanosleep)(time, rest);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  const int result = REAL(clock_gettime)(clock, time);
  if (clock == CLOCK_REALTIME && fails("clock", "")) time->tv_sec += value;
  return result;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  const int result = REAL(gettimeofday)(time, zone);
  if (fails("clock", "")) time->tv_sec += value;
  return result;
}

time_t time(time_t* place) {
  time_t now = REAL(time)(NULL);
  if (fails("clock", "")) now += value;
  if (place != NULL) *place = now;
  return now;
}
