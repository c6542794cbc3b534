// SPDX-License-Identifier: MIT
#include "platform/memory.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "platform/cgroup_files.hpp"
#include "platform/cgroup_place.hpp"

namespace konductor::platform {

namespace {

std::optional<std::uint64_t> leading_number(std::string_view text) {
  text = trim(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

// What is left below a cgroup's ceiling; nothing without one. Its page cache can be given up.
std::optional<std::uint64_t> room_in(const std::string& cgroup) {
  const auto ceiling = leading_number(read_cgroup_file(cgroup, "memory.max"));
  const auto used = leading_number(read_cgroup_file(cgroup, "memory.current"));
  if (!ceiling || !used) return std::nullopt;
  const std::uint64_t cache =
      cgroup_count(read_cgroup_file(cgroup, "memory.stat"), "inactive_file");
  const std::uint64_t held = *used - std::min(cache, *used);
  return *ceiling - std::min(held, *ceiling);
}

}  // namespace

std::uint64_t parse_available_memory(std::string_view text) {
  constexpr std::string_view kKey = "MemAvailable:";
  constexpr std::uint64_t kKibibyte = 1024;
  for (const std::string_view line : split_lines(text))
    if (line.substr(0, kKey.size()) == kKey)
      return leading_number(line.substr(kKey.size())).value_or(0) * kKibibyte;
  return 0;
}

std::uint64_t available_memory() {
  std::uint64_t available = parse_available_memory(read_cgroup_file("/proc", "meminfo"));
  if (available == 0) return 0;
  std::string cgroup = own_cgroup_directory(read_cgroup_file("/proc/self", "mountinfo"),
                                            read_cgroup_file("/proc/self", "cgroup"));
  // Every one above it counts. The root, and what is above the mount, has no such files.
  while (cgroup.size() > 1) {
    if (const auto room = room_in(cgroup))
      available = std::min(available, std::max<std::uint64_t>(*room, 1));
    cgroup = std::filesystem::path(cgroup).parent_path().native();
  }
  return available;
}

}  // namespace konductor::platform
