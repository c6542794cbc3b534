// SPDX-License-Identifier: MIT
#include "agent/session_usage.hpp"

#include <catch2/catch.hpp>

using konductor::agent::usage_since;
using konductor::engine::Usage;

TEST_CASE("what an attempt used of a session that it went on in") {
  const Usage earlier = {2000, 100, 400, 0.5};
  const Usage now = {3000, 150, 600, 0.75};
  CHECK(usage_since("codex", earlier, now) == Usage{1000, 50, 200, 0.75});
  CHECK(usage_since("qwen", earlier, now) == Usage{1000, 50, 200, 0.75});
  CHECK(usage_since("claude", earlier, now) == Usage{3000, 150, 600, 0.25});
  for (const char* dialect : {"opencode", "gemini", "pi", "text", ""})
    CHECK(usage_since(dialect, earlier, now) == now);
}

TEST_CASE("a session that was counted anew tells what the attempt used") {
  const Usage earlier = {2000, 100, 400, 0.5};
  const Usage now = {1000, 150, 600, 0.25};
  for (const char* dialect : {"codex", "qwen", "claude"})
    CHECK(usage_since(dialect, earlier, now) == now);
}

TEST_CASE("nothing came before a session's first attempt") {
  const Usage now = {1000, 150, 600, 0.25};
  for (const char* dialect : {"codex", "qwen", "claude", "pi"})
    CHECK(usage_since(dialect, Usage(), now) == now);
}
