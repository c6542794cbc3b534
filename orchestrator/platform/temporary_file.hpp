// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

inline constexpr std::string_view kTemporaryPrefix = ".konductor-";
inline constexpr std::string_view kTemporarySuffix = ".tmp";

// A new file beside the target that removes itself unless it was renamed.
class TemporaryFile {
 public:
  TemporaryFile() = default;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  // Returns 0, or an errno.
  int create_in(const std::filesystem::path& directory);
  // Returns 0, or an errno.
  int rename_to(const std::filesystem::path& target);
  // Returns 0, or an errno: network file systems report a full disk only here.
  int close();
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  std::filesystem::path path_;
  UniqueFd fd_;
};

// "cannot write "path": No space left on device".
Error file_error(int error_number, std::string_view doing, const std::filesystem::path& path);
std::filesystem::path directory_of(const std::filesystem::path& path);
// `path` is what errors speak of.
Result<void> write_all(int fd, std::string_view text, const std::filesystem::path& path);
Result<void> sync_directory(const std::filesystem::path& directory);
// Gives a replaced file's permission bits to the new one.
void keep_mode(int fd, const std::filesystem::path& target);

}  // namespace konductor::platform
