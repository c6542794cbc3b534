// SPDX-License-Identifier: MIT
#include "agent/known_versions.hpp"

#include <array>

#include "agent/word_reader.hpp"

namespace konductor::agent {
namespace {

struct Verified {
  std::string_view program;
  std::string_view version;
};

// As scripts/install-agents.sh and docs/agents.md have them.
constexpr std::array<Verified, 5> kVerified = {{
    {"claude", "2.1.330"},
    {"codex", "0.169.0"},
    {"opencode", "1.18.33"},
    {"gemini", "0.61.0"},
    {"qwen", "0.24.4"},
}};

struct Bad {
  std::string_view program;
  std::string_view version;  // How it begins.
  std::string_view why;
};

constexpr std::array<Bad, 1> kBad = {{
    {"codex-acp", "0.16.",
     "its sandbox fails where bubblewrap is not installed; newer ones bring it"},
}};

}  // namespace

std::string version_in(std::string_view printed) {
  for (std::size_t begin = 0; begin < printed.size(); ++begin) {
    const bool is_start = is_digit(printed[begin]) && (begin == 0 || !is_digit(printed[begin - 1]));
    if (!is_start) continue;
    std::size_t end = begin;
    while (end < printed.size() && (is_digit(printed[end]) || printed[end] == '.'))
      ++end;
    const std::string_view number = printed.substr(begin, end - begin);
    if (number.find('.') != std::string_view::npos && number.back() != '.')
      return std::string(number);
    begin = end;
  }
  return {};
}

VersionVerdict judge_version(std::string_view program, std::string_view version) {
  using Kind = VersionVerdict::Kind;
  if (version.empty()) return {};
  for (const Bad& bad : kBad)
    if (bad.program == program && version.substr(0, bad.version.size()) == bad.version)
      return {Kind::bad, std::string(bad.why)};
  for (const Verified& verified : kVerified)
    if (verified.program == program)
      return {verified.version == version ? Kind::verified : Kind::other,
              std::string(verified.version)};
  return {};
}

}  // namespace konductor::agent
