// SPDX-License-Identifier: MIT
#include "acp_client/workspace_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <utility>

#include "acp_client/descriptor.hpp"
#include "base/text.hpp"

namespace konductor::acp_client {
namespace {

constexpr int kLinksMax = 40;

Error file_error(int number, const std::string& path) {
  if (number == ELOOP) return Error{ErrorCode::invalid_input, quote(path) + " is a link"};
  return error_from_errno(number, quote(path));
}

// Opens a path without following any link.
Result<Descriptor> open_plainly(const std::string& path, int flags, bool makes_folders) {
  const auto parts = split(path, '/');
  Descriptor at(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string part(parts[i]);
    if (part.empty()) continue;
    const bool is_last = i + 1 == parts.size();
    const int way = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const int wanted = is_last ? flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC : way;
    int fd = ::openat(at.number(), part.c_str(), wanted, 0666);
    if (fd < 0 && errno == ENOENT && !is_last && makes_folders) {
      if (::mkdirat(at.number(), part.c_str(), 0777) != 0 && errno != EEXIST)
        return file_error(errno, path);
      fd = ::openat(at.number(), part.c_str(), wanted);
    }
    if (fd < 0) return file_error(errno, path);
    at = Descriptor(fd);
  }
  struct stat status = {};
  if (::fstat(at.number(), &status) != 0) return file_error(errno, path);
  if (!S_ISREG(status.st_mode))
    return Error{ErrorCode::invalid_input, quote(path) + " is not a regular file"};
  return at;
}

std::string cut_lines(std::string_view text, std::int64_t line, std::int64_t count) {
  std::size_t begin = 0;
  for (std::int64_t skipped = 1; skipped < line && begin < text.size(); ++skipped) {
    const std::size_t end = text.find('\n', begin);
    begin = end == std::string_view::npos ? text.size() : end + 1;
  }
  std::size_t end = begin;
  for (std::int64_t taken = 0; (count <= 0 || taken < count) && end < text.size(); ++taken) {
    const std::size_t line_end = text.find('\n', end);
    end = line_end == std::string_view::npos ? text.size() : line_end + 1;
  }
  return std::string(text.substr(begin, end - begin));
}

std::optional<std::string> link_target(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  if (size <= 0 || static_cast<std::size_t>(size) == target.size()) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(size));
}

void push_front(std::deque<std::string>& parts, std::string_view path) {
  const auto more = split(path, '/');
  parts.insert(parts.begin(), more.begin(), more.end());
}

}  // namespace

std::optional<std::string> resolve_path(const std::string& path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  std::deque<std::string> parts;
  push_front(parts, path);
  std::string real;  // Without the slash at its end.
  int links = 0;
  while (!parts.empty()) {
    const std::string part = std::move(parts.front());
    parts.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      real.resize(real.empty() ? 0 : real.rfind('/'));
      continue;
    }
    const std::string next = real + "/" + part;
    struct stat status = {};
    const bool is_there = ::lstat(next.c_str(), &status) == 0;
    if (!is_there && errno != ENOENT) return std::nullopt;
    if (!is_there || !S_ISLNK(status.st_mode)) {
      real = next;
      continue;
    }
    const std::optional<std::string> target = link_target(next);
    if (!target || ++links > kLinksMax) return std::nullopt;
    if (target->front() == '/') real.clear();
    push_front(parts, *target);
  }
  return real.empty() ? "/" : real;
}

Result<std::string> read_text(const std::string& path, std::int64_t line, std::int64_t count) {
  KON_TRY(const Descriptor file, open_plainly(path, O_RDONLY, false));
  std::string text;
  std::array<char, std::size_t{64} << 10U> buffer{};
  while (true) {
    const ssize_t size = ::read(file.number(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return file_error(errno, path);
    if (size == 0) return to_valid_utf8(cut_lines(text, line, count));
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > kFileBytesMax)
      return Error{ErrorCode::invalid_input, quote(path) + " is too large"};
  }
}

Result<void> write_text(const std::string& path, std::string_view text) {
  KON_TRY(const Descriptor file, open_plainly(path, O_WRONLY | O_CREAT, true));
  if (::ftruncate(file.number(), 0) != 0) return file_error(errno, path);
  while (!text.empty()) {
    const ssize_t size = ::write(file.number(), text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return file_error(errno, path);
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

}  // namespace konductor::acp_client
