// SPDX-License-Identifier: MIT
// Preloaded into the engine, and into nothing that it starts: counts the points at which a kill can
// leave something half done, and ends the engine at the wanted one as SIGKILL does, or stops it
// there until it is woken. A point is after each sync (a commit of the journal), before and after
// each file takes or loses a name, and after each file is made or mount changed; with "calls" also
// before each other system call that changes a file, and each that starts, signals or awaits a
// process. Told by its environment:
//   KILL_POINTS       "commits", "all" or "calls": what counts
//   KILL_POINT_PATH   what the path of a point that counts has to hold; none: any
//   KILL_POINT_AT     the number of the point to end at; 0 or none only counts
//   KILL_POINT_SIGNAL "stop": stop there instead
//   KILL_POINT_LOG    a file: how many points were passed, and what the last one was
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload.h"

static pid_t engine;
static int counts_all;
static int counts_calls;
static int stops;
static char wanted_path[256];
static long wanted;
static int log_file = -1;
static atomic_long passed;

__attribute__((constructor)) static void begin(void) {
  const char* points = getenv("KILL_POINTS");
  const char* at = getenv("KILL_POINT_AT");
  const char* path = getenv("KILL_POINT_LOG");
  if (points != NULL && path != NULL) {
    const char* action = getenv("KILL_POINT_SIGNAL");
    stops = action != NULL && strcmp(action, "stop") == 0;
    counts_calls = strcmp(points, "calls") == 0;
    counts_all = counts_calls || strcmp(points, "all") == 0;
    wanted = at == NULL ? 0 : atol(at);
    const char* held = getenv("KILL_POINT_PATH");
    snprintf(wanted_path, sizeof wanted_path, "%s", held == NULL ? "" : held);
    log_file = REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    engine = getpid();
  }
  unsetenv("KILL_POINTS");
  unsetenv("KILL_POINT_PATH");
  unsetenv("KILL_POINT_AT");
  unsetenv("KILL_POINT_SIGNAL");
  unsetenv("KILL_POINT_LOG");
  unsetenv("LD_PRELOAD");
}

static void point(const char* call, const char* path) {
  // A child between fork and exec shares this memory.
  if (engine == 0 || getpid() != engine || strstr(path, wanted_path) == NULL) return;
  const long number = atomic_fetch_add(&passed, 1) + 1;
  if (wanted != 0 && number > wanted) return;
  char line[512];
  const int length = snprintf(line, sizeof line, "%ld %s %.400s\n", number, call, path);
  const ssize_t written = REAL(pwrite64)(log_file, line, (size_t)length, 0);
  if (written == length && REAL(ftruncate)(log_file, length) != 0) return;
  if (number != wanted) return;
  REAL(kill)(engine, stops ? SIGSTOP : SIGKILL);
  while (!stops) pause();
}

static void any_point(const char* call, const char* path) {
  if (counts_all) point(call, path);
}

static void call_point(const char* call, const char* path) {
  if (counts_calls) point(call, path);
}

static void file_point(const char* call, int file) {
  char name[64];
  char path[400] = "";
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(name, path, sizeof path - 1);
  if (length > 0) path[length] = '\0';
  // What nobody finds afterwards cannot be left half done: pipes, event counters, its output.
  if (path[0] == '/') point(call, path);
}

// The engine's own log, and what the dynamic loader does before the beginning, count for nothing.
static void write_point(const char* call, int file) {
  if (counts_calls && file > 2) file_point(call, file);
}

static void sync_point(const char* call, int file) {
  file_point(call, file);
}

int fsync(int file) {
  const int result = REAL(fsync)(file);
  sync_point("after fsync", file);
  return result;
}

int fdatasync(int file) {
  const int result = REAL(fdatasync)(file);
  sync_point("after fdatasync", file);
  return result;
}

int rename(const char* from, const char* to) {
  any_point("before rename", to);
  const int result = REAL(rename)(from, to);
  any_point("after rename", to);
  return result;
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) {
  any_point("before renameat", to);
  const int result = REAL(renameat)(from_directory, from, to_directory, to);
  any_point("after renameat", to);
  return result;
}

int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned int flags) {
  any_point("before renameat2", to);
  const int result = REAL(renameat2)(from_directory, from, to_directory, to, flags);
  any_point("after renameat2", to);
  return result;
}

int link(const char* from, const char* to) {
  any_point("before link", to);
  const int result = REAL(link)(from, to);
  any_point("after link", to);
  return result;
}

