// SPDX-License-Identifier: MIT
#include "platform/temporary_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>

#include "base/text.hpp"

namespace konductor::platform {
namespace fs = std::filesystem;
namespace {

constexpr int kTemporaryNamesMax = 1000;

}  // namespace

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

int TemporaryFile::create_in(const fs::path& directory) {
  static std::atomic<unsigned> counter{0};
  for (int tries = 0; tries < kTemporaryNamesMax; ++tries) {
    fs::path candidate =
        directory / (std::string(kTemporaryPrefix) + std::to_string(::getpid()) + "-" +
                     std::to_string(counter++) + std::string(kTemporarySuffix));
    fd_.reset(
        ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (fd_.is_open()) {
      path_ = std::move(candidate);
      return 0;
    }
    // A name left by a killed engine that had the same pid: try the next.
    if (errno != EEXIST) return errno;
  }
  return EEXIST;
}

int TemporaryFile::rename_to(const fs::path& target) {
  if (::rename(path_.c_str(), target.c_str()) != 0) return errno;
  path_.clear();
  return 0;
}

int TemporaryFile::close() {
  return ::close(fd_.release()) == 0 ? 0 : errno;
}

Error file_error(int error_number, std::string_view doing, const fs::path& path) {
  return error_from_errno(error_number, std::string(doing) + " " + quote(path.native()));
}

fs::path directory_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

Result<void> write_all(int fd, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(errno, "cannot write", path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return boost::system::in_place_value;
}

Result<void> sync_directory(const fs::path& directory) {
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return file_error(errno, "cannot open", directory);
  // Some network file systems cannot sync a directory and say EINVAL; there is nothing more to do.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return file_error(errno, "cannot sync", directory);
  return boost::system::in_place_value;
}

void keep_mode(int fd, const fs::path& target) {
  struct stat status = {};
  if (::lstat(target.c_str(), &status) == 0 && S_ISREG(status.st_mode))
    (void)::fchmod(fd, status.st_mode & 0777U);
}

}  // namespace konductor::platform
