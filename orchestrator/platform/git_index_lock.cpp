// SPDX-License-Identifier: MIT
#include "platform/git_index_lock.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kChunk = 1 << 20;

Error lock_error(int error_number, const fs::path& path) {
  return error_from_errno(error_number, "cannot lock the index: " + quote(path.native()));
}

bool is_same_file(const fs::path& left, const fs::path& right) {
  struct stat one = {};
  struct stat other = {};
  return ::lstat(left.c_str(), &one) == 0 && ::lstat(right.c_str(), &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

IndexLock::IndexLock(const fs::path& git_directory, const std::string& phase)
    : index_(git_directory / "index"),
      lock_(git_directory / "index.lock"),
      mark_(git_directory / ("konductor-" + phase + "-index-mark")),
      copy_(git_directory / ("konductor-" + phase + "-index")) {}

void IndexLock::clear() const {
  if (is_same_file(mark_, lock_)) ::unlink(lock_.c_str());
  for (const fs::path& path : {mark_, copy_, fs::path(copy_.native() + ".lock")})
    ::unlink(path.c_str());
}

Result<void> IndexLock::take() {
  clear();
  KON_TRY_VOID(make_lock());
  std::error_code error;
  fs::copy_file(index_, copy_, error);
  if (!error) fs::last_write_time(copy_, fs::last_write_time(index_, error), error);
  if (!error || error == std::errc::no_such_file_or_directory) return {};
  release();
  return lock_error(error.value(), copy_);
}

Result<void> IndexLock::make_lock() {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  fd_.reset(::open(mark_.c_str(), kFlags, 0666));
  if (!fd_.is_open()) return lock_error(errno, mark_);
  if (::link(mark_.c_str(), lock_.c_str()) == 0) return {};
  const int failed = errno;
  ::unlink(mark_.c_str());
  fd_.reset();
  if (failed == EEXIST) return Error{ErrorCode::already_exists, quote(lock_.native()) + " exists"};
  // A file system without hard links: after a kill a person has to remove the lock.
  fd_.reset(::open(lock_.c_str(), kFlags, 0666));
  if (fd_.is_open()) return {};
  if (errno == EEXIST) return Error{ErrorCode::already_exists, quote(lock_.native()) + " exists"};
  return lock_error(errno, lock_);
}

// The lock's times are the copy's: with them git tells which files it has to look into again.
Result<void> IndexLock::fill() {
  const UniqueFd from(::open(copy_.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status = {};
  if (!from.is_open() || ::fstat(from.get(), &status) != 0) return lock_error(errno, copy_);
  for (ssize_t count = 1; count > 0;) {
    count = ::sendfile(fd_.get(), from.get(), nullptr, kChunk);
    if (count < 0 && errno != EINTR) return lock_error(errno, lock_);
    if (count < 0) count = 1;
  }
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  if (::futimens(fd_.get(), times.data()) != 0) return lock_error(errno, lock_);
  return {};
}

Result<void> IndexLock::commit() {
  KON_TRY_VOID(fill());
  if (::rename(lock_.c_str(), index_.c_str()) != 0) return lock_error(errno, lock_);
  fd_.reset();
  clear();
  return {};
}

void IndexLock::release() {
  if (!fd_.is_open()) return;
  fd_.reset();
  ::unlink(lock_.c_str());
  clear();
}

}  // namespace konductor::platform::git
