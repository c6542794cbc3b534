// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

// An advisory lock on a file that names its holder as JSON:
// {"host": "…", "pid": 123, "started": "2026-01-31T12:00:00Z"}. The system lets go of it when the
// holder dies, however it dies; the file may then stay and is reused.
class FileLock {
 public:
  // Takes the lock, making the file and its directory. `wall_milliseconds` is the time to write
  // down. Error `busy` when another holds it; its message has the holder's pid, host and start.
  static Result<FileLock> try_lock(const std::filesystem::path& path,
                                   std::int64_t wall_milliseconds);

  // Takes the lock away from a holder that is suspended or out of reach: the file is replaced, so
  // that whoever holds the old one holds nothing any more. Of two that do so at once the later one
  // wins; the other finds `is_held()` false.
  static Result<FileLock> take_over(const std::filesystem::path& path,
                                    std::int64_t wall_milliseconds);

  FileLock(FileLock&& other) noexcept = default;
  FileLock& operator=(FileLock&& other) noexcept;
  // Lets go and removes the file, if it is still this lock's.
  ~FileLock();

  // False when another engine took the lock over.
  [[nodiscard]] bool is_held() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Of the locked file; the lock's own.
  [[nodiscard]] int descriptor() const { return fd_.get(); }
  // The pid that a lock's open file names as its holder on this host; 0 when it names none.
  static long holder_of(int fd);

 private:
  FileLock(std::filesystem::path path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  void release();

  std::filesystem::path path_;
  UniqueFd fd_;
};

}  // namespace konductor::platform