int linkat(int from_directory, const char* from, int to_directory, const char* to, int flags) {
  any_point("before linkat", to);
  const int result = REAL(linkat)(from_directory, from, to_directory, to, flags);
  any_point("after linkat", to);
  return result;
}

int symlink(const char* text, const char* path) {
  const int result = REAL(symlink)(text, path);
  any_point("after symlink", path);
  return result;
}

int mkdir(const char* path, mode_t mode) {
  const int result = REAL(mkdir)(path, mode);
  if (result == 0) any_point("after mkdir", path);
  return result;
}

int rmdir(const char* path) {
  const int result = REAL(rmdir)(path);
  if (result == 0) any_point("after rmdir", path);
  return result;
}

int unlink(const char* path) {
  const int result = REAL(unlink)(path);
  if (result == 0) any_point("after unlink", path);
  return result;
}

int unlinkat(int directory, const char* path, int flags) {
  const int result = REAL(unlinkat)(directory, path, flags);
  if (result == 0) any_point("after unlinkat", path);
  return result;
}

int remove(const char* path) {
  const int result = REAL(remove)(path);
  if (result == 0) any_point("after remove", path);
  return result;
}

int mount(const char* source, const char* target, const char* type, unsigned long flags,
          const void* data) {
  const int result = REAL(mount)(source, target, type, flags, data);
  if (result == 0) any_point("after mount", target);
  return result;
}

int umount2(const char* target, int flags) {
  const int result = REAL(umount2)(target, flags);
  if (result == 0) any_point("after umount2", target);
  return result;
}

// The mode argument is there only when a file may be made.
#define MODE(last)                            \
  mode_t mode = 0;                            \
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list rest;                             \
    va_start(rest, last);                     \
    mode = va_arg(rest, mode_t);              \
    va_end(rest);                             \
  }

static int made(int file, const char* path, int flags) {
  if (file >= 0 && (flags & (O_CREAT | O_TRUNC)) != 0) any_point("after open", path);
  return file;
}

int open(const char* path, int flags, ...) {
  MODE(flags)
  return made(REAL(open)(path, flags, mode), path, flags);
}

int open64(const char* path, int flags, ...) {
  MODE(flags)
  return made(REAL(open64)(path, flags, mode), path, flags);
}

int openat(int directory, const char* path, int flags, ...) {
  MODE(flags)
  return made(REAL(openat)(directory, path, flags, mode), path, flags);
}

int openat64(int directory, const char* path, int flags, ...) {
  MODE(flags)
  return made(REAL(openat64)(directory, path, flags, mode), path, flags);
}

ssize_t write(int file, const void* bytes, size_t count) {
  write_point("before write", file);
  return REAL(write)(file, bytes, count);
}

ssize_t pwrite(int file, const void* bytes, size_t count, off_t at) {
  write_point("before pwrite", file);
  return REAL(pwrite)(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t at) {
  write_point("before pwrite", file);
  return REAL(pwrite64)(file, bytes, count, at);
}

int ftruncate(int file, off_t length) {
  write_point("before ftruncate", file);
  return REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
  write_point("before ftruncate", file);
  return REAL(ftruncate64)(file, length);
}

int fchmod(int file, mode_t mode) {
  write_point("before fchmod", file);
  return REAL(fchmod)(file, mode);
}

int chmod(const char* path, mode_t mode) {
  call_point("before chmod", path);
  return REAL(chmod)(path, mode);
}

int kill(pid_t process, int signal) {
  if (signal != 0) call_point("before kill", "");
  return REAL(kill)(process, signal);
}

int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  call_point("before waitid", "");
  return REAL(waitid)(type, id, info, options);
}

pid_t waitpid(pid_t process, int* status, int options) {
  call_point("before waitpid", "");
  return REAL(waitpid)(process, status, options);
}

int clone(int (*body)(void*), void* stack, int flags, void* argument, ...) {
  va_list rest;
  va_start(rest, argument);
  void* const parent_tid = va_arg(rest, void*);
  void* const tls = va_arg(rest, void*);
  void* const child_tid = va_arg(rest, void*);
  va_end(rest);
  call_point("before clone", "");
  const int child = REAL(clone)(body, stack, flags, argument, parent_tid, tls, child_tid);
  call_point("after clone", "");
  return child;
}

// Signals to processes that are held on to by a descriptor.
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long words[6];
  for (int i = 0; i < 6; ++i) words[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_pidfd_send_signal) call_point("before pidfd_send_signal", "");
  return REAL(syscall)(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
