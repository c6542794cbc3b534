// SPDX-License-Identifier: MIT
#include "platform/cgroup_place.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace konductor::platform {

namespace {

struct Mount {
  std::string root;   // The cgroup that stands there, as /proc/self/cgroup names it.
  std::string point;  // Where.
};

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

// Blanks and such are written as "\040".
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
                           is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (is_escape) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// "31 23 0:28 ROOT POINT OPTIONS [TAGS...] - TYPE SOURCE OPTIONS".
std::optional<Mount> cgroup2_mount(std::string_view line) {
  constexpr std::size_t kRoot = 3;
  constexpr std::size_t kPoint = 4;
  const std::vector<std::string_view> words = split(line, ' ');
  const auto dash = std::find(words.begin(), words.end(), "-");
  if (words.size() <= kPoint || dash == words.end() || dash + 1 == words.end()) return std::nullopt;
  if (*(dash + 1) != "cgroup2") return std::nullopt;
  return Mount{unescaped(words[kRoot]), unescaped(words[kPoint])};
}

// The line of the second version has the number 0 and names no controller.
std::string own_cgroup(std::string_view cgroups) {
  constexpr std::string_view kUnified = "0::";
  for (const std::string_view line : split_lines(cgroups))
    if (line.substr(0, kUnified.size()) == kUnified)
      return std::string(line.substr(kUnified.size()));
  return {};
}

}  // namespace

std::string own_cgroup_directory(std::string_view mounts, std::string_view cgroups) {
  const std::string own = own_cgroup(cgroups);
  // One that begins so is outside of the process's namespace.
  if (own.empty() || own.front() != '/' || own.rfind("/..", 0) == 0) return {};
  for (const std::string_view line : split_lines(mounts)) {
    const std::optional<Mount> mount = cgroup2_mount(line);
    if (!mount) continue;
    const std::string root = mount->root == "/" ? "" : mount->root;
    const bool is_below =
        own.rfind(root, 0) == 0 && (own.size() == root.size() || own[root.size()] == '/');
    if (!is_below) continue;
    const std::string rest = own.substr(root.size());
    return rest.empty() || rest == "/" ? mount->point : mount->point + rest;
  }
  return {};
}

}  // namespace konductor::platform
