// SPDX-License-Identifier: MIT
#include "driver/file_tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/text.hpp"

namespace konductor::driver {

std::string tail_of_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  if (!stream) return {};
  const auto size = static_cast<std::size_t>(stream.tellg());
  const std::size_t wanted = std::min(size, bytes_max);
  std::string text(wanted, '\0');
  stream.seekg(static_cast<std::streamoff>(size - wanted));
  stream.read(text.data(), static_cast<std::streamsize>(wanted));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return to_valid_utf8(text);
}

int open_output(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat status = {};
  if (file < 0 || (::fstat(file, &status) == 0 && S_ISREG(status.st_mode))) return file;
  ::close(file);
  return -1;
}

}  // namespace konductor::driver
