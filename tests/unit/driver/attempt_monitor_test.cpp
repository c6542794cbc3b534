// SPDX-License-Identifier: MIT
#include "driver/attempt_monitor.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "support/temp_dir.hpp"

using konductor::config::RuntimeKind;
using konductor::config::RuntimeSettings;
using konductor::driver::AttemptMonitor;
using konductor::driver::OutputListeners;
using konductor::driver::StepLimits;
using konductor::test::TempDir;

namespace {

RuntimeSettings runtime(RuntimeKind kind) {
  RuntimeSettings settings;
  settings.kind = kind;
  settings.price_input = 10000;
  return settings;
}

class Fixture {
 public:
  explicit Fixture(StepLimits limits = {}, RuntimeKind kind = RuntimeKind::codex)
      : monitor(runtime(kind), directory.path(), limits) {}

  void print(const std::string& text) const {
    std::ofstream(directory.path() / "stdout.log", std::ios::binary | std::ios::app) << text;
  }
  void call(const std::string& command) const {
    print(R"({"type":"item.completed","item":{"type":"command_execution","command":")" + command +
          "\"}}\n");
  }

  TempDir directory;
  AttemptMonitor monitor;
};

}  // namespace

TEST_CASE("a stream is read while it grows, and what is left of it at the end") {
  Fixture f;
  CHECK(f.monitor.is_reading());
  CHECK(f.monitor.look());
  f.print(R"({"type":"thread.started","thread_id":"abc"})");
  CHECK(f.monitor.look());
  f.print("\n{\"type\":\"turn.started\"}\n");
  f.print(R"({"type":"turn.completed","usage":{"input_tokens":5,"output_tokens":2}})");
  const auto report = f.monitor.finish();
  REQUIRE(report);
  CHECK(report->end == konductor::agent::StreamReport::End::success);
  CHECK(report->session == "abc");
  CHECK(report->usage.input_tokens == 5);
}

TEST_CASE("what an agent tells while it runs is held against its attempt's budget") {
  const auto limits = GENERATE(StepLimits{0, 0, 100, 0}, StepLimits{0, 0, 0, 1.5});
  Fixture f(limits, RuntimeKind::claude);
  const auto message = [&f](const std::string& id, int tokens) {
    f.print(R"({"type":"assistant","message":{"id":")" + id +
            R"(","content":[],"usage":{"input_tokens":)" + std::to_string(tokens) +
            R"(,"output_tokens":10}}})" + "\n");
    f.monitor.look();
  };
  message("a", 20);
  message("a", 40);
  CHECK(f.monitor.verdict().empty());
  message("b", 40);
  message("a", 40);
  message("b", 40);
  CHECK(f.monitor.verdict().empty());
  message("c", 80);
  CHECK(f.monitor.verdict() == "over_budget");
  const auto report = f.monitor.finish();
  CHECK(report->usage.input_tokens == 160);
  CHECK(report->usage.output_tokens == 30);
}

TEST_CASE("too many tool calls, or too often the same, are a verdict") {
  Fixture f({3, 3});
  f.call("make");
  f.call("make");
  f.monitor.look();
  CHECK(f.monitor.verdict().empty());
  SECTION("the same again") {
    f.call("make");
    f.monitor.look();
    CHECK(f.monitor.verdict() == "tool_loop");
  }
  SECTION("others") {
    f.call("ls");
    f.monitor.look();
    CHECK(f.monitor.verdict().empty());
    f.call("make");
    f.monitor.look();
    CHECK(f.monitor.verdict() == "step_limit");
    CHECK(OutputListeners({&f.monitor}).verdict() == "step_limit");
  }
}

TEST_CASE("without limits an agent may go on for ever") {
  Fixture f;
  for (int i = 0; i < 2000; ++i)
    f.call("make");
  f.monitor.look();
  CHECK(f.monitor.verdict().empty());
}

TEST_CASE("a look reads a bounded piece and asks for more") {
  Fixture f({0, 1});
  f.print(std::string(std::size_t{3} << 20U, '\n'));
  f.call("make");
  CHECK_FALSE(f.monitor.look());
  CHECK(f.monitor.verdict().empty());
  while (!f.monitor.look()) {
  }
  CHECK(f.monitor.verdict() == "tool_loop");
}

TEST_CASE("nobody reads a plain command, and no pipe holds anybody up") {
  Fixture plain({}, RuntimeKind::command);
  CHECK_FALSE(plain.monitor.is_reading());
  CHECK(plain.monitor.look());
  CHECK_FALSE(plain.monitor.finish());
  Fixture f;
  REQUIRE(::mkfifo((f.directory.path() / "stdout.log").c_str(), 0600) == 0);
  CHECK(f.monitor.look());
  CHECK(f.monitor.finish()->end == konductor::agent::StreamReport::End::none);
}
