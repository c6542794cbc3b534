// SPDX-License-Identifier: MIT
#include "platform/phase_fence.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/check.hpp"
#include "base/text.hpp"
#include "platform/proc_fs.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr int kLookAgainMilliseconds = 5;
// Among the permissions of a lock's file that another engine replaces: nobody runs it otherwise.
constexpr mode_t kTakenOver = S_IXUSR;

// Locks of an open file, not of a process: all threads act on one, and a child that has not come to
// its exec yet still counts.
bool lock_first_byte(int fd, int kind) {
  struct flock range = {};
  range.l_type = static_cast<short>(kind);
  range.l_whence = SEEK_SET;
  range.l_len = 1;
  return ::fcntl(fd, F_OFD_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES);
}

// Whether /proc/locks says that the process locked this very file: pids are used again.
bool holds_lock_on(long pid, int fd) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return false;
  const std::string inode = ":" + std::to_string(status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string kind;
    std::string mode;
    std::string access;
    std::string file;
    long holder = 0;
    if (fields >> number >> kind >> mode >> access >> holder >> file && kind == "FLOCK" &&
        holder == pid && file.ends_with(inode))
      return true;
  }
  return false;
}

void mark_taken_over(int fd) {
  struct stat status = {};
  if (::fstat(fd, &status) == 0) ::fchmod(fd, status.st_mode | kTakenOver);
}

bool is_stopped(long pid) {
  const auto stat = read_process_stat(static_cast<pid_t>(pid));
  return stat && (stat->state == 'T' || stat->state == 't');
}

bool kill_holder(long pid, int fd) {
  // Opened before it is looked at, so that it is the very process that is looked at.
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)));
  if (!process.is_open() || !holds_lock_on(pid, fd)) return false;
  return ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0;
}

// Waits until the engine that holds the replaced file `fd` acts no more, and sees to it. Returns
// the pid of the engine that was killed for it, or 0.
Result<long> end_acts(int fd, const std::string& phase) {
  const long holder = FileLock::holder_of(fd);
  long killed = 0;
  auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!lock_first_byte(fd, F_WRLCK)) {
    const bool is_late = std::chrono::steady_clock::now() > deadline;
    if (killed == 0 && (is_late || is_stopped(holder)) && kill_holder(holder, fd)) {
      killed = holder;
      deadline = std::chrono::steady_clock::now() + kPatience;
    } else if (is_late) {
      return Error{ErrorCode::busy, "the engine that holds phase " + quote(phase) + ", pid " +
                                        std::to_string(holder) +
                                        ", is in the middle of a change and cannot be ended from "
                                        "here; end it and run again"};
    }
    ::poll(nullptr, 0, kLookAgainMilliseconds);
  }
  return killed;
}

}  // namespace

Result<std::unique_ptr<PhaseFence>> PhaseFence::hold(const fs::path& lock, std::string phase,
                                                     std::int64_t wall_milliseconds) {
  KON_TRY(FileLock taken, FileLock::try_lock(lock, wall_milliseconds));
  return std::make_unique<PhaseFence>(std::move(taken), std::move(phase), wall_milliseconds);
}

Result<std::unique_ptr<PhaseFence>> PhaseFence::take_over(const fs::path& lock, std::string phase,
                                                          std::int64_t wall_milliseconds) {
  const UniqueFd former(::open(lock.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  // So that its holder knows, also when there is no file any more.
  if (former.is_open()) mark_taken_over(former.get());
  KON_TRY(FileLock taken, FileLock::take_over(lock, wall_milliseconds));
  auto fence = std::make_unique<PhaseFence>(std::move(taken), phase, wall_milliseconds);
  if (!former.is_open()) return fence;
  KON_TRY(fence->killed_, end_acts(former.get(), phase));
  return fence;
}

// The lock on the first byte goes with the file, which is closed last.
PhaseFence::~PhaseFence() {
  lock_first_byte(lock_.descriptor(), F_RDLCK);
}

void PhaseFence::put_back_file() {
  struct stat own = {};
  struct stat other = {};
  const bool is_removed = ::lstat(lock_.path().c_str(), &other) != 0 && errno == ENOENT;
  if (!is_removed || ::fstat(lock_.descriptor(), &own) != 0) return;
  if ((own.st_mode & kTakenOver) != 0) return;
  std::error_code error;
  if (!fs::exists(lock_.path().parent_path(), error)) return;
  // Of two engines that find it gone, one is the first.
  Result<FileLock> again = FileLock::try_lock(lock_.path(), since_);
  if (again.has_value()) lock_ = std::move(again).value();
}

Result<void> PhaseFence::begin() {
  const std::lock_guard<std::mutex> guard(mutex_);
  const bool is_first = acts_ == 0;
  bool is_locked = !is_first || lock_first_byte(lock_.descriptor(), F_RDLCK);
  if (is_locked && !lock_.is_held()) {
    put_back_file();
    is_locked = lock_first_byte(lock_.descriptor(), F_RDLCK);
  }
  // Looked at after the lock: from here on whoever takes the phase waits.
  if (is_locked && lock_.is_held()) {
    ++acts_;
    return {};
  }
  if (is_first && is_locked) lock_first_byte(lock_.descriptor(), F_UNLCK);
  const fs::path folder = lock_.path().parent_path();
  std::error_code error;
  if (!fs::exists(folder, error))
    return Error{ErrorCode::environment,
                 quote(folder.string()) + " is gone; put it back, and run again"};
  return Error{ErrorCode::fenced,
               "another engine took over phase " + quote(phase_) +
                   "; this one stops without another write (its work is recorded up to here)"};
}

void PhaseFence::end() {
  const std::lock_guard<std::mutex> guard(mutex_);
  KON_CHECK(acts_ > 0);
  if (--acts_ == 0) lock_first_byte(lock_.descriptor(), F_UNLCK);
}

}  // namespace konductor::platform
