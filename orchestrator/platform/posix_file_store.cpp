// SPDX-License-Identifier: MIT
#include "platform/posix_file_store.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/text.hpp"
#include "platform/redact_file.hpp"
#include "platform/temporary_file.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using ports::Durability;

namespace {

constexpr std::size_t kReadChunk = 64 << 10;

Result<void> make_directories_with(const fs::path& directory, Durability durability) {
  if (directory.empty()) return boost::system::in_place_value;
  if (::mkdir(directory.c_str(), 0777) == 0) {
    if (durability == Durability::synced) return sync_directory(directory_of(directory));
    return boost::system::in_place_value;
  }
  const int first_error = errno;
  if (first_error == ENOENT && directory.has_relative_path() &&
      directory.parent_path() != directory) {
    KON_TRY_VOID(make_directories_with(directory.parent_path(), durability));
    if (::mkdir(directory.c_str(), 0777) == 0 || errno == EEXIST) {
      if (durability == Durability::synced) return sync_directory(directory_of(directory));
      return boost::system::in_place_value;
    }
    return file_error(errno, "cannot make directory", directory);
  }
  struct stat status = {};
  if (::stat(directory.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return boost::system::in_place_value;
    return file_error(ENOTDIR, "cannot make directory", directory);
  }
  return file_error(first_error, "cannot make directory", directory);
}

Result<void> replace_file(const fs::path& path, std::string_view text, Durability durability) {
  TemporaryFile temporary;
  int failed = temporary.create_in(directory_of(path));
  if (failed == ENOENT) {
    KON_TRY_VOID(make_directories_with(path.parent_path(), durability));
    failed = temporary.create_in(directory_of(path));
  }
  if (failed != 0) return file_error(failed, "cannot write", path);
  KON_TRY_VOID(write_all(temporary.fd(), text, path));
  keep_mode(temporary.fd(), path);
  if (durability == Durability::synced && ::fsync(temporary.fd()) != 0)
    return file_error(errno, "cannot sync", path);
  if (failed = temporary.close(); failed != 0) return file_error(failed, "cannot write", path);
  if (failed = temporary.rename_to(path); failed != 0)
    return file_error(failed, "cannot replace", path);
  if (durability == Durability::synced) return sync_directory(directory_of(path));
  return boost::system::in_place_value;
}

// The process that a temporary file's name tells of; 0 when the file is no temporary one.
pid_t writer_of(std::string_view name) {
  if (name.size() <= kTemporaryPrefix.size() + kTemporarySuffix.size()) return 0;
  if (name.substr(0, kTemporaryPrefix.size()) != kTemporaryPrefix) return 0;
  if (name.substr(name.size() - kTemporarySuffix.size()) != kTemporarySuffix) return 0;
  name.remove_prefix(kTemporaryPrefix.size());
  name.remove_suffix(kTemporarySuffix.size());
  pid_t process = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, process);
  return error == std::errc() && rest != end && *rest == '-' && process > 0 ? process : 0;
}

// Lets the owner into every directory below `path`, links not followed.
void open_up_directories(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(fs::symlink_status(path, ignored))) return;
  ::chmod(path.c_str(), 0700);
  for (const auto& entry : fs::directory_iterator(path, ignored))
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) open_up_directories(entry);
}

}  // namespace

void remove_temporary_files(const fs::path& directory, TemporariesOf whose) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const pid_t writer = writer_of(it->path().filename().native());
    if (writer == 0 || !fs::is_regular_file(it->symlink_status(error))) continue;
    const bool is_dead = ::kill(writer, 0) != 0 && errno == ESRCH;
    if (is_dead || whose == TemporariesOf::everybody) found.push_back(it->path());
  }
  for (const fs::path& path : found)
    ::unlink(path.c_str());
}

Result<std::string> PosixFileStore::read(const fs::path& path, std::uint64_t bytes_max) const {
  // O_NONBLOCK keeps a named pipe from holding the caller; it means nothing for a regular file.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) return file_error(errno, "cannot read", path);
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return file_error(errno, "cannot read", path);
  if (!S_ISREG(status.st_mode))
    return Error{ErrorCode::io, "cannot read " + quote(path.native()) + ": not a regular file"};
  const Error too_large{ErrorCode::io, "cannot read " + quote(path.native()) + ": larger than " +
                                           std::to_string(bytes_max) + " bytes"};
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > bytes_max) return too_large;

  std::string text;
  text.resize(size + 1);  // One more, so that a file of unchanged size ends in the first read.
  std::size_t used = 0;
  while (true) {
    if (used == text.size()) text.resize(used + kReadChunk);
    const ssize_t count = ::read(fd.get(), text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(errno, "cannot read", path);
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
    if (used > bytes_max) return too_large;
  }
  text.resize(used);
  return text;
}

Result<void> PosixFileStore::write(const fs::path& path, std::string_view text,
                                   Durability durability) {
  return replace_file(path, text, durability);
}

bool PosixFileStore::exists(const fs::path& path) const {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0;
}

Result<std::vector<std::string>> PosixFileStore::list(const fs::path& directory) const {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error.value() == ENOENT) return names;
  if (error) return file_error(error.value(), "cannot list", directory);
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    names.push_back(entries->path().filename().native());
    if (error) break;
  }
  if (error) return file_error(error.value(), "cannot list", directory);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> PosixFileStore::make_directories(const fs::path& directory) {
  return make_directories_with(directory, Durability::cached);
}

Result<bool> PosixFileStore::redact(const fs::path& path, const Redactor& redactor) {
  return redact_files(path, redactor);
}

Result<void> PosixFileStore::remove(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error.value() == EACCES) {
    open_up_directories(path);
    fs::remove_all(path, error);
  }
  if (error) return file_error(error.value(), "cannot remove", path);
  return boost::system::in_place_value;
}

}  // namespace konductor::platform
