// SPDX-License-Identifier: MIT
#include "agent/known_versions.hpp"

#include <catch2/catch.hpp>

using namespace konductor::agent;
using Kind = VersionVerdict::Kind;

TEST_CASE("the version is the first number with a dot") {
  const auto [printed, version] = GENERATE(table<std::string, std::string>({
      {"2.1.330 (Claude Code)\n", "2.1.330"},
      {"codex-cli 0.169.0", "0.169.0"},
      {"v1.18.33", "1.18.33"},
      {"agent 7 build 12 of 3.4", "3.4"},
      {"version 12.", ""},
      {"none", ""},
      {"", ""},
  }));
  CHECK(version_in(printed) == version);
}

TEST_CASE("versions are judged by the program") {
  CHECK(judge_version("claude", "2.1.330").kind == Kind::verified);
  CHECK(judge_version("claude", "9.9.9") == VersionVerdict{Kind::other, "2.1.330"});
  CHECK(judge_version("codex-acp", "0.16.0").kind == Kind::bad);
  CHECK(judge_version("codex-acp", "2.6.0").kind == Kind::unknown);
  CHECK(judge_version("mine", "1.0").kind == Kind::unknown);
  CHECK(judge_version("claude", "").kind == Kind::unknown);
}
