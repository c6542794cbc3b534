// SPDX-License-Identifier: MIT
// Preloaded into the engine, and into nothing that it starts: counts the points at which a kill can
// leave something half done, and ends the engine at the wanted one as SIGKILL does. A point is
// after each sync (a commit of the journal), before and after each file takes or loses a name, and
// after each file is made or mount changed. Told by its environment:
//   KILL_POINTS    "commits" or "all": what counts
//   KILL_POINT_AT  the number of the point to end at; 0 or none only counts
//   KILL_POINT_LOG a file: how many points were passed, and what the last one was
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static pid_t engine;
static int counts_all;
static long wanted;
static int log_file = -1;
static atomic_long passed;

// Looked up once: between fork and exec nothing may be looked up.
#define REAL(name)                                                                      \
  __extension__({                                                                       \
    static __typeof__(&(name)) real;                                                    \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name);                         \
    real;                                                                               \
  })

__attribute__((constructor)) static void begin(void) {
  const char* points = getenv("KILL_POINTS");
  const char* at = getenv("KILL_POINT_AT");
  const char* path = getenv("KILL_POINT_LOG");
  if (points != NULL && path != NULL) {
    counts_all = strcmp(points, "all") == 0;
    wanted = at == NULL ? 0 : atol(at);
    log_file = REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    engine = getpid();
  }
  unsetenv("KILL_POINTS");
  unsetenv("KILL_POINT_AT");
  unsetenv("KILL_POINT_LOG");
  unsetenv("LD_PRELOAD");
}

static void point(const char* call, const char* path) {
  // A child between fork and exec shares this memory.
  if (engine == 0 || getpid() != engine) return;
  const long number = atomic_fetch_add(&passed, 1) + 1;
  if (wanted != 0 && number > wanted) return;
  char line[512];
  const int length = snprintf(line, sizeof line, "%ld %s %.400s\n", number, call, path);
  const ssize_t written = pwrite(log_file, line, (size_t)length, 0);
  if (written == length && ftruncate(log_file, length) != 0) return;
  if (number != wanted) return;
  kill(engine, SIGKILL);
  for (;;) pause();
}

static void any_point(const char* call, const char* path) {
  if (counts_all) point(call, path);
}

static void sync_point(const char* call, int file) {
  char name[64];
  char path[400] = "";
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(name, path, sizeof path - 1);
  if (length > 0) path[length] = '\0';
  point(call, path);
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
