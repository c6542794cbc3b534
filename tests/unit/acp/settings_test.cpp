// SPDX-License-Identifier: MIT
#include "acp/settings.hpp"

#include <catch2/catch.hpp>

using namespace konductor::acp;

namespace {

Rights rights_of(bool may_write, bool may_shell) {
  Rights rights;
  rights.may_write = may_write;
  rights.may_shell = may_shell;
  return rights;
}

Json session_with(const char* state, const char* list, const char* key,
                  const std::vector<std::string>& names) {
  Json entries = Json::array();
  for (const std::string& name : names)
    entries.push_back({{key, name}});
  Json session;
  session[state][list] = entries;
  return session;
}

Json option_with(const char* id, const char* category, const std::vector<std::string>& names) {
  Json values = Json::array();
  for (const std::string& name : names)
    values.push_back({{"value", name}});
  Json option = {{"id", id}, {"category", category}, {"options", values}};
  Json session;
  session["configOptions"] = Json::array({option});
  return session;
}

}  // namespace

TEST_CASE("each agent gets the mode for the rights of the role") {
  using Names = std::vector<std::string>;
  const auto [modes, writer, reviewer, reader] =
      GENERATE(table<Names, std::string, std::string, std::string>({
          {{"default", "acceptEdits", "plan", "auto"}, "default", "default", "plan"},
          {{"read-only", "workspace-write", "agent", "agent-full-access"},
           "workspace-write",
           "read-only",
           "read-only"},
          {{"default", "autoEdit", "yolo", "plan"}, "default", "default", "plan"},
          {{"plan", "default", "auto-edit", "auto", "yolo"}, "default", "default", "plan"},
          {{"build", "plan"}, "build", "plan", "plan"},
          {{"bypass", "yolo"}, "", "", ""},
      }));
  const Json session = session_with("modes", "availableModes", "id", modes);
  const auto mode_for = [&session](bool may_write, bool may_shell) {
    const auto call = mode_call("s", session, rights_of(may_write, may_shell));
    return call ? text_at(call->params, "modeId") : "";
  };
  CHECK(mode_for(true, true) == writer);
  CHECK(mode_for(true, false) == writer);
  CHECK(mode_for(false, true) == reviewer);
  CHECK(mode_for(false, false) == reader);
}

TEST_CASE("a mode may be an option of the session") {
  const auto call =
      mode_call("s", option_with("mode", "mode", {"build", "plan"}), rights_of(true, true));
  REQUIRE(call.has_value());
  CHECK(call->method == "session/set_config_option");
  CHECK(call->params == Json{{"sessionId", "s"}, {"configId", "mode"}, {"value", "build"}});
  CHECK_FALSE(mode_call("s", option_with("x", "effort", {"plan"}), rights_of(true, true)));
  CHECK_FALSE(mode_call("s", Json(), rights_of(true, true)));
}

TEST_CASE("a model is called what the agent calls it") {
  const auto [wanted, name] = GENERATE(table<std::string, std::string>({
      {"gpt-5.5", "gpt-5.5[medium]"},
      {"large", "house/large"},
      {"house/large", "house/large"},
      {"gpt-5", "gpt-5"},
      {"other", "other"},
  }));
  const std::vector<std::string> offered = {"gpt-5.5[medium]", "house/large"};
  const auto by_option = model_call("s", option_with("model", "model", offered), wanted);
  REQUIRE(by_option.has_value());
  CHECK(by_option->method == "session/set_config_option");
  CHECK(by_option->params.at("value") == name);
  const auto by_list =
      model_call("s", session_with("models", "availableModels", "modelId", offered), wanted);
  REQUIRE(by_list.has_value());
  CHECK(by_list->method == "session/set_model");
  CHECK(by_list->params.at("modelId") == name);
}

TEST_CASE("no model is chosen where none is wanted or offered") {
  const Json session = option_with("model", "model", {"a"});
  CHECK_FALSE(model_call("s", session, ""));
  CHECK_FALSE(model_call("s", Json::object(), "a"));
}

TEST_CASE("a login is one whose key is in the environment") {
  const Json offered = Json::array(
      {{{"id", "oauth-personal"}}, {{"id", "gemini-api-key"}}, {{"id", "vertex-ai"}}, 3});
  const auto has = [](const std::string& wanted) {
    return [wanted](const std::string& name) { return name == wanted; };
  };
  CHECK(choose_login(offered, has("GEMINI_API_KEY")) == "gemini-api-key");
  CHECK(choose_login(offered, has("GOOGLE_API_KEY")) == "vertex-ai");
  CHECK(choose_login(offered, has("OPENAI_API_KEY")).empty());
  CHECK(choose_login(Json::array(), has("GEMINI_API_KEY")).empty());
}
