// SPDX-License-Identifier: MIT
#include "acp/conversation.hpp"

#include <catch2/catch.hpp>
#include <sstream>

using namespace konductor;
using namespace konductor::acp;
using rpc::failed;
using rpc::Failure;
using rpc::Outcome;
using rpc::succeeded;

namespace {

Order order() {
  Order order;
  order.prompt = "the prompt";
  order.rights.workspace = "/srv/tree";
  order.has_variable = [](const std::string& name) { return name == "GEMINI_API_KEY"; };
  return order;
}

Outcome hello(const std::string& name = "x", const Json& capabilities = Json::object()) {
  const Json info = {{"name", name}};
  const Json method = {{"id", "gemini-api-key"}};
  return succeeded({{"protocolVersion", 1},
                    {"agentInfo", info},
                    {"agentCapabilities", capabilities},
                    {"authMethods", Json::array({method})}});
}

Outcome opened() {
  const Json mode = {{"id", "plan"}};
  const Json modes = {{"availableModes", Json::array({mode})}};
  return succeeded({{"sessionId", "s"}, {"modes", modes}});
}

Outcome ended(const std::string& reason) {
  return succeeded({{"stopReason", reason}, {"usage", {{"inputTokens", 5}}}});
}

std::string method_of(const std::optional<Call>& call) {
  return call ? call->method : "";
}

// Up to the prompt.
Conversation prompting(Order of = order()) {
  Conversation conversation(std::move(of));
  (void)conversation.answered(hello());
  (void)conversation.answered(opened());
  (void)conversation.answered(succeeded(Json::object()));
  REQUIRE(conversation.is_prompting());
  return conversation;
}

void say(Conversation& conversation, const std::string& text, const std::string& session = "s") {
  const Json content = {{"type", "text"}, {"text", text}};
  const Json update = {{"sessionUpdate", "agent_message_chunk"}, {"content", content}};
  conversation.on_update({{"sessionId", session}, {"update", update}});
}

std::vector<Json> news_of(Conversation& conversation) {
  std::vector<Json> lines;
  std::istringstream stream(conversation.take_news());
  for (std::string line; std::getline(stream, line);)
    lines.push_back(Json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("a session goes from its beginning to its end") {
  Conversation conversation(order());
  const Call first = conversation.begin();
  CHECK(first.method == "initialize");
  CHECK(first.params.at("protocolVersion") == 1);
  CHECK(first.params.at("clientCapabilities").at("fs").at("writeTextFile") == false);
  CHECK(method_of(conversation.answered(hello())) == "session/new");
  CHECK(method_of(conversation.answered(opened())) == "session/set_mode");
  CHECK_FALSE(conversation.cancel().has_value());
  CHECK(method_of(conversation.answered(succeeded({}))) == "session/prompt");
  CHECK(method_of(conversation.cancel()) == "session/cancel");
  say(conversation, "done");
  say(conversation, "of another", "s-2");
  CHECK_FALSE(conversation.answered(ended("end_turn")).has_value());
  CHECK(conversation.is_over());
  CHECK(conversation.ending().is_success);
  CHECK(conversation.ending().message == "done");
  CHECK_FALSE(conversation.cancel().has_value());
}

TEST_CASE("only a turn that ended by itself is a success") {
  const auto reason =
      GENERATE("max_tokens", "max_turn_requests", "refusal", "cancelled", "new_reason", "");
  Conversation conversation = prompting();
  say(conversation, "done");
  (void)conversation.answered(ended(reason));
  CHECK_FALSE(conversation.ending().is_success);
  CHECK_FALSE(conversation.ending().error.empty());
}

TEST_CASE("gemini is logged in before its session") {
  Conversation conversation(order());
  CHECK(method_of(conversation.answered(hello("gemini-cli"))) == "authenticate");
  CHECK(method_of(conversation.answered(succeeded({}))) == "session/new");
}

TEST_CASE("others are logged in when they ask for it, once") {
  Conversation conversation(order());
  CHECK(method_of(conversation.answered(hello())) == "session/new");
  CHECK(method_of(conversation.answered(failed(-32000, "login"))) == "authenticate");
  CHECK(method_of(conversation.answered(succeeded({}))) == "session/new");
  CHECK(method_of(conversation.answered(failed(-32000, "login"))).empty());
  CHECK(conversation.ending().code == -32000);
}

TEST_CASE("a session is loaded where that is offered") {
  Order wanted = order();
  wanted.session = "old";
  wanted.whole_prompt = "all of it";
  Conversation conversation(wanted);
  SECTION("offered") {
    CHECK(method_of(conversation.answered(hello("x", {{"loadSession", true}}))) == "session/load");
    SECTION("and there") {
      say(conversation, "said long ago", "old");
      CHECK(method_of(conversation.answered(succeeded(Json()))) == "session/prompt");
      const std::vector<Json> news = news_of(conversation);
      REQUIRE(news.size() == 1);
      CHECK(news[0].at("session_id") == "old");
      CHECK(news[0].at("is_resumed") == true);
      CHECK(news[0].at("can_resume") == true);
      (void)conversation.answered(ended("end_turn"));
      CHECK(conversation.ending().session_id == "old");
      CHECK(conversation.ending().message.empty());
    }
    SECTION("and lost") {
      CHECK(method_of(conversation.answered(failed(-32603, "lost"))) == "session/new");
      SECTION("for good") {
        CHECK(method_of(conversation.answered(failed(-32603, "broken"))).empty());
      }
      SECTION("so that the whole prompt is needed") {
        (void)conversation.answered(opened());
        const auto prompt = conversation.answered(succeeded({}));
        REQUIRE(method_of(prompt) == "session/prompt");
        CHECK(prompt->params.at("prompt").at(0).at("text") == "all of it");
        CHECK(news_of(conversation).at(1).at("type") == "warning");
      }
    }
  }
  SECTION("not offered") {
    CHECK(method_of(conversation.answered(hello())) == "session/new");
    (void)conversation.answered(opened());
    const auto prompt = conversation.answered(succeeded({}));
    CHECK(prompt->params.at("prompt").at(0).at("text") == "all of it");
    const std::vector<Json> news = news_of(conversation);
    CHECK(news.at(0).at("can_resume") == false);
    CHECK(news.at(1).at("message").get<std::string>().find("\"old\"") != std::string::npos);
    CHECK(conversation.take_news().empty());
  }
}

TEST_CASE("a mode or a model that is refused ends it") {
  Order wanted = order();
  wanted.model = "large";
  Conversation conversation(wanted);
  (void)conversation.answered(hello());
  Outcome session = opened();
  session.result["models"]["availableModels"] = Json::array({{{"modelId", "house/large"}}});
  (void)conversation.answered(session);
  SECTION("mode") {}
  SECTION("model") {
    CHECK(method_of(conversation.answered(succeeded({}))) == "session/set_model");
  }
  CHECK(method_of(conversation.answered(failed(-32602, "unknown"))).empty());
  CHECK(conversation.is_over());
  CHECK_FALSE(conversation.ending().is_success);
}

TEST_CASE("a model that the agent offers no choice of is told of") {
  Order wanted = order();
  wanted.model = "large";
  Conversation conversation(wanted);
  (void)conversation.answered(hello());
  (void)conversation.answered(opened());
  const std::vector<Json> news = news_of(conversation);
  REQUIRE(news.size() == 2);
  CHECK(news[1].at("message").get<std::string>().find("\"large\"") != std::string::npos);
}

TEST_CASE("what stands beside a general message is told") {
  Conversation conversation = prompting();
  Outcome refused = failed(-32603, "Internal error");
  refused.failure->data = {{"details", "400 scripted"}};
  (void)conversation.answered(refused);
  CHECK(conversation.ending().error == "Internal error: 400 scripted");
  Conversation other = prompting();
  refused.failure->data = {{"service", "session"}, {"errorName", "ProviderAuthError"}};
  (void)other.answered(refused);
  CHECK(other.ending().error == "Internal error: ProviderAuthError");
}

TEST_CASE("an agent of another version or without a session is not spoken with") {
  Conversation conversation(order());
  SECTION("version") {
    CHECK(method_of(conversation.answered(succeeded({{"protocolVersion", 2}}))).empty());
  }
  SECTION("no answer worth the name") {
    CHECK(method_of(conversation.answered(succeeded(Json("what")))).empty());
  }
  SECTION("session") {
    (void)conversation.answered(hello());
    CHECK(method_of(conversation.answered(succeeded({}))).empty());
  }
  CHECK(conversation.is_over());
  CHECK_FALSE(conversation.ending().error.empty());
}

TEST_CASE("the result is one line that says all") {
  Ending ending;
  ending.stop_reason = "end_turn";
  ending.message = "two\nlines \xFF";
  ending.error = "why";
  const std::string line = result_line(ending);
  CHECK(line.find('\n') == line.size() - 1);
  const Json json = Json::parse(line);
  CHECK(json.at("type") == "result");
  CHECK(json.at("success") == false);
  CHECK(json.at("error").at("message") == "why");
  ending.is_success = true;
  CHECK_FALSE(Json::parse(result_line(ending)).contains("error"));
}
