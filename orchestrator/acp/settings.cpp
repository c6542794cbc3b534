// SPDX-License-Identifier: MIT
#include "acp/settings.hpp"

#include <algorithm>
#include <array>

namespace konductor::acp {
namespace {

struct KnownLogin {
  std::string_view id;
  std::string_view variable;
};

constexpr std::array<KnownLogin, 9> kKnownLogins = {{
    {"gemini-api-key", "GEMINI_API_KEY"},
    {"vertex-ai", "GOOGLE_API_KEY"},
    {"vertex-ai", "GOOGLE_APPLICATION_CREDENTIALS"},
    {"openai", "OPENAI_API_KEY"},
    {"openai-api-key", "OPENAI_API_KEY"},
    {"codex-api-key", "CODEX_API_KEY"},
    {"api-key", "OPENAI_API_KEY"},
    {"api-key", "CODEX_API_KEY"},
    {"anthropic-api-key", "ANTHROPIC_API_KEY"},
}};

using Names = std::vector<std::string>;

Names wanted_modes(const Rights& rights) {
  if (rights.may_write) return {"default", "workspace-write", "agent", "build"};
  if (rights.may_shell) return {"read-only", "default", "plan"};
  return {"read-only", "plan", "default"};
}

Names names_in(const Json& list, const char* key) {
  Names names;
  for (const Json& entry : list)
    if (const std::string name = text_at(entry, key); !name.empty()) names.push_back(name);
  return names;
}

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string first_offered(const Names& wanted, const Names& offered) {
  for (const std::string& name : wanted)
    if (holds(offered, name)) return name;
  return "";
}

// The option of the session for this purpose; an empty object when there is none.
const Json& option_for(const Json& session, const std::string& category) {
  const Json& options = list_at(session, "configOptions");
  for (const Json& option : options)
    if (text_at(option, "id") == category && !list_at(option, "options").empty()) return option;
  for (const Json& option : options)
    if (text_at(option, "category") == category && !list_at(option, "options").empty())
      return option;
  return object_at(session, "");
}

// Options may stand in groups.
Names values_of(const Json& option) {
  Names values = names_in(list_at(option, "options"), "value");
  for (const Json& group : list_at(option, "options"))
    for (std::string& value : names_in(list_at(group, "options"), "value"))
      values.push_back(std::move(value));
  return values;
}

Call option_call(const std::string& session_id, const Json& option, const std::string& value) {
  return {"session/set_config_option",
          {{"sessionId", session_id}, {"configId", text_at(option, "id")}, {"value", value}}};
}

// "gpt-5.5" is meant by "gpt-5.5[medium]" as well as by "openai/gpt-5.5".
std::string model_name(const Names& offered, const std::string& model) {
  if (holds(offered, model)) return model;
  for (const std::string& name : offered)
    if (name.rfind(model + "[", 0) == 0) return name;
  const std::string tail = "/" + model;
  for (const std::string& name : offered)
    if (name.size() > tail.size() &&
        name.compare(name.size() - tail.size(), tail.size(), tail) == 0)
      return name;
  return model;
}

}  // namespace

std::string choose_login(const Json& auth_methods,
                         const std::function<bool(const std::string&)>& has_variable) {
  const Names offered = names_in(auth_methods, "id");
  for (const KnownLogin& known : kKnownLogins) {
    const std::string id(known.id);
    if (holds(offered, id) && has_variable(std::string(known.variable))) return id;
  }
  return "";
}

std::optional<Call> mode_call(const std::string& session_id, const Json& session,
                              const Rights& rights) {
  const Names wanted = wanted_modes(rights);
  const Names modes = names_in(list_at(object_at(session, "modes"), "availableModes"), "id");
  if (const std::string mode = first_offered(wanted, modes); !mode.empty())
    return Call{"session/set_mode", {{"sessionId", session_id}, {"modeId", mode}}};
  const Json& option = option_for(session, "mode");
  const std::string value = first_offered(wanted, values_of(option));
  if (value.empty()) return std::nullopt;
  return option_call(session_id, option, value);
}

std::optional<Call> model_call(const std::string& session_id, const Json& session,
                               const std::string& model) {
  if (model.empty()) return std::nullopt;
  const Json& option = option_for(session, "model");
  if (const Names values = values_of(option); !values.empty())
    return option_call(session_id, option, model_name(values, model));
  const Names models =
      names_in(list_at(object_at(session, "models"), "availableModels"), "modelId");
  if (models.empty()) return std::nullopt;
  return Call{"session/set_model",
              {{"sessionId", session_id}, {"modelId", model_name(models, model)}}};
}

}  // namespace konductor::acp
