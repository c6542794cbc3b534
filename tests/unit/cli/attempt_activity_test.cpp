// SPDX-License-Identifier: MIT
#include "cli/attempt_activity.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::cli;

namespace {

engine::event::attempt_output printed(const std::string& text, std::int64_t skipped = 0,
                                      const std::string& stream = "stdout") {
  return {1, 1, "executor", 1, stream, text, skipped};
}

}  // namespace

TEST_CASE("an agent that nobody understands does what it printed last") {
  AttemptActivity activity(nullptr);
  CHECK(activity.text("").empty());
  activity.feed(printed("first\nsec"));
  CHECK(activity.text("") == "sec");
  activity.feed(printed("ond\n\n  \n"));
  CHECK(activity.text("") == "second");
  activity.feed(printed("10 %\r20 %\r"));
  CHECK(activity.text("") == "20 %");
  activity.feed(printed("\x1b[2J\x1b[31mred\x1b[0m\n", 0, "stderr"));
  CHECK(activity.text("") == "red");
  activity.feed(printed("{\"type\":\"thing\"}\n"));
  CHECK(activity.text("") == "red");
  activity.feed(printed("behind what was skipped\n", 5000));
  CHECK(activity.text("") == "behind what was skipped");
  activity.feed(printed(std::string(1'000'000, 'x')));
  CHECK(activity.text("").size() <= 2000);
}

TEST_CASE("an agent whose stream is understood does what it called or said last") {
  AttemptActivity activity(agent::make_claude_stream());
  activity.feed(printed(R"({"type":"assistant","message":{"id":"m1","content":[{"type":"text",)"
                        R"("text":"I look first.\nThen I write."}],"usage":{"input_tokens":900,)"
                        R"("output_tokens":20}}})"
                        "\n"));
  CHECK(activity.text("") == "I look first.");
  CHECK(activity.spent().input_tokens == 900);
  activity.feed(printed(R"({"type":"assistant","message":{"content":[{"type":"tool_use",)"
                        R"("name":"Edit","input":{"file_path":"/trees/plan-001/src/a.cpp"}}]}})"
                        "\n"));
  CHECK(activity.text("/trees/plan-001") == "Edit src/a.cpp");
  CHECK(activity.text("") == "Edit /trees/plan-001/src/a.cpp");
  activity.feed(printed("Segmentation fault\n", 0, "stderr"));
  CHECK(activity.text("/trees/plan-001") == "Edit src/a.cpp");
  activity.feed(printed(R"({"type":"assistant","message":{"content":[{"type":"tool_use",)"
                        R"("name":"Bash","input":{"command":"make \u001b[31m test\necho done"}}]}})"
                        "\n"));
  CHECK(activity.text("/trees/plan-001") == "$ make  test");
}
