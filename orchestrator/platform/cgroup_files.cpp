// SPDX-License-Identifier: MIT
#include "platform/cgroup_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/text.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

namespace {

constexpr std::array<const char*, 3> kControllers = {"memory", "pids", "cpu"};

}  // namespace

std::string read_cgroup_file(const std::string& directory, const char* name) {
  const std::string path = directory + "/" + name;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!fd.is_open()) return text;
  std::array<char, 4096> buffer;
  for (ssize_t bytes = ::read(fd.get(), buffer.data(), buffer.size()); bytes > 0;
       bytes = ::read(fd.get(), buffer.data(), buffer.size()))
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
  return text;
}

Result<void> write_cgroup_file(const std::string& directory, const char* name,
                               std::string_view text) {
  const std::string path = directory + "/" + name;
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.is_open() || ::write(fd.get(), text.data(), text.size()) < 0)
    return error_from_errno(errno, "cannot write " + quote(text) + " to " + quote(path));
  return {};
}

std::uint64_t cgroup_count(std::string_view text, std::string_view key) {
  for (const std::string_view line : split_lines(text)) {
    if (line.size() <= key.size() || line.substr(0, key.size()) != key || line[key.size()] != ' ')
      continue;
    const std::string_view digits = line.substr(key.size() + 1);
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    return error == std::errc() && end != digits.data() ? count : 0;
  }
  return 0;
}

std::vector<std::string> enable_controllers(const std::string& directory) {
  // One by one: a list is refused as a whole.
  for (const char* controller : kControllers)
    static_cast<void>(
        write_cgroup_file(directory, "cgroup.subtree_control", std::string("+") + controller));
  const std::string on = read_cgroup_file(directory, "cgroup.subtree_control");
  std::vector<std::string> found;
  for (const std::string_view word : split(trim(on), ' '))
    for (const char* controller : kControllers)
      if (word == controller) found.emplace_back(controller);
  return found;
}

}  // namespace konductor::platform
