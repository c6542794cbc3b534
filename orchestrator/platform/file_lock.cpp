// SPDX-License-Identifier: MIT
#include "platform/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/text.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;

namespace {

constexpr int kOpenTriesMax = 100;
// A new holder writes its name within microseconds of taking the lock.
constexpr int kNameTriesMax = 50;
constexpr long kNameRetryNanoseconds = 2'000'000;
// A killed engine's lock lives on in a child that has not come to its exec yet: on a busy machine
// that can take a while.
constexpr int kDeadHolderTriesMax = 300;
constexpr long kDeadHolderRetryNanoseconds = 10'000'000;

struct Holder {
  long pid = 0;
  std::string host;
  std::string started;
};

std::string host_name() {
  std::array<char, 256> name = {};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::string utc_text(std::int64_t wall_milliseconds) {
  const std::time_t seconds = static_cast<std::time_t>(wall_milliseconds / 1000);
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text = {};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), length);
}

Error lock_error(int error_number, const fs::path& path) {
  return error_from_errno(error_number, "cannot lock " + quote(path.native()));
}

bool is_same_file(int fd, const fs::path& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

Result<void> write_holder(int fd, const fs::path& path, std::int64_t wall_milliseconds) {
  const nlohmann::json holder = {{"pid", ::getpid()},
                                 {"host", to_valid_utf8(host_name())},
                                 {"started", utc_text(wall_milliseconds)}};
  const std::string text = holder.dump() + "\n";
  if (::ftruncate(fd, 0) != 0) return lock_error(errno, path);
  const ssize_t count = ::pwrite(fd, text.data(), text.size(), 0);
  if (count < 0) return lock_error(errno, path);
  if (static_cast<std::size_t>(count) != text.size()) return lock_error(ENOSPC, path);
  return boost::system::in_place_value;
}

std::optional<Holder> read_holder(int fd) {
  std::array<char, 1024> buffer = {};
  const ssize_t count = ::pread(fd, buffer.data(), buffer.size(), 0);
  if (count <= 0) return std::nullopt;
  const auto json = nlohmann::json::parse(buffer.data(), buffer.data() + count, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto pid = json.find("pid");
  const auto host = json.find("host");
  const auto started = json.find("started");
  if (pid == json.end() || !pid->is_number_integer() || host == json.end() || !host->is_string() ||
      started == json.end() || !started->is_string())
    return std::nullopt;
  return Holder{pid->get<long>(), host->get<std::string>(), started->get<std::string>()};
}

bool may_live(const Holder& holder) {
  return holder.host != host_name() || ::kill(static_cast<pid_t>(holder.pid), 0) == 0 ||
         errno != ESRCH;
}

// True when whoever has the lock is not the one that the file names: waiting may help.
bool is_holder_gone(int fd) {
  const std::optional<Holder> holder = read_holder(fd);
  return holder.has_value() && !may_live(*holder);
}

Error busy_error(int fd) {
  for (int tries = 0; tries < kNameTriesMax; ++tries) {
    const std::optional<Holder> holder = read_holder(fd);
    // A dead holder's name is one that the new holder has not yet replaced by its own.
    if (holder.has_value() && may_live(*holder))
      return Error{ErrorCode::busy, "held by another engine: pid " + std::to_string(holder->pid) +
                                        " on host " + quote(holder->host) + ", started " +
                                        holder->started +
                                        "; wait for it to end, or stop it (`konductor execute "
                                        "--take-over` takes the phase from one that is suspended)"};
    const timespec pause = {0, kNameRetryNanoseconds};
    ::nanosleep(&pause, nullptr);
  }
  return Error{ErrorCode::busy,
               "held by another engine that did not name itself; wait for it to end"};
}

}  // namespace

Result<FileLock> FileLock::try_lock(const fs::path& path, std::int64_t wall_milliseconds) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);  // The open below reports a failure.
  int waits = 0;
  for (int tries = 0; tries < kOpenTriesMax; ++tries) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666));
    if (!fd.is_open()) return lock_error(errno, path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return lock_error(errno, path);
      if (waits == kDeadHolderTriesMax || !is_holder_gone(fd.get())) return busy_error(fd.get());
      const timespec pause = {0, kDeadHolderRetryNanoseconds};
      ::nanosleep(&pause, nullptr);
      ++waits;
      tries = 0;
      continue;
    }
    // The holder may have let go, and so removed the file, between our open and our lock.
    if (!is_same_file(fd.get(), path)) continue;
    KON_TRY_VOID(write_holder(fd.get(), path, wall_milliseconds));
    return FileLock(path, std::move(fd));
  }
  return Error{ErrorCode::busy, "cannot lock " + quote(path.native()) +
                                    ": it changes hands all the time; try again"};
}

Result<FileLock> FileLock::take_over(const fs::path& path, std::int64_t wall_milliseconds) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return lock_error(errno, path);
  return try_lock(path, wall_milliseconds);
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    release();
    path_ = std::move(other.path_);
    fd_ = std::move(other.fd_);
  }
  return *this;
}

FileLock::~FileLock() {
  release();
}

bool FileLock::is_held() const {
  return fd_.is_open() && is_same_file(fd_.get(), path_);
}

long FileLock::holder_of(int fd) {
  const std::optional<Holder> holder = read_holder(fd);
  return holder && holder->host == host_name() ? holder->pid : 0;
}

void FileLock::release() {
  // Removed while still locked, so that nobody can lock the file between the two.
  if (is_held()) ::unlink(path_.c_str());
  fd_.reset();
}

}  // namespace konductor::platform
