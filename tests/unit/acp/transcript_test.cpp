// SPDX-License-Identifier: MIT
#include "acp/transcript.hpp"

#include <catch2/catch.hpp>

using namespace konductor::acp;

namespace {

Json chunk(const std::string& text, const std::string& id = "") {
  const Json content = {{"type", "text"}, {"text", text}};
  Json update = {{"sessionUpdate", "agent_message_chunk"}, {"content", content}};
  if (!id.empty()) update["messageId"] = id;
  return update;
}

Json of_kind(const std::string& kind) {
  return {{"sessionUpdate", kind}, {"toolCallId", "1"}};
}

}  // namespace

TEST_CASE("the last message is put together from its chunks") {
  Transcript transcript;
  transcript.on_update(chunk("I look."));
  transcript.on_update(of_kind("tool_call"));
  transcript.on_update(chunk("It "));
  transcript.on_update(of_kind("tool_call_update"));
  transcript.on_update(of_kind("available_commands_update"));
  transcript.on_update(chunk(""));
  transcript.on_update(chunk("is done."));
  CHECK(transcript.message() == "It is done.");
  transcript.on_update(of_kind("agent_thought_chunk"));
  CHECK(transcript.message() == "It is done.");
  transcript.on_update(chunk("Really.", "a"));
  transcript.on_update(chunk("Yes.", "b"));
  CHECK(transcript.message() == "Yes.");
}

TEST_CASE("a call that is told of by its update alone ends the message before it") {
  Transcript transcript;
  transcript.on_update(chunk("I write."));
  transcript.on_update(of_kind("tool_call_update"));
  transcript.on_update(chunk("Done."));
  CHECK(transcript.message() == "Done.");
  CHECK(transcript.has_called_tools());
}

TEST_CASE("a message without end is cut") {
  Transcript transcript;
  for (int i = 0; i < 10; ++i)
    transcript.on_update(chunk(std::string(1U << 20U, 'x')));
  CHECK(transcript.message().size() == Transcript::kMessageBytesMax);
}

TEST_CASE("usage is taken from where the agent tells it") {
  Transcript transcript;
  Json step = chunk("");
  step["_meta"]["usage"] = {{"inputTokens", 1200},
                            {"outputTokens", 50},
                            {"totalTokens", 1250},
                            {"cachedReadTokens", 200}};
  SECTION("the answer, cached input apart") {
    const Json answer = {{"usage",
                          {{"inputTokens", 3000},
                           {"outputTokens", 150},
                           {"cachedReadTokens", 600},
                           {"totalTokens", 3750}}}};
    const Usage usage = usage_of(answer, transcript);
    CHECK(usage.input_tokens == 3000);
    CHECK(usage.cache_read_tokens == 600);
  }
  SECTION("the steps, cached input within") {
    transcript.on_update(step);
    transcript.on_update(step);
    const Usage usage = usage_of(Json::object(), transcript);
    CHECK(usage.input_tokens == 2000);
    CHECK(usage.output_tokens == 100);
    CHECK(usage.cache_read_tokens == 400);
  }
  SECTION("the account's count") {
    Json answer;
    answer["_meta"]["quota"]["token_count"] = {{"input_tokens", 3600}, {"output_tokens", 150}};
    CHECK(usage_of(answer, transcript).input_tokens == 3600);
  }
  SECTION("nowhere") {
    CHECK_FALSE(usage_of(Json{{"usage", nullptr}}, transcript).is_known);
  }
  SECTION("money in updates") {
    transcript.on_update(
        {{"sessionUpdate", "usage_update"}, {"cost", {{"amount", 0.5}, {"currency", "USD"}}}});
    transcript.on_update(
        {{"sessionUpdate", "usage_update"}, {"cost", {{"amount", 7}, {"currency", "EUR"}}}});
    transcript.on_update({{"sessionUpdate", "usage_update"}, {"cost", 3}});
    CHECK(usage_of(Json::object(), transcript).cost_usd == 0.5);
  }
}

TEST_CASE("a turn without anything in it is hollow") {
  Transcript transcript;
  Usage usage;
  SECTION("nothing said and done") {
    CHECK_FALSE(hollowness(transcript, usage).empty());
  }
  SECTION("an error as the message") {
    const char* text = GENERATE(R"({"error": {"message": "scripted bad request"}})",
                                "API Error: 400 no", "unexpected status 401 Unauthorized");
    transcript.on_update(chunk(text));
    CHECK_FALSE(hollowness(transcript, usage).empty());
    usage.output_tokens = 5;
    CHECK(hollowness(transcript, usage).empty());
  }
  SECTION("words without usage count") {
    transcript.on_update(chunk("## Verdict: pass"));
    CHECK(hollowness(transcript, usage).empty());
  }
  SECTION("words of answers that were never counted are what came of one that was cut off") {
    transcript.on_update(chunk("this never comp"));
    const Json count = {{"input_tokens", 0}, {"output_tokens", 0}};
    Json answer;
    answer["_meta"]["quota"]["token_count"] = count;
    usage = usage_of(answer, transcript);
    CHECK(hollowness(transcript, usage) ==
          "the model's stream ended early: no answer of it was counted");
  }
  SECTION("a tool call counts") {
    transcript.on_update(of_kind("tool_call"));
    CHECK(hollowness(transcript, usage).empty());
  }
  SECTION("an engine that has failed") {
    Json update = of_kind("session_info_update");
    update["_meta"]["codex"]["threadStatus"]["type"] = "systemError";
    transcript.on_update(chunk("anything"));
    transcript.on_update(update);
    CHECK_FALSE(hollowness(transcript, usage).empty());
    update["_meta"]["codex"]["threadStatus"]["type"] = "active";
    transcript.on_update(update);
    CHECK(hollowness(transcript, usage).empty());
  }
}
