// SPDX-License-Identifier: MIT
#include "platform/redact_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "platform/temporary_file.hpp"

namespace konductor::platform {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;

// What comes out of a file that is read from its start; a piece at a time.
class RedactedFile {
 public:
  RedactedFile(int fd, const fs::path& path, const Redactor& redactor)
      : fd_(fd), path_(path), stream_(redactor) {}

  // The next piece is in `text()` then; false behind the last one.
  Result<bool> read_on() {
    text_.clear();
    if (is_over_) return false;
    buffer_.resize(kPieceBytes);
    const ssize_t count = ::pread(fd_, buffer_.data(), buffer_.size(), offset_);
    if (count < 0 && errno == EINTR) return true;
    if (count < 0) return file_error(errno, "cannot read", path_);
    is_over_ = count == 0;
    offset_ += count;
    if (is_over_)
      stream_.finish(text_);
    else
      stream_.feed(std::string_view(buffer_).substr(0, static_cast<std::size_t>(count)), text_);
    return true;
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  // Up to where the file was read.
  [[nodiscard]] off_t offset() const { return offset_; }
  [[nodiscard]] bool has_found() const { return stream_.has_found(); }

 private:
  int fd_;
  const fs::path& path_;
  RedactingStream stream_;
  std::string buffer_;
  std::string text_;
  off_t offset_ = 0;
  bool is_over_ = false;
};

Result<bool> has_secrets(int fd, const fs::path& path, const Redactor& redactor) {
  RedactedFile file(fd, path, redactor);
  while (!file.has_found()) {
    KON_TRY(const bool is_more, file.read_on());
    if (!is_more) break;
  }
  return file.has_found();
}

Result<void> write_redacted(int fd, const fs::path& path, const Redactor& redactor) {
  TemporaryFile temporary;
  if (const int failed = temporary.create_in(directory_of(path)); failed != 0)
    return file_error(failed, "cannot write", path);
  RedactedFile file(fd, path, redactor);
  while (true) {
    KON_TRY(const bool is_more, file.read_on());
    if (!is_more) break;
    KON_TRY_VOID(write_all(temporary.fd(), file.text(), path));
  }
  keep_mode(temporary.fd(), path);
  if (::fsync(temporary.fd()) != 0) return file_error(errno, "cannot sync", path);
  if (const int failed = temporary.close(); failed != 0)
    return file_error(failed, "cannot write", path);
  if (const int failed = temporary.rename_to(path); failed != 0)
    return file_error(failed, "cannot replace", path);
  return sync_directory(directory_of(path));
}

// Writes over the file itself, never beyond what was read of it, so that it needs no room.
class Overwriting {
 public:
  Overwriting(int fd, const fs::path& path) : fd_(fd), path_(path) {}

  Result<void> write(std::string_view text, off_t limit) {
    waiting_ += text;
    const auto room = static_cast<std::size_t>(limit - written_);
    return put(std::min(room, waiting_.size()));
  }

  // Marks are longer than some secrets: what has no room at the end is lost.
  Result<void> finish() {
    const off_t before = written_;
    const Result<void> rest = put(waiting_.size());
    if (::ftruncate(fd_, rest ? written_ : std::max(before, written_)) != 0)
      return file_error(errno, "cannot write", path_);
    if (::fsync(fd_) != 0) return file_error(errno, "cannot sync", path_);
    return {};
  }

 private:
  Result<void> put(std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
      const ssize_t now = ::pwrite(fd_, waiting_.data() + done, count - done, written_);
      if (now < 0 && errno == EINTR) continue;
      if (now < 0) return file_error(errno, "cannot write", path_);
      done += static_cast<std::size_t>(now);
      written_ += now;
    }
    waiting_.erase(0, count);
    return {};
  }

  int fd_;
  const fs::path& path_;
  std::string waiting_;
  off_t written_ = 0;
};

// Where there is no room for another file. A kill in the middle of it leaves some of the text
// twice, and the next look goes on from there.
Result<void> redact_in_place(const fs::path& path, const Redactor& redactor) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.is_open()) return file_error(errno, "cannot write", path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return file_error(errno, "cannot read", path);
  // Behind another name of it may be anybody's work.
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
    return file_error(ENOSPC, "cannot write", path);
  RedactedFile file(fd.get(), path, redactor);
  Overwriting over(fd.get(), path);
  while (true) {
    KON_TRY(const bool is_more, file.read_on());
    if (!is_more) break;
    KON_TRY_VOID(over.write(file.text(), file.offset()));
  }
  return over.finish();
}

bool is_forbidden(int error) {
  return error == EACCES || error == EPERM;
}

Result<bool> redact_file(const fs::path& path, const Redactor& redactor) {
  // Whoever made it may have made it unreadable.
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 && errno == EACCES && ::chmod(path.c_str(), 0600) == 0)
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  const UniqueFd file(fd);
  if (!file.is_open()) {
    // What is another user's the engine has not written.
    if (errno == ENOENT || errno == ELOOP || is_forbidden(errno)) return false;
    return file_error(errno, "cannot read", path);
  }
  KON_TRY(const bool is_wanted, has_secrets(file.get(), path, redactor));
  if (!is_wanted) return false;
  const Result<void> written = write_redacted(file.get(), path, redactor);
  if (written.has_value()) return true;
  const bool has_no_room = written.error().code == ErrorCode::environment;
  if (!has_no_room || redact_in_place(path, redactor).has_error()) return written.error();
  return true;
}

}  // namespace

Result<bool> redact_files(const fs::path& path, const Redactor& redactor) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (fs::is_regular_file(status)) return redact_file(path, redactor);
  if (!fs::is_directory(status)) return false;
  bool is_any = false;
  std::vector<fs::path> entries;
  fs::directory_iterator it(path, error);
  if (is_forbidden(error.value()) && ::chmod(path.c_str(), 0700) == 0)
    it = fs::directory_iterator(path, error);
  if (is_forbidden(error.value())) return false;
  for (const fs::directory_iterator end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  if (error) return file_error(error.value(), "cannot list", path);
  for (const fs::path& entry : entries) {
    KON_TRY(const bool is_this, redact_files(entry, redactor));
    is_any = is_any || is_this;
  }
  return is_any;
}

}  // namespace konductor::platform
