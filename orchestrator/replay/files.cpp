// SPDX-License-Identifier: MIT
#include "replay/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace konductor::replay {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

Result<void> write_all(int descriptor, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return error_from_errno(errno, "writing " + quote(name));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<FileText> read_regular_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  // Without O_NONBLOCK a pipe that lies in a cassette would be waited for.
  Descriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.number() < 0 && errno == ELOOP)
    return invalid(quote(name) + " is a link; a cassette holds regular files only");
  if (file.number() < 0) return error_from_errno(errno, "reading " + quote(name));
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0)
    return error_from_errno(errno, "reading " + quote(name));
  if (!S_ISREG(status.st_mode)) return invalid(quote(name) + " is not a regular file");

  FileText result;
  result.mode = status.st_mode & 0777U;
  char buffer[1 << 16];
  while (true) {
    const ssize_t count = ::read(file.number(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error_from_errno(errno, "reading " + quote(name));
    if (count == 0) return result;
    result.text.append(buffer, static_cast<std::size_t>(count));
    if (result.text.size() > kFileBytesMax)
      return invalid(quote(name) + " is larger than " + std::to_string(kFileBytesMax >> 20) +
                     " MiB");
  }
}

Result<void> write_new_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::string name = path.string();
  if (::unlink(name.c_str()) != 0 && errno != ENOENT)
    return error_from_errno(errno, "replacing " + quote(name));
  Descriptor file(
      ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR));
  if (file.number() < 0) return error_from_errno(errno, "writing " + quote(name));
  KON_TRY_VOID(write_all(file.number(), text, name));
  if (::fchmod(file.number(), mode & 0777U) != 0 || file.close() != 0)
    return error_from_errno(errno, "writing " + quote(name));
  return {};
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view text) {
  const std::string name = path.string();
  const std::string part = name + ".part-" + std::to_string(::getpid());
  KON_TRY_VOID(write_new_file(part, text, 0644));
  if (::rename(part.c_str(), name.c_str()) == 0) return {};
  const Error error = error_from_errno(errno, "writing " + quote(name));
  ::unlink(part.c_str());
  return error;
}

Result<void> check_inside_path(std::string_view path) {
  const std::string name = quote(path);
  if (path.empty()) return invalid("a path is empty");
  if (path.find('\0') != std::string_view::npos) return invalid("a path holds a NUL byte");
  if (path.front() == '/') return invalid(name + " is absolute; name it relative to the workspace");
  const auto parts = split(path, '/');
  for (const std::string_view part : parts) {
    if (part.empty() || part == "." || part == "..")
      return invalid(name + " has the part " + quote(part) + "; name files directly");
    if (part == ".git") return invalid(name + " is git's own; a cassette may not hold it");
  }
  if (parts.front() == ".konductor")
    return invalid(name + " is konductor's own; a cassette may not hold it");
  return {};
}

}  // namespace konductor::replay
